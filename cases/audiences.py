"""Who is reminded, found when it is sent: live members who may know the case at that moment (``deadlines.md`` 2)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts import absences
from accounts.actors import actor_for
from accounts.models import Membership, Role
from cases.models import CaseLead, CaseVisibility, Deadline
from core import clock
from profiles.enums import Audience, Party
from profiles.profile import active

OF_THE_LEAD: Final = frozenset({Audience.LEAD_ASSIGNED, Audience.LEAD_SUPERVISOR})
ROLES: Final = {
    Audience.INTAKE: Role.INTAKE,
    Audience.DECISION_MAKER: Role.DECISION_MAKER,
    Audience.SUPERVISOR: Role.SUPERVISOR,
    Audience.LEAD_SUPERVISOR: Role.SUPERVISOR,
}
# An adult has no guardian, and the coordinator knows no case: nobody is missing. Elsewhere an empty audience falls to
# supervisor and intake.
MAY_BE_EMPTY: Final = frozenset({Audience.GUARDIAN, Audience.COORDINATOR})
STAND_INS: Final = frozenset({Role.SUPERVISOR, Role.INTAKE})

KEPT_AWAY: Final = """
SELECT DISTINCT asked.of_case, m.id FROM unnest(%s::uuid[], %s::uuid[]) AS asked (of_case, bound)
  JOIN accounts_membership m ON m.organisation_id = asked.bound AND m.ended_at IS NULL
 WHERE nrm_is_blocked(asked.of_case, asked.bound, m.user_id)
"""


class Finder:
    """Finds people for a batch of clocks with a few questions to the database, and one for each person."""

    def __init__(self, deadlines: Collection[Deadline]) -> None:
        self.case_ids = {deadline.case_id for deadline in deadlines}
        self.leads = dict(
            CaseLead.objects.filter(case__in=self.case_ids, ends_at__isnull=True).values_list("case", "organisation")
        )
        self.assigned: dict[UUID, set[UUID]] = defaultdict(set)
        rows = CaseVisibility.objects.filter(case__in=self.case_ids, membership__isnull=False)
        for case_id, membership_id in rows.values_list("case_id", "membership_id"):
            self.assigned[case_id].add(membership_id)
        self.members = self._load(deadlines)
        self.deputies = absences.deputies(self.members, clock.today(active().zone))
        self.kept_away = _kept_away([one for one in deadlines if is_of_referral(one)])
        self.known: dict[UUID, frozenset[UUID]] = {}

    def recipients(self, deadline: Deadline, audience: Audience) -> list[Membership]:
        """The members to tell; supervisors and intake of the same organisation where the audience itself has nobody."""
        found = self._entitled(deadline, self._audience(deadline, audience))
        if not found and audience not in MAY_BE_EMPTY:
            found = self.stand_ins(deadline, self._organisation(deadline, audience))
        return self._with_deputies(deadline, found)

    def stand_ins(self, deadline: Deadline, organisation_id: UUID | None) -> list[Membership]:
        """Who answers for an organisation when nobody else does."""
        return self._entitled(deadline, (one for one in self._of(organisation_id) if STAND_INS & {*one.roles}))

    def _with_deputies(self, deadline: Deadline, people: Iterable[Membership]) -> list[Membership]:
        """The people, who read it when they are back, and for each who is away the deputy.

        Where the deputy may not know the case, or nobody stands in, who answers for the organisation.
        """
        told = {person.pk: person for person in people}
        for person in [one for one in told.values() if one.pk in self.deputies]:
            deputy = self.deputies[person.pk]
            standing_in = self._entitled(deadline, [deputy] if deputy else [])
            for other in standing_in or self.stand_ins(deadline, person.organisation_id):
                told.setdefault(other.pk, other)
        return list(told.values())

    def _load(self, deadlines: Iterable[Deadline]) -> list[Membership]:
        """Every live member that could be meant."""
        organisations = {deadline.bound_organisation_id for deadline in deadlines} | set(self.leads.values())
        assigned = set().union(*self.assigned.values())
        meant = Q(organisation__in=[one for one in organisations if one]) | Q(pk__in=assigned)
        live = Membership.objects.live().filter(meant).select_related("user", "organisation")
        return list(live.order_by("created_at", "pk"))

    def _audience(self, deadline: Deadline, audience: Audience) -> Iterable[Membership]:
        on_the_case, lead = self.assigned[deadline.case_id], self.leads.get(deadline.case_id)
        return (
            one
            for one in self.members
            if is_meant(deadline, audience, one, lead=lead, is_assigned=one.pk in on_the_case)
        )

    def _entitled(self, deadline: Deadline, members: Iterable[Membership]) -> list[Membership]:
        """Those that may know the case now, or that must answer a referral and see its card only."""
        return [one for one in members if self._is_asked(deadline, one) or deadline.case_id in self._known_to(one)]

    def _is_asked(self, deadline: Deadline, member: Membership) -> bool:
        """Who must answer a referral sees its card; never who has a conflict of interest in its case."""
        is_bound = member.organisation_id == deadline.bound_organisation_id
        is_free = (deadline.case_id, member.pk) not in self.kept_away
        return is_bound and is_free and is_of_referral(deadline) and actor_for(member).scope == "organisation"

    def _known_to(self, member: Membership) -> frozenset[UUID]:
        """The cases of this batch that a member may know: asked once of the one rule of visibility."""
        if member.pk not in self.known:
            rows = CaseVisibility.objects.visible_to(actor_for(member)).filter(case__in=self.case_ids)
            self.known[member.pk] = frozenset(rows.values_list("case_id", flat=True))
        return self.known[member.pk]

    def _organisation(self, deadline: Deadline, audience: Audience) -> UUID | None:
        return self.leads.get(deadline.case_id) if audience in OF_THE_LEAD else deadline.bound_organisation_id

    def _of(self, organisation_id: UUID | None) -> Iterable[Membership]:
        return (one for one in self.members if one.organisation_id == organisation_id)


def is_meant(
    deadline: Deadline, audience: Audience, member: Membership, *, lead: UUID | None, is_assigned: bool
) -> bool:
    """True when ``member`` belongs to this audience of a clock: by assignment, or by role at the organisation meant.

    Whether the member may know the case is asked elsewhere.
    """
    if audience is Audience.COORDINATOR:
        return False  # overdue clocks are counts on its dashboard
    if audience is Audience.ALL_ASSIGNED:
        return is_assigned
    if audience is Audience.GUARDIAN:
        return is_assigned and Role.GUARDIAN in member.roles
    if member.organisation_id != (lead if audience in OF_THE_LEAD else deadline.bound_organisation_id):
        return False
    return ROLES[audience] in member.roles if audience in ROLES else is_assigned


def is_of_referral(deadline: Deadline) -> bool:
    """True for the clock of an unanswered referral, whose receiver does not know the case yet."""
    versions = (rule for rule in active().rules if rule.code == deadline.rule)
    # One that was started before its rule named the receiver is about no referral.
    return deadline.subject_id is not None and any(rule.bound is Party.REFERRAL_RECEIVER for rule in versions)


def _kept_away(deadlines: Collection[Deadline]) -> set[tuple[UUID, UUID]]:
    """Cases and members of the organisation that a clock binds, of those who are kept away; asked of all at once."""
    if not deadlines:
        return set()
    pairs = [(one.case_id, one.bound_organisation_id) for one in deadlines]
    with connection.cursor() as cursor:
        cursor.execute(KEPT_AWAY, [[case for case, _bound in pairs], [bound for _case, bound in pairs]])
        return set(cursor.fetchall())
