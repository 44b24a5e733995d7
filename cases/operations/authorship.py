"""In whose name a row is written. Nobody signed in, the system and administrators without organisation write none."""

from uuid import UUID

from accounts.actors import Actor
from core.errors import Missing


def organisation_of(actor: Actor) -> UUID:
    """The organisation that owns what ``actor`` writes; raises ``Missing`` without one."""
    if actor.organisation_id is None:
        raise Missing
    return actor.organisation_id


def membership_of(actor: Actor) -> UUID:
    """The membership in which ``actor`` writes; raises ``Missing`` without one."""
    if actor.membership_id is None:
        raise Missing
    return actor.membership_id
