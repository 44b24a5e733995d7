"""What the judge derives from the acts that were written down: who works, who is led to the case, what the person said.

Rights are walked back from each organisation to a root, over every way there is; the model spreads them forward.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.adversary.words import (
    ANY,
    ASSIGNABLE,
    CONTRIBUTE,
    FOR_EVER,
    GROUNDS,
    MEMBER_OF,
    MEMBERS,
    NOWHERE,
    OVERRIDES,
    TOWARDS,
    TYPES,
    Basis,
    Role,
)

# The ground of a link whose giver led the case; other grounds are numbers of links and offices.
THE_LEAD: Final = "lead"
REFUSED: Final = "refused by the person"
Ground = str | int


@dataclass(slots=True)
class Link:
    """A gift of rows from one organisation to another."""

    number: int
    giver: int
    receiver: int
    purpose: int
    basis: int
    categories: int
    level: int
    until: int
    person: int
    provision: int = 0
    is_referral: bool = False
    grounds: set[Ground] = field(default_factory=set)
    consent: int = 0
    is_open: bool = True  # False: a referral that waits, an override that waits for its second person
    second_by: int = 0  # the hour by which a second person has to agree; 0: none needed any more
    void: str = ""  # why it opens nothing
    over: str = ""  # what ended it
    read_only_until: int = 0  # after a completion: how long what hangs on it stays at read


@dataclass(slots=True)
class OfficeRecord:
    """An office: its fact, who opened it, and for how long."""

    number: int
    kind: int
    holder: int
    leads: int  # mask of organisations that have led since it was opened
    until: int = FOR_EVER
    provisional: bool = False
    sender: int = NOWHERE
    over: bool = False
    categories: int = 0  # what a referral asked for; 0: what the office opens


class Chains:
    """Links, offices and people as the acts have left them, and the questions that the judge asks of them."""

    def __init__(self) -> None:
        self.now = 8
        self.lead = self.registrar = NOWHERE
        self.open = self.child = False
        self.links: dict[int, Link] = {}
        self.offices: dict[int, OfficeRecord] = {}
        # number, purpose, receiver, categories, until, is a refusal, taken by, withdrawn
        self.answers: list[list[Any]] = []
        self.roles = [member.roles for member in MEMBERS]
        self.away: set[int] = {number for number, member in enumerate(MEMBERS) if not member.roles}
        self.assigned: set[int] = set()
        self.blocked: set[int] = set()
        self.suspended: set[int] = set()
        self.offers: dict[int, tuple[int, bool, set[int], int]] = {}
        self.grants: dict[int, tuple[int, int, int, set[int]]] = {}
        self.requests: dict[int, tuple[int, int]] = {}
        self.emergencies: list[tuple[int, int, int]] = []
        self.releases: dict[int, tuple[int, int, set[int], int]] = {}
        self.words_given: set[tuple[int, int]] = set()
        self.complaints: list[tuple[str, str]] = []
        self.named_consent = 0

    # -- people ------------------------------------------------------------------------------------------------------

    def live(self, member: int) -> bool:
        """A member who may act at all."""
        return member not in self.away and MEMBER_OF[member] not in self.suspended

    def is_a(self, member: int, roles: int) -> bool:
        """A live member with one of the roles that were rightly given."""
        return self.live(member) and bool(self.roles[member] & roles)

    def works(self, member: int) -> bool:
        """Assigned caseworker or supervisor, not kept away."""
        if member in self.blocked or not self.live(member):
            return False
        roles = self.roles[member]
        return bool(roles & Role.SUPERVISOR or (member in self.assigned and roles & ASSIGNABLE))

    def has_opened(self, member: int) -> bool:
        """Whether the case opens to a member once it does to the organisation."""
        if member in self.blocked or not self.live(member):
            return False
        roles = self.roles[member]
        return bool(roles & (Role.SUPERVISOR | Role.INTAKE) or (member in self.assigned and roles & ASSIGNABLE))

    # -- chains ------------------------------------------------------------------------------------------------------

    def is_office_live(self, office: OfficeRecord) -> bool:
        """Whether an office is in force."""
        return not office.over and office.until > self.now and office.holder not in self.suspended

    def link_end(self, link: Link) -> int:
        """The hour at which a link ends by itself."""
        return min(link.until, link.second_by) if link.second_by else link.until

    def link_lives(self, link: Link) -> bool:
        """Whether a link gives its rows, to a receiver that knows the case."""
        return link.is_open and not link.over and not link.void and self.link_end(link) > self.now

    def chain(self, organisation: int, *, in_spite_of_ends: bool = False) -> tuple[int, int]:
        """Until when chains of links lead from a root to an organisation: to read, and to contribute. 0 is none."""
        reads = writes = 0
        if organisation == self.lead and organisation not in self.suspended:
            reads, writes = FOR_EVER, FOR_EVER if self.open else 0
        for office in self.offices.values():
            if office.holder == organisation and (in_spite_of_ends or self.is_office_live(office)):
                until = FOR_EVER if in_spite_of_ends else office.until
                reads = max(reads, until)
                writes = max(writes, 0 if office.provisional else until)
        for link in self.links.values():
            if link.receiver == organisation and (in_spite_of_ends or self.link_lives(link)):
                one, other = self.back_from(link, (), in_spite_of_ends)
                reads, writes = max(reads, one), max(writes, other)
        if organisation in self.suspended:
            return (0, 0)
        return (reads if reads > self.now else 0, writes if writes > self.now else 0)

    def back_from(self, link: Link, walked: tuple[int, ...], in_spite_of_ends: bool = False) -> tuple[int, int]:
        """Walk back from a link to the roots: the best of all ways, each as weak as its weakest link."""
        if link.void and not in_spite_of_ends:
            return (0, 0)
        reads = writes = 0
        for ground in link.grounds:
            if ground == THE_LEAD:
                way = (FOR_EVER, FOR_EVER) if self.open or in_spite_of_ends else (0, 0)
            else:
                way = self._beyond(int(ground), (*walked, link.number), in_spite_of_ends)
            reads, writes = max(reads, way[0]), max(writes, way[1])
        if in_spite_of_ends:
            return (reads, writes if link.level == CONTRIBUTE else 0)
        end = self.link_end(link)
        reads = min(reads, end)
        writes = min(writes, end) if link.level == CONTRIBUTE else 0
        return (reads if reads > self.now else 0, writes if writes > self.now else 0)

    def _beyond(self, ground: int, walked: tuple[int, ...], in_spite_of_ends: bool) -> tuple[int, int]:
        office = self.offices.get(ground)
        if office is not None:
            if in_spite_of_ends:
                return (FOR_EVER, FOR_EVER)
            return (office.until, 0 if office.provisional else office.until) if self.is_office_live(office) else (0, 0)
        link = self.links.get(ground)
        if link is None or ground in walked:
            return (0, 0)
        if in_spite_of_ends:
            return self.back_from(link, walked, True)
        if link.read_only_until > self.now and not link.over:
            return (min(self.back_from(link, walked)[0], link.read_only_until), 0)
        return self.back_from(link, walked) if self.link_lives(link) and not link.read_only_until else (0, 0)

    def hangs_on_the_lead(self, link: Link, walked: tuple[int, ...] = ()) -> bool:
        """Whether some living way back from a link comes to the lead."""
        for ground in link.grounds:
            if ground == THE_LEAD:
                return self.open
            before = self.links.get(int(ground)) if ground not in self.offices else None
            if before is None or before.number in walked or before.void or before.over:
                continue
            is_answered = 0 < before.read_only_until <= self.now
            if self.link_end(before) <= self.now or is_answered or not (before.is_open or before.read_only_until):
                continue
            if self.hangs_on_the_lead(before, (*walked, link.number)):
                return True
        return False

    def above(self, link: Link) -> set[int]:
        """The living links that a link hangs on, next and further up."""
        found: set[int] = set()
        waiting = [link]
        while waiting:
            for ground in waiting.pop().grounds:
                before = self.links.get(ground) if isinstance(ground, int) else None
                if before is None or before.number in found or before is link:
                    continue
                if self.link_lives(before) and not before.read_only_until and self.back_from(before, ())[0]:
                    found.add(before.number)
                    waiting.append(before)
        return found

    def grounds_of(self, organisation: int) -> set[Ground]:
        """By what an organisation knows the case now."""
        found: set[Ground] = {THE_LEAD} if organisation == self.lead and self.open else set()
        found |= {
            office.number
            for office in self.offices.values()
            if office.holder == organisation and self.is_office_live(office)
        }
        for link in self.links.values():
            is_to_it = link.receiver == organisation and self.link_lives(link) and not link.read_only_until
            if is_to_it and self.back_from(link, ())[0]:
                found.add(link.number)
        return found

    # -- the person's answers ----------------------------------------------------------------------------------------

    def yes(self, purpose: int, receiver: int, categories: int, named: int = 0) -> tuple[int, int] | None:
        """The newest consent in force that covers this, or the one that is ``named``: its number, and its last hour."""
        for answer in reversed(self.answers):
            number, for_what, to_whom, what, until, is_no, _, is_gone = answer
            if is_no or is_gone or until <= self.now or for_what != purpose or to_whom not in (ANY, receiver):
                continue
            if named and number != named:
                continue
            if what & categories == categories:
                return int(number), int(until)
        return None

    def has_refused(self, purpose: int, receiver: int) -> bool:
        """Whether the last word of the person on this is no."""
        kind = TYPES[receiver]
        last_no = max(
            (
                number
                for number, for_what, to_whom, _, _, is_no, _, _ in self.answers
                if is_no
                and (
                    to_whom == receiver
                    or (to_whom == ANY and (for_what == purpose or (for_what != ANY and kind in TOWARDS[for_what])))
                )
            ),
            default=-1,
        )
        last_yes = max(
            (a[0] for a in self.answers if not a[5] and not a[7] and a[1] == purpose and a[2] in (ANY, receiver)),
            default=-1,
        )
        return last_no > last_yes

    def has_basis(self, link: Link) -> bool:
        """Whether the basis exists between these two (the refusal is looked at apart)."""
        if link.basis == Basis.CONSENT:
            return self.yes(link.purpose, link.receiver, link.categories) is not None
        if link.basis in OVERRIDES:
            return self.child or link.basis != Basis.BEST_INTERESTS
        for line in GROUNDS:
            fits = line.basis == link.basis and line.provision == link.provision and link.purpose in line.purposes
            fits = fits and TYPES[link.giver] in line.givers and TYPES[link.receiver] in line.receivers
            if fits and not link.categories & ~line.categories and (self.child or not line.is_for_children):
                return True
        return False

    def complain(self, invariant: str, words: str) -> None:
        """What the act itself breaks, whatever is read afterwards."""
        self.complaints.append((invariant, words))
