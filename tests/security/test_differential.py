"""Oracle, ORM and row-level security agree after every step of a random life (``sharing.md`` section 3).

``make proofs`` walks much further; a difference names seed and step, so that it can be walked again.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from accounts.actors import NO_KEY, Actor, actor_for, load_actor
from accounts.context import acting
from accounts.models import Membership, Organisation, User
from cases import access as door
from cases import deadlines, policies
from cases.models import Case, Consent, Narrative
from cases.operations.conflicts import block_member, unblock_member
from cases.operations.consent import withdraw_consent
from cases.operations.members import assign_member, unassign_member
from cases.operations.rows import add_row
from cases.operations.sharing import end_share, share
from core import clock
from core.db import role
from core.errors import NrmError
from profiles.enums import Event
from profiles.profile import active
from referrals.models import Referral
from referrals.operations import accept_referral, complete_referral, decline_referral, revoke_referral, send_referral
from tests.cases.attending import marked, unattended
from tests.cases.filing import consented, filed_case, today
from tests.cast import Cast, Persona
from tests.proofs import size
from tests.proofs.figures import Figure
from tests.referrals.scenes import terms
from tests.security.living import Oracle

STEPS = size(short=150, full=700)
PEOPLE = (
    "ngo_caseworker",
    "colleague_unassigned",
    "ngo_intake",
    "ngo_supervisor",
    "data_protection_officer",
    "other_ngo_caseworker",
    "other_ngo_supervisor",
    "shelter_intake",
    "shelter_supervisor",
    "shelter_worker",
    "police_officer",
    "police_supervisor",
)
ANSWERING = {"shelter": "shelter_intake", "other_ngo": "other_ngo_supervisor", "ngo": "ngo_intake"}
WORKING = {"shelter": "shelter_worker", "other_ngo": "other_ngo_caseworker", "ngo": "ngo_caseworker"}
SUPERVISOR = {
    "ngo": "ngo_supervisor",
    "other_ngo": "other_ngo_supervisor",
    "police": "police_supervisor",
    "shelter": "shelter_supervisor",
}
CATEGORIES = ("identity", "contact", "narrative", "exploitation")


class Life:
    """Random acts by the operations of the application, told to the oracle when they were carried out."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.dice = cast, random.Random(seed)
        self.oracle = Oracle(clock.moment())
        self.people = [getattr(cast, name) for name in PEOPLE]
        self.oracle.roles = {one.membership_id: set(one.roles) for one in self.people}
        self.cases: list[Case] = []
        self.sources: dict[UUID, frozenset[int]] = {}
        self.acts = 0
        user = User.objects.create_user("second@example.test", name="Second supervisor")
        self.second = Membership.objects.create(user=user, organisation=cast.organisations.ngo, roles=["supervisor"])

    # -- who ---------------------------------------------------------------------------------------------------------

    def actor(self, person: Persona) -> Actor:
        """As a request would load it."""
        return load_actor(User.objects.get(pk=person.user_id), {})

    def someone(self, *names: str) -> Persona:
        return getattr(self.cast, self.dice.choice(names or PEOPLE))

    # -- acts --------------------------------------------------------------------------------------------------------

    def step(self) -> str:
        act = self.dice.choice(ACTS)
        with clock.travel(self.oracle.now), suppress(NrmError, IntegrityError):
            act(self)
            self.acts += 1
        self.oracle.settle()
        return act.__name__

    def case(self) -> Case:
        return self.dice.choice(self.cases)

    def register(self) -> None:
        if len(self.cases) < 4 and self.oracle.scope(self.cast.ngo_caseworker) != "none":
            made = filed_case(self.cast)
            self.cases.append(made)
            self.oracle.opened(made, self.cast.ngo_caseworker.organisation_id, self.cast.ngo_caseworker.membership_id)

    def give(self) -> None:
        """Whoever knows a case lets somebody else know it, to read or to contribute: the lead, and those below it."""
        who, case = self.someone(*SUPERVISOR.values(), "ngo_caseworker"), self.case()
        actor = self.actor(who)
        to = getattr(self.cast.organisations, self.dice.choice(tuple(SUPERVISOR)))
        chosen = self.dice.sample(CATEGORIES, self.dice.randint(1, 3))
        until = today() + timedelta(days=self.dice.randint(0, 20))
        basis = self.basis(who, case, chosen)
        sources = self.oracle.sources_of(actor.organisation_id or NO_KEY, case.pk)
        with acting(actor):
            found = door.get_case(actor, case.reference)
            made = share(
                actor, access=found, to=Organisation.objects.get(pk=to.pk), categories=chosen,
                purpose="refer_shelter", ends_on=until, **basis,
                level=self.dice.choice(("read", "contribute", "contribute")),
            )  # fmt: skip
        self.oracle.gave(made, sources)

    def basis(self, who: Persona, case: Case, chosen: list[str]) -> dict[str, Any]:
        """Police act on their task; the others have a consent, which is part of no answer that is compared."""
        if who.organisation_kind == "police":
            return {"legal_basis": "law_enforcement"}
        own = (name for name in SUPERVISOR.values() if getattr(self.cast, name).organisation_id == who.organisation_id)
        given = consented(self.cast, case, by=next(own), categories=chosen)
        return {"legal_basis": "consent", "consent": given}

    def give_by_consent(self) -> None:
        case, to = self.case(), self.cast.organisations.shelter
        given = consented(self.cast, case, by="ngo_supervisor", categories=["identity", "contact"])
        actor = self.actor(self.cast.ngo_supervisor)
        with acting(actor):
            made = share(
                actor, access=door.get_case(actor, case.reference), to=Organisation.objects.get(pk=to.pk),
                categories=["contact"], purpose="refer_shelter", legal_basis="consent", consent=given,
                ends_on=today() + timedelta(days=10),
            )  # fmt: skip
        self.oracle.gave(made, self.oracle.sources_of(actor.organisation_id or NO_KEY, case.pk))

    def take_back(self) -> None:
        if not self.oracle.given:
            return
        one = self.dice.choice(self.oracle.given)
        actor = self.actor(next(p for p in self.people if p.organisation_id == one.giver and "supervisor" in p.roles))
        with acting(actor):
            end_share(actor, access=door.get_case_by_id(actor, one.case), share=one.share)
        one.is_over = True

    def withdraw(self) -> None:
        resting = [one for one in self.oracle.given if one.share.consent_id]
        if not resting:
            return
        chosen = self.dice.choice(resting)
        actor = self.actor(self.cast.ngo_supervisor)
        with acting(actor):
            found = door.get_case_by_id(actor, chosen.case)
            consent = door.own_row(found, Consent, chosen.share.consent_id)
            withdraw_consent(actor, access=found, consent=consent, withdrawn_via="oral_witnessed")
        for one in resting:
            one.is_over = one.is_over or one.share.consent_id == chosen.share.consent_id

    def assign(self) -> None:
        kind = self.dice.choice(tuple(SUPERVISOR))
        actor, case = self.actor(getattr(self.cast, SUPERVISOR[kind])), self.case()
        member = self.someone(*(p.name for p in self.people if p.organisation.kind == self._kind(kind)))
        with acting(actor):
            assign_member(actor, access=door.get_case(actor, case.reference), member=self._membership(member))
        self.oracle.assigned.add((case.pk, member.organisation_id, member.membership_id))

    def unassign(self) -> None:
        if not self.oracle.assigned:
            return
        case, organisation, member = self.dice.choice(sorted(self.oracle.assigned, key=str))
        actor = self.actor(
            next(p for p in self.people if p.organisation_id == organisation and "supervisor" in p.roles)
        )
        with acting(actor):
            found = door.get_case_by_id(actor, case)
            unassign_member(actor, access=found, member=Membership.objects.get(pk=member))
        self.oracle.assigned.discard((case, organisation, member))

    def keep_away(self) -> None:
        """A supervisor keeps somebody of the own organisation away, now and then themselves."""
        kind = self.dice.choice(tuple(SUPERVISOR))
        actor, case = self.actor(getattr(self.cast, SUPERVISOR[kind])), self.case()
        if actor.organisation_id is None:
            return
        person = self.dice.choice([one for one in self.people if one.organisation_id == actor.organisation_id])
        with acting(actor):
            found = door.get_case(actor, case.reference)
            block_member(actor, access=found, member=self._membership(person), reason="A cousin.")
        self.oracle.blocked.add((case.pk, person.organisation_id, person.user_id))
        self.oracle.assigned.discard((case.pk, person.organisation_id, person.membership_id))

    def let_in(self) -> None:
        """Another supervisor ends it."""
        actor, case = actor_for(self.second), self.case()
        with acting(actor):
            found = door.get_case(actor, case.reference)
            for block in door.blocks(found):
                unblock_member(actor, access=found, block=block, reason="It was somebody else.")
                self.oracle.blocked.discard((case.pk, block.owner_organisation_id, block.person_id))

    def write(self) -> None:
        actor, case = self.actor(self.someone()), self.case()
        with acting(actor):
            found = door.get_case(actor, case.reference)
            add_row(actor, access=found, model=Narrative, columns={}, content={"text": "said"})
        self.oracle.written.add((case.pk, actor.organisation_id))

    def refer(self) -> None:
        if self.dice.random() < 0.3:
            self.hand_over()
            return
        who, case = self.someone("ngo_supervisor", "ngo_caseworker", "police_officer"), self.case()
        actor = self.actor(who)
        wanted = {
            "to": self.cast.organisations.shelter,
            "service": "safe_accommodation",
            **self.basis(who, case, ["identity", "contact"]),
            "ends_on": today() + timedelta(days=self.dice.randint(1, 30)),
        }
        with acting(actor):
            sent = send_referral(actor, access=door.get_case(actor, case.reference), terms=terms(self.cast, **wanted))
        self._sent(sent)

    def hand_over(self) -> None:
        """The lead goes to and fro between the two NGOs."""
        case = self.case()
        is_at_home = self.oracle.lead[case.pk] == self.cast.organisations.ngo.pk
        giver, to = ("ngo_supervisor", "other_ngo") if is_at_home else ("other_ngo_supervisor", "ngo")
        given = consented(self.cast, case, by=giver, purpose="case_management", categories=list(CATEGORIES))
        wanted = {
            "to": getattr(self.cast.organisations, to),
            "service": "case_management",
            "purpose": "case_management",
            "legal_basis": "consent",
            "consent": given,
            "transfer_reason": "expertise",
            "ends_on": today() + timedelta(days=self.dice.randint(1, 30)),
        }
        actor = self.actor(getattr(self.cast, giver))
        with acting(actor):
            sent = send_referral(actor, access=door.get_case(actor, case.reference), terms=terms(self.cast, **wanted))
        self._sent(sent)

    def _sent(self, sent: Referral) -> None:
        self.oracle.referrals[sent.pk] = sent
        self.sources[sent.pk] = self.oracle.sources_of(sent.from_organisation_id, sent.case_id)

    def answer(self) -> None:
        if not self.oracle.referrals:
            return
        sent = self.dice.choice(list(self.oracle.referrals.values()))
        kind = next(name for name in ANSWERING if sent.to_organisation_id == getattr(self.cast.organisations, name).pk)
        actor, member = self.actor(getattr(self.cast, ANSWERING[kind])), getattr(self.cast, WORKING[kind])
        with acting(actor):
            if self.dice.random() < 0.2:
                stored = decline_referral(actor, referral=sent, reason="no_capacity")
            else:
                stored = accept_referral(actor, referral=sent, member=self._membership(member))
        self.oracle.referrals[sent.pk] = stored
        if stored.share is not None:
            self.oracle.gave(stored.share, self.sources[sent.pk])
            self.oracle.assigned.add((sent.case_id, member.organisation_id, member.membership_id))
            if sent.service == "case_management":
                self.oracle.transferred(sent.case_id, member.organisation_id)

    def end_referral(self) -> None:
        if not self.oracle.referrals:
            return
        sent = self.dice.choice(list(self.oracle.referrals.values()))
        own = self.dice.random() < 0.5
        side = sent.from_organisation_id if own else sent.to_organisation_id
        actor = self.actor(self.dice.choice([p for p in self.people if p.organisation_id == side]))
        with acting(actor):
            if own:
                revoke_referral(actor, referral=sent)
            else:
                complete_referral(actor, referral=sent, outcome="success")
                if sent.share is not None:
                    self.oracle.completed(sent.share, self._third_working_day())
        for one in self.oracle.given:
            one.is_over = one.is_over or (sent.share is not None and one.share.pk == sent.share.pk)

    @staticmethod
    def _third_working_day() -> datetime:
        """The end of the third working day from today."""
        profile = active()
        (rule,) = profile.triggered_by(Event.BRANCH_KEPT, today())
        return deadlines.due_in(profile, rule, clock.moment(), region="").due_at

    def suspend(self) -> None:
        person = self.someone()
        Membership.objects.filter(pk=person.membership_id).update(suspended_at=clock.moment())
        self.oracle.suspended.add(person.membership_id)

    def suspend_organisation(self) -> None:
        organisation = self.someone().organisation_id
        Organisation.objects.filter(pk=organisation).update(suspended_at=clock.moment())
        self.oracle.suspended.add(organisation)

    def leave(self) -> None:
        """Somebody's membership ends, with everything still assigned to them."""
        person = self.someone("ngo_caseworker", "shelter_worker", "police_officer", "other_ngo_caseworker")
        Membership.objects.filter(pk=person.membership_id).update(ended_at=clock.moment())
        self.oracle.suspended.add(person.membership_id)

    def reinstate(self) -> None:
        Membership.objects.filter(pk__in=self.oracle.suspended).update(suspended_at=None, ended_at=None)
        Organisation.objects.filter(pk__in=self.oracle.suspended).update(suspended_at=None)
        self.oracle.suspended.clear()

    def change_roles(self) -> None:
        """A caseworker becomes data-protection officer, with assignments still standing, and comes back."""
        person = self.someone("ngo_caseworker", "colleague_unassigned", "shelter_worker", "data_protection_officer")
        wanted = self.dice.choice(({"caseworker"}, {"data_protection_officer"}, {"intake"}))
        Membership.objects.filter(pk=person.membership_id).update(roles=sorted(wanted))
        self.oracle.roles[person.membership_id] = wanted

    def pass_time(self) -> None:
        self.oracle.now += timedelta(hours=self.dice.choice((1, 5, 23, 49, 24 * 9)))

    @staticmethod
    def _kind(name: str) -> str:
        return "ngo" if name == "other_ngo" else name

    @staticmethod
    def _membership(person: Persona) -> Membership:
        return Membership.objects.select_related("user", "organisation").get(pk=person.membership_id)


ACTS: tuple[Callable[[Life], None], ...] = (
    Life.register, Life.give, Life.give, Life.give, Life.give_by_consent, Life.take_back, Life.withdraw, Life.assign,
    Life.assign, Life.unassign, Life.write, Life.write, Life.refer, Life.refer, Life.answer, Life.answer, Life.answer,
    Life.end_referral, Life.suspend, Life.suspend_organisation, Life.leave, Life.reinstate, Life.reinstate,
    Life.change_roles, Life.keep_away, Life.keep_away, Life.let_in, Life.pass_time, Life.pass_time,
)  # fmt: skip


def ask(statement: str) -> set:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    return {row[0] if len(row) == 1 else row for row in rows}


def compare(life: Life, person: Persona, where: str) -> int:
    """All that one person may find, three ways: by the rules, by the application's queries, by PostgreSQL alone."""
    oracle = life.oracle
    actor = life.actor(person)
    expected, referrals = oracle.cases(person), oracle.referrals_of(person)
    # As the worker, whom row-level security lets see every case: what the application's own filter says.
    with role("nrm_worker"):
        assert set(Case.objects.visible_to(actor).values_list("pk", flat=True)) == expected, where
        assert set(Referral.objects.visible_to(actor).values_list("pk", flat=True)) == referrals, where
    with acting(actor):
        assert ask("SELECT id FROM cases_case") == expected, where
        assert ask("SELECT case_id FROM cases_casevisibility") == expected, where
        assert ask("SELECT case_id FROM cases_casekey") == expected, where
        assert ask("SELECT content_object_id FROM cases_casegroupobjectpermission") <= expected, where
        assert ask("SELECT id FROM referrals_referral") == referrals, where
        for case in expected:
            readable = policies.categories(door.get_case_by_id(actor, case))
            for category in CATEGORIES:
                owners = {owner for owner, shared in readable.items() if category in shared}
                assert owners == oracle.owners(person, case, category), f"{where}: {category}"
        seen = ask("SELECT case_id, owner_organisation_id FROM cases_narrative")
    allowed = {(case, owner) for case in expected for owner in oracle.owners(person, case, "narrative")}
    assert seen == allowed & oracle.written, where
    return 8 + len(expected) * len(CATEGORIES)


def walk(cast: Cast, seed: int, steps: int, *, everybody_each: int = 10) -> tuple[Life, int]:
    """Live and compare after every step; returns the life and how many comparisons were made."""
    life, compared = Life(cast, seed), 0
    with clock.travel(life.oracle.now):
        life.register()
    for step in range(steps):
        done = life.step()
        with clock.travel(life.oracle.now):
            people = life.people if step % everybody_each == 0 else life.dice.sample(life.people, 4)
            for person in people:
                compared += compare(life, person, f"seed {seed}, step {step} ({done}), {person.name}")
            assert marked() == unattended(), f"seed {seed}, step {step} ({done})"
    return life, compared


@pytest.mark.proof("stateful differential test")
@pytest.mark.parametrize("seed", [11, 23])
def test_oracle_queries_and_row_level_security_agree_after_every_step(cast: Cast, seed: int, figure: Figure) -> None:
    life, compared = walk(cast, seed, STEPS)
    figure(steps=STEPS, comparisons=compared, differences=0)
    assert life.acts > STEPS / 3
    assert compared > 5 * STEPS
