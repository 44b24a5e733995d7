"""A small world that is lived through at random, and what must be visible in it by the rules alone.

``Oracle`` is written from ``sharing.md`` rules 1 to 4, 7 and 18, in plain Python; it reads no visibility and no grants.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.actors import NO_KEY
from cases.models import Case, Share
from referrals.models import Referral
from tests.cast import Persona

WHOLE = {"supervisor", "intake"}
CASEWORK = {"caseworker", "decision_maker", "guardian"}
LEAD = -1


@dataclass
class Given:
    """One thing that was shared, what its giver knew the case by then, and when it stopped before its end.

    ``sources`` are positions in ``Oracle.given``; ``LEAD`` stands for having led. ``kept_until``: its last source was
    completed, and until then its receiver reads on.
    """

    case: UUID
    giver: UUID
    taker: UUID
    categories: frozenset[str]
    until: datetime
    share: Share
    sources: frozenset[int] = frozenset()
    is_over: bool = False
    kept_until: datetime | None = None


@dataclass
class Oracle:
    """Who leads, what was given, who was assigned, who is shut out, who holds which roles; nothing else."""

    now: datetime
    registrar: dict[UUID, UUID] = field(default_factory=dict)
    lead: dict[UUID, UUID] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    assigned: set[tuple[UUID, UUID, UUID]] = field(default_factory=set)
    # Whose narratives stand in which case.
    written: set[tuple[UUID, UUID]] = field(default_factory=set)
    # Members and organisations that are suspended, members that have left.
    blocked: set[tuple[UUID, UUID, UUID]] = field(default_factory=set)
    suspended: set[UUID] = field(default_factory=set)
    roles: dict[UUID, set[str]] = field(default_factory=dict)
    referrals: dict[UUID, Referral] = field(default_factory=dict)

    def opened(self, case: Case, organisation: UUID, member: UUID) -> None:
        self.registrar[case.pk] = self.lead[case.pk] = organisation
        self.assigned.add((case.pk, organisation, member))

    def sources_of(self, organisation: UUID, case: UUID) -> frozenset[int]:
        """What an organisation knows a case by at this moment: leading it, and each share that reaches it."""
        found = {LEAD} if self.lead[case] == organisation else set()
        to_it = {
            number
            for number, one in enumerate(self.given)
            if (one.case, one.taker) == (case, organisation) and self.is_reached(number)
        }
        return frozenset(found | to_it)

    def gave(self, share: Share, sources: frozenset[int]) -> None:
        parts = (share.case_id, share.from_organisation_id, share.to_organisation_id)
        self.given.append(Given(*parts, frozenset(share.categories), share.ends_at, share, sources))

    def completed(self, share: Share, kept_until: datetime) -> None:
        """A referral is done: what hung on it alone is read on for a while."""
        number = next(number for number, one in enumerate(self.given) if one.share.pk == share.pk)
        hanging = [one for one in self.given if number in one.sources and not one.is_over]
        self.given[number].is_over = True
        for one in hanging:
            if not self.is_reached(self.given.index(one)):
                one.kept_until = kept_until

    def is_reached(self, number: int, behind: frozenset[int] = frozenset()) -> bool:
        """True when a path of shares that last leads to this one from a lead, without going in a circle."""
        one = self.given[number]
        if one.is_over or one.until <= self.now or number in behind:
            return False
        if LEAD in one.sources or (one.kept_until is not None and one.kept_until > self.now):
            return True
        return any(self.is_reached(source, behind | {number}) for source in one.sources)

    def transferred(self, case: UUID, to: UUID) -> None:
        """Whoever led keeps of others' rows only what another referral than the one for case management opened."""
        before, self.lead[case] = self.lead[case], to
        for one in self.given:
            if one.case == case and one.taker == before:
                ends = one.share.office == "" or one.share.purpose == "case_management"
                one.is_over = one.is_over or ends

    def knows(self, organisation: UUID, case: UUID) -> bool:
        """An organisation knows what it registered, what it leads, and what a path of shares leads it to."""
        if organisation in (self.registrar[case], self.lead[case]):
            return True
        return any(
            (one.case, one.taker) == (case, organisation) and self.is_reached(number)
            for number, one in enumerate(self.given)
        )

    def opens(self, number: int) -> bool:
        """What a share shows: as long as it is reached, or its receiver knows the case anyway."""
        one = self.given[number]
        is_live = not one.is_over and one.until > self.now
        return is_live and (self.is_reached(number) or self.knows(one.taker, one.case))

    def settle(self) -> None:
        """What opens nothing any more has ended for good; and whoever was assigned in an organisation that has lost a
        case is not assigned when it comes back."""
        for number, one in enumerate(self.given):
            one.is_over = one.is_over or not self.opens(number)
        self.assigned = {row for row in self.assigned if self.knows(row[1], row[0])}

    def scope(self, person: Persona) -> str:
        held = self.roles[person.membership_id or NO_KEY]
        if person.membership_id in self.suspended or person.organisation_id in self.suspended:
            return "none"
        return "organisation" if held & WHOLE else "assigned" if held & CASEWORK else "none"

    def cases(self, person: Persona) -> set[UUID]:
        scope = self.scope(person)
        known = {case for case in self.registrar if self.knows(person.organisation_id or NO_KEY, case)}
        known = {case for case in known if not self.is_blocked(person, case)}
        if scope == "organisation":
            return known
        mine = {case for case, _organisation, member in self.assigned if member == person.membership_id}
        return known & mine if scope == "assigned" else set()

    def is_blocked(self, person: Persona, case: UUID) -> bool:
        """Whether the person's organisation keeps them away from the case."""
        return (case, person.organisation_id or NO_KEY, person.user_id or NO_KEY) in self.blocked

    def owners(self, person: Persona, case: UUID, category: str) -> set[UUID]:
        """Whose rows of a category a person may read in a case."""
        if case not in self.cases(person):
            return set()
        own: UUID = person.organisation_id  # type: ignore[assignment]
        return {own} | {
            one.giver
            for number, one in enumerate(self.given)
            if one.case == case and one.taker == own and category in one.categories and self.opens(number)
        }

    def referrals_of(self, person: Persona) -> set[UUID]:
        scope, own, known = self.scope(person), person.organisation_id, self.cases(person)
        sides = {
            key: one
            for key, one in self.referrals.items()
            if own in (one.from_organisation_id, one.to_organisation_id) and not self.is_blocked(person, one.case_id)
        }
        if scope == "organisation":
            return set(sides)
        if scope == "none":
            return set()
        me = person.membership_id
        return {key for key, one in sides.items() if one.case_id in known or me in (one.sent_by_id, one.assigned_to_id)}
