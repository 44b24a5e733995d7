"""The file: own rows are added and corrected, others' rows are read as far as they are shared, history stays."""

from uuid import uuid4

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases.forms.categories import IdentityForm
from cases.models import Case, Deadline, Exploitation, Health, Identity, Indicator, Narrative
from cases.operations.rows import correct_row
from core.db import role
from core.errors import Conflict, Missing
from tests.cases.files import assign
from tests.cases.filing import NAME, at_work, counted, filed_case, shared
from tests.cast import Cast

BUDGET = 14


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str) -> str:
    return f"/cases/{case.shown_reference}/{path}"


def own_identity(cast: Cast, case: Case) -> Identity:
    with acting(cast.ngo_caseworker.actor):
        return Identity.objects.get(case=case)


def identity_data(**changed: str) -> dict[str, str]:
    return {"age_group": "adult", "given_names": NAME, "sex": "female", "version": "1", **changed}


def changes(cast: Cast, kind: str) -> list[AuditChange]:
    with acting(cast.ngo_supervisor.actor):
        return list(AuditChange.objects.filter(kind=kind).order_by("at"))


def test_a_category_shows_own_rows_with_labels_in_place_of_codes(cast: Cast, case: Case) -> None:
    html = cast.client("ngo_caseworker").get(address(case, "identity/")).content.decode()
    assert NAME not in html
    assert "Female" in html
    assert "Own rows" in html
    assert "Nobody else" in html


def test_adding_a_row_records_which_fields_and_not_what_they_hold(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    response = client.post(address(case, "narrative/add/"), {"text": "It rained when we left."})
    assert response.status_code == 302
    assert "It rained when we left." in client.get(response["Location"]).content.decode()
    change = changes(cast, "add_row")[-1]
    assert (change.category, change.detail["fields"]) == ("narrative", ["text"])
    assert "rained" not in str(change.detail)


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_supervisor"])
def test_those_who_work_the_case_may_add(cast: Cast, case: Case, persona: str) -> None:
    response = cast.client(persona).post(address(case, "narrative/add/"), {"text": "Words."})
    assert response.status_code == 302


def test_intake_knows_the_case_but_may_not_add(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_intake")
    assert client.post(address(case, "narrative/add/"), {"text": "Words."}).status_code == 403
    assert client.get(address(case, "narrative/add/")).status_code == 403
    assert "narrative/add/" not in client.get(address(case, "narrative/")).content.decode()


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_caseworker", "police_officer"])
def test_for_all_others_there_is_nothing_to_add_to(cast: Cast, case: Case, persona: str) -> None:
    response = cast.client(persona).post(address(case, "narrative/add/"), {"text": "Words."})
    assert response.status_code == 404
    with acting(cast.ngo_supervisor.actor):
        assert not Narrative.objects.filter(case=case).exists()


def test_a_receiver_reads_what_is_shared_and_nothing_else(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    client = cast.client("shelter_intake")
    assert NAME in client.post(address(case, "name/")).content.decode()
    exploitation = client.get(address(case, "exploitation/")).content.decode()
    assert "Nothing shared with you" in exploitation
    assert "Sexual" not in exploitation


def test_the_lead_does_not_read_what_a_receiver_wrote(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    with at_work(cast, "shelter_supervisor", case):
        pass
    cast.client("shelter_supervisor").post(address(case, "narrative/add/"), {"text": "Only the shelter knows."})
    page = cast.client("ngo_supervisor").get(address(case, "narrative/")).content.decode()
    assert "Only the shelter knows." not in page
    timeline = cast.client("ngo_supervisor").get(address(case, "timeline/")).content.decode()
    assert "Account in own words" not in timeline


def test_correcting_replaces_and_keeps_history_of_which_fields(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    data = identity_data(given_names="Aylin", family_name="O’Brien-d'Arc")
    response = cast.client("ngo_caseworker").post(address(case, f"identity/{row.pk}/"), data)
    assert response.status_code == 302
    with at_work(cast, "ngo_caseworker", case):
        stored = Identity.objects.select_related("case__key").get(pk=row.pk)
        assert stored.open()["given_names"] == "Aylin"
        assert stored.version == 2
    assert changes(cast, "correct_row")[0].detail["fields"] == ["family_name", "given_names"]


def test_a_row_saved_by_two_shows_both_versions_and_loses_nothing(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    url = address(case, f"identity/{row.pk}/")
    cast.client("ngo_supervisor").post(url, identity_data(given_names="First"))
    response = cast.client("ngo_caseworker").post(url, identity_data(given_names="Second"))
    html = response.content.decode()
    assert response.status_code == 409
    assert "First" in html
    assert 'value="Second"' in html
    assert "<title>Error:" in html
    assert 'name="version" value="2"' in html
    again = cast.client("ngo_caseworker").post(url, identity_data(given_names="Second", version="2"))
    assert again.status_code == 302


def test_correcting_without_a_version_is_a_conflict(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    response = cast.client("ngo_caseworker").post(
        address(case, f"identity/{row.pk}/"), identity_data(given_names="Blind", version="")
    )
    assert response.status_code == 409


def test_nobody_corrects_what_another_organisation_wrote(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity")
    response = cast.client("shelter_supervisor").post(address(case, f"identity/{row.pk}/"), identity_data())
    assert response.status_code == 404


def test_identity_exists_once_for_each_organisation(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    assert "identity/add/" not in client.get(address(case, "identity/")).content.decode()
    response = client.post(address(case, "identity/add/"), identity_data())
    assert response.status_code == 422
    assert "Your organisation has already filled this in" in response.content.decode()


def test_an_indicator_says_whether_it_is_a_fact(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    refused = client.post(address(case, "indicators/add/"), {"indicator": "fear"})
    assert refused.status_code == 422
    assert "Choose whether this is a fact or your own assessment." in refused.content.decode()
    assert client.post(address(case, "indicators/add/"), {"indicator": "fear", "nature": "fact"}).status_code == 302
    with acting(cast.ngo_caseworker.actor):
        assert Indicator.objects.get(case=case).nature == "fact"


def test_text_with_nul_bytes_or_one_character_too_many_comes_back_whole(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    for text in ("before\x00after", "é" * 15_001):
        response = client.post(address(case, "narrative/add/"), {"text": text})
        assert response.status_code == 422
        assert text.replace("\x00", "")[-5:] in response.content.decode()
    assert client.post(address(case, "narrative/add/"), {"text": "ي🙂" + "é" * 14_998}).status_code == 302


def test_health_may_be_answered_with_not_known(cast: Cast, case: Case) -> None:
    data = {"needs": ["unknown"], "text_answer": ["withheld"]}
    response = cast.client("ngo_caseworker").post(address(case, "health/add/"), data)
    assert response.status_code == 302
    with acting(cast.ngo_caseworker.actor):
        assert Health.objects.get(case=case).needs == ["unknown"]
    assert "Does not want to say" in cast.client("ngo_caseworker").get(address(case, "health/")).content.decode()


def test_a_double_click_makes_one_row(cast: Cast, case: Case) -> None:
    data = {"text": "Once.", "submission_key": str(uuid4())}
    client = cast.client("ngo_caseworker")
    first, second = (client.post(address(case, "narrative/add/"), data) for _click in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    with acting(cast.ngo_supervisor.actor):
        assert Narrative.objects.filter(case=case).count() == 1


def test_a_closed_case_takes_no_rows(cast: Cast, case: Case) -> None:
    supervisor = cast.client("ngo_supervisor")
    supervisor.post(address(case, "close/"), {"outcome": "support_declined"})
    response = supervisor.post(address(case, "narrative/add/"), {"text": "Too late."})
    assert response.status_code == 409


def test_the_owner_corrects_its_row_in_a_closed_case_and_nothing_starts_to_run(cast: Cast, case: Case) -> None:
    """Who is written about may have it put right as long as it is kept (GDPR Article 16)."""
    row = own_identity(cast, case)
    cast.client("ngo_supervisor").post(address(case, "close/"), {"outcome": "support_declined"})
    before = clocks(case)
    data = identity_data(age_group="child", birth_date_day="10", birth_date_month="3", birth_date_year="2015")
    answer = cast.client("ngo_supervisor").post(address(case, f"identity/{row.pk}/"), data)
    assert answer.status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Identity.objects.get(pk=row.pk).age_group == "child"
        assert not Case.objects.get(pk=case.pk).is_child_branch
    assert clocks(case) == before


def test_what_was_corrected_in_a_closed_case_is_followed_when_it_is_reopened(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    supervisor = cast.client("ngo_supervisor")
    supervisor.post(address(case, "close/"), {"outcome": "support_declined"})
    data = identity_data(age_group="child", birth_date_day="10", birth_date_month="3", birth_date_year="2015")
    supervisor.post(address(case, f"identity/{row.pk}/"), data)
    assert supervisor.post(address(case, "reopen/"), {"reason": "new_information"}).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.get(pk=case.pk).is_child_branch
    majority = [due for rule, due in clocks(case) if rule == "EU-MAJORITY"]
    assert [str(due) for due in majority] == ["2033-03-09"]


def clocks(case: Case) -> set[tuple[str, object]]:
    """The open clocks of a case, with their last days."""
    with role("nrm_ledger"):
        return set(Deadline.objects.filter(case=case, state="open").values_list("rule", "due_on"))


def test_contact_and_language_on_the_case_follow_the_lead_only(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    data = {"reach": ["none"], "language": "ro"}
    assert cast.client("shelter_supervisor").post(address(case, "contact/add/"), data).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.get(pk=case.pk).language == "nl"


def test_a_person_found_to_be_a_child_opens_the_child_branch(cast: Cast, case: Case) -> None:
    row = own_identity(cast, case)
    data = identity_data(age_group="uncertain")
    assert cast.client("ngo_caseworker").post(address(case, f"identity/{row.pk}/"), data).status_code == 302
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.get(pk=case.pk).is_child_branch
    assert cast.client("child_protection_intake").get(address(case, "")).status_code == 200


@pytest.mark.parametrize("path", ["safe-location/", "status/", "consent/add/x/", "identity/not-a-key/"])
def test_what_is_no_category_is_no_page(cast: Cast, case: Case, path: str) -> None:
    assert cast.client("ngo_supervisor").get(address(case, path)).status_code == 404


def test_rows_of_another_case_do_not_open_here(cast: Cast, case: Case) -> None:
    other = filed_case(cast)
    with acting(cast.ngo_caseworker.actor):
        row = Identity.objects.get(case=other)
    assert cast.client("ngo_supervisor").get(address(case, f"identity/{row.pk}/")).status_code == 404


def test_the_operations_judge_anew_what_was_loaded_before(cast: Cast, case: Case) -> None:
    """A stale version and a foreign row are refused by the operation itself, not by the page."""
    row = own_identity(cast, case)
    changed = {"columns": {"sex": "male"}, "content": {}, "values_of": IdentityForm.initial_of}
    with at_work(cast, "ngo_caseworker", case) as (actor, access), pytest.raises(Conflict):
        correct_row(actor, access=access, row=row, version=7, **changed)
    shared(cast, case, cast.organisations.shelter, "identity")
    with at_work(cast, "shelter_supervisor", case) as (actor, access), pytest.raises(Missing):
        correct_row(actor, access=access, row=row, version=1, **changed)


def test_a_category_needs_no_more_queries_with_more_rows(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_supervisor")
    for indicator in ("fear", "violence", "injuries_work", "distrusts_authorities"):
        client.post(address(case, "indicators/add/"), {"indicator": indicator, "nature": "fact"})
    with counted(BUDGET):
        assert client.get(address(case, "indicators/")).status_code == 200


def test_one_primary_form_of_exploitation(cast: Cast, case: Case) -> None:
    response = cast.client("ngo_caseworker").post(
        address(case, "exploitation/add/"), {"form": "labour", "is_primary": "on"}
    )
    assert response.status_code == 422
    assert "One form of exploitation is the primary one" in response.content.decode()
    with acting(cast.ngo_caseworker.actor):
        assert Exploitation.objects.filter(case=case).count() == 1


@pytest.mark.parametrize(
    ("citizenships", "is_offered"),
    [(["NL"], False), (["NL", "MA"], True), (["RO"], True), (["unknown"], True), ([], True)],
)
def test_residence_is_offered_for_everybody_but_own_nationals(
    cast: Cast, case: Case, citizenships: list[str], is_offered: bool
) -> None:
    """EU citizens too need a residence status recorded (B8/3.1); citizens of the country meet no migration field."""
    with at_work(cast, "ngo_caseworker", case):
        Identity.objects.filter(case=case).update(citizenships=citizenships)
    page = cast.client("ngo_caseworker").get(address(case, "immigration/")).content.decode()
    assert (address(case, "immigration/add/") in page) is is_offered
    assert ("Citizens of this country are not asked about residence." in page) is not is_offered


def test_what_another_organisation_wrote_of_the_citizenship_changes_nothing(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    assign(cast, case, "shelter_worker")
    with at_work(cast, "ngo_caseworker", case):
        Identity.objects.filter(case=case).update(citizenships=["NL"])
    page = cast.client("shelter_worker").get(address(case, "immigration/")).content.decode()
    assert "Citizens of this country" not in page
