"""The audit by REST shows what its pages show to the same people, and is itself in the audit."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Membership
from audit.enums import HintKind
from audit.models import AuditHint
from cases.models import Case
from core import clock
from core.db import role
from reporting import trail
from tests.api.calls import Caller, problem
from tests.cases.filing import NAME, looked_at_case
from tests.cast import Cast

PARTS = ("audit/", "audit/acts/", "audit/looks/")
READERS = ("data_protection_officer", "auditor")


@pytest.fixture
def case(cast: Cast) -> Case:
    return looked_at_case(cast)


def rows(cast: Cast, who: str, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = Caller(cast, who).get(path, **query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("path", PARTS)
def test_it_holds_the_rows_of_the_page_and_no_content(cast: Cast, case: Case, path: str, who: str) -> None:
    wanted = {"reference": case.shown_reference.lower()}
    page = cast.client(who).get(f"/{path}", wanted).context["lines"]
    answer = Caller(cast, who).get(path, **wanted)
    assert [row["at"] for row in answer.json()["rows"]] == [line.at.isoformat().replace("+00:00", "Z") for line in page]
    assert page
    text = answer.content.decode()
    assert NAME not in text
    assert "blue umbrella" not in text


def test_a_look_of_another_organisation_is_told_by_function(cast: Cast, case: Case) -> None:
    other = next(row for row in rows(cast, "auditor", "audit/looks/") if row["organisation"] == "Shelter")
    assert (other["person"], other["roles"], other["categories"]) == ("", ["supervisor"], ["contact"])


@pytest.mark.parametrize("path", [*PARTS, "audit/hints/"])
@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake", "organisation_administrator", "coordinator"])
def test_nobody_else_reads_it(cast: Cast, who: str, path: str) -> None:
    problem(Caller(cast, who).get(path), 403)


def test_a_supervisor_reads_hints_and_no_search(cast: Cast) -> None:
    caller = Caller(cast, "ngo_supervisor")
    assert caller.get("audit/hints/").json() == []
    for path in PARTS:
        problem(caller.get(path), 403)


def test_another_organisation_is_out_of_sight(cast: Cast, case: Case) -> None:
    assert {row["organisation"] for row in rows(cast, "auditor", "audit/")} == {"NGO"}
    Membership.objects.filter(pk=cast.police_officer.membership_id).update(roles=["auditor"])
    for path in PARTS:
        assert case.shown_reference not in {row["reference"] for row in rows(cast, "police_officer", path)}


def test_the_auditor_of_the_national_coordinator_oversees_everybody(cast: Cast, case: Case) -> None:
    Membership.objects.filter(pk=cast.coordinator.membership_id).update(roles=["auditor"])
    body = Caller(cast, "coordinator").get("audit/").json()
    assert body["is_everybody"]
    assert {"Shelter", "NGO"} <= {row["organisation"] for row in body["rows"]}
    assert not Caller(cast, "auditor").get("audit/").json()["is_everybody"]


def test_filters_narrow_it(cast: Cast, case: Case) -> None:
    cast.client("ngo_intake").get(f"/cases/{case.shown_reference}/identity/add/")
    assert {row["outcome"] for row in rows(cast, "auditor", "audit/", outcome="refused")} == {403}
    assert {row["kind"] for row in rows(cast, "auditor", "audit/acts/", kind="share")} == {"share"}
    own = rows(cast, "auditor", "audit/", member=str(cast.ngo_caseworker.membership_id))
    assert {row["person"] for row in own} == {"NGO caseworker"}
    tomorrow = clock.moment() + timedelta(days=2)
    assert rows(cast, "auditor", "audit/", start=f"{tomorrow:%Y-%m-%d}") == []
    categories = [row["categories"] for row in rows(cast, "auditor", "audit/looks/", category="contact")]
    assert categories
    assert all("contact" in one for one in categories)


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("audit/", {"reference": "AAAA"}, "reference"),
        ("audit/acts/", {"start": "2026-05-02", "end": "2026-05-01"}, "end"),
        ("audit/", {"outcome": "lost"}, "outcome"),
        ("audit/looks/", {"category": "location"}, "category"),
    ],
)
def test_a_filter_that_cannot_be_is_a_problem_of_its_field(
    cast: Cast, path: str, query: dict[str, str], field: str
) -> None:
    assert list(problem(Caller(cast, "auditor").get(path, **query), 422)["errors"]) == [field]


def test_it_goes_on_where_the_last_page_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    expected = len(rows(cast, "auditor", "audit/acts/"))
    monkeypatch.setattr(trail, "SIZE", 1)
    caller, place, seen = Caller(cast, "auditor"), "", 0
    while place is not None:
        body = caller.get("audit/acts/", at=place).json()
        place, seen = body["next"], seen + len(body["rows"])
    assert seen == expected > 1


def test_searching_is_audited_as_on_the_page(cast: Cast, case: Case) -> None:
    rows(cast, "auditor", "audit/")
    assert "api:audit_requests" in {row["route"] for row in rows(cast, "data_protection_officer", "audit/")}


def test_reading_it_too_fast_is_slowed_down(cast: Cast, case: Case, settings: Any) -> None:
    settings.CASE_PAGES_PER_MINUTE, settings.CASE_PAGES_PER_HOUR = 3, 8
    caller = Caller(cast, "auditor")
    statuses = [caller.get("audit/").status_code for _number in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert "Retry-After" in caller.get("audit/").headers


def test_hints_are_those_of_the_page(cast: Cast) -> None:
    with acting(cast.ngo_supervisor.actor), role("nrm_worker"):
        AuditHint.objects.create(
            made_at=clock.moment(),
            kind=HintKind.MANY_REFUSED,
            on=clock.moment().date(),
            organisation_id=cast.organisations.ngo.pk,
            membership_id=cast.ngo_caseworker.membership_id,
            actor_label="NGO caseworker",
            count=21,
        )
    (hint,) = Caller(cast, "ngo_supervisor").get("audit/hints/").json()
    assert (hint["person"], hint["kind"], hint["count"]) == ("NGO caseworker", "many_refused", 21)
    assert Caller(cast, "shelter_supervisor").get("audit/hints/").json() == []
