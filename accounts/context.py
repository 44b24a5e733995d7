"""Acting as somebody: the transaction and the database's context of row-level security; and the database's clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from accounts.actors import Actor
from audit import trail
from core import clock
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


@contextmanager
def database_time() -> Iterator[datetime]:
    """Everything inside happens at the moment of the database: the clock of a worker's machine may be hours wrong."""
    with acting(Actor.system()), connection.cursor() as cursor:
        cursor.execute("SELECT nrm_now()")
        (now,) = cursor.fetchone()
    with clock.travel(now):
        yield now
