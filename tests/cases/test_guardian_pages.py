"""The pages of guardianship: child protection's queue, the guardian of a child, and each act."""

import re
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case
from core import clock
from tests.cases.files import assign, inside, register, today
from tests.cases.test_decision_pages import address, day
from tests.cases.test_guardianship import a_child, appoint, limits, many_children, provisional
from tests.cast import Cast
from tests.world import kept_away

SUITABLE = {"conflict_of_interest": "none", "is_screened": "yes"}


def post(cast: Cast, who: str, case: Case, page: str, guardian: str = "guardian", **changed: str) -> Any:
    values = SUITABLE | {"guardian": str(getattr(cast, guardian).membership_id)} | day("child_informed_on") | changed
    return cast.client(who).post(address(case, page), values)


def rows(page: str, cast: Cast, *cases: Case) -> list[int]:
    return [page.find(case.shown_reference) for case in cases]


# -- the queue -------------------------------------------------------------------------------------------------------


def test_the_queue_holds_children_without_a_guardian_the_oldest_clock_first(cast: Cast) -> None:
    with clock.travel(clock.moment() - timedelta(days=3)):
        older = a_child(cast)
    newer, guarded, adult = a_child(cast), a_child(cast), register(cast)
    appoint(cast, guarded)
    page = cast.client("child_protection_intake").get("/guardians/").content.decode()
    first, second = rows(page, cast, older, newer)
    assert 0 < first < second
    assert rows(page, cast, guarded, adult) == [-1, -1]
    assert "3 days" in page
    assert "overdue" in page
    laws = set(re.findall(r'class="due" title="(.+?)\. Source: (.+?)"', page))
    assert len(laws) == 1


def test_an_officer_with_no_child_of_their_own_learns_how_many_wait(cast: Cast) -> None:
    first, second = a_child(cast), a_child(cast)
    page = cast.client("child_protection_officer").get("/guardians/").content.decode()
    assert "2 more children wait for a guardian at your organisation and are not assigned to you." in page
    assert "No child that is assigned to you is waiting for a guardian." in page
    assert rows(page, cast, first, second) == [-1, -1]
    assert "more child" not in cast.client("child_protection_intake").get("/guardians/").content.decode()


def test_what_is_assigned_is_not_counted_again(cast: Cast) -> None:
    first, _second = a_child(cast), a_child(cast)
    assign(cast, first, "child_protection_officer")
    page = cast.client("child_protection_officer").get("/guardians/").content.decode()
    assert "1 more child waits for a guardian" in page
    assert rows(page, cast, first) != [-1]


def test_a_child_that_an_officer_is_kept_away_from_is_not_counted(cast: Cast) -> None:
    child = a_child(cast)
    kept_away(cast, child, "child_protection_officer", by="child_protection_supervisor")
    assert "more child" not in cast.client("child_protection_officer").get("/guardians/").content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("child_protection_intake", 200),
        ("child_protection_supervisor", 200),
        ("child_protection_officer", 200),
        ("ngo_caseworker", 403),
        ("guardian", 403),
        ("guardian_supervisor", 403),
        ("coordinator", 403),
        ("platform_administrator", 403),
    ],
)
def test_only_child_protection_has_a_queue(cast: Cast, who: str, status: int) -> None:
    assert cast.client(who).get("/guardians/").status_code == status


def test_a_caseworker_sees_in_it_what_is_assigned(cast: Cast) -> None:
    mine, other = a_child(cast), a_child(cast)
    assign(cast, mine, "child_protection_officer")
    page = cast.client("child_protection_officer").get("/guardians/").content.decode()
    assert rows(page, cast, other) == [-1]
    assert mine.shown_reference in page


def test_the_queue_shows_reported_conflicts_until_the_guardian_is_replaced(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    report = {"conflict_of_interest": "employer_or_host", "remarks": "The child works there."}
    assert cast.client("ngo_caseworker").post(address(case, "guardian/conflict/"), report).status_code == 302
    client = cast.client("child_protection_supervisor")
    assert case.shown_reference in client.get("/guardians/").content.decode()
    assert "The child works there." in client.get(address(case, "guardian/")).content.decode()
    answer = post(cast, "child_protection_supervisor", case, "guardian/replace/", "other_guardian", reason="Conflict")
    assert answer.status_code == 302
    assert case.shown_reference not in client.get("/guardians/").content.decode()


def test_the_queue_costs_the_same_for_two_children_and_for_twelve(
    cast: Cast, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = cast.client("child_protection_intake")
    for _number in range(2):
        a_child(cast)
    client.get("/guardians/")
    with django_assert_max_num_queries(20) as before:
        client.get("/guardians/")
    for _number in range(10):
        a_child(cast)
    with django_assert_num_queries(len(before)):
        client.get("/guardians/")


# -- the pages -------------------------------------------------------------------------------------------------------


def test_a_child_goes_from_request_to_guardian_on_the_pages(cast: Cast) -> None:
    case = a_child(cast)
    asked = cast.client("ngo_caseworker").get(address(case, "guardian/")).content.decode()
    assert "Asked of" in asked
    assert "Answered by" not in asked
    assert "Name a provisional guardian" in cast.client("child_protection_intake").get(address(case)).content.decode()
    assert post(cast, "child_protection_intake", case, "guardian/provisional/").status_code == 302
    assert post(cast, "child_protection_intake", case, "guardian/appoint/").status_code == 302
    for who in ("ngo_caseworker", "guardian", "child_protection_supervisor"):
        page = cast.client(who).get(address(case, "guardian/")).content.decode()
        assert cast.guardian.label in page
        assert "Answered by" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("child_protection_intake", 302),
        ("child_protection_supervisor", 302),
        ("child_protection_officer", 404),
        ("ngo_caseworker", 403),
        ("ngo_supervisor", 403),
        ("colleague_unassigned", 404),
        ("guardian", 404),
        ("other_ngo_caseworker", 404),
        ("coordinator", 404),
    ],
)
def test_the_same_payload_is_taken_forbidden_or_nowhere(cast: Cast, who: str, status: int) -> None:
    assert post(cast, who, a_child(cast), "guardian/provisional/").status_code == status


@pytest.mark.parametrize("page", ["", "guardian/", "identity/", "timeline/"])
def test_the_guardian_of_another_child_finds_nothing(cast: Cast, page: str) -> None:
    mine, other = a_child(cast), a_child(cast)
    appoint(cast, mine)
    appoint(cast, other, guardian="other_guardian")
    client = cast.client("guardian")
    assert client.get(address(mine, page)).status_code == 200
    hidden, absent = client.get(address(other, page)), client.get(f"/cases/K7QF-2M9X-T/{page}")
    assert (hidden.status_code, absent.status_code) == (404, 404)


def test_the_caseload_is_shown_before_it_is_confirmed(cast: Cast) -> None:
    many_children(cast, 3)
    case = a_child(cast)
    with limits(warn=3, refuse=4):
        warned = post(cast, "child_protection_intake", case, "guardian/provisional/")
        page = warned.content.decode()
        assert warned.status_code == 422
        assert "already the guardian of 3 children" in page
        assert 'name="accepts_caseload"' in page
        taken = post(cast, "child_protection_intake", case, "guardian/provisional/", accepts_caseload="on")
        assert taken.status_code == 302
        full = post(cast, "child_protection_intake", a_child(cast), "guardian/provisional/", accepts_caseload="on")
        assert full.status_code == 422
        assert "the most that is allowed" in full.content.decode()


def test_a_conflict_of_interest_is_refused_next_to_the_question(cast: Cast) -> None:
    case = a_child(cast)
    answer = post(cast, "child_protection_intake", case, "guardian/provisional/", conflict_of_interest="authority")
    assert answer.status_code == 422
    assert "A guardian with a conflict of interest cannot be appointed." in answer.content.decode()


def test_a_step_that_is_over_is_a_conflict(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    assert cast.client("child_protection_intake").get(address(case, "guardian/appoint/")).status_code == 409
    assert post(cast, "child_protection_intake", case, "guardian/provisional/").status_code == 409


def test_ending_leads_back_to_the_queue_and_the_lead_may_ask_again(cast: Cast) -> None:
    case = a_child(cast)
    provisional(cast, case)
    client = cast.client("child_protection_supervisor")
    answer = client.post(address(case, "guardian/end/"), {"reason": "family_reunited"})
    assert answer["Location"] == "/guardians/"
    assert cast.client("ngo_caseworker").post(address(case, "guardian/request/"), {}).status_code == 302
    typed = {"age_group": "adult", "basis": "assessed", "reason": "The bones of the hand."}
    answer = client.post(address(case, "age/settle/"), typed)
    assert answer["Location"] == "/guardians/"
    assert client.get(address(case)).status_code == 404


def test_what_is_sealed_about_a_guardian_stays_with_child_protection(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    post(cast, "child_protection_supervisor", case, "guardian/replace/", "other_guardian", reason="Moved abroad")
    assert "Moved abroad" in cast.client("child_protection_supervisor").get(address(case, "guardian/")).content.decode()
    for who in ("ngo_caseworker", "other_guardian"):
        assert "Moved abroad" not in cast.client(who).get(address(case, "guardian/")).content.decode()


def test_the_child_is_told_on_a_day_that_can_be(cast: Cast) -> None:
    case = a_child(cast)
    with inside(cast.child_protection_intake, case):
        tomorrow = today() + timedelta(days=1)
    values = dict(zip(day("child_informed_on"), (tomorrow.day, tomorrow.month, tomorrow.year), strict=True))
    answer = post(cast, "child_protection_intake", case, "guardian/appoint/", **{k: str(v) for k, v in values.items()})
    assert answer.status_code == 422
