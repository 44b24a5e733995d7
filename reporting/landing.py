"""Where each person lands after signing in, as data: the first line that fits."""

from collections.abc import Callable
from typing import Final

from accounts.actors import Actor
from accounts.models import Role
from cases import policies

WORKLIST: Final = "reporting:worklist"
LANDING: Final[tuple[tuple[Callable[[Actor], bool], str], ...]] = (
    (lambda actor: policies.may(actor, "view_national_dashboard"), "reporting:dashboard"),
    (lambda actor: policies.may(actor, "view_worklist"), WORKLIST),
    (lambda actor: Role.ORGANISATION_ADMINISTRATOR in actor.roles, "accounts:members"),
    (lambda actor: actor.is_platform_administrator, "accounts:organisations"),
    (lambda actor: actor.organisation_id is not None, "cases:inbox"),
    (lambda actor: True, "accounts:account"),
)


def landing(actor: Actor) -> str:
    """The name of the route."""
    return next(route for fits, route in LANDING if fits(actor))
