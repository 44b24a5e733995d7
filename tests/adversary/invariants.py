"""The invariants, judged from the log of acts and from what everybody then meets; the same for model and product.

``Judge.after`` takes each step with its answer and the observation behind it, and returns what is broken:

* i     nobody reads but by a chain of acts, each by somebody entitled and none only by who gains (emergencies aside);
* ii    when a link of the chain ends, what hangs on it has ended too, but for the foreseen ends of rule 18;
* iii   level and end are at most those of the source, categories the giver's own rows and within the ceiling;
* iv    the lead and who gave see their lines, masked as rule 19 says, and can end them;
* v     no office is held by an act of its holder alone;
* vi    a recorded refusal is passed only by an override with its second person;
* vii   every act is by the organisation of its page, and is the act that was asked for;
* viii  every open case has a lead that can act, or stands on the coordinator's list;
* ix    what the rules owe is given: lead, offices and living chains know the case.
"""

from typing import Final, NamedTuple

from tests.adversary.act_log import ActLog
from tests.adversary.chains import REFUSED, Link
from tests.adversary.words import (
    AUTHORITIES,
    CEILING,
    COUNT,
    DAY,
    EMERGENCY,
    FOR_EVER,
    MEMBER_OF,
    MEMBERS,
    MEMBERS_OF,
    NOWHERE,
    OF_OFFICE,
    ORGANISATIONS,
    OVERRIDES,
    PERSONS,
    PROVISIONAL,
    PURPOSE_CATEGORY,
    SERVICE_OF_REGION,
    TYPES,
    Office,
)
from tests.adversary.world import Answer, Done, Observation, Refused, Step

# Acts that move nobody's chains, and acts that change nothing about people: nothing is looked up again.
WITHOUT_CHAINS: Final = frozenset(
    {
        "add_row", "approve_location_release", "ask_location_release", "ask_the_giver", "assign_member",
        "break_glass", "confirm_role", "grant_role", "record_consent", "switch_organisation", "unassign_member",
    }
)  # fmt: skip
WITHOUT_PEOPLE: Final = frozenset(
    {
        "add_row", "ask_the_giver", "end_share", "record_consent", "record_refusal", "renew_share",
        "send_referral", "share", "switch_organisation", "wait", "withdraw_consent",
    }
)  # fmt: skip
INVARIANTS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")


class Broken(NamedTuple):
    """One invariant, and what broke it in words."""

    invariant: str
    words: str


class Judge:
    """Follows one walk. ``checks`` counts comparisons by invariant."""

    def __init__(self) -> None:
        self.log = ActLog()
        self.checks = dict.fromkeys(INVARIANTS, 0)
        self.active: dict[int, int] = {}
        self.keys: dict[tuple[int, int], tuple[Step, int]] = {}
        self.chains: list[tuple[int, int]] = [(0, 0)] * COUNT
        # What may be read at most, and what the links give: the rules do not say how much an office opens at least.
        self.allowed: dict[tuple[int, int], int] = {}
        self.owed: dict[tuple[int, int], int] = {}
        self.lines: dict[int, bool] = {}
        self.counts: dict[int, int] = {}
        self.rightful: dict[int, int] = {}
        self.found: list[Broken] = []
        self.is_behind = False  # acts were written down, and nobody has looked since

    def after(self, step: Step, answer: Answer, seen: Observation | None) -> list[Broken]:
        """Judge one step. ``seen`` may be left out after a refusal, which changes nothing."""
        self.found = []
        if isinstance(answer, Refused):
            if step.name == "end_share" and not step.key:
                self._ending_succeeds(step, answer)
            return self.found
        if not self._is_own_act(step, answer):
            return self.found
        if step.name == "switch_organisation":
            self.active[PERSONS[step.player]] = step.player
        self.log.write(step, answer.consent)
        self.found += [Broken(*complaint) for complaint in self.log.complaints]
        if seen is None:
            self.is_behind = True
        elif self.log.lead != NOWHERE and not self.found:
            self._look(step, seen)
        return self.found

    def _break(self, invariant: str, words: str) -> None:
        self.found.append(Broken(invariant, words))

    # -- vii ---------------------------------------------------------------------------------------------------------

    def _is_own_act(self, step: Step, answer: Done) -> bool:
        """Whether an act was carried out as asked; a repeat of the very same post is no second act."""
        if step.name == "wait":
            return True
        self.checks["vii"] += 1
        if answer.organisation != MEMBER_OF[step.player]:
            self._break("vii", f"{step.name} of {_name(step.player)} was written for another organisation")
            return False
        if not step.key and answer.number == step.number:
            return True
        key = (PERSONS[step.player], step.key)
        first = self.keys.get(key)
        is_known = first is not None and self.log.now < first[1] + DAY
        is_same = is_known and first is not None and first[0][1:] == step[1:]
        if answer.number != step.number:
            if not is_same:
                self._break("vii", f"{step.name} was answered as done, and nothing was written")
            return False
        if is_known:
            self._break("vii", f"{step.name} was written under a key that stands for another act")
        self.keys[key] = (step, self.log.now)
        return True

    # -- iv ----------------------------------------------------------------------------------------------------------

    def _ending_succeeds(self, step: Step, answer: Refused) -> None:
        """Who gave, and the lead if it hangs on the lead, can end a line (rules 4 and 19)."""
        log, who = self.log, step.player
        link = log.links.get(step.arguments["share"])
        if link is None or link.over or link.read_only_until or log.link_end(link) <= log.now:
            return
        if self.active.get(PERSONS[who], who) != who or not log.works(who):
            return
        self.checks["iv"] += 1
        if log.may_end(who, link):
            self._break("iv", f"{_name(who)} could not end the line {link.number}: {answer.reason}")

    # -- what is met -------------------------------------------------------------------------------------------------

    def _look(self, step: Step, seen: Observation) -> None:
        has_moved = self._lead(step, seen)
        if has_moved or self.is_behind or step.name not in WITHOUT_CHAINS:
            self._renew()
        if self.is_behind or step.name not in WITHOUT_PEOPLE:
            self.rightful.clear()
        self.is_behind = False
        self._offices(seen)
        if self.found:
            return
        self._rights(seen)
        self._reads(seen)
        self._readers(seen)
        self._emergencies(seen)
        if self.log.offices:
            self._location(seen)
            self._masks(seen)
        self._tree(seen)

    def _renew(self) -> None:
        """Bring chains up to date; what nobody is led to has fallen, and does not come back (rule 18)."""
        log = self.log
        holders = {log.lead} | {office.holder for office in log.offices.values()}
        holders |= {link.receiver for link in log.links.values() if not link.over}
        self.chains = [log.chain(o) if o in holders else (0, 0) for o in range(COUNT)]
        self.allowed, self.owed = {}, {}
        for link in log.links.values():
            if log.link_lives(link):
                if not self.chains[link.receiver][0]:
                    link.over = "nothing leads to its receiver any more"
                    continue
                pair = (link.receiver, link.giver)
                categories = link.categories & CEILING[TYPES[link.receiver]]
                self.allowed[pair] = self.allowed.get(pair, 0) | categories
                self.owed[pair] = self.allowed[pair]
            elif link.read_only_until and (link.read_only_until <= log.now or not log.back_from(link, ())[0]):
                link.over = link.over or "three working days after it was done"
            elif link.is_open and log.link_end(link) <= log.now:
                link.over = link.over or "its last day"
        for office in log.offices.values():
            if log.is_office_live(office):
                type_ = TYPES[office.holder]
                most = office.categories or OF_OFFICE[office.kind]
                for owner in range(COUNT):
                    if office.leads >> owner & 1 and owner != office.holder:
                        pair = (office.holder, owner)
                        opened = (PROVISIONAL if office.provisional else most) & CEILING[type_]
                        self.allowed[pair] = self.allowed.get(pair, 0) | opened

        self._renew_tree()

    def _lead(self, step: Step, seen: Observation) -> bool:
        """viii. Returns whether child protection has taken a child's case over meanwhile."""
        log = self.log
        has_moved = seen.lead != log.lead
        self.checks["viii"] += 1
        if has_moved:
            is_meanwhile = log.child and seen.lead == SERVICE_OF_REGION and not log.lead_can_act()
            if not is_meanwhile:
                self._break("viii", f"{_who(seen.lead)} leads, and nobody entitled handed it over")
                return False
            log.move_lead(step.number, seen.lead, by_law=True)
        if seen.is_open and not seen.is_stranded and not log.lead_can_act():
            self._break("viii", f"nobody can act for {_who(seen.lead)}, which leads, and nobody is told")
        return has_moved

    def _offices(self, seen: Observation) -> None:
        """v, and ix for offices."""
        log = self.log
        rightful = {(int(office.kind), office.holder) for office in log.offices.values() if log.is_office_live(office)}
        self.checks["v"] += len(seen.offices)
        for kind, holder in seen.offices:
            if (kind, holder) not in rightful:
                self._break("v", f"{_who(holder)} is {Office(kind).name.lower()} by nobody's act but its own")
        for kind, holder in rightful - set(seen.offices):
            self._break("ix", f"{_who(holder)} lost the office of {Office(kind).name.lower()} while its fact lives")

    def _rights(self, seen: Observation) -> None:
        """i, ii, iii and ix for knowing the case and contributing to it."""
        now = self.log.now
        self.checks["iii"] += COUNT
        self.checks["ix"] += COUNT
        for organisation, (reads, writes) in enumerate(self.chains):
            met, writing = seen.reads_until[organisation], seen.contributes_until[organisation]
            if writing > now and writing > writes:
                self._explain(organisation, "contributes", writing, writes)
            if met > now and met > reads and organisation != self.log.registrar:
                self._explain(organisation, "knows the case", met, reads)
            is_missed = reads > now >= met or writes > now >= writing
            if is_missed and any(self.log.has_opened(member) for member in MEMBERS_OF[organisation]):
                self._break("ix", f"{_who(organisation)} was led to the case, and finds nothing")

    def _explain(self, organisation: int, what: str, met: int, owed: int) -> None:
        """Which invariant a right breaks that is larger than its chains."""
        words = f"{_who(organisation)} {what} until {_hour(met)}"
        if any(self._lacks_second(link, met) for link in self._to(organisation)):
            self._break("vi", f"{words}, and no second person has agreed")
        elif any(link.over == REFUSED for link in self._to(organisation)):
            self._break("vi", f"{words}, against a refusal")
        elif self.chains[organisation][0]:
            self._break("iii", f"{words}, and its source gives {_hour(owed) if owed else 'reading only'}")
        elif self.log.chain(organisation, in_spite_of_ends=True)[0]:
            self._break("ii", f"{words}, and every chain to it has ended")
        else:
            self._break("i", f"{words}, and no chain of entitled acts leads there")

    def _to(self, organisation: int) -> list[Link]:
        return [link for link in self.log.links.values() if link.receiver == organisation]

    def _lacks_second(self, link: Link, met: int) -> bool:
        """Whether a right until ``met`` can only come from an override that nobody else has agreed to."""
        is_waiting = not link.is_open or 0 < link.second_by < met <= link.until
        return link.basis in OVERRIDES and not link.void and is_waiting

    def _reads(self, seen: Observation) -> None:
        """i, ii, iii and ix for categories of rows."""
        self.checks["i"] += len(seen.reads)
        self.checks["ii"] += len(self.log.links)
        self.checks["vi"] += len(self.log.answers)
        allowed = self.allowed
        if seen.reads == allowed:
            return
        for pair, categories in seen.reads.items():
            extra = categories & ~allowed.get(pair, 0)
            if extra:
                self._explain_reading(*pair, extra)
        for pair, categories in self.owed.items():
            if categories & ~seen.reads.get(pair, 0) and self.chains[pair[0]][0]:
                self._break("ix", f"{_who(pair[0])} does not read what {_who(pair[1])} gave")

    def _explain_reading(self, viewer: int, owner: int, extra: int) -> None:
        words = f"{_who(viewer)} reads categories {extra:b} of {_who(owner)}"
        given = [link for link in self._to(viewer) if link.giver == owner and link.categories & extra]
        if any(self._lacks_second(link, link.until) and not self.log.link_lives(link) for link in given):
            self._break("vi", f"{words}, and no second person has agreed")
        elif any(link.over == REFUSED for link in given):
            self._break("vi", f"{words}, against a refusal")
        elif extra & ~CEILING[TYPES[viewer]]:
            self._break("iii", f"{words}, above the ceiling")
        elif any(link.over for link in given):
            self._break("ii", f"{words}, and what gave them has ended")
        elif self.chains[viewer][0]:
            self._break("iii", f"{words}, which the owner did not give")
        else:
            self._break("i", f"{words}, and no chain leads there")

    def _readers(self, seen: Observation) -> None:
        """i for people: the case opens to members whom it was assigned to, intake and supervisors (rules 1 and 22)."""
        rightful = self.rightful
        for organisation, mask in enumerate(seen.readers):
            if not mask:
                continue
            self.checks["i"] += 1
            if organisation not in rightful:
                members = MEMBERS_OF[organisation]
                rightful[organisation] = sum(1 << member for member in members if self.log.has_opened(member))
            wrong = mask & ~rightful[organisation]
            if wrong:
                member = (wrong & -wrong).bit_length() - 1
                self._break("i", f"the case opens to {_name(member)}, whom no two people let in")

    def _emergencies(self, seen: Observation) -> None:
        """i for emergencies: who gave the reason and one named colleague, an hour, some categories (rule 11)."""
        log = self.log
        for (member, owner), categories in seen.emergencies.items():
            self.checks["i"] += 1
            named = any(member in row[:2] and row[2] > log.now for row in log.emergencies)
            most = EMERGENCY & CEILING[TYPES[MEMBER_OF[member]]]
            if not named or categories & ~most or owner not in (log.lead, log.registrar):
                self._break("i", f"an emergency opens the case to {_name(member)}, who did not give the reason")

    def _location(self, seen: Observation) -> None:
        """i for the safe location (rules 6 and 20)."""
        log = self.log
        hosts = {s.holder for s in log.offices.values() if s.kind == Office.HOST and log.is_office_live(s)}
        for member, mask in seen.location.items():
            self.checks["i"] += 1
            own = MEMBER_OF[member]
            for host in (o for o in range(COUNT) if mask >> o & 1):
                if host not in hosts or not (self._is_related(member, own, host) or self._released(member, host)):
                    self._break("i", f"{_name(member)} reads where {_who(host)} is")

    def _is_related(self, member: int, own: int, host: int) -> bool:
        log = self.log
        if not log.has_opened(member):
            return False
        if own == host or log.holds(own, Office.GUARDIAN) or log.holds(own, Office.CHILD_PROTECTION):
            return True
        is_lead = own == log.lead and TYPES[own] not in AUTHORITIES
        return is_lead and member in log.assigned

    def _released(self, member: int, host: int) -> bool:
        return any(
            asker == member and owner == host and len(people) >= 2 and until > self.log.now
            for asker, owner, people, until in self.log.releases.values()
        )

    def _masks(self, seen: Observation) -> None:
        """iv for names: "a shelter", unless one of the four relations or the sender of that referral (rule 6)."""
        log = self.log
        for office in log.offices.values():
            if office.kind != Office.HOST or not log.is_office_live(office):
                continue
            for viewer, mask in enumerate(seen.hosts_named):
                if mask >> office.holder & 1:
                    self.checks["iv"] += 1
                    if not self._may_be_told(viewer, office.holder, office.sender):
                        self._break("iv", f"{_who(viewer)} is told that {_who(office.holder)} is the host")

    def _may_be_told(self, viewer: int, host: int, sender: int) -> bool:
        log = self.log
        if viewer in (host, sender) or log.holds(viewer, Office.GUARDIAN):
            return True
        is_lead = viewer == log.lead and TYPES[viewer] not in AUTHORITIES
        return is_lead or log.holds(viewer, Office.CHILD_PROTECTION)

    def _tree(self, seen: Observation) -> None:
        """iv for lines: the lead sees each organisation that knows the case through it, who gave how many are below."""
        self.checks["iv"] += 1 + len(self.lines)
        for number, may_be_named in self.lines.items() if self.log.lead_can_act() else ():
            if number not in seen.tree:
                self._break("iv", f"the lead does not see line {number}, which knows the case through it")
            elif seen.tree[number] and not may_be_named:
                self._break("iv", f"the lead is told the name behind line {number}")
        if seen.gifts is None:
            return
        given = {number: count for number, count in self.counts.items() if seen.readers[self.log.links[number].giver]}
        told = {number: count for number, count in seen.gifts.items() if number not in self.counts or number in given}
        if given != told:
            self._break("iv", f"who gave is told of {told} lines below, and there are {given}")

    def _renew_tree(self) -> None:
        log = self.log
        hidden = {
            office.holder
            for office in log.offices.values()
            if office.kind == Office.HOST
            and log.is_office_live(office)
            and not self._may_be_told(log.lead, office.holder, office.sender)
        }
        column = CEILING[TYPES[log.lead]]
        self.lines, self.counts = {}, {}
        for link in log.links.values():
            if not log.link_lives(link):
                continue
            if link.receiver != log.lead and log.hangs_on_the_lead(link):
                may_be_named = link.receiver not in hidden and not PURPOSE_CATEGORY[link.purpose] & ~column
                # What the lead chose itself is no news to it.
                self.lines[link.number] = may_be_named or link.giver == log.lead
            if log.back_from(link, ())[0]:
                for above in log.above(link):
                    self.counts[above] = self.counts.get(above, 0) + 1


def _who(organisation: int) -> str:
    return ORGANISATIONS[organisation].name if 0 <= organisation < COUNT else "nobody"


def _name(member: int) -> str:
    return MEMBERS[member].name


def _hour(hour: int) -> str:
    return "for ever" if hour >= FOR_EVER else f"hour {hour}"
