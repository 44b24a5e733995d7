"""What a reader is shown of the age of a person: what they may read of who said what, and what follows from it.

Claims are shown to whoever may read the identity that they stand in. Whoever is bound by what follows (the lead, child
protection, the guardian) is told the days too, and that there are claims which they may not read and which contradict
others (``sharing.md`` rules 17, 24).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Organisation
from audit import trail
from cases import policies
from cases.age import Age, Claim
from cases.enums import AgeGroup, Category, Office
from cases.masking import ShownOrganisation
from cases.models import AgeSettlement
from cases.operations import sharing
from cases.operations.age import read_age
from cases.operations.authorship import organisation_of
from cases.operations.child_branch import is_answered_by
from cases.policies import CaseAccess
from core import clock
from core.templatetags.ui_dates import partial_date
from profiles.profile import active


@dataclass(frozen=True)
class ShownClaim:
    """What one organisation says; ``is_disputed``: it contradicts what counts."""

    claim: Claim
    owner: ShownOrganisation
    counts: bool
    is_disputed: bool

    @property
    def words(self) -> str:
        """Adult, child or uncertain."""
        return str(AgeGroup(self.claim.group).label)

    @property
    def born(self) -> str:
        """The date of birth in words, as exact as it is known."""
        return partial_date(self.claim.born) or _("Not known")


@dataclass(frozen=True)
class ShownAge:
    """What the reader may know. ``hidden``: how many claims that contradict others they may not read; of what agrees
    nothing is told. The days are None where nobody knows, and for whoever is not bound by them. ``reason``: why child
    protection settled it, for that service alone."""

    claims: Sequence[ShownClaim]
    hidden: int
    is_bound: bool
    is_disputed: bool
    child_until: date | None
    reminders_until: date | None
    reason: str


def shown_age(access: CaseAccess) -> ShownAge:
    """The claims that the reader may read, newest first, and for whoever is bound by them the days that follow."""
    age = read_age(access.case)
    owners = {owner for owner, shared in policies.categories(access).items() if Category.IDENTITY in shared}
    every = [*age.claims, *age.set_aside]
    seen = [claim for claim in every if claim.owner in owners or (claim.is_settlement and _reads_settlement(access))]
    is_bound = _is_bound(access)
    trail.note(case_id=access.case.pk, categories=(Category.IDENTITY,), owners={claim.owner for claim in seen})
    names = access.names.by_key({claim.owner for claim in seen})
    shown = [ShownClaim(claim, names[claim.owner], claim in age.counting, _is_disputed(age, claim)) for claim in seen]
    return ShownAge(
        claims=sorted(shown, key=lambda one: one.claim.said_at, reverse=True),
        hidden=sum(claim not in seen and _is_contradicted(every, claim) for claim in every) if is_bound else 0,
        is_bound=is_bound,
        is_disputed=age.is_disputed if is_bound else any(one.is_disputed for one in shown),
        child_until=age.child_until if is_bound else None,
        reminders_until=age.majority_for_reminders(clock.today(active().zone)) if is_bound else None,
        reason=_reason(access),
    )


def may_settle(access: CaseAccess) -> bool:
    """True when the reader may settle the age, and its organisation answers for the person."""
    if not policies.may(access.actor, "settle_age", access):
        return False
    return is_answered_by(access.case, Organisation.objects.get(pk=organisation_of(access.actor)))


def _is_contradicted(every: Sequence[Claim], claim: Claim) -> bool:
    return any(claim.contradicts(other) for other in every)


def _is_disputed(age: Age, claim: Claim) -> bool:
    return any(claim.contradicts(other) for other in age.counting)


def _is_bound(access: CaseAccess) -> bool:
    own: UUID | None = access.actor.organisation_id
    offices = {Office.CHILD_PROTECTION, Office.GUARDIAN}
    held = (share for share in sharing.live_shares(access.case) if share.office in offices)
    return access.is_lead or any(share.to_organisation_id == own for share in held)


def _reads_settlement(access: CaseAccess) -> bool:
    """As the policy of its table: the lead, and whoever reads identity that somebody shares."""
    return access.is_lead or any(Category.IDENTITY in shared for shared in access.grants.values())


def _reason(access: CaseAccess) -> str:
    own = AgeSettlement.objects.filter(case=access.case, owner_organisation=access.actor.organisation_id)
    latest = own.order_by("-settled_at").first()
    if latest is None:
        return ""
    latest.case = access.case
    return str(latest.open().get("reason", ""))
