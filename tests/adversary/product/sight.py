"""What everybody meets on the product: the case through the door that every page and answer passes, and rows of fact.

``look`` asks for each member of the organisations that stand in the projection, and for a few others; ``whole`` asks
for everybody, and by a request of each as well.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final
from uuid import UUID

from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import Membership
from cases import access as door
from cases import hosting, places, tree
from cases.models import Placement
from cases.policies import CaseAccess
from core.errors import Missing, NotAllowed
from tests.adversary.product.acts import Acts
from tests.adversary.product.requests import Wire
from tests.adversary.product.vocabulary import hour_of, mask_of
from tests.adversary.words import COUNT, FOR_EVER, MEMBER_OF, MEMBERS, MEMBERS_OF, NOWHERE, SERVICE_OF_REGION, Office
from tests.adversary.world import Observation

STATE: Final = """
    SELECT state, (SELECT organisation_id FROM cases_caselead WHERE case_id = c.id AND ends_at IS NULL),
           EXISTS (SELECT 1 FROM cases_leadvacancy WHERE case_id = c.id AND ended_at IS NULL)
    FROM cases_case c WHERE id = %s
"""
EVERYBODY_NEAR: Final = "SELECT DISTINCT organisation_id FROM cases_casevisibility WHERE case_id = %s"
WRITING: Final = """
    SELECT p.group_id, max(least(p.contributes_until, p.expires_at)) FROM cases_casegroupobjectpermission p
    WHERE p.content_object_id = %s AND p.contributes_until IS NOT NULL GROUP BY p.group_id
"""
IN_OFFICE: Final = """
    SELECT DISTINCT s.office, s.to_organisation_id FROM cases_share s
    JOIN accounts_organisation o ON o.id = s.to_organisation_id AND o.suspended_at IS NULL
    WHERE s.case_id = %s AND s.ended_at IS NULL AND s.ends_at > %s AND s.starts_at <= %s
    AND s.office IN ('guardian', 'child_protection', 'deciding_authority')
"""
LEADS_A_CHILD: Final = """
    SELECT 1 FROM cases_case c JOIN cases_caselead l ON l.case_id = c.id AND l.ends_at IS NULL
    JOIN accounts_organisation o ON o.id = l.organisation_id AND o.suspended_at IS NULL
    WHERE c.id = %s AND c.is_child_branch AND c.state <> 'closed'
"""
BY_OFFICE: Final = {
    "guardian": Office.GUARDIAN, "child_protection": Office.CHILD_PROTECTION, "deciding_authority": Office.AUTHORITY,
}  # fmt: skip


class Sight:
    """What one case shows."""

    def __init__(self, wire: Wire, acts: Acts) -> None:
        self.wire, self.acts = wire, acts
        self.numbers = wire.people.numbers
        self.turn = 0

    def look(self, *, everybody: bool = False) -> Observation:
        """What is met now."""
        if self.acts.case is None:
            return Observation(self.wire.now, False, NOWHERE, False, [0], [0], {}, [], {}, {}, [], {}, None, [])
        with self.wire.at():
            found = self._look(everybody)
        return found

    def _look(self, everybody: bool) -> Observation:
        case, now = self.acts.case, self.wire.now
        row = self.wire.one(STATE, case)
        assert row is not None
        state, lead, is_stranded = row
        self.acts.lead = self.numbers[lead]
        near = {self.numbers[one] for (one,) in self.wire.every(EVERYBODY_NEAR, case)}
        self.turn += 1
        looking = range(COUNT) if everybody else sorted(near | {self.turn % COUNT})
        met = _Met(self, looking)
        self._offices(met, case)
        reads_until, contributes_until = self._ends(met, case, is_open=state != "closed")
        return Observation(
            now,
            state != "closed",
            self.acts.lead,
            is_stranded,
            reads_until,
            contributes_until,
            met.reads,
            met.readers,
            met.emergencies,
            met.location,
            met.offices,
            met.lines,
            met.gifts,
            met.hosts_named,
        )

    def _ends(self, met: "_Met", case: UUID | None, *, is_open: bool) -> tuple[list[int], list[int]]:
        """Until when each organisation reads and contributes, as the projection says, if it opens to somebody there."""
        reads, writes = [0] * COUNT, [0] * COUNT
        groups = {one.group_id: number for number, one in enumerate(self.wire.people.organisations)}
        for organisation, ends_at, has_none in self.wire.every(KNOWN_ENDS, case):
            if met.readers[self.numbers[organisation]]:
                reads[self.numbers[organisation]] = hour_of(None if has_none else ends_at)
        for group, ends_at in self.wire.every(WRITING, case):
            if group in groups and groups[group] in met.contributing:
                writes[groups[group]] = hour_of(ends_at)
        if is_open and self.acts.lead in met.contributing:
            writes[self.acts.lead] = FOR_EVER
        return reads, writes

    def _offices(self, met: "_Met", case: UUID | None) -> None:
        moment = self.wire.moment()
        for office, holder in self.wire.every(IN_OFFICE, case, moment, moment):
            met.offices.append((int(BY_OFFICE[office]), self.numbers[holder]))
        # Child protection that leads a child's case has no rows by office: it answers for the child as the lead.
        if self.acts.lead == SERVICE_OF_REGION and self.wire.one(LEADS_A_CHILD, case) is not None:
            met.offices.append((int(Office.CHILD_PROTECTION), SERVICE_OF_REGION))
        suspended = {row[0] for row in self.wire.every(SUSPENDED)}
        for placement in met.placements:
            if placement.organisation_id not in suspended:
                met.offices.append((int(Office.HOST), self.numbers[placement.organisation_id]))


SUSPENDED: Final = "SELECT id FROM accounts_organisation WHERE suspended_at IS NOT NULL"
KNOWN_ENDS: Final = """
    SELECT organisation_id, max(ends_at), bool_or(ends_at IS NULL) FROM cases_casevisibility
    WHERE case_id = %s AND membership_id IS NULL AND reason <> 'break_glass' GROUP BY organisation_id
"""


class _Met:
    """What the members of some organisations meet, one after the other."""

    def __init__(self, sight: Sight, organisations: Iterable[int]) -> None:
        self.sight, self.wire, self.acts = sight, sight.wire, sight.acts
        self.reads: dict[tuple[int, int], int] = {}
        self.readers = [0] * COUNT
        self.emergencies: dict[tuple[int, int], int] = {}
        self.location: dict[int, int] = {}
        self.offices: list[tuple[int, int]] = []
        self.lines: dict[int, bool] = {}
        self.gifts: dict[int, int] = {}
        self.hosts_named = [0] * COUNT
        self.has_lines = False
        self.contributing: set[int] = set()
        self.shares = self._shares()
        case = self.acts.case
        assert case is not None
        self.placements: list[Placement] = hosting.live(case)
        for organisation in organisations:
            for member in MEMBERS_OF[organisation]:
                self._member(organisation, member)

    def _shares(self) -> dict[UUID, int]:
        """The step that made a share, also one of a referral."""
        steps = {key: number for number, key in self.acts.rows.items() if number > 0}
        referrals = self.wire.every(
            "SELECT id, share_id FROM referrals_referral WHERE case_id = %s AND share_id IS NOT NULL", self.acts.case
        )
        return {**steps, **{share: steps[pk] for pk, share in referrals if pk in steps}}

    def _member(self, organisation: int, member: int) -> None:
        actor = self._actor(member)
        if actor is None:
            return
        with acting(actor):
            try:
                access = door.get_case_by_id(actor, self.acts.case)  # type: ignore[arg-type]
            except Missing:
                return
            self._open(organisation, member, access)

    def _actor(self, member: int) -> Actor | None:
        """As a request would load it: none for who may not act."""
        if not self.wire.actors:
            rows = Membership.objects.live().select_related("user", "organisation")
            live = {row.pk: actor_for(row) for row in rows.filter(pk__in=self.wire.memberships.values())}
            self.wire.actors = {one: live.get(key) for one, key in self.wire.memberships.items()}
        return self.wire.actors.get(member)

    def _open(self, organisation: int, member: int, access: CaseAccess) -> None:
        numbers, own = self.sight.numbers, organisation
        grants = {numbers[owner]: mask_of(found) for owner, found in access.grants.items() if numbers[owner] != own}
        if access.is_emergency:
            for owner, mask in grants.items():
                self.emergencies[member, owner] = mask
            return
        is_first = not self.readers[own]
        self.readers[own] |= 1 << member
        if access.may_contribute:
            self.contributing.add(own)
        for owner, mask in grants.items():
            self.reads[own, owner] = self.reads.get((own, owner), 0) | mask
        for placement in self.placements:
            if places.may_show(access, placement):
                host = numbers[placement.organisation_id]
                self.location[member] = self.location.get(member, 0) | 1 << host
            if not access.names.of(placement.organisation).is_masked:
                self.hosts_named[own] |= 1 << numbers[placement.organisation_id]
        if own == self.acts.lead and not self.has_lines:
            self._tree(access)
        if is_first:
            self._gifts(access)

    def _tree(self, access: CaseAccess) -> None:
        """The lines of the lead, as the first who may see them does."""
        try:
            lines = tree.who_knows(access)
        except NotAllowed:
            return
        self.has_lines = True
        for line in lines:
            if line.share.pk in self.shares:
                self.lines[self.shares[line.share.pk]] = line.is_named

    def _gifts(self, access: CaseAccess) -> None:
        for share in door.shares(access):
            if share.from_organisation_id == access.actor.organisation_id and share.pk in self.shares:
                direct, further = tree.next_steps(access, share)
                if len(direct) + further:
                    self.gifts[self.shares[share.pk]] = len(direct) + further


def statuses(wire: Wire, acts: Acts) -> dict[int, bool]:
    """To which members the case opens, asked by a request of each."""
    found = {}
    for member in range(len(MEMBERS)):
        if MEMBER_OF[member] != NOWHERE and member in wire.memberships:
            with wire.at():
                answer = wire.client(member).get(
                    f"/api/v1/cases/{acts.reference}/", headers={"Membership": str(wire.memberships[member])}
                )
            found[member] = answer.status_code == HTTPStatus.OK
    return found
