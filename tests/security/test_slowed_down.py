"""Who opens pages faster than anybody reads is slowed down; what is slow and far above usual gives a hint."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest

from accounts.context import acting
from audit import trail
from audit.models import AuditHint, AuditRequest
from cases.models import Case
from core import clock, reference
from core.db import role
from reporting import hints
from tests.api.calls import Caller, problem
from tests.cases.filing import filed_case
from tests.cast import Cast

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def case(cast: Cast, settings: Any) -> Case:
    settings.CASE_PAGES_PER_MINUTE, settings.CASE_PAGES_PER_HOUR = 5, 8
    return filed_case(cast)


def last(cast: Cast, who: str) -> AuditRequest:
    with acting(getattr(cast, who).actor):
        return AuditRequest.objects.latest("at")


def test_the_sixth_page_in_a_minute_waits_and_says_how_long(cast: Cast, case: Case) -> None:
    client, path = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/"
    with clock.travel(NOON):
        assert [client.get(path).status_code for _page in range(5)] == [200] * 5
    with clock.travel(NOON + timedelta(seconds=20)):
        slowed = client.get(path)
        assert slowed.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert slowed.headers["Retry-After"] == "40"
        assert "Too many pages at once" in slowed.content.decode()
        row = last(cast, "ngo_caseworker")
        assert (row.outcome, row.route, row.categories) == (429, "cases:case", [])
        body = problem(Caller(cast, "ngo_caseworker").get(f"cases/{case.shown_reference}/"), 429)
        assert "anybody reads" in body["detail"]
    with clock.travel(NOON + timedelta(seconds=61)):
        assert client.get(path).status_code == HTTPStatus.OK


def test_the_hour_has_a_limit_of_its_own(cast: Cast, case: Case) -> None:
    client, answers = cast.client("ngo_caseworker"), []
    for minute in range(9):
        with clock.travel(NOON + timedelta(minutes=2 * minute)):
            answers.append(client.get(f"/cases/{case.shown_reference}/").status_code)
    assert answers == [200] * 8 + [429]


def test_guessing_references_counts_too(cast: Cast, case: Case) -> None:
    client = cast.client("other_ngo_supervisor")
    answers = [client.get(f"/cases/{reference.show(reference.new())}/").status_code for _guess in range(6)]
    assert answers == [404] * 5 + [429]


def test_nobody_else_and_nothing_typed_is_held_up(cast: Cast, case: Case) -> None:
    client, path = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/"
    for _page in range(6):
        client.get(path)
    assert client.get(path).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert client.get("/account/").status_code == HTTPStatus.OK
    assert client.post(f"{path}label/", {"label": "Rose"}).status_code == HTTPStatus.FOUND
    assert cast.client("ngo_supervisor").get(path).status_code == HTTPStatus.OK


# -- hints -----------------------------------------------------------------------------------------------------------


def looked(cast: Cast, who: str, cases: int, at: datetime, outcome: int = 200) -> None:
    """So many cases opened by one person at one moment."""
    actor = getattr(cast, who).actor
    with clock.travel(at), acting(actor):
        for _case in range(cases):
            touched = trail.Touched(case_id=uuid4())
            trail.write_request(touched, actor=actor, method="GET", route="cases:case", outcome=outcome)


def found(cast: Cast, at: datetime = NOON) -> set[tuple[str, str, int]]:
    with clock.travel(at):
        hints.find()
    with acting(cast.data_protection_officer.actor), role("nrm_auditor"):
        return set(AuditHint.objects.values_list("kind", "actor_label", "count"))


def test_an_ordinary_day_gives_no_hint(cast: Cast) -> None:
    looked(cast, "ngo_caseworker", 12, NOON)
    assert found(cast) == set()


def test_far_above_what_colleagues_of_the_role_open(cast: Cast) -> None:
    for day in range(2, 10):
        looked(cast, "colleague_unassigned", 5, NOON - timedelta(days=day))
    looked(cast, "colleague_unassigned", 22, NOON)
    looked(cast, "ngo_caseworker", 21, NOON)
    assert found(cast) == {
        ("far_above_usual", "NGO caseworker", 21),
        ("far_above_usual", "Colleague unassigned", 22),
    }
    assert found(cast) == found(cast), "once for each day"


@pytest.mark.parametrize(("who", "is_told"), [("ngo_caseworker", True), ("shelter_worker", False)])
def test_at_night_where_nobody_works_at_night(cast: Cast, who: str, is_told: bool) -> None:
    looked(cast, who, 5, datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    assert (("out_of_hours", "NGO caseworker", 5) in found(cast)) is is_told


def test_a_slow_scrape_and_many_refusals(cast: Cast) -> None:
    for hour in range(8):
        looked(cast, "ngo_caseworker", 10, NOON - timedelta(hours=4) + timedelta(hours=hour))
    looked(cast, "ngo_intake", 20, NOON, outcome=404)
    looked(cast, "ngo_supervisor", 1, NOON, outcome=429)
    assert found(cast, NOON + timedelta(hours=6)) == {
        ("daily_ceiling", "NGO caseworker", 80),
        ("many_refused", "NGO intake", 20),
        ("slowed_down", "NGO supervisor", 1),
    }


def test_a_hint_is_read_by_the_own_organisation_and_carries_no_case(cast: Cast) -> None:
    looked(cast, "ngo_supervisor", 1, NOON, outcome=429)
    assert found(cast)
    for who, is_shown in (("ngo_supervisor", True), ("auditor", True), ("shelter_supervisor", False)):
        text = cast.client(who).get("/audit/hints/").content.decode()
        assert ("Slowed down" in text) is is_shown
    assert cast.client("ngo_caseworker").get("/audit/hints/").status_code == HTTPStatus.FORBIDDEN
