"""Acting as somebody: the transaction and the database's context of row-level security."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.actors import Actor
from audit import trail
from core.db import database_context


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """One transaction in which PostgreSQL shows and takes only what ``actor`` may see and write."""
    with database_context(
        organisation=actor.organisation_id, membership=actor.membership_id, scope=actor.scope, doer=doer(actor)
    ):
        yield actor


def doer(actor: Actor) -> str:
    """Who acts, for the history: keys and the organisation's name, never a person's."""
    keys = {
        "actor": actor.user_id,
        "membership": actor.membership_id,
        "organisation": actor.organisation_id,
        "request": trail.current_request(),
    }
    known = {name: str(key) for name, key in keys.items() if key is not None}
    return json.dumps({**known, "organisation_label": actor.organisation_name}) if known else ""
