"""A case always has somebody responsible: found without a lead, offered without content, taken by an organisation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from accounts.actors import WHOLE_ORGANISATION
from accounts.context import acting
from accounts.models import Membership, Notice, Organisation, User
from accounts.operations import reinstate_organisation, suspend_organisation
from audit.models import AuditChange
from cases import access as door
from cases import ledger, policies, responsibility
from cases.models import Case, CaseBlock, CaseLead, Deadline, Identity, LeadOffer, LeadVacancy, Share
from cases.operations import lead_offers as operations
from cases.operations import vacancies
from cases.operations.conflicts import block_member
from cases.operations.lead_candidates import Candidates, candidates
from cases.operations.sharing import renew_share
from cases.reminders import as_worker
from core import clock, reference
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles.profile import active
from tests.cases.files import assign, inside
from tests.cases.filing import NAME, counted, filed_case, shared, today
from tests.cast import REGION, Cast, Persona
from tests.referrals.scenes import accepted, police_case, sent, state
from tests.tabs import hidden_fields
from tests.world import supervisor_of


def suspend(cast: Cast, who: str) -> None:
    with acting(cast.platform_administrator.actor) as actor:
        suspend_organisation(actor, organisation=getattr(cast.organisations, who))


def reinstate(cast: Cast, who: str) -> None:
    with acting(cast.platform_administrator.actor) as actor:
        reinstate_organisation(actor, organisation=getattr(cast.organisations, who))


def look() -> dict[str, int]:
    return dict(vacancies.look(as_worker))


@contextmanager
def later(**by: float) -> Iterator[None]:
    with clock.travel(clock.moment() + timedelta(**by)):
        yield


def coordinator_of(cast: Cast, name: str = "second_coordinator") -> Persona:
    """One more member of the coordinator's office."""
    second = supervisor_of(cast.organisations.coordinator, name)
    cast.personas[name] = second
    return second


def lead_of(case: Case) -> str:
    with role(ledger.LEDGER):
        return str(CaseLead.objects.get(case=case, ends_at=None).organisation)


def bound(case: Case) -> set[str]:
    with role(ledger.LEDGER):
        rows = Deadline.objects.filter(case=case, state="open")
        return {str(one.bound_organisation) for one in rows.select_related("bound_organisation")}


def vacancy_of(case: Case) -> LeadVacancy:
    with role(ledger.LEDGER):
        return LeadVacancy.objects.get(case=case, ended_at=None)


def told(cast: Cast, persona: str, kind: str) -> int:
    member = getattr(cast, persona).membership
    return Notice.objects.filter(membership=member, kind=kind, read_at=None).count()


def act(cast: Cast, persona: str, operation: Any, **values: Any) -> Any:
    with acting(getattr(cast, persona).actor) as actor:
        return operation(actor, **values)


@pytest.fixture
def taker(cast: Cast) -> Persona:
    """The other NGO offers case management in the region, and has a supervisor."""
    return cast.other_ngo_supervisor


@pytest.fixture
def stranded(cast: Cast) -> Case:
    """A case of the NGO, which was suspended since."""
    case = filed_case(cast)
    suspend(cast, "ngo")
    look()
    return case


def offered(cast: Cast, case: Case) -> LeadOffer:
    """Proposed by one member of the office, confirmed by another."""
    coordinator_of(cast)
    offer = act(cast, "coordinator", operations.propose_lead, vacancy=vacancy_of(case), to=cast.organisations.other_ngo)
    confirmed: LeadOffer = act(cast, "second_coordinator", operations.confirm_lead, offer=offer)
    return confirmed


def taken(cast: Cast, case: Case) -> LeadOffer:
    offer = offered(cast, case)
    member = cast.other_ngo_caseworker.membership
    act(cast, "other_ngo_supervisor", operations.accept_lead, offer=offer, member=member)
    return offer


# -- nobody left -----------------------------------------------------------------------------------------------------


def leave(cast: Cast, **changed: Any) -> None:
    Membership.objects.filter(organisation=cast.organisations.ngo).update(**changed)


NOBODY_LEFT: dict[str, Any] = {
    "suspended organisation": lambda cast: suspend(cast, "ngo"),
    "everybody left": lambda cast: leave(cast, ended_at=clock.moment()),
    "everybody suspended": lambda cast: leave(cast, suspended_at=clock.moment()),
    "nobody with such a role": lambda cast: leave(cast, roles=["data_protection_officer"]),
    "every account shut": lambda cast: User.objects.filter(memberships__organisation=cast.organisations.ngo).update(
        is_active=False
    ),
}


@pytest.mark.parametrize("event", NOBODY_LEFT)
def test_a_case_whose_lead_has_nobody_left_is_found(cast: Cast, event: str) -> None:
    case = filed_case(cast)
    assert responsibility.cases_without_lead() == []
    NOBODY_LEFT[event](cast)
    (found,) = responsibility.cases_without_lead()
    assert (found.case_id, found.is_child) == (case.pk, False)
    assert {one.case_id for one in responsibility.clocks_without_keeper()} == {case.pk}
    assert look()["found"] == 1
    assert look() == {}


def keep_everybody_away(cast: Cast, case: Case) -> None:
    """The NGO has people, and all of them have a conflict of interest in the case."""
    second, third = (supervisor_of(cast.organisations.ngo, name) for name in ("second", "third"))
    for who in ("ngo_intake", "ngo_caseworker", "ngo_supervisor"):
        with inside(second, case) as (actor, access):
            block_member(actor, access=access, member=getattr(cast, who).membership, reason="A cousin is named.")
    gone = [one.membership_id for one in (second, third)]
    Membership.objects.filter(pk__in=gone).update(ended_at=clock.moment())


def test_a_case_that_everybody_left_is_kept_away_from_is_found(cast: Cast) -> None:
    case, other = filed_case(cast), filed_case(cast)
    keep_everybody_away(cast, case)
    assert [one.case_id for one in responsibility.cases_without_lead()] == [case.pk]
    assert lead_of(other) == "NGO"


@pytest.mark.parametrize("who", ["ngo_intake", "ngo_supervisor", "ngo_caseworker"])
def test_one_who_can_act_is_enough(cast: Cast, who: str) -> None:
    """Intake, a supervisor, or a caseworker who is assigned: not a caseworker who is not."""
    filed_case(cast)
    everybody = Membership.objects.filter(organisation=cast.organisations.ngo)
    everybody.exclude(pk=getattr(cast, who).membership_id).update(ended_at=clock.moment())
    assert responsibility.cases_without_lead() == []
    assert responsibility.clocks_without_keeper() == []


def test_a_caseworker_who_is_not_assigned_cannot_act(cast: Cast) -> None:
    filed_case(cast)
    everybody = Membership.objects.filter(organisation=cast.organisations.ngo)
    everybody.exclude(pk=cast.colleague_unassigned.membership_id).update(ended_at=clock.moment())
    assert len(responsibility.cases_without_lead()) == 1


def test_the_roles_of_the_database_are_those_of_the_policies() -> None:
    migration = import_module("cases.migrations.0037_one_question_who_can_act")
    assert set(migration.WORKING.split(",")) == policies.WORKING
    assert set(migration.WHOLE.split(",")) == WHOLE_ORGANISATION


def test_the_lead_that_can_act_again_has_its_case_at_once(cast: Cast, stranded: Case) -> None:
    with later(hours=1):
        reinstate(cast, "ngo")
        assert act(cast, "coordinator", operations.desk) == []
        assert look() == {"returned": 1}
        assert lead_of(stranded) == "NGO"


# -- before confirming -----------------------------------------------------------------------------------------------


def test_the_administrator_sees_how_many_cases_it_leads_before_confirming(cast: Cast) -> None:
    filed_case(cast)
    filed_case(cast, age_group="child")
    filed_case(cast, by="police_officer")
    address = reverse("accounts:suspend_organisation", args=[cast.organisations.ngo.pk])
    page = cast.client(cast.platform_administrator).get(address).content.decode()
    assert "It leads 2 open cases" in page
    assert "1 of them is about a child" in page
    address = reverse("accounts:suspend_organisation", args=[cast.organisations.health.pk])
    page = cast.client(cast.platform_administrator).get(address).content.decode()
    assert "It leads" not in page
    assert "ends for good" in page


# -- the desk --------------------------------------------------------------------------------------------------------


def test_the_office_sees_reference_region_and_type_and_nothing_else(cast: Cast, stranded: Case) -> None:
    assert told(cast, "coordinator", "leads_missing") == 1
    client, shown = cast.client("coordinator"), reference.show(stranded.reference)
    pages = [client.get(path) for path in ("/lead/", f"/lead/{vacancy_of(stranded).pk}/", "/api/v1/lead/", "/inbox/")]
    for page in pages:
        assert page.status_code == HTTPStatus.OK
        text = page.content.decode()
        assert NAME not in text
        assert ">NGO<" not in text
        assert str(stranded.pk) not in text
    assert shown in pages[0].content.decode()
    (listed,) = pages[2].json()
    assert {*listed} == {"id", "reference", "region", "is_child", "found_at", "offers", "next"}
    assert (listed["reference"], listed["is_child"]) == (shown, False)
    assert client.get(f"/cases/{shown}/").status_code == HTTPStatus.NOT_FOUND
    with acting(cast.coordinator.actor) as actor:
        with pytest.raises(Missing):
            door.get_case(actor, shown)
        assert not Case.objects.filter(pk=stranded.pk).exists()
        assert not Identity.objects.exists()
        assert not CaseLead.objects.exists()


@pytest.mark.parametrize(
    "who", ["ngo_supervisor", "police_supervisor", "rapporteur", "data_protection_officer", "platform_administrator"]
)
def test_nobody_else_opens_the_desk(cast: Cast, stranded: Case, who: str) -> None:
    client = cast.client(who)
    for path in ("/lead/", f"/lead/{vacancy_of(stranded).pk}/", "/api/v1/lead/"):
        assert client.get(path).status_code == HTTPStatus.FORBIDDEN
    with acting(getattr(cast, who).actor):
        assert not LeadVacancy.objects.exists()


def test_only_organisations_that_manage_cases_there_and_have_somebody_can_be_proposed(
    cast: Cast, stranded: Case
) -> None:
    with acting(cast.coordinator.actor):
        assert [str(one) for one in candidates(vacancy_of(stranded))] == ["Other NGO"]
    for to in ("ngo", "shelter", "coordinator"):
        with pytest.raises(Refused):
            act(
                cast, "coordinator", operations.propose_lead,
                vacancy=vacancy_of(stranded), to=getattr(cast.organisations, to),
            )  # fmt: skip
    Membership.objects.filter(organisation=cast.organisations.other_ngo).update(ended_at=clock.moment())
    with acting(cast.coordinator.actor):
        assert candidates(vacancy_of(stranded)) == []


def test_one_member_alone_cannot_do_both_steps(cast: Cast, stranded: Case) -> None:
    vacancy = vacancy_of(stranded)
    offer = act(cast, "coordinator", operations.propose_lead, vacancy=vacancy, to=cast.organisations.other_ngo)
    assert not told(cast, "other_ngo_supervisor", "confirm_lead")
    with pytest.raises(NotAllowed):
        act(cast, "coordinator", operations.confirm_lead, offer=offer)
    answer = cast.client("coordinator").post(reverse("cases:confirm_lead", args=[offer.pk]))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    with pytest.raises(IntegrityError), transaction.atomic(), role(ledger.LEDGER):
        LeadOffer.objects.filter(pk=offer.pk).update(confirmed_by=cast.coordinator.membership_id)
    coordinator_of(cast)
    assert told(cast, "coordinator", "propose_lead") == 0
    act(cast, "second_coordinator", operations.confirm_lead, offer=offer)
    assert told(cast, "other_ngo_supervisor", "confirm_lead") == 1


def test_it_is_not_offered_twice_at_once(cast: Cast, stranded: Case) -> None:
    offered(cast, stranded)
    with pytest.raises(Conflict):
        act(
            cast, "coordinator", operations.propose_lead,
            vacancy=vacancy_of(stranded), to=cast.organisations.other_ngo,
        )  # fmt: skip


def test_an_offer_lapses_when_it_is_read_and_the_next_may_be_asked(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    assert offer.answer_due_at is not None
    member = cast.other_ngo_caseworker.membership
    with clock.travel(offer.answer_due_at):
        assert cast.client("other_ngo_supervisor").get(f"/lead-offers/{offer.pk}/").status_code == HTTPStatus.NOT_FOUND
        with pytest.raises(Conflict):
            act(cast, "other_ngo_supervisor", operations.accept_lead, offer=offer, member=member)
        page = cast.client("coordinator").get(f"/lead/{vacancy_of(stranded).pk}/").content.decode()
        assert "Not answered in time" in page
        again = act(
            cast, "coordinator", operations.propose_lead,
            vacancy=vacancy_of(stranded), to=cast.organisations.other_ngo,
        )  # fmt: skip
        assert again.pk != offer.pk
    assert lead_of(stranded) == "NGO"


def test_the_term_is_the_end_of_the_next_working_day(cast: Cast) -> None:
    friday = clock.moment().replace(year=2027, month=3, day=5, hour=15)
    with clock.travel(friday):
        case = filed_case(cast)
        suspend(cast, "ngo")
        look()
        offer = offered(cast, case)
    assert offer.answer_due_at is not None
    local = (offer.answer_due_at - timedelta(seconds=1)).astimezone(active().zone)
    assert (local.date().isoformat(), local.hour) == ("2027-03-08", 23)


def test_who_declines_is_not_asked_again_and_the_office_hears_it(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    act(cast, "other_ngo_supervisor", operations.decline_lead, offer=offer)
    assert told(cast, "coordinator", "decline_lead") == 1
    with acting(cast.coordinator.actor):
        assert candidates(vacancy_of(stranded)) == []


# -- the next one is asked -------------------------------------------------------------------------------------------


def manages_cases(cast: Cast, name: str, *regions: str) -> Organisation:
    """One more organisation that manages cases and has a supervisor."""
    services = ["case_management"]
    made = Organisation.objects.create(name=name, kind="ngo", services=services, serves_regions=list(regions))
    cast.personas[name.lower()] = supervisor_of(made, name.lower())
    return made


def order(cast: Cast, case: Case) -> list[str]:
    with acting(cast.coordinator.actor):
        return [str(one) for one in candidates(vacancy_of(case))]


def next_of(cast: Cast, case: Case) -> str:
    vacancy = vacancy_of(case)
    with acting(cast.coordinator.actor):
        return str(Candidates([vacancy]).next(vacancy) or "")


def ask(cast: Cast, case: Case, to: Organisation) -> LeadOffer:
    """Two members of the office ask."""
    if "second_coordinator" not in cast.personas:
        coordinator_of(cast)
    offer = act(cast, "coordinator", operations.propose_lead, vacancy=vacancy_of(case), to=to)
    asked: LeadOffer = act(cast, "second_coordinator", operations.confirm_lead, offer=offer)
    return asked


def answer_late(offer: LeadOffer) -> Any:
    assert offer.answer_due_at is not None
    return clock.travel(offer.answer_due_at)


def test_who_names_the_region_comes_before_who_serves_the_whole_country_then_by_name(cast: Cast) -> None:
    manages_cases(cast, "Anywhere")
    manages_cases(cast, "Zaandam", REGION)
    manages_cases(cast, "Elsewhere", "limburg")
    case = filed_case(cast)
    assert case.region == REGION
    suspend(cast, "ngo")
    look()
    assert order(cast, case) == ["Other NGO", "Zaandam", "Anywhere"]


def test_who_was_asked_least_recently_for_any_case_comes_first(cast: Cast) -> None:
    manages_cases(cast, "Another", REGION)
    first, second = filed_case(cast), filed_case(cast)
    suspend(cast, "ngo")
    look()
    assert next_of(cast, first) == next_of(cast, second) == "Another"
    ask(cast, first, Organisation.objects.get(name="Another"))
    assert next_of(cast, second) == "Other NGO"
    with later(minutes=1):
        ask(cast, second, cast.organisations.other_ngo)
    third = filed_case(cast, by="police_officer")
    suspend(cast, "police")
    look()
    assert order(cast, third) == ["Another", "Other NGO"]


def test_after_a_no_the_next_is_named_and_two_members_ask(cast: Cast, stranded: Case) -> None:
    manages_cases(cast, "Another", REGION)
    offer = ask(cast, stranded, Organisation.objects.get(name="Another"))
    assert next_of(cast, stranded) == "Other NGO"
    act(cast, "another", operations.decline_lead, offer=offer)
    assert order(cast, stranded) == ["Other NGO"]
    client, path = cast.client("coordinator"), f"/lead/{vacancy_of(stranded).pk}/"
    desk, page = client.get("/lead/").content.decode(), client.get(path)
    assert "Other NGO" in desk
    html = page.content.decode()
    assert "To ask next: Other NGO" in html
    assert ("Another" in html, "Declined" in html) == (True, True)
    assert page.context["form"]["to"].value() == str(cast.organisations.other_ngo.pk)
    (listed,) = client.get("/api/v1/lead/").json()
    assert listed["next"] == {"id": str(cast.organisations.other_ngo.pk), "organisation": "Other NGO"}
    assert [(one["organisation"], one["state"]) for one in listed["offers"]] == [("Another", "declined")]
    # Named is not asked: nobody hears of it before a second member has confirmed.
    made = client.post(path, {**hidden_fields(html), "to": page.context["form"]["to"].value()})
    assert made.status_code == HTTPStatus.FOUND
    assert not told(cast, "other_ngo_supervisor", "confirm_lead")
    with role(ledger.LEDGER):
        waiting = LeadOffer.objects.get(state="proposed")
    with pytest.raises(NotAllowed):
        act(cast, "coordinator", operations.confirm_lead, offer=waiting)
    act(cast, "second_coordinator", operations.confirm_lead, offer=waiting)
    assert told(cast, "other_ngo_supervisor", "confirm_lead") == 1


def test_who_did_not_answer_is_asked_again_only_after_everybody_else(cast: Cast, stranded: Case) -> None:
    manages_cases(cast, "Another", REGION)
    with answer_late(ask(cast, stranded, Organisation.objects.get(name="Another"))):
        assert next_of(cast, stranded) == "Other NGO"
        second = ask(cast, stranded, cast.organisations.other_ngo)
    with answer_late(second):
        assert next_of(cast, stranded) == ""
        assert order(cast, stranded) == ["Another", "Other NGO"]
        page = cast.client("coordinator").get(f"/lead/{vacancy_of(stranded).pk}/").content.decode()
        assert "Every organisation that fits was asked" in page
        assert "Everybody was asked" in cast.client("coordinator").get("/lead/").content.decode()
        assert cast.client("coordinator").get("/api/v1/lead/").json()[0]["next"] is None


def test_a_proposal_that_was_withdrawn_was_never_asked(cast: Cast, stranded: Case) -> None:
    offer = act(
        cast, "coordinator", operations.propose_lead, vacancy=vacancy_of(stranded), to=cast.organisations.other_ngo
    )
    act(cast, "coordinator", operations.withdraw_lead, offer=offer)
    assert next_of(cast, stranded) == "Other NGO"


def test_the_office_hears_once_that_an_offer_has_lapsed(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    assert look() == {}
    with answer_late(offer):
        assert look() == {"lapsed": 1}
        assert look() == {}
        assert told(cast, "coordinator", "lapse_lead") == told(cast, "second_coordinator", "lapse_lead") == 1
        with role(ledger.LEDGER):
            assert LeadOffer.objects.get(pk=offer.pk).state == "lapsed"
        page = cast.client("coordinator").get("/inbox/").content.decode()
        assert "did not answer in time" in page
        assert stranded.shown_reference not in page


def test_the_former_lead_is_never_named(cast: Cast) -> None:
    """Though it has people who could answer: they are kept away from this case."""
    case = filed_case(cast)
    keep_everybody_away(cast, case)
    look()
    assert order(cast, case) == ["Other NGO"]


def test_the_list_asks_as_much_for_many_cases_as_for_one(cast: Cast) -> None:
    for _case in range(2):
        filed_case(cast)
    suspend(cast, "ngo")
    look()
    with counted(at_most=14):
        cast.client("coordinator").get("/lead/")
    for _case in range(6):
        case = filed_case(cast, by="other_ngo_caseworker")
    suspend(cast, "other_ngo")
    look()
    assert vacancy_of(case)
    with counted(at_most=14):
        cast.client("coordinator").get("/lead/")


@pytest.mark.parametrize("who", ["other_ngo_caseworker", "police_supervisor", "coordinator"])
def test_only_intake_and_supervisors_of_who_is_asked_answer(cast: Cast, stranded: Case, who: str) -> None:
    offer = offered(cast, stranded)
    with pytest.raises((Missing, NotAllowed)):
        act(cast, who, operations.accept_lead, offer=offer, member=cast.other_ngo_caseworker.membership)
    assert cast.client(who).get(f"/lead-offers/{offer.pk}/").status_code in {403, 404}
    assert lead_of(stranded) == "NGO"


def test_who_is_asked_sees_no_content_before_it_accepts(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    client, shown = cast.client("other_ngo_supervisor"), reference.show(stranded.reference)
    page = client.get(f"/lead-offers/{offer.pk}/").content.decode()
    assert shown in page
    assert NAME not in page
    assert client.get(f"/cases/{shown}/").status_code == HTTPStatus.NOT_FOUND
    body = client.get(f"/api/v1/lead-offers/{offer.pk}/").json()
    assert {*body} == {"id", "reference", "region", "is_child", "answer_due_at"}


def test_an_offer_to_a_lead_that_returned_cannot_be_accepted(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    with later(hours=1):
        reinstate(cast, "ngo")
        with pytest.raises(Conflict):
            act(
                cast, "other_ngo_supervisor", operations.accept_lead,
                offer=offer, member=cast.other_ngo_caseworker.membership,
            )  # fmt: skip
    assert lead_of(stranded) == "NGO"


# -- taken -----------------------------------------------------------------------------------------------------------


def test_the_new_lead_has_the_case_its_clocks_and_what_it_needs_for_thirty_days(cast: Cast, stranded: Case) -> None:
    taken(cast, stranded)
    assert lead_of(stranded) == "Other NGO"
    assert bound(stranded) == {"Other NGO"}
    assert responsibility.cases_without_lead() == []
    assert responsibility.clocks_without_keeper() == []
    with role(ledger.LEDGER):
        (share,) = Share.objects.live().filter(case=stranded)
    assert (share.office, share.legal_basis) == ("reassigned_lead", "legal_obligation")
    assert (share.ends_on - today()).days == 30
    assert {"identity", "contact"} <= {*share.categories} <= policies.ceiling("ngo")
    assert not {"narrative", "exploitation", "health"} & {*share.categories}
    assert active().offices["reassigned_lead"].source
    with inside(cast.other_ngo_caseworker, stranded) as (_actor, access):
        assert access.is_lead
        assert door.read_rows(access, "identity")[0].content["given_names"] == NAME  # type: ignore[attr-defined]
        assert door.read_rows(access, "exploitation") == []
    with later(days=31), inside(cast.other_ngo_caseworker, stranded) as (_actor, access):
        assert access.is_lead
        assert door.read_rows(access, "identity") == []


def test_what_the_new_lead_reads_by_law_is_not_renewed(cast: Cast, stranded: Case) -> None:
    taken(cast, stranded)
    with later(hours=1):
        reinstate(cast, "ngo")
        with role(ledger.LEDGER):
            share = Share.objects.get(case=stranded, office="reassigned_lead")
        with inside(cast.ngo_supervisor, stranded) as (actor, access), pytest.raises(Refused):
            renew_share(actor, access=access, share=share, ends_on=today() + timedelta(days=60), reason="ongoing")


def test_data_protection_of_both_is_told_without_content(cast: Cast, stranded: Case) -> None:
    officer = User.objects.create_user("dpo@example.test", "a long pass phrase", name="Officer")
    member = Membership.objects.create(
        user=officer, organisation=cast.organisations.other_ngo, roles=["data_protection_officer"]
    )
    taken(cast, stranded)
    assert told(cast, "data_protection_officer", "reassign_lead") == 1
    assert Notice.objects.filter(membership=member, kind="reassign_lead").count() == 1
    with acting(cast.other_ngo_supervisor.actor):
        kinds = set(AuditChange.objects.filter(case_id=stranded.pk).values_list("kind", flat=True))
    assert {"reassign_lead", "accept_lead", "share"} <= kinds


def test_offices_and_accepted_referrals_go_on(cast: Cast) -> None:
    """Police registered and lead; the shelter was asked for a place and accepted."""
    Organisation.objects.filter(pk=cast.organisations.ngo.pk).update(services=[])
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    suspend(cast, "police")
    look()
    taken(cast, case)
    assert state(cast, "shelter_worker", referral) == "accepted"
    with inside(cast.shelter_worker, case) as (_actor, access):
        assert access.may_contribute
        assert not access.is_lead


def test_the_former_lead_keeps_its_own_rows_as_registrar_and_leads_no_more(cast: Cast, stranded: Case) -> None:
    taken(cast, stranded)
    with later(hours=1):
        reinstate(cast, "ngo")
        with inside(cast.ngo_supervisor, stranded) as (_actor, access):
            assert not access.is_lead
            assert len(door.read_rows(access, "identity")) == 1


# -- children --------------------------------------------------------------------------------------------------------


def test_a_childs_case_goes_to_child_protection_meanwhile(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    assert "NGO" in bound(case)
    suspend(cast, "ngo")
    look()
    assert bound(case) == {"Child protection"}
    assert told(cast, "child_protection_intake", "lead_missing") == 1
    assert responsibility.clocks_without_keeper() == []
    taken(cast, case)
    assert "Other NGO" in bound(case)
    assert "NGO" not in bound(case)
    assert responsibility.clocks_without_keeper() == []


def test_a_childs_clocks_go_back_to_a_lead_that_returns(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    before = bound(case)
    suspend(cast, "ngo")
    look()
    with later(hours=1):
        reinstate(cast, "ngo")
        look()
    assert bound(case) == before


def test_a_suspended_service_that_led_a_child_gets_no_office_when_the_lead_moves(cast: Cast) -> None:
    """Child protection needs no office while it leads; where nobody is left there, the move opens none to it."""
    case = filed_case(cast, by="child_protection_officer", age_group="child")
    assert not offices_of(case)
    suspend(cast, "child_protection")
    look()
    taken(cast, case)
    assert lead_of(case) == "Other NGO"
    assert not offices_of(case)
    with later(days=1):
        reinstate(cast, "child_protection")
        assert not offices_of(case)


def offices_of(case: Case) -> list[str]:
    with role(ledger.LEDGER):
        held = Share.objects.filter(case=case, office="child_protection", ended_at=None)
        return [str(one.to_organisation) for one in held]


# -- clocks of those who do not lead ---------------------------------------------------------------------------------


def test_the_clock_of_an_organisation_with_nobody_left_goes_to_the_lead(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    assert "Child protection" in bound(case)
    suspend(cast, "child_protection")
    assert responsibility.clocks_without_keeper()
    look()
    assert bound(case) == {"NGO"}
    assert responsibility.clocks_without_keeper() == []


# -- the check of the night ------------------------------------------------------------------------------------------


def test_the_check_counts_and_the_page_and_health_show_it(cast: Cast, stranded: Case) -> None:
    page = cast.client(cast.platform_administrator).get("/operations/").content.decode()
    assert "Open cases without a lead who can act" in page
    with as_worker():
        found = responsibility.check()
    assert found["cases_without_lead"] == 1
    health = cast.client(cast.platform_administrator).get("/healthz").json()["reminders"]
    assert (health["cases_without_lead"], health["clocks_without_keeper"]) == tuple(found.values())
    page = cast.client(cast.platform_administrator).get("/operations/").content.decode()
    assert stranded.shown_reference not in page


def test_a_clock_that_binds_who_lost_the_case_is_found(cast: Cast) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    assign(cast, case, "shelter_worker")
    with role(ledger.LEDGER):
        Deadline.objects.filter(case=case).update(bound_organisation=cast.organisations.shelter)
    assert responsibility.clocks_without_keeper() == []
    with role(ledger.LEDGER):
        ledger.end_shares(case, Share.objects.filter(case=case), "ended")
    with later(minutes=1), as_worker():
        found = responsibility.clocks_without_keeper()
    assert {one.organisation_id for one in found} == {cast.organisations.shelter.pk}


# -- second line -----------------------------------------------------------------------------------------------------


def test_the_application_writes_neither_table_itself(cast: Cast, stranded: Case) -> None:
    offer = offered(cast, stranded)
    for table, column in (("cases_leadoffer", "state"), ("cases_leadvacancy", "outcome")):
        with pytest.raises(ProgrammingError), acting(cast.coordinator.actor), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET {column} = 'accepted'")
    with acting(cast.police_supervisor.actor):
        assert not LeadOffer.objects.exists()
    with acting(cast.other_ngo_supervisor.actor):
        assert LeadOffer.objects.get().pk == offer.pk
        assert LeadVacancy.objects.exists()
    assert not CaseBlock.objects.exists()
