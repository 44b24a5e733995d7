"""The consent register: recorded with what makes it one, withdrawn as easily, and what a withdrawal ends."""

from datetime import timedelta

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases.enums import ConsentState
from cases.models import Case, Consent, Deadline
from cases.operations.consent import withdraw_consent
from core import clock
from core.errors import Conflict, Missing, Refused
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "consent/") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def consent_data(**changed):
    day = today()
    return {
        "state": "given",
        "purpose": "refer_shelter",
        "categories": ["identity"],
        "form": "written",
        "information_given": ["mechanism", "withdrawal"],
        "given_on_day": str(day.day),
        "given_on_month": str(day.month),
        "given_on_year": str(day.year),
        **changed,
    }


def test_recording_a_consent(cast: Cast, case: Case) -> None:
    data = consent_data(recipient=str(cast.organisations.shelter.pk), language="nl", has_interpreter="on")
    client = cast.client("ngo_caseworker")
    response = client.post(address(case, "consent/add/"), data)
    assert response.status_code == 302
    with acting(cast.ngo_caseworker.actor):
        stored = Consent.objects.get(case=case, purpose="refer_shelter")
        assert (stored.state, stored.recipient_id) == (ConsentState.GIVEN, cast.organisations.shelter.pk)
        assert Deadline.objects.filter(subject_id=stored.pk, rule="EU-CONREV", state="open").exists()
        change = AuditChange.objects.get(kind="record_consent", object_id=stored.pk)
    assert (change.category, change.detail["purpose"]) == ("consent", "refer_shelter")
    html = client.get(response["Location"]).content.decode()
    assert cast.organisations.shelter.name in html


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"information_given": []}, "Without information there is no consent"),
        ({"categories": []}, "Choose at least one category"),
        ({"form": ""}, "Choose in which form the person answered"),
        ({"given_on_year": "2999"}, "today or in the past"),
        ({"given_on_day": "30", "given_on_month": "2"}, "a date that exists"),
        ({"valid_until_day": "1", "valid_until_month": "1", "valid_until_year": "2020"}, "today or in the future"),
    ],
)
def test_what_makes_no_consent_is_refused(cast: Cast, case: Case, changed, message: str) -> None:
    response = cast.client("ngo_caseworker").post(address(case, "consent/add/"), consent_data(**changed))
    assert response.status_code == 422
    assert message in response.content.decode()


def test_the_own_organisation_needs_no_consent_from_itself(cast: Cast, case: Case) -> None:
    data = consent_data(recipient=str(cast.organisations.ngo.pk))
    response = cast.client("ngo_caseworker").post(address(case, "consent/add/"), data)
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("persona", "status"), [("ngo_intake", 403), ("colleague_unassigned", 404), ("police_officer", 404)]
)
def test_others_record_nothing(cast: Cast, case: Case, persona: str, status: int) -> None:
    assert cast.client(persona).post(address(case, "consent/add/"), consent_data()).status_code == status


def test_withdrawing_says_what_it_ends_and_ends_it_at_once(cast: Cast, case: Case) -> None:
    shelter = cast.organisations.shelter
    consent = consented(cast, case)
    shared(cast, case, shelter, "identity", legal_basis="consent", consent=consent)
    shared(cast, case, cast.organisations.health, "identity", purpose="refer_health")
    client = cast.client("ngo_caseworker")
    url = address(case, f"consent/{consent.pk}/withdraw/")
    before = client.get(url).content.decode()
    assert shelter.name in before
    assert cast.organisations.health.name not in before[before.index("Withdraw a consent") :]
    assert cast.client("shelter_intake").get(address(case, "")).status_code == 200
    assert client.post(url, {"withdrawn_via": "oral_witnessed"}).status_code == 302
    assert cast.client("shelter_intake").get(address(case, "")).status_code == 404
    assert cast.client("health_worker").get(address(case, "")).status_code == 404
    with acting(cast.ngo_supervisor.actor):
        assert Consent.objects.get(pk=consent.pk).state == ConsentState.WITHDRAWN
        assert not Deadline.objects.filter(subject_id=consent.pk, state="open").exists()
        kinds = AuditChange.objects.filter(case_id=case.pk).values_list("kind", flat=True)
        assert {"withdraw_consent", "end_share"} <= set(kinds)


def test_what_rests_on_another_basis_goes_on(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity", purpose="case_management")
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    assert cast.client("shelter_intake").get(address(case, "")).status_code == 200
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.get(pk=case.pk).state == "registered"


def test_withdrawing_twice_is_a_conflict(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    url = address(case, f"consent/{consent.pk}/withdraw/")
    client = cast.client("ngo_caseworker")
    client.post(url, {"withdrawn_via": "written"})
    assert client.post(url, {"withdrawn_via": "written"}).status_code == 409
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Conflict):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")


def test_nobody_withdraws_what_another_organisation_took(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "consent")
    assert cast.client("shelter_supervisor").get(address(case)).status_code == 200
    url = address(case, f"consent/{consent.pk}/withdraw/")
    assert cast.client("shelter_supervisor").post(url, {"withdrawn_via": "written"}).status_code == 404
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(Missing):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")


def test_a_withdrawn_consent_carries_no_new_share(cast: Cast, case: Case) -> None:
    consent = consented(cast, case)
    client = cast.client("ngo_caseworker")
    client.post(address(case, f"consent/{consent.pk}/withdraw/"), {"withdrawn_via": "written"})
    html = client.get(address(case, f"shares/new/?to={cast.organisations.shelter.pk}")).content.decode()
    assert str(consent.pk) not in html


def test_a_consent_that_has_ended_carries_no_share(cast: Cast, case: Case) -> None:
    consent = consented(cast, case, valid_until=today() + timedelta(days=3))
    with clock.travel(clock.moment() + timedelta(days=5)), pytest.raises(Refused, match="withdrawn or has ended"):
        shared(
            cast,
            case,
            cast.organisations.shelter,
            "identity",
            legal_basis="consent",
            consent=consent,
            ends_on=today() + timedelta(days=1),
        )
