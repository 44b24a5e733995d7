"""Who is reminded, found when it is sent: live members who may know the case at that moment (``deadlines.md`` 2)."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from accounts.actors import actor_for
from accounts.models import Membership, Role
from accounts.querysets import MembershipQuerySet
from cases.models import CaseLead, CaseVisibility, Deadline
from profiles.enums import Audience, Party
from profiles.profile import active

OF_THE_LEAD: Final = frozenset({Audience.LEAD_ASSIGNED, Audience.LEAD_SUPERVISOR})
ROLES: Final = {
    Audience.INTAKE: Role.INTAKE,
    Audience.DECISION_MAKER: Role.DECISION_MAKER,
    Audience.SUPERVISOR: Role.SUPERVISOR,
    Audience.LEAD_SUPERVISOR: Role.SUPERVISOR,
}
# An adult has no guardian: nobody is missing. Elsewhere an empty audience falls to supervisor and intake.
MAY_BE_EMPTY: Final = frozenset({Audience.GUARDIAN})


def recipients(deadline: Deadline, audience: Audience) -> list[Membership]:
    """The members to tell; supervisors and intake of the same organisation where the audience itself has nobody."""
    found = entitled(deadline, _members(deadline, audience))
    return found if found or audience in MAY_BE_EMPTY else stand_ins(deadline, _organisation(deadline, audience))


def stand_ins(deadline: Deadline, organisation_id: UUID | None) -> list[Membership]:
    """Who answers for an organisation when nobody else does."""
    return entitled(deadline, _of(organisation_id).with_role(Role.SUPERVISOR, Role.INTAKE))


def entitled(deadline: Deadline, members: Iterable[Membership]) -> list[Membership]:
    """Those that may know the case now, or that must answer a referral and see its card only."""
    return [member for member in members if _is_asked(deadline, member) or _knows(deadline, member)]


def is_of_referral(deadline: Deadline) -> bool:
    """True for the clock of an unanswered referral, whose receiver does not know the case yet."""
    versions = (rule for rule in active().rules if rule.code == deadline.rule)
    return any(rule.bound is Party.REFERRAL_RECEIVER for rule in versions)


def _is_asked(deadline: Deadline, member: Membership) -> bool:
    is_bound = member.organisation_id == deadline.bound_organisation_id
    return is_bound and is_of_referral(deadline) and actor_for(member).scope == "organisation"


def _knows(deadline: Deadline, member: Membership) -> bool:
    return CaseVisibility.objects.visible_to(actor_for(member)).filter(case_id=deadline.case_id).exists()


def _members(deadline: Deadline, audience: Audience) -> MembershipQuerySet[Membership]:
    if audience is Audience.COORDINATOR:
        return _live().none()  # knows no case: overdue clocks are counts on its dashboard
    if audience is Audience.GUARDIAN:
        return _assigned(deadline, _live()).with_role(Role.GUARDIAN)
    members = _of(_organisation(deadline, audience))
    return members.with_role(ROLES[audience]) if audience in ROLES else _assigned(deadline, members)


def _organisation(deadline: Deadline, audience: Audience) -> UUID | None:
    if audience not in OF_THE_LEAD:
        return deadline.bound_organisation_id
    lead = CaseLead.objects.filter(case_id=deadline.case_id, ends_at__isnull=True)
    return lead.values_list("organisation_id", flat=True).first()


def _live() -> MembershipQuerySet[Membership]:
    return Membership.objects.live().select_related("user", "organisation").order_by("created_at", "pk")


def _of(organisation_id: UUID | None) -> MembershipQuerySet[Membership]:
    return _live().filter(organisation=organisation_id)


def _assigned(deadline: Deadline, members: MembershipQuerySet[Membership]) -> MembershipQuerySet[Membership]:
    return members.filter(pk__in=CaseVisibility.objects.filter(case_id=deadline.case_id).values("membership_id"))
