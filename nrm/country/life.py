"""One case and what people do with it: each method is one operation, done by somebody who may do it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Membership, Organisation
from cases import access as cases
from cases import policies
from cases.age import contradicts
from cases.enums import ReflectionState
from cases.models import CategoryRow, Consent, Identity
from cases.operations import (
    acts,
    age_settlement,
    decisions,
    duties,
    guardianship,
    legal_bases,
    reconsideration,
    reflection,
)
from cases.operations import consent as consents
from cases.operations.closing import close_case
from cases.operations.members import assign_member
from cases.operations.placement import confirm_arrival, to_confirm
from cases.operations.registration import register_presumed_victim, registering_bases
from cases.operations.reviewing import may_review, review_share
from cases.operations.rows import add_row, correct_row
from cases.operations.sharing import share
from cases.policies import CaseAccess
from core import clock
from core.dates import add_months
from core.errors import Missing
from nrm.country import people, practice, proportions, victims
from nrm.country.agenda import Agenda, Story
from nrm.country.victims import INFORMATION, Victim
from profiles import codes
from profiles.profile import active
from referrals.models import Referral, ReferralQuestion
from referrals.operations import (
    Terms,
    accept_referral,
    answer_question,
    ask_question,
    complete_referral,
    decline_referral,
    record_step,
    revoke_referral,
    send_referral,
    withdraw_consent,
)
from referrals.operations.terms import moves_lead

LONGEST_DAYS: Final = 85
# One more would have to be confirmed as an exception.
MOST_CHILDREN: Final = 29
# On which an authority registers an adult without consent, and passes data on; the first that its country allows it.
OF_AN_AUTHORITY: Final = ("law_enforcement", "public_task")
REASONS: Final = "Fictitious reasons for the demo."
# Before the next look at the case.
REVIEWED_AHEAD: Final = timedelta(days=45)
NEW_EVIDENCE: Final = "A fictitious witness has come forward since the decision."


class Country:
    """The made organisations and people, by the names of ``organisations`` and ``people``."""

    def __init__(self, agenda: Agenda, platform: Actor, password: str) -> None:
        self.agenda = agenda
        self.platform = platform
        self.password = password
        self.organisations: dict[str, Organisation] = {}
        self.memberships: dict[str, Membership] = {}
        self.actors: dict[str, Actor] = {}
        # Those that this process lives.
        self.cases: list[UUID] = []
        # How many children each guardian has got from this process, and should have at most.
        self.children: Counter[str] = Counter()
        self.most_children = MOST_CHILDREN

    def has_room(self, guardian: str) -> bool:
        """True when one more child needs no exception."""
        return self.children[guardian] < self.most_children


class Life:
    """A case from its registration on. ``lead`` is the place that leads it, ``worker`` who works it there."""

    def __init__(self, country: Country, random: Random, victim: Victim, worker: str, region: str) -> None:
        self.country = country
        self.random = random
        self.victim = victim
        self.registrar = self.worker = worker
        self.region = region
        self.reference = ""
        self.is_closed = False
        self.guardian = ""
        # The referral with which an authority was asked for a decision on identification.
        self.asked: Referral | None = None
        self._assigned: set[str] = set()
        self._opened: dict[str, CaseAccess] = {}

    @property
    def lead(self) -> str:
        return people.place_of(self.worker)

    @property
    def is_child(self) -> bool:
        """True while the child branch is open: not of age yet, not found to be an adult."""
        if not self.victim.is_child:
            return False
        with self.inside(self.worker) as (_actor, access):
            return cases.relock(access).case.is_child_branch

    @property
    def today(self) -> date:
        return clock.today(active().zone)

    def meanwhile(self, story: Story) -> None:
        """Another thread of the same case, which ends with it."""
        self.country.agenda.begin(clock.moment(), story, self.random, lambda: self.is_closed)

    @contextmanager
    def inside(self, who: str) -> Iterator[tuple[Actor, CaseAccess]]:
        """Act as somebody on the case. Who has opened it before still has the page open: the act judges anew."""
        actor = self.country.actors[who]
        with acting(actor):
            if who not in self._opened:
                self._opened[who] = cases.get_case(actor, self.reference)
            yield actor, self._opened[who]

    @contextmanager
    def acting_as(self, who: str) -> Iterator[Actor]:
        """Act as somebody who need not know the case, only a referral."""
        with acting(self.country.actors[who]) as actor:
            yield actor

    # -- the file ----------------------------------------------------------------------------------------------------

    def register(self) -> None:
        actor = self.country.actors[self.registrar]
        usable = registering_bases(people.kind_of(self.lead))
        basis = next((one for one in OF_AN_AUTHORITY if one in usable), "")
        written = victims.registration(
            self.random, self.victim, on=self.today, region=practice.region(self.region), legal_basis=basis
        )
        with acting(actor):
            case = register_presumed_victim(actor, registration=written)
        self.reference = case.reference
        self.country.cases.append(case.pk)

    def assign(self, by: str, who: str) -> None:
        with self.inside(by) as (actor, access):
            assign_member(actor, access=access, member=self.country.memberships[who])

    def assign_decider(self) -> None:
        """Whoever decides on a reflection period or on residence, once it is a party; elsewhere it is assigned."""
        who = practice.decides_on_reflection()
        if who and people.kind_of(people.place_of(who)) == practice.IMMIGRATION and who not in self._assigned:
            self._assigned.add(who)
            self.assign("immigration_supervisor", who)

    def is_party(self, who: str) -> bool:
        """True while somebody knows the case and contributes to it."""
        with self.acting_as(who) as actor:
            try:
                access = cases.get_case(actor, self.reference)
            except Missing:
                return False
            return access.may_contribute or access.is_registrar

    def add(self, who: str, model: type[CategoryRow], columns: Mapping[str, Any], **content: str) -> None:
        with self.inside(who) as (actor, access):
            add_row(actor, access=access, model=model, columns=columns, content=content)

    def fulfil(self, who: str, *rules: str) -> None:
        """Say that duties of the own organisation are done, the soonest clock of each rule."""
        with self.inside(who) as (actor, access):
            own = [row for row in cases.open_deadlines(access) if row.bound_organisation_id == actor.organisation_id]
            soonest = {row.rule: row for row in reversed(own) if row.rule in rules}
            for deadline in soonest.values():
                duties.complete_deadline(actor, access=access, deadline=deadline)

    def close(self, outcome: str) -> None:
        with self.inside(people.leading(self.lead)) as (actor, access):
            close_case(actor, access=access, outcome=outcome)
        self.is_closed = True

    # -- consent and sharing -----------------------------------------------------------------------------------------

    def consent(self, who: str, purpose: str, to: str, categories: Iterable[str]) -> Consent:
        with self.inside(who) as (actor, access):
            return consents.record_consent(
                actor,
                access=access,
                purpose=purpose,
                categories=sorted(categories),
                form="written",
                given_on=self.today,
                recipient=self.country.organisations[to],
                language=self.victim.language,
                information_given=INFORMATION,
            )

    def withdraw(self, who: str, consent: Consent) -> None:
        with self.inside(who) as (actor, access):
            withdraw_consent(actor, access=access, consent=consent, withdrawn_via="oral_witnessed")

    def share(self, who: str, to: str, purpose: str, days: int = LONGEST_DAYS) -> Consent | None:
        """Share the own rows with ``to``; returns the consent that it rests on."""
        basis, consent = self._basis(who, purpose, to)
        with self.inside(who) as (actor, access):
            share(
                actor,
                access=access,
                to=self.country.organisations[to],
                categories=needed_by(to),
                purpose=purpose,
                legal_basis=basis,
                ends_on=self.today + timedelta(days=days),
                consent=consent,
                level="contribute",
            )
        return consent

    def review_offices(self) -> None:
        """Supervisors look at what parties see by office before its review is due, at the lead and where it began."""
        soon = self.today + REVIEWED_AHEAD
        for place in sorted({self.lead, people.place_of(self.registrar)}):
            with self.inside(people.leading(place)) as (actor, access):
                due = {row.subject_id for row in cases.open_deadlines(access) if row.due_on <= soon}
                for one in cases.shares(access):
                    if one.pk in due and may_review(access, one):
                        review_share(actor, access=access, share=one)

    # -- referrals ---------------------------------------------------------------------------------------------------

    def refer(self, who: str, to: str, service: str, *, is_urgent: bool = False, days: int = LONGEST_DAYS) -> Referral:
        purpose = codes.get("service")[service].extra["purpose"]
        is_transfer = moves_lead(service)
        who = people.leading(people.place_of(who)) if is_transfer else who
        basis, consent = self._basis(who, purpose, to, of_the_person=is_transfer)
        terms = Terms(
            to=self.country.organisations[to],
            service=service,
            region=practice.region(self.region),
            urgency="urgent" if is_urgent else "normal",
            purpose=purpose,
            legal_basis=basis,
            categories=needed_by(to),
            ends_on=self.today + timedelta(days=days),
            consent=consent,
            message="Fictitious message: please call before noon.",
            transfer_reason="expertise" if is_transfer else "",
        )
        with self.inside(who) as (actor, access):
            return send_referral(actor, access=access, terms=terms)

    def accept(self, referral: Referral, who: str, by: str = "") -> None:
        """``who`` will work on it; ``by`` or whoever answers there says so."""
        with self.acting_as(by or people.answering(people.place_of(who))) as actor:
            accept_referral(actor, referral=referral, member=self.country.memberships[who])

    def decline(self, referral: Referral, by: str, reason: str) -> None:
        with self.acting_as(by) as actor:
            decline_referral(actor, referral=referral, reason=reason)

    def ask(self, referral: Referral, by: str) -> None:
        with self.acting_as(by) as actor:
            ask_question(actor, referral=referral, question="Fictitious question: is a ground-floor room needed?")

    def answer(self, referral: Referral, by: str) -> None:
        with self.acting_as(by) as actor:
            asked = ReferralQuestion.objects.get(referral=referral.pk, answered_at=None)
            answer_question(actor, referral=referral, question=asked, answer="Fictitious answer: no.")

    def step(self, referral: Referral, who: str, kind: str) -> None:
        with self.acting_as(who) as actor:
            record_step(actor, referral=referral, kind=kind, happened_on=self.today)

    def confirm_arrival(self, who: str) -> None:
        """Sender or lead confirm what the shelter said last, unless it is settled by then."""
        with self.inside(who) as (actor, access):
            said = to_confirm(access)
            if said:
                confirm_arrival(actor, access=access, placement=said[0])

    def complete(self, referral: Referral, who: str, outcome: str, failure_reason: str = "") -> None:
        with self.acting_as(who) as actor:
            complete_referral(
                actor,
                referral=referral,
                outcome=outcome,
                failure_reason=failure_reason,
                feedback="Fictitious feedback.",
            )

    def revoke(self, referral: Referral, who: str) -> None:
        with self.acting_as(who) as actor:
            revoke_referral(actor, referral=referral)

    # -- decisions ---------------------------------------------------------------------------------------------------

    def decide_grounds(self, who: str, *, is_positive: bool) -> None:
        with self.inside(who) as (actor, access):
            decisions.record_reasonable_grounds(
                actor,
                access=access,
                outcome="positive" if is_positive else "negative",
                decided_on=self.today,
                basis="indicators",
                reasons="" if is_positive else REASONS,
            )
        self.fulfil(who, "NL-COM")

    def decide_identification(self, who: str, *, is_positive: bool) -> None:
        with self.inside(who) as (actor, access):
            decisions.record_identification_decision(
                actor,
                access=access,
                outcome="positive" if is_positive else "negative",
                decided_on=self.today,
                basis="interview",
                reasons="" if is_positive else REASONS,
            )

    def ask_again(self) -> None:
        with self.inside(self.worker) as (actor, access):
            reconsideration.request_reconsideration(
                actor, access=access, ground="additional_evidence", requested_on=self.today, reasons=NEW_EVIDENCE
            )

    def answer_again(self, who: str, *, is_overturned: bool) -> None:
        outcome = "overturned" if is_overturned else "upheld"
        with self.inside(who) as (actor, access):
            reconsideration.reconsider(
                actor, access=access, outcome=outcome, decided_on=self.today, basis="documents", reasons=REASONS
            )

    def decline_identification(self, reason: str) -> None:
        with self.inside(self.worker) as (actor, access):
            decisions.decline_identification(actor, access=access, declined_on=self.today, reason=reason)

    def offer_reflection(self, who: str, *, is_wanted: bool) -> str:
        """Returns where the period stands then: it does not apply to everybody."""
        with self.inside(who) as (actor, access):
            period = reflection.offer_reflection_period(
                actor,
                access=access,
                residence=self.victim.residence,
                is_wanted=is_wanted,
                offered_on=self.today,
                has_union_right=self.has_union_right,
            )
        self.fulfil(who, "NL-COM-BT")
        return str(period.state)

    @property
    def has_union_right(self) -> bool | None:
        """Whether the person derives a right of residence from Union law; None where it is not asked."""
        is_asked = active().reflection.asks_union_right(self.victim.residence)
        return proportions.happens(self.random, proportions.UNION_RIGHT) if is_asked else None

    @property
    def is_in_reflection(self) -> bool:
        """True while the reflection period runs."""
        with self.inside(self.worker) as (_actor, access):
            period = cases.reflection_period(access)
            return period is not None and reflection.state_today(period) == ReflectionState.RUNNING

    def grant_reflection(self, who: str) -> None:
        situation = active().reflection.length_for(self.victim.residence).situation
        with self.inside(who) as (actor, access):
            reflection.grant_reflection_period(
                actor, access=access, situation=situation, decided_on=self.today, starts_on=self.today
            )

    def refuse_reflection(self, who: str) -> None:
        with self.inside(who) as (actor, access):
            reflection.decline_reflection_period(actor, access=access, decided_on=self.today, reason="lawful_residence")

    def end_reflection(self, who: str, reason: str) -> None:
        with self.inside(who) as (actor, access):
            reflection.end_reflection_period(actor, access=access, ended_on=self.today, reason=reason)

    # -- what happens elsewhere --------------------------------------------------------------------------------------

    def report(self, who: str) -> None:
        """The person reports to the police, or cooperates otherwise."""
        manner = proportions.pick(self.random, proportions.MANNERS)
        asked = {"residence": self.victim.residence, "has_union_right": self.has_union_right}
        with self.inside(who) as (actor, access):
            acts.record_report(
                actor,
                access=access,
                manner=manner,
                happened_on=self.today,
                **(asked if practice.follows_residence() else {}),  # type: ignore[arg-type]
            )

    def withdraw_statement(self, who: str) -> None:
        with self.inside(who) as (actor, access):
            acts.record_statement_withdrawal(actor, access=access, happened_on=self.today)

    def leave(self, who: str) -> None:
        """The person has left to an unknown destination."""
        with self.inside(who) as (actor, access):
            acts.record_departure(actor, access=access, happened_on=self.today)

    def apply_for_asylum(self, who: str) -> None:
        with self.inside(who) as (actor, access):
            acts.record_asylum_application(actor, access=access, happened_on=self.today, is_alone="yes")

    # -- the guardian ------------------------------------------------------------------------------------------------

    def assign_provisional(self, by: str, guardian: str) -> None:
        self._entrust(guardian)
        with self.inside(by) as (actor, access):
            guardianship.assign_provisional_guardian(actor, access=access, **self._suitable(guardian))

    def appoint(self, by: str, guardian: str) -> None:
        self._entrust(guardian)
        with self.inside(by) as (actor, access):
            guardianship.assign_guardian(actor, access=access, child_informed_on=self.today, **self._suitable(guardian))

    def replace(self, by: str, guardian: str) -> None:
        self._entrust(guardian)
        with self.inside(by) as (actor, access):
            guardianship.replace_guardian(
                actor, access=access, child_informed_on=self.today, reason=REASONS, **self._suitable(guardian)
            )

    def end_guardianship(self, by: str, reason: str) -> None:
        self._entrust("")
        with self.inside(by) as (actor, access):
            guardianship.end_guardianship(actor, access=access, reason=reason)

    def birth_date(self, who: str) -> str:
        """What the own row says."""
        with self.inside(who) as (_actor, access):
            row = cases.own_single(access, Identity)
            return str(row.open().get("birth_date", "")) if row else ""

    def correct_birth_date(self, who: str, *, months: int) -> None:
        """The own row gives another date of birth: later makes the person younger."""
        with self.inside(who) as (actor, access):
            row = cases.own_single(access, Identity)
            if row is None:
                return
            born = add_months(date.fromisoformat(row.open()["birth_date"]), months)
            correct_row(
                actor,
                access=access,
                row=row,
                columns={"birth_year": born.year},
                content=row.open() | {"birth_date": born.isoformat()},
                values_of=lambda _row: {},
                version=row.version,
            )

    def settle_age(self, by: str, age_group: str, birth_date: str = "") -> None:
        """Child protection settles the age; of an adult the guardian leaves with it."""
        if age_group == "adult":
            self._entrust("")
        with self.inside(by) as (actor, access):
            age_settlement.settle_age(
                actor,
                access=access,
                age_group=age_group,
                birth_date=birth_date,
                basis="assessed",
                reason=REASONS,
            )

    def settle_age_as_corrected(self, by: str, who: str) -> None:
        """Child protection holds the date that ``who`` gives to be right; the person may be 18 by it, meanwhile."""
        born = self.birth_date(who)
        is_adult = contradicts("child", born, self.today)
        self.settle_age(by, "adult" if is_adult else "child", born)

    def report_conflict(self, who: str) -> None:
        with self.inside(who) as (actor, access):
            guardianship.flag_guardian_conflict(
                actor, access=access, conflict_of_interest="other_child", remarks=REASONS
            )

    # -- parts -------------------------------------------------------------------------------------------------------

    def _entrust(self, guardian: str) -> None:
        self.country.children.subtract([self.guardian])
        self.country.children.update([guardian])
        self.guardian = guardian

    def _suitable(self, guardian: str) -> dict[str, Any]:
        return {
            "guardian": self.country.memberships[guardian],
            "conflict_of_interest": "none",
            "is_screened": True,
            "accepts_caseload": not self.country.has_room(guardian),
        }

    def _basis(self, who: str, purpose: str, to: str, *, of_the_person: bool = False) -> tuple[str, Consent | None]:
        """An authority acts on its task, for a child its interests count, of an adult somebody else asks consent.

        ``of_the_person``: also an authority asks, or looks at the interests of the child.
        """
        if not of_the_person and self._is_task(people.place_of(who), purpose, to):
            return "public_task", None
        # Who may turn out to be an adult is asked too: the interests of a child would not carry the transfer then.
        if self.is_child and not (of_the_person and self.victim.age_group == "uncertain"):
            return "child_best_interests", None
        return "consent", self.consent(who, purpose, to, needed_by(to))

    def _is_task(self, giver: str, purpose: str, to: str) -> bool:
        asked = legal_bases.asked_by(
            self.country.organisations[giver],
            is_child=self.is_child,
            to=self.country.organisations[to],
            purpose=purpose,
            categories=needed_by(to),
        )
        return legal_bases.is_allowed(asked, "public_task")


def needed_by(place: str) -> frozenset[str]:
    """What a place is given of another's rows: what it is offered by default, and who the person is."""
    return policies.offered(people.kind_of(place)) | {"identity"}
