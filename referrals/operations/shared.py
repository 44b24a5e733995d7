"""What every act on a referral begins and ends with: lock, read again, judge; record, tell both sides."""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import ledger
from cases.models import Case
from core.db import role
from core.errors import Conflict, Missing, NotAllowed
from referrals import policies, workflow
from referrals.access import ReferralAccess, get_referral
from referrals.models import Referral

# Rows of the audit in this category are shown to the parties that they name, and to nobody else that knows the case.
CATEGORY = "referral"


def begin(actor: Actor, action: str, referral: Referral) -> tuple[ReferralAccess, Case]:
    """Lock the case, read the referral anew, judge.

    Raises ``Missing`` for who may not see it, ``NotAllowed`` for who may not do this, ``Conflict`` when it is too late.
    """
    case = ledger.lock(referral.case_id)
    door = get_referral(actor, referral.pk)
    policies.require(actor, action, door.referral, door.access)
    if not workflow.is_possible(action, door.referral.state_now):
        raise Conflict(_("This is not possible any more: the referral has moved on. Look at it again."))
    return door, case


def seat(actor: Actor) -> tuple[UUID, UUID]:
    """Organisation and membership of who acts; raises ``NotAllowed`` for who acts for no organisation."""
    if actor.organisation_id is None or actor.membership_id is None:
        raise NotAllowed
    return actor.organisation_id, actor.membership_id


def own_case(door: ReferralAccess) -> Case:
    """The case as its reader knows it, for acts that write on it; raises ``Missing`` for who may not know it."""
    if door.access is None:
        raise Missing
    return door.access.case


def record(kind: str, *, actor: Actor, referral: Referral, object_id: UUID | None = None, **codes: str) -> None:
    """One change row that sender and receiver see, and a sign of activity for both."""
    parties = (referral.from_organisation_id, referral.to_organisation_id)
    trail.record(
        kind,
        actor=actor,
        case_id=referral.case_id,
        owner_organisation_id=referral.from_organisation_id,
        category=CATEGORY,
        object_kind="referral",
        object_id=object_id or referral.pk,
        parties=[str(party) for party in parties],
        service=referral.service,
        **codes,
    )
    with role(ledger.LEDGER):
        for party in parties:
            ledger.touch(referral.case_id, owner=party, category=CATEGORY)
