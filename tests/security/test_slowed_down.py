"""Who is shown cases faster than anybody reads is slowed down; what is slow and far above usual gives a hint."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.context import acting
from audit import trail
from audit.models import AuditChange, AuditHint, AuditRequest
from cases.models import Case
from core import clock, reference
from core.db import role
from reporting import hints
from tests.api.calls import Caller, problem
from tests.cases.filing import NAME, filed_case
from tests.cast import PASSWORD, Cast
from tests.security.test_every_request_is_audited import of_a_case
from tests.tabs import hidden_fields, joins

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


# -- whatever the method ---------------------------------------------------------------------------------------------


def shown(answers: list[Any]) -> list[int]:
    return [one.status_code for one in answers]


def names_shown(cast: Cast) -> int:
    with acting(cast.ngo_caseworker.actor):
        return AuditChange.objects.filter(kind="show_name").count()


def identity_of(cast: Cast, case: Case) -> str:
    """The address of the row at the API."""
    caller = Caller(cast, "ngo_supervisor")
    row = caller.get(f"cases/{case.shown_reference}/rows/identity/").json()[0]["id"]
    return f"cases/{case.shown_reference}/rows/identity/{row}/"


@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": "reveal"}], ids=["page", "script"])
def test_asking_for_names_counts_and_what_was_refused_was_not_shown(
    cast: Cast, case: Case, headers: dict[str, str]
) -> None:
    client, path = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/name/"
    with clock.travel(NOON):
        answers = [client.post(path, headers=headers) for _name in range(9)]
        assert shown(answers) == [200] * 5 + [429] * 4
        assert not any(NAME in one.content.decode() for one in answers[5:])
        assert names_shown(cast) == 5
        assert client.get(f"/cases/{case.shown_reference}/").status_code == HTTPStatus.TOO_MANY_REQUESTS
    with clock.travel(NOON + timedelta(seconds=61)):
        assert client.post(path).status_code == HTTPStatus.OK


def test_both_sides_of_a_conflict_count(cast: Cast, case: Case) -> None:
    caller, path = Caller(cast, "ngo_caseworker"), identity_of(cast, case)
    wrong = {"given_names": "Ana", "age_group": "adult", "version": 7}
    with clock.travel(NOON):
        answers = [caller.put(path, wrong) for _try in range(8)]
        assert shown(answers) == [409] * 5 + [429] * 3
        assert answers[0].json()["current"]["given_names"] == NAME
        refused = problem(answers[-1], 429)
        assert answers[-1].headers["Retry-After"] == "60"
        assert "not saved" in refused["detail"]
        assert not {"current", "given"} & set(refused)


def test_a_row_is_replaced_at_the_limit_and_only_the_answer_is_left_out(cast: Cast, case: Case) -> None:
    caller, path = Caller(cast, "ngo_caseworker"), identity_of(cast, case)
    with clock.travel(NOON):
        for _page in range(5):
            caller.get(f"cases/{case.shown_reference}/")
    with clock.travel(NOON + timedelta(seconds=1)):
        saved = caller.put(path, {"given_names": "Ana", "age_group": "adult", "version": 1})
        assert (saved.status_code, saved.content) == (204, b"")
        row = last(cast, "ngo_caseworker")
        assert (row.outcome, row.categories, row.owners) == (204, [], [])
    with clock.travel(NOON + timedelta(seconds=61)):
        (stored,) = caller.get(f"cases/{case.shown_reference}/rows/identity/").json()
        assert (stored["answers"]["given_names"], stored["version"]) == ("Ana", 2)


def test_what_was_typed_is_given_back_and_saved_when_there_is_room(cast: Cast, case: Case) -> None:
    client, path = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/label/"
    too_long = "Rose " * 40
    with clock.travel(NOON):
        for _page in range(5):
            client.get(f"/cases/{case.shown_reference}/")
        answer = client.post(path, {"label": too_long})
        assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
        assert answer.headers["Retry-After"] == "60"
        html = answer.content.decode()
        assert "Everything you typed is still here" in html
        typed = hidden_fields(html)
        assert typed["label"] == [too_long]
        assert f'action="{path}"' in html
    with clock.travel(NOON + timedelta(seconds=61)):
        again = client.post(path, typed)
        assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert too_long in again.content.decode()
        assert client.post(path, {**typed, "label": "Rose"}).status_code == HTTPStatus.FOUND


def test_writing_a_draft_never_counts_and_is_stored_at_the_limit(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    with clock.travel(NOON):
        pk = str(client.post("/register/").headers["Location"]).split("/")[2]
        path = f"/register/{pk}/age/"
        writer = hidden_fields(client.get(path).content.decode())
        # Each save is an act of its own: the script sends a key of its own with it.
        del writer["submission_key"]
        for number in range(20):
            saved = client.post(f"{path}autosave", {**writer, "birth_date_year": str(1980 + number)})
            assert (saved.status_code, saved.headers["Version"]) == (204, str(number + 1))
        answers = [client.get(f"/cases/{case.shown_reference}/") for _page in range(5)]
        assert shown(answers)[-1] == HTTPStatus.TOO_MANY_REQUESTS
        assert client.post(path, {**writer, "birth_date_year": "no year"}).status_code == HTTPStatus.TOO_MANY_REQUESTS
    with clock.travel(NOON + timedelta(seconds=61)):
        assert "no year" in client.get(path).content.decode()


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "patch"])
def test_no_method_shows_a_case_beyond_the_limit(cast: Cast, case: Case, method: str) -> None:
    """Every address that needs a reference: it waits, or it says nothing."""
    client, asked = cast.client("ngo_supervisor"), of_a_case()
    with clock.travel(NOON):
        # Registered by then: whether an adult of today was one on an earlier day is not known.
        case = filed_case(cast)
        for _page in range(5):
            client.get(f"/cases/{case.shown_reference}/")
        for name, extra in asked:
            body = {"content_type": "application/json"} if name.startswith("api:") and method != "get" else {}
            path = reverse(name, kwargs={"reference": case.shown_reference, **extra})
            answer = getattr(client, method)(path, **body)
            assert answer.status_code == 429 or not answer.content, (name, answer.status_code)
            assert case.shown_reference not in answer.content.decode().replace(path, ""), name


def test_guessing_by_post_counts_and_waits_too(cast: Cast, case: Case) -> None:
    client = cast.client("other_ngo_supervisor")
    guesses = [client.post(f"/cases/{reference.show(reference.new())}/name/") for _guess in range(7)]
    assert shown(guesses) == [404] * 5 + [429] * 2
    other = cast.client("police_officer")
    guesses = [other.post(f"/cases/{reference.show(reference.new())}/label/", {"label": "x"}) for _guess in range(7)]
    assert shown(guesses) == [404] * 5 + [429] * 2


def test_for_whom_a_page_is_sent_is_asked_at_the_limit_too(cast: Cast, case: Case) -> None:
    joins(cast.ngo_caseworker, cast.organisations.shelter, "caseworker")
    client, path = cast.client("ngo_caseworker"), f"/cases/{case.shown_reference}/label/"
    for _page in range(6):
        client.get(f"/cases/{case.shown_reference}/")
    answer = client.post(path, {"label": "Rose", "opened_as": "somebody"})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert hidden_fields(answer.content.decode())["label"] == ["Rose"]


def test_trying_references_in_an_emergency_is_recorded_at_the_limit_too(cast: Cast, case: Case) -> None:
    """What is withheld was done all the same: a miss counts as one. A password is not given back."""
    client = cast.client("police_supervisor")
    for _page in range(6):
        client.get("/my-work/")
    missed = reference.show(reference.new())
    typed = {"reference": missed, "proof": PASSWORD, "reason": "life_at_risk", "explanation": "Now."}
    answer = client.post("/emergencies/open/", typed)
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    html = answer.content.decode()
    assert PASSWORD not in html
    assert "has to be typed once more" in html
    assert hidden_fields(html)["explanation"] == ["Now."]
    with acting(cast.police_supervisor.actor):
        assert AuditChange.objects.filter(kind="break_glass_missed").count() == 1


def test_a_form_that_touches_no_case_is_not_held_up(cast: Cast, case: Case) -> None:
    client = cast.client("police_supervisor")
    for _page in range(6):
        client.get("/my-work/")
    assert client.post("/emergencies/open/", {"explanation": "Now."}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


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
