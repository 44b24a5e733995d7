"""What operations on a running case begin with: the lock, and who acts."""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from cases.access import relock
from cases.enums import CaseState
from cases.policies import CaseAccess
from core.errors import Conflict, Missing

OVER: Final = frozenset({CaseState.CLOSED, CaseState.TRANSFERRED})


def relock_running(access: CaseAccess) -> CaseAccess:
    """Lock the case and judge anew; ``Conflict`` when it was closed or handed over meanwhile."""
    access = relock(access)
    if access.case.state in OVER:
        raise Conflict(_("The case is closed: nothing can be decided in it any more."))
    return access


def organisation_of(actor: Actor) -> UUID:
    """The organisation that writes; nobody without one gets as far as a case."""
    if actor.organisation_id is None:
        raise Missing
    return actor.organisation_id


def membership_of(actor: Actor) -> UUID:
    """The membership under which the actor writes."""
    if actor.membership_id is None:
        raise Missing
    return actor.membership_id
