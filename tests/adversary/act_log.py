"""What the judge writes down from the log of acts alone: who gave what to whom, on which ground, and what has ended it.

Nothing here comes from the model. An act that was carried out although its player was not entitled to it is written
down as *void*: it opens nothing, so that whoever reads by it is found reading without a chain.
"""

from typing import Any

from tests.adversary.chains import REFUSED, THE_LEAD, Chains, Link, OfficeRecord
from tests.adversary.words import (
    ANY,
    ASSIGNABLE,
    BREAKING_GLASS,
    CEILING,
    CONTACT,
    COORDINATOR,
    DAY,
    FOR_EVER,
    IDENTITY,
    LONGEST,
    MEMBER_OF,
    MEMBERS_OF,
    NOWHERE,
    OPENING_ROLES,
    OVERRIDES,
    PERSONS,
    PUBLIC_AUTHORITIES,
    REGISTERING,
    REVIEW_TERM,
    SERVICE_OF_REGION,
    TYPES,
    Basis,
    Office,
    Purpose,
    Role,
    Type,
    end_of_day,
    end_of_working_day,
)
from tests.adversary.world import Step


class ActLog(Chains):
    """``write`` takes each act that was carried out."""

    # -- acts --------------------------------------------------------------------------------------------------------

    def write(self, step: Step, consent: int = 0) -> None:
        """Write an act down that was carried out; ``consent``: what its world says that it rests on."""
        self.named_consent = consent
        writer = getattr(self, f"_{step.name}", None)
        if writer is not None:
            writer(step.player, step.number, **step.arguments)

    def _wait(self, who: int, number: int, *, hours: int) -> None:
        self.now += hours

    def _register_presumed_victim(self, who: int, number: int, *, child: bool) -> None:
        own = MEMBER_OF[who]
        if TYPES[own] not in REGISTERING or not self.is_a(who, Role.CASEWORKER | Role.INTAKE | Role.SUPERVISOR):
            return
        self.lead = self.registrar = own
        self.open, self.child = True, child
        if self.roles[who] & ASSIGNABLE:
            self.assigned.add(who)
        if child:
            self._open_office(number, Office.CHILD_PROTECTION, SERVICE_OF_REGION)

    def _may_bring_in(self, who: int) -> str:
        if not self.works(who):
            return "neither assigned nor supervisor"
        return "" if self.chain(MEMBER_OF[who])[1] else "the giver reads only, or does not know the case"

    def _link(self, who: int, number: int, *, receiver: int, purpose: int, basis: int, categories: int, level: int,
              until: int, provision: int = 0) -> Link:  # fmt: skip
        own = MEMBER_OF[who]
        link = Link(number, own, receiver, purpose, basis, categories, level, until, PERSONS[who], provision)
        self.links[number] = link
        link.void = self._may_bring_in(who)
        if own == receiver:
            link.void = "by who gains"
        elif until > end_of_day(self.now, LONGEST):
            link.void = "longer than 90 days"
        if basis in OVERRIDES:
            link.is_open = basis == Basis.LIFE_AT_RISK
            link.second_by = self.now + DAY if link.is_open else 0
        self._rest(link)
        return link

    def _rest(self, link: Link) -> None:
        """What a link rests on at this hour: its basis, its grounds, its end."""
        if link.basis not in OVERRIDES and self.has_refused(link.purpose, link.receiver):
            self.complain("vi", f"a chosen basis was used against a refusal (step {link.number})")
        if not self.has_basis(link):
            link.void = link.void or "no legal basis"
        answer = self.yes(link.purpose, link.receiver, link.categories, self.named_consent)
        if link.basis == Basis.CONSENT and answer:
            link.consent = answer[0]
            link.until = min(link.until, answer[1])
        link.until = min(link.until, self.chain(link.giver)[0])
        link.grounds |= self.grounds_of(link.giver)

    def _share(self, who: int, number: int, **asked: int) -> None:
        self._link(who, number, **asked)

    def _answer_request(self, who: int, number: int, *, request: int, **asked: int) -> None:
        giver, receiver = self.requests.pop(request, (NOWHERE, ANY))
        link = self._link(who, number, receiver=receiver, **asked)
        if giver != MEMBER_OF[who]:
            link.void = "nobody asked this giver"

    def _take_over_branch(self, who: int, number: int, *, share: int, **asked: int) -> None:
        taken = self.links[share]
        link = self._link(who, number, receiver=taken.receiver, purpose=taken.purpose, **asked)
        if MEMBER_OF[who] != self.lead or not self.hangs_on_the_lead(taken):
            link.void = "not the lead's branch"
        for other in self.links.values():
            if share in other.grounds and other is not link:
                other.grounds.add(number)

    def _send_referral(self, who: int, number: int, **asked: int) -> None:
        link = self._link(who, number, **asked)
        link.is_referral, link.is_open = True, False

    def _accept_referral(self, who: int, number: int, *, referral: int, member: int) -> None:
        sent = self.links[referral]
        self._name_who_works(who, member)
        if MEMBER_OF[who] != sent.receiver or not self.is_a(who, Role.INTAKE | Role.SUPERVISOR):
            sent.void = "not accepted by the receiver's intake or supervisor"
        if not self.chain(sent.giver)[1]:
            sent.void = "the sender could not bring in any more"
        # It hangs on what the sender knew the case by when it was sent.
        grounds = set(sent.grounds)
        self._rest(sent)
        sent.grounds = grounds
        sent.is_open = True
        if TYPES[sent.receiver] is Type.AUTHORITY and sent.purpose == Purpose.IDENTIFICATION and not sent.void:
            of = {"leads": 1 << sent.giver, "categories": sent.categories}
            self._open_office(number, Office.AUTHORITY, sent.receiver, **of)

    def _name_who_works(self, who: int, member: int) -> None:
        if MEMBER_OF[member] == MEMBER_OF[who] and self.roles[member] & ASSIGNABLE and member not in self.blocked:
            self.assigned.add(member)

    def _ask_the_giver(self, who: int, number: int, *, share: int, receiver: int) -> None:
        self.requests[number] = (self.links[share].giver, receiver)

    def _confirm_override(self, who: int, number: int, *, share: int) -> None:
        link = self.links[share]
        is_second = MEMBER_OF[who] == link.giver and PERSONS[who] != link.person and who not in self.blocked
        if not is_second or not self.is_a(who, Role.SUPERVISOR | Role.INTAKE):
            return
        if not link.is_open:
            if reason := self._may_bring_in(who):
                link.void = reason
            link.grounds.clear()
            self._rest(link)
            link.is_open = True
        elif link.second_by > self.now:
            link.second_by = 0

    def _renew_share(self, who: int, number: int, *, share: int, until: int) -> None:
        link = self.links[share]
        if MEMBER_OF[who] == link.giver and not self._may_bring_in(who) and until <= end_of_day(self.now, LONGEST):
            link.until = until
            self._rest(link)

    # Ends. One by somebody who may not end is not written down: what is then missing is owed.

    def _on_the_case(self, who: int, *organisations: int) -> bool:
        return self.works(who) and MEMBER_OF[who] in organisations and bool(self.chain(MEMBER_OF[who])[0])

    def _end_share(self, who: int, number: int, *, share: int) -> None:
        if self.may_end(who, self.links[share]):
            self._over(share, "ended by hand")

    def may_end(self, who: int, link: Link) -> bool:
        """Rule 19: who gave, the lead if it hangs on the lead, data protection; legal aid apart."""
        own = MEMBER_OF[who]
        if own == link.giver and self.is_a(who, Role.DATA_PROTECTION):
            return True
        if not self.works(who):
            return False
        is_leads = own == self.lead and (own == link.giver or (link.is_open and self.hangs_on_the_lead(link)))
        if link.purpose == Purpose.LEGAL_AID and TYPES[link.receiver] is Type.LEGAL_AID:
            return is_leads and TYPES[own] not in PUBLIC_AUTHORITIES
        return is_leads or own == link.giver

    def _revoke_referral(self, who: int, number: int, *, referral: int) -> None:
        link = self.links[referral]
        if self.works(who) and MEMBER_OF[who] == link.giver:
            self._over(referral, "revoked")

    def _decline_referral(self, who: int, number: int, *, referral: int) -> None:
        if MEMBER_OF[who] == self.links[referral].receiver:
            self._over(referral, "declined")

    def _complete_referral(self, who: int, number: int, *, referral: int) -> None:
        link = self.links[referral]
        if not self.works(who) or MEMBER_OF[who] != link.receiver:
            return
        link.is_open = False
        link.read_only_until = end_of_working_day(self.now, 3)

    def _answer_completion(self, who: int, number: int, *, referral: int) -> None:
        if self._on_the_case(who, self.lead):
            self._over(referral, "the lead has answered")

    def _over(self, number: int, reason: str) -> None:
        link = self.links.get(number)
        if link is not None:
            link.over = link.over or reason

    # The person's answers.

    def _record_consent(
        self, who: int, number: int, *, purpose: int, receiver: int, categories: int, until: int
    ) -> None:
        is_no = is_gone = False
        if self._on_the_case(who, MEMBER_OF[who]):
            self.answers.append([number, purpose, receiver, categories, until, is_no, MEMBER_OF[who], is_gone])

    def _record_refusal(self, who: int, number: int, *, purpose: int, receiver: int) -> None:
        if not self._on_the_case(who, MEMBER_OF[who]):
            return
        agreed = [link for link in self.links.values() if not self.has_refused(link.purpose, link.receiver)]
        self.answers.append([number, purpose, receiver, 0, 0, True, MEMBER_OF[who], False])
        for link in agreed:
            if link.basis not in OVERRIDES and self.has_refused(link.purpose, link.receiver):
                link.over = link.over or REFUSED

    def _withdraw_consent(self, who: int, number: int, *, consent: int) -> None:
        for answer in self.answers:
            if answer[0] == consent:
                if not (self.works(who) and MEMBER_OF[who] in (self.lead, answer[6])):
                    return
                answer[7] = True
        for link in self.links.values():
            if link.consent == consent:
                link.over = link.over or "consent withdrawn"

    # Offices.

    def _open_office(self, number: int, kind: Office, holder: int, **more: Any) -> OfficeRecord | None:
        if any(
            office.kind == kind and office.holder == holder and self._fact(office) for office in self.offices.values()
        ):
            return None
        leads = more.pop("leads", 1 << self.lead | 1 << self.registrar)
        self.offices[number] = OfficeRecord(number, kind, holder, leads, **more)
        return self.offices[number]

    def _fact(self, office: OfficeRecord) -> bool:
        return not office.over and office.until > self.now

    def holds(self, organisation: int, kind: Office) -> bool:
        """Whether an organisation holds an office now."""
        return any(
            s.kind == kind and s.holder == organisation and self.is_office_live(s) for s in self.offices.values()
        )

    def _request_guardian(self, who: int, number: int) -> None:
        own = MEMBER_OF[who]
        if self.works(who) and (own == self.lead or self.holds(own, Office.CHILD_PROTECTION)):
            self._open_office(number, Office.CHILD_PROTECTION, SERVICE_OF_REGION)

    def _correct_date_of_birth(self, who: int, number: int) -> None:
        if not self._may_bring_in(who):
            self.child = True
            self._open_office(number, Office.CHILD_PROTECTION, SERVICE_OF_REGION)

    def _settle_age(self, who: int, number: int) -> None:
        if self.works(who) and self.holds(MEMBER_OF[who], Office.CHILD_PROTECTION):
            self.child = False
            self._end_offices(Office.CHILD_PROTECTION, Office.GUARDIAN)

    def _end_offices(self, *kinds: Office) -> None:
        for office in self.offices.values():
            office.over = office.over or office.kind in kinds

    def _assign_guardian(self, who: int, number: int, *, member: int) -> None:
        own, organisation = MEMBER_OF[who], MEMBER_OF[member]
        if self.works(who) and self.child and own != organisation and self.holds(own, Office.CHILD_PROTECTION):
            self._end_offices(Office.GUARDIAN)
            self._open_office(number, Office.GUARDIAN, organisation)
            self.assigned.add(member)

    def _end_guardianship(self, who: int, number: int) -> None:
        if self.works(who) and self.holds(MEMBER_OF[who], Office.CHILD_PROTECTION):
            self._end_offices(Office.GUARDIAN)

    def _request_decision(self, who: int, number: int, *, authority: int) -> None:
        if not self._may_bring_in(who) and MEMBER_OF[who] != authority:
            self._open_office(number, Office.AUTHORITY, authority)

    def _record_decision(self, who: int, number: int) -> None:
        for office in self.offices.values():
            if office.kind == Office.AUTHORITY and office.holder == MEMBER_OF[who] and office.until == FOR_EVER:
                office.until = end_of_day(self.now, REVIEW_TERM)

    def _record_placement(self, who: int, number: int, *, shelter: int, referral: int) -> None:
        own = MEMBER_OF[who]
        if not self.works(who):
            return
        if own == shelter == self.lead:
            self._confirm(self._open_office(number, Office.HOST, shelter))
            return
        sent = self.links.get(referral)
        is_accepted = sent is not None and self._brings_to(sent, shelter)
        is_police = TYPES[own] is Type.POLICE and bool(self.chain(own)[1])
        word = (shelter, referral if is_accepted else ANY)
        if not ((own == shelter and is_accepted) or is_police) or word in self.words_given:
            return
        self.words_given.add(word)
        lapses = max(self.now + DAY, end_of_working_day(self.now, 1))
        sender = sent.giver if sent is not None and is_accepted else NOWHERE
        self._open_office(number, Office.HOST, shelter, until=lapses, provisional=True, sender=sender)

    def _brings_to(self, link: Link, shelter: int) -> bool:
        is_for_it = link.is_referral and link.receiver == shelter and link.purpose == Purpose.ACCOMMODATION
        return is_for_it and self.link_lives(link) and not link.read_only_until

    def _confirm_arrival(self, who: int, number: int, *, placement: int) -> None:
        office, own = self.offices.get(placement), MEMBER_OF[who]
        if office is None or own == office.holder or not self.works(who) or not self.is_office_live(office):
            return
        accepted = [link for link in self.links.values() if self._brings_to(link, office.holder)]
        if accepted and (own == self.lead or own in {link.giver for link in accepted}):
            if office.sender == NOWHERE:
                office.sender = accepted[0].giver
            office.provisional, office.until = False, FOR_EVER
            self._confirm(office)

    def _confirm(self, office: OfficeRecord | None) -> None:
        for other in self.offices.values():
            if office is not None and other.kind == Office.HOST and not other.provisional and other is not office:
                other.until = min(other.until, self.now + 3 * DAY)

    def _record_departure(self, who: int, number: int, *, placement: int) -> None:
        office = self.offices.get(placement)
        if office is not None and self._on_the_case(who, office.holder, self.lead):
            office.over = True

    # The lead.

    def _transfer_lead(self, who: int, number: int, *, receiver: int, until: int) -> None:
        if MEMBER_OF[who] == self.lead and self.is_a(who, Role.SUPERVISOR) and who not in self.blocked:
            self.offers[number] = (receiver, False, set(), until)

    def _reassign_lead(self, who: int, number: int, *, receiver: int, offer: int) -> None:
        if MEMBER_OF[who] != COORDINATOR or not self.live(who):
            return
        first = self.offers.get(offer)
        if first is not None and first[0] == receiver and first[1]:
            first[2].add(PERSONS[who])
        else:
            self.offers[number] = (receiver, True, {PERSONS[who]}, 0)

    def _accept_lead(self, who: int, number: int, *, offer: int, member: int) -> None:
        receiver, is_reassigned, people, until = self.offers.get(offer, (NOWHERE, False, set(), 0))
        if receiver != MEMBER_OF[who] or not self.is_a(who, Role.SUPERVISOR | Role.INTAKE):
            return
        if not is_reassigned or (len(people) >= 2 and not self.lead_can_act()):
            self._name_who_works(who, member)
            # What is handed over was named by the offer, as a referral names what it opens.
            self.move_lead(number if is_reassigned else offer, receiver, by_law=is_reassigned, until=until)

    def move_lead(self, number: int, receiver: int, *, by_law: bool, until: int = 0) -> None:
        """The lead has moved. What the new one reads of the former's rows: by law identity and contact for 30 days, or
        what was handed over with it."""
        former, self.lead = self.lead, receiver
        self.offers.clear()
        for office in self.offices.values():
            office.leads |= 1 << receiver
        handed = (IDENTITY | CONTACT) if by_law else IDENTITY
        basis = Basis.LEGAL_OBLIGATION if by_law else Basis.CONSENT
        end = end_of_day(self.now, 30) if by_law else until
        categories = handed & CEILING[TYPES[receiver]]
        link = Link(number, former, receiver, Purpose.SERVICES, basis, categories, 1, end, NOWHERE)
        link.grounds.add(THE_LEAD)
        self.links[number] = link

    def lead_can_act(self) -> bool:
        """Whether a live member of the lead works on the case."""
        return any(self.works(member) for member in MEMBERS_OF[self.lead])

    def _close_case(self, who: int, number: int) -> None:
        if not self._on_the_case(who, self.lead) or not self.is_a(who, Role.SUPERVISOR):
            return
        self.open = False
        for link in self.links.values():
            link.over = link.over or "closed"
        for office in self.offices.values():
            office.over = True
        self.offers.clear()
        self.emergencies.clear()
        self.releases.clear()

    def _reopen_case(self, who: int, number: int) -> None:
        if MEMBER_OF[who] != self.lead or not self.is_a(who, Role.SUPERVISOR):
            return
        self.open = True
        if self.child:
            self._open_office(number, Office.CHILD_PROTECTION, SERVICE_OF_REGION)

    # Emergencies and the location.

    def _break_glass(self, who: int, number: int, *, colleague: int) -> None:
        own = MEMBER_OF[who]
        if own != NOWHERE and TYPES[own] in BREAKING_GLASS and self.is_a(who, Role.SUPERVISOR | Role.INTAKE):
            named = colleague if MEMBER_OF[colleague] == own else who
            self.emergencies.append((who, named, self.now + 1))

    def _ask_location_release(self, who: int, number: int, *, host: int) -> None:
        self.releases[number] = (who, host, set(), 0)

    def _approve_location_release(self, who: int, number: int, *, release: int) -> None:
        asker, host, people, _ = self.releases[release]
        if MEMBER_OF[who] == host and self.is_a(who, Role.CUSTODIAN) and PERSONS[who] != PERSONS[asker]:
            self.releases[release] = (asker, host, people | {PERSONS[who]}, self.now + 4)

    # Members and organisations.

    def _assign_member(self, who: int, number: int, *, member: int) -> None:
        by_intake = self.is_a(who, Role.INTAKE) and (who == member or self.roles[member] & Role.CASEWORKER)
        if MEMBER_OF[who] == MEMBER_OF[member] and (self.is_a(who, Role.SUPERVISOR) or by_intake):
            self.assigned.add(member)

    def _unassign_member(self, who: int, number: int, *, member: int) -> None:
        self.assigned.discard(member)

    def _block_member(self, who: int, number: int, *, member: int) -> None:
        self.blocked.add(member)
        self.assigned.discard(member)
        if self.roles[member] & Role.SUPERVISOR:
            others = (
                m
                for m in MEMBERS_OF[MEMBER_OF[who]]
                if self.is_a(m, Role.SUPERVISOR) and m not in self.blocked and PERSONS[m] != PERSONS[who]
            )
            if not any(PERSONS[m] != PERSONS[member] for m in others):
                self.complain("viii", "a block left nobody but who blocked to act or to undo it")

    def _unblock_member(self, who: int, number: int, *, member: int) -> None:
        self.blocked.discard(member)

    def _grant_role(self, who: int, number: int, *, member: int, role: int) -> None:
        if not self.is_a(who, Role.ADMINISTRATOR) or MEMBER_OF[who] != MEMBER_OF[member]:
            return
        if role & OPENING_ROLES:
            self.grants[number] = (member, role, who, set())
        else:
            self.roles[member] |= role
            self.away.discard(member)

    def _confirm_role(self, who: int, number: int, *, grant: int) -> None:
        if grant not in self.grants:
            return
        member, role, proposer, people = self.grants[grant]
        if PERSONS[who] in (PERSONS[proposer], PERSONS[member]):
            return
        people.add(PERSONS[who])
        if self._is_confirmed(who, member, proposer, people):
            self.roles[member] |= role
            self.away.discard(member)
            del self.grants[grant]

    def _is_confirmed(self, who: int, member: int, proposer: int, people: set[int]) -> bool:
        own, out = MEMBER_OF[member], {PERSONS[member], PERSONS[proposer]}
        left = [m for m in MEMBERS_OF[own] if PERSONS[m] not in out and self.live(m)]
        if MEMBER_OF[who] == own and self.is_a(who, OPENING_ROLES):
            return True
        if any(self.roles[m] & OPENING_ROLES for m in left):
            return False
        if MEMBER_OF[who] == own and self.is_a(who, Role.DATA_PROTECTION):
            return True
        return not any(self.roles[m] & Role.DATA_PROTECTION for m in left) and len(people) >= 2

    def _end_membership(self, who: int, number: int, *, member: int) -> None:
        if self.roles[member] & Role.SUPERVISOR:
            others = [m for m in MEMBERS_OF[MEMBER_OF[member]] if PERSONS[m] != PERSONS[member]]
            if not any(self.is_a(m, Role.SUPERVISOR) and m not in self.blocked for m in others):
                self.complain("viii", "an end left nobody to act")
        self.roles[member] = 0
        self._suspend_member(who, number, member=member)

    def _suspend_member(self, who: int, number: int, *, member: int) -> None:
        self.away.add(member)
        self.assigned.discard(member)

    def _reinstate_member(self, who: int, number: int, *, member: int) -> None:
        self.away.discard(member)

    def _suspend_organisation(self, who: int, number: int, *, organisation: int) -> None:
        for link in self.links.values():
            is_sent_by_lead = link.giver == organisation == self.lead and link.is_referral and link.is_open
            if organisation == link.receiver or (organisation == link.giver and not is_sent_by_lead):
                link.over = link.over or "organisation suspended"
        self.suspended.add(organisation)
        self.emergencies = [row for row in self.emergencies if MEMBER_OF[row[0]] != organisation]

    def _reinstate_organisation(self, who: int, number: int, *, organisation: int) -> None:
        self.suspended.discard(organisation)
