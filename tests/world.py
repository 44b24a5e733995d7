"""One small world for the access matrix and the walk through the site: the cast and cases in every state.

Everything was done by the operations, by the person whose work it is. ``make_world`` fills the database it stands on;
``World`` holds keys only, so that it serves every clone of that database.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import pytest

from accounts.actors import NO_KEY
from accounts.context import acting
from accounts.models import Membership, Notice, Organisation, RoleGrant, User
from accounts.operations import change_roles, invite_member, plan_absence, suspend_organisation
from cases import access as door
from cases import hosting
from cases.models import Case, DoubleSide, LeadVacancy, LocationRelease, PossibleDouble
from cases.operations import drafts, vacancies
from cases.operations.asking import ask_the_giver, received
from cases.operations.closing import close_case
from cases.operations.conflicts import block_member
from cases.operations.decisions import record_identification_decision, record_reasonable_grounds
from cases.operations.duties import duty_of
from cases.operations.emergency import break_glass
from cases.operations.guardianship import assign_guardian, assign_provisional_guardian, end_guardianship
from cases.operations.lead_offers import confirm_lead, propose_lead
from cases.operations.links import link_cases
from cases.operations.location import write_location
from cases.operations.members import assign_member
from cases.operations.placement import confirm_arrival
from cases.operations.reconsideration import request_reconsideration
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from cases.operations.releases import ask_location_release
from cases.policies import CaseAccess
from cases.reminders import as_worker
from cases.views.next import rule_of
from core import clock
from referrals.models import Referral
from referrals.operations import ask_question, record_step
from tests.cases import files, pairs
from tests.cases.filing import consented, filed_case, shared
from tests.cast import PASSWORD, REGION, Cast, Persona, persona, words
from tests.cluster import Cluster, database_name
from tests.referrals import scenes

# Beside the cast: who is kept away from every case of the NGO, and who will open one in an emergency.
BESIDE_THE_CAST: Final = {"kept_away_supervisor": "ngo", "emergency_supervisor": "health"}
SUITABLE: Final = {"conflict_of_interest": "none", "is_screened": True}


@dataclass
class World:
    """The cast, cases by the state they stand in, and the keys that addresses need."""

    cast: Cast
    cases: Mapping[str, Case]
    referrals: Mapping[str, Referral]
    keys: SimpleNamespace
    database: str = ""


def ago(days: int) -> datetime:
    return clock.moment() - timedelta(days=days)


def make_world() -> World:
    """Live through two months in which everything happens once."""
    cast = Cast()
    for name, organisation in BESIDE_THE_CAST.items():
        cast.personas[name] = supervisor_of(getattr(cast.organisations, organisation), name)
    cases = {**_children(cast), **_adults(cast), **_doubles(cast), **_sheltered(cast)}
    referrals = _referrals(cast, cases)
    keys = _keys(cast, cases, referrals)
    _without_lead(cast, keys)
    for name in ("guarded", "unasked", "waiting", "provisional", "closed", "here"):
        kept_away(cast, cases[name], "kept_away_supervisor", by="ngo_supervisor")
    return World(cast, cases, referrals, keys)


def supervisor_of(organisation: Organisation, name: str) -> Persona:
    """One more supervisor, who is not of the cast."""
    user = User.objects.create_user(f"{name}@example.test", PASSWORD, name=words(name))
    made = Membership.objects.create(user=user, organisation=organisation, roles=["supervisor"])
    return persona(name, user, made)


def somebody_else_acts(*people: Persona) -> None:
    """One more supervisor where these are the only ones: who could be kept away by nobody without (rule 22)."""
    organisation = Organisation.objects.get(pk=people[0].organisation_id or NO_KEY)
    others = Membership.objects.live().filter(organisation=organisation).with_role("supervisor")
    if not others.exclude(user__in=[one.user for one in people]).exists():
        supervisor_of(organisation, f"standing_in_at_{organisation.kind}")


def kept_away(cast: Cast, case: Case, who: str, *, by: str) -> None:
    """A colleague has a conflict of interest in the case."""
    if "supervisor" in getattr(cast, who).roles:
        somebody_else_acts(getattr(cast, who), getattr(cast, by))
    reason = "A cousin is named in the account."
    _as(cast, by, case, block_member, member=getattr(cast, who).membership, reason=reason)


def opened_in_an_emergency(cast: Cast, case: Case, who: str) -> UUID:
    """The key of the opening."""
    person = getattr(cast, who)
    values = {"reason": "life_at_risk", "explanation": "Screams were heard", "proof": person.password}
    with acting(person.actor):
        attempt = break_glass(person.actor, reference=case.shown_reference, **values)
    assert attempt.opened is not None
    return attempt.opened.pk


def _children(cast: Cast) -> dict[str, Case]:
    """A child with a guardian and a shelter, one whose request is overdue, and one whose guardian left."""
    with clock.travel(ago(50)):
        guarded, unasked = (filed_case(cast, age_group="child", label=label) for label in ("Rose", "Fern"))
    with clock.travel(ago(45)):
        for case in (guarded, unasked):
            _appoint(cast, case)
    _let_shelter_in(cast, guarded)
    consented(cast, guarded)
    _as(cast, "child_protection_supervisor", unasked, end_guardianship, reason="family_reunited")
    with clock.travel(ago(20)):
        waiting = filed_case(cast, age_group="uncertain", label="Heather")
    provisional = filed_case(cast, age_group="child", label="Willow")
    _name(cast, provisional)
    closed = filed_case(cast)
    _as(cast, "ngo_supervisor", closed, close_case, outcome="support_declined")
    return {
        "guarded": guarded,
        "unasked": unasked,
        "waiting": waiting,
        "provisional": provisional,
        "closed": closed,
    }


def _appoint(cast: Cast, case: Case) -> None:
    _name(cast, case)
    values = {"guardian": cast.guardian.membership, "child_informed_on": files.today(), **SUITABLE}
    _as(cast, "child_protection_supervisor", case, assign_guardian, **values)


def _name(cast: Cast, case: Case) -> None:
    values = {"guardian": cast.guardian.membership, **SUITABLE}
    _as(cast, "child_protection_intake", case, assign_provisional_guardian, **values)


def _let_shelter_in(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity", "contact", "services")
    _as(cast, "shelter_supervisor", case, assign_member, member=cast.shelter_worker.membership)


def _adults(cast: Cast) -> dict[str, Case]:
    """Adults of the police: registered, with grounds, offered reflection, in reflection, denied, asked again."""
    with clock.travel(ago(6)):
        cases = {name: filed_case(cast, by="police_officer") for name in ("fresh", "grounds", "offered", "running")}
        files.let_know(cast, cases["grounds"], cast.organisations.competent_authority, "authority_decision_maker")
        day = files.today()
        for name in ("grounds", "offered", "running"):
            values = {"outcome": "positive", "decided_on": day, "basis": "indicators"}
            _as(cast, "police_officer", cases[name], record_reasonable_grounds, **values)
        for name in ("offered", "running"):
            values = {"residence": "irregular", "is_wanted": True, "offered_on": day}
            _as(cast, "police_officer", cases[name], offer_reflection_period, **values)
            files.assign(cast, cases[name], "immigration_decision_maker")
        values = {"situation": "standard", "decided_on": day, "starts_on": day}
        _as(cast, "immigration_decision_maker", cases["running"], grant_reflection_period, **values)
        cases |= {name: _denied(cast) for name in ("denied", "asked again")}
        values = {"ground": "additional_evidence", "requested_on": day, "reasons": "A witness came forward."}
        _as(cast, "police_officer", cases["asked again"], request_reconsideration, **values)
    return cases


def _denied(cast: Cast) -> Case:
    """Not identified by the competent authority."""
    case = files.with_grounds(cast)
    files.let_know(cast, case, cast.organisations.competent_authority, "authority_decision_maker")
    values = {"outcome": "negative", "decided_on": files.today(), "basis": "interview", "reasons": "Too little."}
    _as(cast, "authority_decision_maker", case, record_identification_decision, **values)
    return case


def _doubles(cast: Cast) -> dict[str, Case]:
    """One person at the NGO and at the police: the coordinator has asked both."""
    here, there, _double = pairs.asked(cast)
    return {"here": here, "there": there}


def _sheltered(cast: Cast) -> dict[str, Case]:
    """An adult who is said to have arrived at the shelter, which nobody has confirmed; one whose case it leads."""
    return {"stated": filed_case(cast, by="police_officer"), "sheltered": filed_case(cast, by="shelter_worker")}


def _referrals(cast: Cast, cases: Mapping[str, Case]) -> dict[str, Referral]:
    """One that waits with a question, one that is worked on, one that nobody answered in time."""
    waiting = scenes.sent(cast, cases["fresh"])
    scenes.do(cast, "shelter_intake", ask_question, waiting, question="Does she have a phone of her own?")
    working = scenes.accepted(cast, scenes.sent(cast, cases["grounds"]))
    for kind in ("contact_made", "placed"):
        scenes.do(cast, "shelter_worker", record_step, working, kind=kind, happened_on=files.today())
    stated = scenes.accepted(cast, scenes.sent(cast, cases["stated"]))
    scenes.do(cast, "shelter_worker", record_step, stated, kind="placed", happened_on=files.today())
    said = hosting.live(cases["grounds"].pk)[0]
    _as(cast, "police_officer", cases["grounds"], confirm_arrival, placement=said)
    return {"waiting": waiting, "working": working}


def _keys(cast: Cast, cases: Mapping[str, Case], referrals: Mapping[str, Referral]) -> SimpleNamespace:
    keys = SimpleNamespace()
    with files.inside(cast.ngo_caseworker, cases["guarded"]) as (_actor, access):
        keys.identity = door.read_rows(access, "identity")[0].pk
        consents: list[Any] = list(door.read_rows(access, "consent"))
        keys.consent = next(row for row in consents if row.purpose == "refer_shelter").pk
        keys.share = next(one for one in door.shares(access) if one.to_organisation == cast.organisations.shelter).pk
        keys.duty = _duty(access)
    asking: dict[str, Any] = {"categories": ["identity"], "purpose": "refer_health", "legal_basis": "health_care"}
    with files.inside(cast.shelter_worker, cases["guarded"]) as (actor, access):
        between: dict[str, Any] = {"through": received(access)[0], "receiver": cast.organisations.health}
        keys.sharing_request = ask_the_giver(actor, access=access, why="She coughs.", **between, **asking).pk
    keys.block = _block(cast, cases["guarded"])
    with files.inside(cast.ngo_caseworker, cases["guarded"]) as (actor, access):
        sibling = door.get_case(actor, cases["here"].reference)
        keys.link = link_cases(actor, access=access, others=[sibling], kind="family").pk
    with acting(cast.ngo_supervisor.actor):
        keys.side = DoubleSide.objects.get().pk
    with acting(cast.coordinator.actor):
        keys.double = PossibleDouble.objects.get().pk
    with acting(cast.ngo_caseworker.actor):
        draft = drafts.start_draft(cast.ngo_caseworker.actor)
        keys.draft = draft.pk
    with acting(cast.shelter_intake.actor):
        keys.question = referrals["waiting"].questions.get().pk
    keys.stay, keys.word = (hosting.live(cases[name].pk)[0].pk for name in ("grounds", "stated"))
    keys.release = _asked(cast, cases["grounds"])
    keys.emergency = _opened(cast, cases["waiting"])
    with acting(cast.organisation_administrator.actor):
        made = invite_member(cast.organisation_administrator.actor, email="new@example.test", roles=["caseworker"])
        keys.invitation = made.pk
    keys.role_grant = _asked_for_a_role(cast)
    keys.notice, keys.absence = _notice(cast, cases["guarded"]), _absence(cast)
    return keys


def _notice(cast: Cast, case: Case) -> UUID:
    """What the caseworker was told of a target that is still far."""
    due_at = clock.moment() + timedelta(days=10)
    told = Notice(membership=cast.ngo_caseworker.membership, key="far:1:0d", kind="EU-NEEDS", case_id=case.pk)
    told.due_at, told.created_at = due_at, clock.moment()
    told.save()
    return told.pk


def _absence(cast: Cast) -> UUID:
    """The caseworker will be away."""
    actor, day = cast.ngo_caseworker.actor, files.today() + timedelta(days=30)
    member, deputy = (Membership.objects.get(user=one.user) for one in (cast.ngo_caseworker, cast.ngo_intake))
    with acting(actor):
        planned = plan_absence(
            actor,
            membership=member.pk,
            deputy=deputy.pk,
            starts_on=day,
            ends_on=day,
        )
    return planned.pk


def _block(cast: Cast, case: Case) -> UUID:
    """A second supervisor keeps a colleague away, so that the first may let them back in."""
    second = supervisor_of(cast.organisations.ngo, "second")
    with files.inside(second, case) as (actor, access):
        member = cast.suspended_member.membership
        assert member is not None
        return block_member(actor, access=access, member=member, reason="Her cousin is named in the account.").pk


def _without_lead(cast: Cast, keys: SimpleNamespace) -> None:
    """Two cases of an organisation that was suspended: one is proposed to the other NGO, one offered to it."""
    gone = Organisation.objects.create(name="Suspended NGO", kind="ngo", region=REGION, services=["case_management"])
    cast.personas["former_lead"] = supervisor_of(gone, "former_lead")
    for _number in range(2):
        filed_case(cast, by="former_lead")
    del cast.personas["former_lead"]
    with acting(cast.platform_administrator.actor) as actor:
        suspend_organisation(actor, organisation=gone)
    vacancies.look(as_worker)
    second, third = (supervisor_of(cast.organisations.coordinator, name) for name in ("second desk", "third desk"))
    with acting(second.actor) as actor:
        first, other = LeadVacancy.objects.order_by("pk")
        proposal, offer = (propose_lead(actor, vacancy=one, to=cast.organisations.other_ngo) for one in (first, other))
    with acting(third.actor) as actor:
        confirm_lead(actor, offer=offer)
    keys.vacancy, keys.proposal, keys.offer = first.pk, proposal.pk, offer.pk


def _asked(cast: Cast, case: Case) -> UUID:
    """The shelter has written where the person stays; the deciding authority asks."""
    values = {"address": "Boathouse 7", "starts_on": files.today()}
    _as(cast, "shelter_worker", case, write_location, **values)
    asking = {"reason": "A summons must be brought there", "hours": 2}
    release: LocationRelease = _as(cast, "authority_decision_maker", case, ask_location_release, **asking)
    return release.pk


def _asked_for_a_role(cast: Cast) -> UUID:
    """The administrator wants the auditor to be intake too; a second person has not answered yet."""
    administrator, member = cast.organisation_administrator.actor, cast.auditor.membership
    assert member is not None
    with acting(administrator):
        change_roles(administrator, membership=member, roles=["auditor", "intake"])
    return RoleGrant.objects.get(membership=member).pk


def _opened(cast: Cast, case: Case) -> UUID:
    """The police opened a case of the NGO five days ago, for an hour."""
    with clock.travel(ago(5)):
        return opened_in_an_emergency(cast, case, "police_supervisor")


def _duty(access: CaseAccess) -> UUID:
    """A clock of the case that somebody ends by saying that it was done."""
    return next(one.pk for one in door.open_deadlines(access) if duty_of(rule_of(one)) is not None)


def _as(cast: Cast, persona: str, case: Case, operation: Callable[..., Any], **values: Any) -> Any:
    """One act of a persona on a case, in a transaction of its own."""
    with files.inside(getattr(cast, persona), case) as (actor, access):
        return operation(actor, access=access, **values)


# -- fixtures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def world(cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world, in a database that only serves to be cloned."""
    name = f"{database_name()}_world"
    cluster.clone(name)
    with django_db_blocker.unblock():
        cluster.point(name)
        made = make_world()
        made.database = name
        cluster.point(database_name())
    yield made
    cluster.drop(name)


@contextmanager
def clone_world(world: World, cluster: Cluster, django_db_blocker: Any, name: str = "matrix") -> Iterator[str]:
    """A copy of the world with real commits; Django is connected to it."""
    copy = f"{database_name()}_{name}"
    cluster.clone(copy, of=world.database)
    try:
        with django_db_blocker.unblock():
            cluster.point(copy)
            yield copy
    finally:
        cluster.point(database_name())
        cluster.drop(copy)
