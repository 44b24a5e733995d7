"""Acting as somebody: the transaction and the database's context of row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.actors import Actor
from core.db import database_context


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """One transaction in which PostgreSQL shows and takes only what ``actor`` may see and write."""
    with database_context(organisation=actor.organisation_id, membership=actor.membership_id, scope=actor.scope):
        yield actor
