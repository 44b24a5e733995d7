"""The page of a clock, and suspending, resuming and extending it: shown first, then confirmed; page and API."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from cases.models import Case, Deadline
from core import clock
from core.db import role
from tests.api.calls import Caller, made, problem
from tests.cases.filing import counted, filed_case, today
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


@pytest.fixture
def deadline(case: Case) -> Deadline:
    with role("nrm_ledger"):
        return Deadline.objects.get(case=case, rule="EU-NEEDS")


def address(case: Case, deadline: Deadline, act: str = "") -> str:
    return f"/cases/{case.shown_reference}/clocks/{deadline.pk}/" + (f"{act}/" if act else "")


def typed(name: str, days: int, **more: str) -> dict[str, str]:
    day = today() + timedelta(days=days)
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year), **more}


def stored(deadline: Deadline) -> Deadline:
    with role("nrm_ledger"):
        return Deadline.objects.get(pk=deadline.pk)


def text(response: Any) -> str:
    return response.content.decode()


def test_the_page_says_why_this_day_with_source_and_acts(cast: Cast, case: Case, deadline: Deadline) -> None:
    with counted(at_most=25):
        page = text(cast.client("ngo_supervisor").get(address(case, deadline)))
    for words in ("7 days after: the case is registered", "Directive 2011/36/EU Arts 12", "Extend this deadline"):
        assert words in page
    assert "Extend this deadline" not in text(cast.client("ngo_caseworker").get(address(case, deadline)))


def test_the_card_on_the_case_page_says_kind_and_source(cast: Cast, case: Case) -> None:
    page = text(cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/"))
    assert 'title="Target. Source: Directive 2011/36/EU Arts 12' in page
    assert ". Target. Source: Directive 2011/36/EU Arts 12" in page


def test_a_dutch_page_says_that_the_source_is_cited_in_english(cast: Cast, case: Case, deadline: Deadline) -> None:
    client = cast.client("ngo_supervisor")
    client.cookies["django_language"] = "nl"
    cited = '<span lang="en">Directive 2011/36/EU Arts 12'
    for path in (f"/cases/{case.shown_reference}/", address(case, deadline), "/country/"):
        page = text(client.get(path))
        assert '<html lang="nl"' in page
        assert cited in page, path
    assert 'title="Streeftermijn. Bron: Directive' in text(client.get(f"/cases/{case.shown_reference}/"))


def test_what_changes_is_shown_before_it_is_confirmed(cast: Cast, case: Case, deadline: Deadline) -> None:
    client, page = cast.client("ngo_supervisor"), address(case, deadline, "extend")
    given = typed("until", 21, reason="exceptional")
    shown = text(client.post(page, given))
    assert "What changes" in shown
    assert "assigned colleagues" in shown
    assert stored(deadline).version == 1
    changed = client.post(page, {**given, "change": "yes"})
    assert 'value="exceptional"' in text(changed)
    assert client.post(page, {**given, "confirmed": "yes"}).status_code == 302
    assert stored(deadline).due_on == today() + timedelta(days=21)


def test_suspend_and_go_on(cast: Cast, case: Case, deadline: Deadline) -> None:
    client = cast.client("ngo_supervisor")
    given = typed("stopped_on", 0, reason="hospital", confirmed="yes")
    assert client.post(address(case, deadline, "suspend"), given).status_code == 302
    overview = text(client.get(f"/cases/{case.shown_reference}/"))
    assert "Clocks that stand still" in overview
    assert "Let this clock go on" in text(client.get(address(case, deadline)))
    with clock.travel(clock.moment() + timedelta(days=3)):
        given = typed("goes_on_on", 0, confirmed="yes")
        assert client.post(address(case, deadline, "resume"), given).status_code == 302
    page = text(client.get(address(case, deadline)))
    assert "The person is in hospital" in page
    assert "Suspended" in page


@pytest.mark.parametrize(
    ("act", "given", "told"),
    [
        ("extend", partial(typed, "until", 1, reason="exceptional"), "An extension sets a later one"),
        ("extend", partial(typed, "until", 30), "Choose why."),
        ("extend", partial(dict, reason="exceptional"), "Enter the new last day."),
        ("suspend", partial(typed, "stopped_on", 1, reason="hospital"), "today or in the past"),
        ("resume", partial(typed, "goes_on_on", 0), "This clock does not stand still."),
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_what_is_wrong_stands_beside_its_field(
    cast: Cast, case: Case, deadline: Deadline, act: str, given: partial[Any], told: str, confirmed: dict[str, str]
) -> None:
    response = cast.client("ngo_supervisor").post(address(case, deadline, act), {**given(), **confirmed})
    assert response.status_code == 422
    page = text(response)
    assert page.count(told) >= 2
    assert "<title>Error:" in page
    assert stored(deadline).version == 1


def test_a_clock_that_has_ended_is_not_suspended(cast: Cast, case: Case, deadline: Deadline) -> None:
    with role("nrm_ledger"):
        Deadline.objects.filter(pk=deadline.pk).update(state="met", closed_at=clock.moment())
    given = typed("stopped_on", 0, reason="hospital")
    response = cast.client("ngo_supervisor").post(address(case, deadline, "suspend"), given)
    assert response.status_code == 422
    assert text(response).count("Nothing is left to change.") >= 2


def test_the_same_by_rest(cast: Cast, case: Case, deadline: Deadline) -> None:
    caller = Caller(cast, "ngo_supervisor")
    base = f"cases/{case.shown_reference}/clocks/{deadline.pk}/"
    until = (today() + timedelta(days=21)).isoformat()
    refused = problem(caller.post(f"{base}extend/", {"until": today().isoformat(), "reason": "exceptional"}), 422)
    assert list(refused["errors"]) == ["until"]
    made(caller.post(f"{base}extend/", {"until": until, "reason": "exceptional"}))
    made(caller.post(f"{base}suspend/", {"stopped_on": today().isoformat(), "reason": "hospital"}))
    made(caller.post(f"{base}resume/", {"goes_on_on": today().isoformat()}))
    body = caller.get(base).json()
    assert (body["state"], body["due_on"], body["rule"]) == ("open", until, "EU-NEEDS")
    assert [change["kind"] for change in body["changes"]] == ["resumed", "suspended", "extended"]


def test_a_clock_that_has_passed_is_not_offered_to_be_suspended(cast: Cast, case: Case, deadline: Deadline) -> None:
    client, page = cast.client("ngo_supervisor"), address(case, deadline)
    assert "Suspend this clock" in text(client.get(page))
    with clock.travel(deadline.due_at + timedelta(days=1)):
        late = text(client.get(page))
    assert "Suspend this clock" not in late
    assert "Extend this deadline" in late


def test_each_rule_says_how_it_ends_and_how_sure_its_source_is(cast: Cast, settings: Any) -> None:
    settings.COUNTRY_PROFILE = "uk"
    page = text(cast.client("ngo_supervisor").get("/country/"))
    assert "30 days beginning with the day on which the reflection period starts" in page
    assert "A minimum, which never ends alone: it ends at the later of its length and this:" in page
    assert "only in: Scotland; of adults only" in page
    assert "Read in guidance, which is no law" in page
    assert "disqualified from protection" in page
    settings.COUNTRY_PROFILE = "nl"
    page = text(cast.client("ngo_supervisor").get("/country/"))
    assert "Read in a text of 2015, which may have changed since" in page
    assert "From a secondary source, not from the law itself" in page
    assert "as far as the person derives a right of residence from Union law" in page
