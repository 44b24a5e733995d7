"""The safe location: four relations read it, each who is assigned; everybody else is told “a shelter”."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.actors import actor_for
from accounts.context import acting
from accounts.models import Membership, Organisation
from cases import access as door
from cases import hosting, places
from cases.models import Placement, SafeLocation, Share
from cases.operations.closing import close_case
from cases.operations.guardianship import assign_provisional_guardian
from cases.operations.lead import transfer_lead
from cases.operations.location import write_location
from cases.operations.members import assign_member, unassign_member
from cases.operations.placement import record_placement
from cases.operations.sharing import share
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from referrals.operations import complete_referral, record_step, revoke_referral
from tests.cases.files import assign, inside
from tests.cases.filing import filed_case
from tests.cases.staying import ADDRESS, assigned, left, on, placed, said, staying, write
from tests.referrals.scenes import do, knows, police_case, today


@pytest.fixture
def case(cast):
    return staying(cast)


def page(cast, who, case, part=""):
    return cast.client(who).get(f"/cases/{case.shown_reference}/location/{part}")


def shown(cast, who, case) -> bool:
    response = page(cast, who, case, "show/")
    assert response.status_code in (200, 403, 404)
    return ADDRESS in response.content.decode()


def let_in(cast, case, to, *categories):
    on(
        cast, "police_supervisor", case, share, to=to, categories=categories or ["identity"], purpose="refer_health",
        legal_basis="law_enforcement", ends_on=today() + timedelta(days=9),
    )  # fmt: skip


def lead(cast, case, to):
    with inside(cast.police_supervisor, case) as (actor, access):
        transfer_lead(actor, case=access.case, to=to, key=uuid4())


def in_sql(cast, who) -> int:
    with acting(getattr(cast, who).actor), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_safelocation")
        return int(cursor.fetchone()[0])


# -- who reads it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "is_shown"),
    [
        ("shelter_worker", True),  # assigned at the host
        ("shelter_supervisor", False),
        ("shelter_intake", False),
        ("police_officer", False),  # assigned at a lead that is an authority
        ("police_supervisor", False),
        ("custodian_a", False),
        ("coordinator", False),
        ("other_ngo_caseworker", False),
    ],
)
def test_the_host_reads_it_and_of_it_only_who_is_assigned(cast, case, who, is_shown):
    assert shown(cast, who, case) is is_shown
    assert in_sql(cast, who) == int(is_shown)


def led_by_ngo(cast):
    """The NGO leads the case, and placed the person; its caseworker is assigned."""
    case = police_case(cast)
    let_in(cast, case, cast.organisations.ngo)
    lead(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    placed(cast, case, persona="ngo_caseworker")
    write(cast, case)
    return case


def test_the_assigned_of_a_lead_that_is_no_authority_read_it(cast):
    case = led_by_ngo(cast)
    assert shown(cast, "ngo_caseworker", case)
    assert not shown(cast, "ngo_supervisor", case)
    assert in_sql(cast, "ngo_caseworker") == 1
    assert in_sql(cast, "ngo_supervisor") == 0


@pytest.mark.parametrize("kind", ["police", "border", "labour_inspectorate", "immigration", "asylum", "prosecution"])
def test_no_authority_reads_it_or_learns_which_shelter_it_is_by_leading(cast, kind):
    """Rule 6: police, border, labour inspectorate, immigration, asylum, prosecution; here by page, API and database."""
    case = led_by_ngo(cast)
    Organisation.objects.filter(pk=cast.organisations.other_ngo.pk).update(kind=kind)
    lead(cast, case, Organisation.objects.get(pk=cast.organisations.other_ngo.pk))
    who = actor_for(Membership.objects.get(pk=cast.other_ngo_caseworker.membership_id))
    with acting(cast.other_ngo_supervisor.actor):
        access = door.get_case(cast.other_ngo_supervisor.actor, case.reference)
        assign_member(cast.other_ngo_supervisor.actor, access=access, member=cast.other_ngo_caseworker.membership)
    assert not shown(cast, "other_ngo_caseworker", case)
    assert in_sql(cast, "other_ngo_caseworker") == 0
    with acting(who):
        assert not Placement.objects.filter(case=case).exists()
    client, host = cast.client("other_ngo_caseworker"), cast.organisations.shelter
    for address in (f"/cases/{case.shown_reference}/location/", f"/api/v1/cases/{case.shown_reference}/location/"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert f">{host.name}<" not in answer.content.decode()
        assert str(host.pk) not in answer.content.decode()
    assert client.get(f"/api/v1/cases/{case.shown_reference}/location/").json()["host"] is None


def test_a_party_that_shares_the_case_does_not_read_it_even_when_assigned(cast, case):
    let_in(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    assert page(cast, "ngo_caseworker", case, "show/").status_code == 403
    assert in_sql(cast, "ngo_caseworker") == 0


def test_the_guardian_and_child_protection_read_it_for_a_child(cast):
    case = filed_case(cast, age_group="child")
    with inside(cast.child_protection_intake, case) as (actor, access):
        assign_provisional_guardian(
            actor, access=access, guardian=cast.guardian.membership, conflict_of_interest="none", is_screened=True
        )
    placed(cast, case, persona="ngo_caseworker")
    write(cast, case)
    assert shown(cast, "guardian", case)
    assert not shown(cast, "guardian_supervisor", case)
    assert not shown(cast, "child_protection_officer", case)
    assign(cast, case, "child_protection_officer")
    assert shown(cast, "child_protection_officer", case)
    assert in_sql(cast, "guardian") == in_sql(cast, "child_protection_officer") == 1
    assert in_sql(cast, "guardian_supervisor") == in_sql(cast, "other_guardian") == 0


def test_whoever_is_taken_off_the_case_reads_it_no_more(cast):
    case = led_by_ngo(cast)
    client = cast.client("ngo_caseworker")
    assert ADDRESS in client.get(f"/cases/{case.shown_reference}/location/show/").content.decode()
    on(cast, "ngo_supervisor", case, unassign_member, member=cast.ngo_caseworker.membership)
    assert client.get(f"/cases/{case.shown_reference}/location/show/").status_code == 404


def test_a_look_is_recorded_and_shown_to_who_wrote_it(cast):
    case = led_by_ngo(cast)
    shown(cast, "ngo_caseworker", case)
    with acting(cast.custodian_a.actor):
        (look,) = places.looks(cast.custodian_a.actor)
    assert look.organisation_id == cast.organisations.ngo.pk
    assert "location" in look.categories
    html = cast.client("custodian_b").get("/location-releases/").content.decode()
    assert f">{cast.organisations.ngo.name}<" in html
    assert case.shown_reference in html
    assert ADDRESS not in html


def test_the_page_about_it_records_no_look(cast):
    page(cast, "ngo_caseworker", led_by_ngo(cast))
    with acting(cast.custodian_a.actor):
        assert places.looks(cast.custodian_a.actor) == []


# -- writing ---------------------------------------------------------------------------------------------------------


def test_the_newest_row_is_shown_and_nothing_is_overwritten(cast, case):
    write(cast, case, address="Elsewhere")
    assert "Elsewhere" in page(cast, "shelter_worker", case, "show/").content.decode()
    with role("nrm_ledger"):
        assert SafeLocation.objects.filter(case=case).values_list("pk").count() == 2


def test_who_placed_the_person_may_write_it(cast):
    case = staying(cast, is_written=False)
    write(cast, case, who="police_officer")
    assert shown(cast, "shelter_worker", case)


def test_nobody_else_writes_it(cast, case):
    let_in(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    with pytest.raises(NotAllowed):
        write(cast, case, who="ngo_caseworker")
    with pytest.raises(NotAllowed):
        write(cast, case, who="police_supervisor")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"address": "  "}, "address"), ({"starts_on": 1}, "starts_on"), ({"starts_on": -400}, "starts_on")],
)
def test_an_empty_address_or_an_impossible_day_is_refused(cast, case, changes, field):
    values = {"address": ADDRESS, "starts_on": 0, **changes}
    values["starts_on"] = today() + timedelta(days=values["starts_on"])
    with pytest.raises(Refused) as refused:
        on(cast, "shelter_worker", case, write_location, **values)
    assert refused.value.field == field


def test_the_form_saves_and_the_page_never_shows_what_was_there(cast, case):
    client, url = cast.client("shelter_worker"), f"/cases/{case.shown_reference}/location/write/"
    html = client.get(url).content.decode()
    assert ADDRESS not in html
    assert 'name="writer"' not in html
    day = today()
    data = {"address": "Mill 2", "starts_on_day": day.day, "starts_on_month": day.month, "starts_on_year": day.year}
    assert client.post(url, data).status_code == 302
    assert "Mill 2" in page(cast, "shelter_worker", case, "show/").content.decode()


@pytest.mark.parametrize("statement", ["UPDATE cases_safelocation SET sealed = ''", "DELETE FROM cases_safelocation"])
def test_the_database_lets_nobody_change_or_remove_a_location(cast, case, statement):
    with (
        acting(cast.shelter_worker.actor),
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("name", ["nrm_worker", "nrm_statistics", "nrm_ledger"])
def test_worker_statistics_and_ledger_cannot_read_what_is_sealed(cast, case, name):
    with pytest.raises(ProgrammingError), transaction.atomic(), role(name), connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM cases_safelocation")


# -- the placement ---------------------------------------------------------------------------------------------------


def test_placing_makes_the_shelter_a_party_by_office_beyond_its_referral(cast):
    case = police_case(cast)
    referral = placed(cast, case)
    do(cast, "shelter_worker", complete_referral, referral, outcome="success")
    assert knows(cast, "shelter_worker", case)
    left(cast, case, by="shelter_worker")
    assert not knows(cast, "shelter_worker", case)


def test_revoking_the_referral_ends_the_placement_and_the_location(cast):
    case = police_case(cast)
    referral = placed(cast, case)
    write(cast, case)
    do(cast, "police_officer", revoke_referral, referral)
    assert not knows(cast, "shelter_worker", case)
    assert in_sql(cast, "shelter_worker") == 0


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        (complete_referral, {"outcome": "failed", "failure_reason": "left"}),
        (record_step, {"kind": "service_ended"}),
    ],
)
def test_a_service_that_ended_or_failed_ends_the_placement(cast, operation, values):
    case = police_case(cast)
    referral = placed(cast, case)
    day = {"happened_on": today()} if operation is record_step else {}
    do(cast, "shelter_worker", operation, referral, **values, **day)
    assert hosting.live(case.pk) == []


def test_closing_ends_it(cast):
    case = led_by_ngo(cast)
    assert in_sql(cast, "ngo_caseworker") == 1
    on(cast, "ngo_supervisor", case, close_case, outcome="reintegrated_country")
    assert page(cast, "ngo_caseworker", case, "show/").status_code == 403
    assert in_sql(cast, "ngo_caseworker") == 0


def test_a_shelter_that_leads_records_it_itself_once(cast):
    case = police_case(cast, "shelter_worker")
    on(cast, "shelter_worker", case, record_placement, starts_on=today())
    with pytest.raises(Conflict):
        on(cast, "shelter_worker", case, record_placement, starts_on=today())
    write(cast, case)
    assert shown(cast, "shelter_worker", case)


def test_only_a_shelter_hosts(cast):
    case = police_case(cast)
    with pytest.raises(NotAllowed):
        on(cast, "police_officer", case, record_placement, starts_on=today())


def test_a_third_party_does_not_end_a_placement(cast, case):
    let_in(cast, case, cast.organisations.ngo)
    with pytest.raises(NotAllowed):
        left(cast, case, by="ngo_supervisor")


def test_another_service_places_nobody(cast):
    cast.organisations.shelter.services.append("counselling")
    cast.organisations.shelter.save()
    case = police_case(cast)
    said(cast, case, service="counselling", purpose="refer_other_service")
    assert hosting.live(case.pk) == []


# -- which shelter ---------------------------------------------------------------------------------------------------


def test_who_is_outside_reads_a_shelter_wherever_the_lead_is_named(cast, case):
    name = "Harbour House"
    Organisation.objects.filter(pk=cast.organisations.shelter.pk).update(name=name)
    let_in(cast, case, cast.organisations.ngo)
    lead(cast, case, cast.organisations.shelter)
    client, reference = cast.client("ngo_supervisor"), case.shown_reference
    for address in (
        f"/cases/{reference}/",
        f"/cases/{reference}/people/",
        f"/cases/{reference}/timeline/",
        f"/cases/{reference}/location/",
        "/my-work/",
        f"/api/v1/cases/{reference}/",
        "/api/v1/my-work/",
    ):
        response = client.get(address)
        html = response.content.decode()
        assert response.status_code == 200, address
        assert case.shown_reference in html, address
        assert name not in html, address
        assert str(cast.organisations.shelter.pk) not in html, address
    assert "A shelter" in client.get(f"/cases/{reference}/").content.decode()
    assert name in cast.client("police_officer").get(f"/cases/{reference}/").content.decode()


def test_the_share_by_office_names_the_shelter_only_to_who_may_know_it(cast):
    Organisation.objects.filter(pk=cast.organisations.shelter.pk).update(name="Harbour House")
    case = police_case(cast)
    let_in(cast, case, cast.organisations.ngo)
    lead(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    placed(cast, case, persona="ngo_caseworker")
    with role("nrm_ledger"):
        givers = set(Share.objects.filter(case=case, office="shelter").values_list("from_organisation", flat=True))
    assert givers == {cast.organisations.ngo.pk}
    html = cast.client("police_officer").get(f"/cases/{case.shown_reference}/shares/").content.decode()
    assert "Harbour House" not in html
