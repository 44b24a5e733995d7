"""Sending a draft: one case, its rows, its lead, its clocks; a child opens the child branch; the draft is gone."""

import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection

from accounts.context import acting
from audit.models import AuditChange
from cases import access as door
from cases.enums import CaseState, Category, ConsentState, Identification
from cases.models import (
    Case,
    Consent,
    Deadline,
    Draft,
    Exploitation,
    Guardianship,
    Health,
    Identity,
    Indicator,
    Service,
)
from cases.operations.drafts import get_draft, start_draft
from cases.operations.registration import NewRow, Registration, register_presumed_victim
from core import clock, reference
from core.errors import Missing, NotAllowed, Refused
from tests.cases.registering import CONSENT, CONTACT, add_form, begin, complete, fill, send

db = pytest.mark.django_db


@db
def test_an_adult_with_consent_becomes_a_case(cast):
    client = cast.client("ngo_caseworker")
    pk = complete(
        client, danger={"danger": ["threatened"], "region": "limburg"}, identity={"label": "Red coat", "sex": "female"}
    )
    response = send(client, pk)
    assert response.status_code == 302, response.content
    with acting(cast.ngo_caseworker):
        case = Case.objects.get()
        access = door.get_case(cast.ngo_caseworker, case.reference)
        assert reference.parse(case.reference) == case.reference
        assert (case.state, case.identification) == (CaseState.REGISTERED, Identification.PRESUMED)
        assert (case.language, case.region, case.do_not_contact, case.is_child_branch) == (
            "ro",
            "limburg",
            False,
            False,
        )
        assert (access.lead.key, access.is_assigned) == (cast.ngo_caseworker.organisation_id, True)
        assert door.label_of(access) == "Red coat"
        consent = Consent.objects.get()
        assert (consent.state, consent.purpose) == (ConsentState.GIVEN, "register")
        contact = door.read_rows(access, Category.CONTACT)[0]
        assert contact.content["danger"] == ["threatened"]
        assert {"EU-NEEDS"} <= set(Deadline.objects.values_list("rule", flat=True))
        assert AuditChange.objects.filter(kind="register_presumed_victim", case_id=case.pk).count() == 1
        assert not Draft.objects.exists()
    page = client.get(response.url).content.decode()
    assert reference.show(case.reference) in page


@db
def test_everything_typed_arrives_in_its_category(cast):
    client = cast.client("ngo_caseworker")
    pk = complete(
        client,
        identity={
            "given_names": "Żaneta",
            "citizenships": ["PL", "DE"],
            "sex": "female",
            "document_answer": "withheld",
        },
        account={"text": "They took my passport.", "language": "pl"},
        indicators={"fear": ["fact"], "fear_note": "Trembled", "violence": ["assessment"]},
        needs={
            "needs": ["shelter", "medical_urgent", "pregnancy_care", "other"],
            "urgent": ["shelter"],
            "other_need": "A dog",
        },
    )
    add_form(
        client, pk, form="labour", sector="cleaning", countries=["NL", "PL"], started_year="2024", places="Tilburg"
    )
    add_form(client, pk, form="criminal")
    send(client, pk)
    with acting(cast.ngo_caseworker):
        access = door.get_case(cast.ngo_caseworker, Case.objects.get().reference)
        identity = door.read_rows(access, Category.IDENTITY)[0]
        assert identity.citizenships == ["PL", "DE"]
        assert identity.birth_year == 1999
        assert identity.content["given_names"] == "Żaneta"
        assert identity.content["document_answer"] == "withheld"
        forms = {row.form: row for row in door.read_rows(access, Category.EXPLOITATION)}
        assert {name: row.is_primary for name, row in forms.items()} == {"labour": True, "criminal": False}
        assert forms["labour"].content["places"] == "Tilburg"
        assert door.read_rows(access, Category.NARRATIVE)[0].content["text"] == "They took my passport."
        assert set(Indicator.objects.values_list("indicator", "nature")) == {
            ("fear", "fact"),
            ("violence", "assessment"),
        }
        services = dict(Service.objects.values_list("service", "is_urgent"))
        assert services == {"safe_accommodation": True, "medical": False, "other": False}
        assert Health.objects.get().needs == ["medical_urgent", "pregnancy_care"]


@db
@pytest.mark.parametrize("group", ["child", "uncertain"])
def test_a_child_or_an_uncertain_age_opens_the_child_branch_at_once(cast, group):
    client = cast.client("ngo_caseworker")
    pk = child_draft(client, group)
    assert send(client, pk).status_code == 302
    with acting(cast.ngo_caseworker):
        case = Case.objects.get()
        assert case.is_child_branch
        assert Guardianship.objects.get().case_id == case.pk
        assert not Consent.objects.exists()
    with acting(cast.child_protection_supervisor):
        assert door.get_case(cast.child_protection_supervisor, case.reference).case.pk == case.pk
        assert Deadline.objects.filter(case=case, bound_organisation=cast.organisations.child_protection).exists()


def child_draft(client, group="child"):
    pk = begin(client)
    fill(client, pk, "age", age_group=group)
    fill(client, pk, "child", informed_by="registrar", view="Wants to go to school")
    fill(client, pk, "contact", **CONTACT)
    return pk


@db
def test_nothing_known_to_be_safe_means_do_not_contact(cast):
    client = cast.client("ngo_caseworker")
    pk = complete(client, contact={"reach": ["none"]})
    send(client, pk)
    with acting(cast.ngo_caseworker):
        assert Case.objects.get().do_not_contact


@db
def test_an_authority_registers_an_adult_on_a_legal_basis(cast):
    client = cast.client("police_officer")
    pk = complete(client, consent={"answer": "refused", "legal_basis": "law_enforcement"})
    assert send(client, pk).status_code == 302
    with acting(cast.police_officer):
        consent = Consent.objects.get()
        assert (consent.state, consent.legal_basis) == (ConsentState.OTHER_BASIS, "law_enforcement")


@db
@pytest.mark.parametrize("name", ["ngo_caseworker", "shelter_worker", "health_worker"])
@pytest.mark.parametrize("answer", ["refused", "not_asked"])
def test_others_may_not_register_an_adult_without_consent(cast, name, answer):
    client = cast.client(name)
    pk = complete(client, consent={"answer": answer, "legal_basis": "law_enforcement"})
    assert send(client, pk).status_code == 422
    with acting(getattr(cast, name)):
        assert not Case.objects.exists()


@db
def test_the_operation_itself_refuses_an_adult_without_basis(cast):
    actor = cast.ngo_caseworker
    forged = NewRow(
        Consent, {"state": ConsentState.OTHER_BASIS, "legal_basis": "law_enforcement", "information_given": []}
    )
    identity = NewRow(Identity, {"age_group": "adult"})
    with acting(actor):
        for rows in ([identity], [identity, forged]):
            with pytest.raises(Refused):
                register_presumed_victim(actor, registration=Registration(rows=rows))


@db
@pytest.mark.parametrize("name", ["authority_decision_maker", "guardian", "coordinator", "organisation_administrator"])
def test_who_may_not_register(cast, name):
    actor = getattr(cast, name)
    with acting(actor), pytest.raises(NotAllowed):
        register_presumed_victim(actor, registration=Registration(rows=[NewRow(Identity, {"age_group": "child"})]))


@db
def test_sending_twice_makes_one_case(cast):
    client = cast.client("ngo_caseworker")
    pk = complete(client)
    assert send(client, pk).status_code == 302
    assert send(client, pk).status_code == 404
    with acting(cast.ngo_caseworker):
        assert Case.objects.count() == 1


@db
def test_a_double_click_gets_the_same_answer(cast):
    client = cast.client("ngo_caseworker")
    pk = complete(client)
    key = {"submission_key": str(uuid4())}
    first, second = (client.post(f"/register/{pk}/check/", key) for _time in range(2))
    assert first.url == second.url
    with acting(cast.ngo_caseworker):
        assert Case.objects.count() == 1


@db
def test_a_colleagues_draft_is_sent_by_the_supervisor_and_both_work_on_it(cast):
    pk = complete(cast.client("ngo_caseworker"))
    assert send(cast.client("ngo_supervisor"), pk).status_code == 302
    with acting(cast.ngo_supervisor):
        case = Case.objects.get()
        found = door.get_case(cast.ngo_supervisor, case.reference)
        members = {row.membership_id for row in door.assigned_members(found)}
    assert members == {cast.ngo_caseworker.membership_id, cast.ngo_supervisor.membership_id}


@db
def test_outsiders_find_nothing_after_registration(cast):
    client = cast.client("ngo_caseworker")
    response = send(client, complete(client))
    for name in ("other_ngo_caseworker", "colleague_unassigned", "coordinator", "police_officer"):
        assert cast.client(name).get(response.url).status_code == 404


@db
def test_registering_costs_the_same_number_of_queries_for_any_number_of_rows(cast, django_assert_max_num_queries):
    client = cast.client("ngo_caseworker")
    pk = complete(client, indicators={"fear": ["fact"], "violence": ["fact"], "others_speak": ["assessment"]})
    for form in ("labour", "criminal", "sexual"):
        add_form(client, pk, form=form)
    with django_assert_max_num_queries(100):
        assert send(client, pk).status_code == 302
    with acting(cast.ngo_caseworker):
        assert Exploitation.objects.count() == 3


def test_two_at_once_make_one_case(cast, own_database):
    """Two connections send the same draft: one registers, the other finds the draft gone."""
    actor = cast.ngo_caseworker
    with acting(actor):
        draft = start_draft(actor)
    outcomes = []
    barrier = threading.Barrier(2)

    def run():
        try:
            with acting(actor):
                barrier.wait(10)
                rows = [NewRow(Identity, {"age_group": "adult"}), consent_row()]
                register_presumed_victim(actor, registration=Registration(rows=rows), draft=draft)
            outcomes.append("registered")
        except Missing:
            outcomes.append("missing")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["missing", "registered"]
    with acting(actor):
        assert Case.objects.count() == 1
        with pytest.raises(Missing):
            get_draft(actor, draft.pk)


def consent_row():
    columns = {
        "state": ConsentState.GIVEN,
        "information_given": ["purpose"],
        "purpose": "register",
        "legal_basis": "consent",
        "given_on": clock.moment().date(),
    }
    return NewRow(Consent, columns)


@db
def test_a_consent_from_last_week_starts_its_clock_on_its_own_day(cast):
    with clock.travel(datetime(2026, 6, 10, 9, tzinfo=UTC)):
        client = cast.client("ngo_caseworker")
        pk = complete(client, consent={**CONSENT, "given_on_day": "3", "given_on_month": "6"})
        assert send(client, pk).status_code == 302
        with acting(cast.ngo_caseworker):
            assert Consent.objects.get().given_on.isoformat() == "2026-06-03"
            rules = dict(Deadline.objects.values_list("rule", "due_on"))
            assert {rule for rule, due in rules.items() if due.isoformat() == "2026-12-03"}
