"""Which side of a referral an act belongs to. Who of that side may do it stands in ``cases.policies``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cases import policies
from core.errors import NotAllowed

if TYPE_CHECKING:
    from accounts.actors import Actor
    from cases.policies import CaseAccess
    from referrals.models import Referral

BY_RECEIVER: Final = frozenset(
    {"accept_referral", "decline_referral", "ask_question", "record_step", "complete_referral"}
)
BY_SENDER: Final = frozenset({"answer_question", "revoke_referral", "bring_person"})
# Ending always succeeds, also for a sender that no longer knows the case (``sharing.md`` rule 4).
WITHOUT_CASE: Final = {"revoke_referral": "revoke_unknown_referral"}


def may(actor: Actor, action: str, referral: Referral, access: CaseAccess | None) -> bool:
    """True when the act belongs to the actor's side and the actor may do it there: nobody answers an own referral."""
    side = referral.to_organisation_id if action in BY_RECEIVER else referral.from_organisation_id
    if actor.organisation_id != side:
        return False
    return policies.may(actor, WITHOUT_CASE.get(action, action) if access is None else action, access)


def require(actor: Actor, action: str, referral: Referral, access: CaseAccess | None) -> None:
    """Raise ``NotAllowed`` (403) unless ``may``."""
    if not may(actor, action, referral, access):
        raise NotAllowed
