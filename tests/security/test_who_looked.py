"""Each organisation sees who looked at its rows, and only that; auditors search the audit and meet no content."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection

from accounts.context import acting
from accounts.models import Membership
from cases.models import Case, Identity
from core import clock
from core.db import role
from tests.api.calls import Caller
from tests.cases.filing import NAME, looked_at_case
from tests.cast import Cast, Persona

PARTS = ("/audit/", "/audit/acts/", "/audit/looks/")


@pytest.fixture
def case(cast: Cast) -> Case:
    return looked_at_case(cast)


def looks_of(person: Persona, table: str = "audit_auditlook", columns: str = "*") -> list[Any]:
    with acting(person.actor), role("nrm_auditor"), connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table}")
        return cursor.fetchall()


def page(cast: Cast, who: str, path: str) -> str:
    answer = cast.client(who).get(path)
    assert answer.status_code == HTTPStatus.OK, path
    return answer.content.decode()


def test_a_supervisor_sees_colleagues_by_name_and_others_by_function(cast: Cast, case: Case) -> None:
    text = page(cast, "ngo_supervisor", f"/cases/{case.shown_reference}/looks/")
    for said in ("NGO caseworker", "Shelter", "Supervisor", "Contact", "Identity"):
        assert said in text
    assert "Shelter supervisor" not in text
    assert NAME not in text
    rows = Caller(cast, "ngo_supervisor").get(f"cases/{case.shown_reference}/looks/").json()["rows"]
    others = [row for row in rows if not row["is_own"]]
    assert {(row["organisation"], row["person"], tuple(row["roles"])) for row in others} == {
        ("Shelter", "", ("supervisor",))
    }
    assert {category for row in others for category in row["categories"]} == {"contact"}


@pytest.mark.parametrize(
    ("who", "status"), [("ngo_caseworker", 403), ("ngo_intake", 403), ("police_supervisor", 404), ("auditor", 404)]
)
def test_only_a_supervisor_opens_it_on_the_case(cast: Cast, case: Case, who: str, status: int) -> None:
    assert cast.client(who).get(f"/cases/{case.shown_reference}/looks/").status_code == status


def test_what_was_shown_of_others_is_not_told(cast: Cast, case: Case) -> None:
    """The shelter's own rows were on the same page; the NGO learns of its own rows alone (rule 17)."""
    shelter = {row[0] for row in looks_of(cast.shelter_supervisor, columns="owner_organisation_id")}
    ngo = {row[0] for row in looks_of(cast.ngo_supervisor, columns="owner_organisation_id")}
    assert ngo == {cast.organisations.ngo.pk}
    assert shelter <= {cast.organisations.shelter.pk}


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake", "organisation_administrator", "coordinator"])
@pytest.mark.parametrize("table", ["audit_auditlook", "audit_auditrequest", "audit_audithint"])
def test_the_database_shows_the_audit_to_who_answers_for_it_only(cast: Cast, case: Case, who: str, table: str) -> None:
    assert looks_of(getattr(cast, who), table) == []


def test_a_suspended_auditor_reads_nothing(cast: Cast, case: Case) -> None:
    assert looks_of(cast.auditor)
    Membership.objects.filter(pk=cast.auditor.membership_id).update(suspended_at=clock.moment())
    assert looks_of(cast.auditor) == []


def test_a_refused_request_was_no_look(cast: Cast, case: Case) -> None:
    """Intake may not correct a row; it had been loaded when that was found out."""
    with acting(cast.ngo_caseworker.actor):
        row = Identity.objects.get(case=case)
    before = len(looks_of(cast.ngo_supervisor))
    assert cast.client("ngo_intake").get(f"/cases/{case.shown_reference}/identity/{row.pk}/").status_code == 403
    assert len(looks_of(cast.ngo_supervisor)) == before


@pytest.mark.parametrize("path", PARTS)
@pytest.mark.parametrize("who", ["data_protection_officer", "auditor"])
def test_an_auditor_finds_requests_acts_and_looks_without_content(cast: Cast, case: Case, path: str, who: str) -> None:
    text = page(cast, who, path + f"?reference={case.shown_reference.lower()}")
    assert case.shown_reference in text
    assert NAME not in text
    assert "blue umbrella" not in text


def test_filters_narrow_and_stand_in_the_address(cast: Cast, case: Case) -> None:
    cast.client("ngo_intake").get(f"/cases/{case.shown_reference}/identity/add/")
    refused = page(cast, "auditor", "/audit/?outcome=refused")
    assert "NGO intake" in refused
    assert "NGO caseworker</div></td>" not in refused.replace("\n", "")
    member = cast.ngo_caseworker.membership_id
    own = page(cast, "auditor", f"/audit/?member={member}&start={clock.moment():%Y-%m-%d}")
    assert "cases:category" in own
    assert "NGO intake<" not in own.split("Rows of the audit")[1]
    tomorrow = clock.moment() + timedelta(days=2)
    assert "Nothing in the audit fits." in page(cast, "auditor", f"/audit/?start={tomorrow:%Y-%m-%d}")
    share = page(cast, "auditor", "/audit/acts/?kind=share").split("Rows of the audit")[1]
    assert "Shared" in share
    assert "Consent recorded" not in share


@pytest.mark.parametrize("path", ["/audit/?reference=AAAA", "/audit/acts/?start=2026-05-02&end=2026-05-01"])
def test_a_filter_that_cannot_be_is_refused_beside_its_field(cast: Cast, path: str, case: Case) -> None:
    """And nothing is listed under it: not everything."""
    answer = cast.client("auditor").get(path)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not answer.context["lines"]
    assert "Nothing in the audit fits." not in answer.content.decode()


def test_an_auditor_reads_words_where_the_audit_keeps_codes(cast: Cast, case: Case) -> None:
    cast.client("ngo_supervisor").post(f"/cases/{case.shown_reference}/name/")
    requests, acts = page(cast, "auditor", "/audit/"), page(cast, "auditor", "/audit/acts/")
    assert "Opened<span" in requests
    assert "Sent<span" in requests
    assert "GET cases:" not in requests
    assert "Outcome" in requests
    assert "Work within the organisation" in acts
    assert ">internal<" not in acts
    assert "Outcome" not in acts
    kinds = re.findall(r"<option[^>]*>([^<]+)</option>", acts.split('name="kind"')[1].split("</select>")[0])
    assert kinds == ["All", *sorted(kinds[1:])]


def test_pages_go_on_where_the_last_one_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    monkeypatch.setattr("reporting.trail.SIZE", 1)
    seen: list[str] = []
    address, client = "/audit/acts/", cast.client("auditor")
    for _page in range(20):
        answer = client.get(address)
        seen += [line.what for line in answer.context["lines"]]
        if not answer.context["next_url"]:
            break
        address = "/audit/acts/" + answer.context["next_url"]
    with acting(cast.auditor.actor), role("nrm_auditor"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditchange")
        assert len(seen) == cursor.fetchone()[0] > 1


def test_another_organisation_and_its_auditor_are_out_of_sight(cast: Cast, case: Case) -> None:
    text = page(cast, "auditor", "/audit/")
    assert "Shelter" not in text.split("Rows of the audit")[1]
    Membership.objects.filter(pk=cast.police_officer.membership_id).update(roles=["auditor"])
    for path in PARTS:
        assert case.shown_reference not in page(cast, "police_officer", path)


def test_the_auditor_of_the_national_coordinator_oversees_everybody(cast: Cast, case: Case) -> None:
    Membership.objects.filter(pk=cast.coordinator.membership_id).update(roles=["auditor"])
    text = page(cast, "coordinator", "/audit/")
    assert "Shelter supervisor" in text
    assert "NGO caseworker" in text
    assert cast.client("coordinator").get(f"/cases/{case.shown_reference}/").status_code == HTTPStatus.NOT_FOUND
    with pytest.raises(Exception, match="permission denied"):
        looks_of(cast.auditor, "audit_auditchange", "detail")


def test_searching_the_audit_is_audited(cast: Cast, case: Case) -> None:
    page(cast, "auditor", "/audit/")
    assert "reporting:audit_requests" in page(cast, "data_protection_officer", "/audit/")
