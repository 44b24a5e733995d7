"""A list of any length: every case once, forward and back, with the same few questions to the database."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict

from accounts.context import acting
from cases.models import Case, CaseVisibility
from core import clock
from reporting import counts, keyset, worklist
from tests.cases.files import let_know, register
from tests.cases.filing import counted, filed_case
from tests.cast import Cast
from tests.reporting.scenes import NOW, refer

NEXT = re.compile(r'rel="next" href="([^"]+)"')
PREVIOUS = re.compile(r'rel="prev" href="([^"]+)"')
ROW = re.compile(r'data-label="Case"><div class="cell"><a class="govuk-link" href="/cases/([^/]+)/"')


def many(cast: Cast, count: int, *, undated: int = 0) -> list[Case]:
    """Cases of the NGO, several due at the same instant, and cases of the police that it only knows of."""
    made = []
    for number in range(count):
        with clock.travel(NOW - timedelta(days=number // 3)):
            made.append(filed_case(cast, label=f"Number {number}"))
    with clock.travel(NOW):
        for _number in range(undated):
            case = register(cast, "police_officer")
            let_know(cast, case, cast.organisations.ngo)
            made.append(case)
    return made


def rows_of(cast: Cast, persona: str = "ngo_supervisor") -> Any:
    return CaseVisibility.objects.visible_to(getattr(cast, persona).actor)


def walk(rows: Any, order: str, size: int) -> tuple[list[Any], list[Any]]:
    """The cases on the way forward, and those on the way back."""
    page = keyset.page(rows, order, None, size)
    forward = [row.case_id for row in page.rows]
    assert page.previous is None
    while page.next:
        page = keyset.page(rows, order, keyset.Cursor.decode(page.next.encode()), size)
        forward += [row.case_id for row in page.rows]
    back = [row.case_id for row in page.rows]
    while page.previous:
        page = keyset.page(rows, order, keyset.Cursor.decode(page.previous.encode()), size)
        back = [row.case_id for row in page.rows] + back
    return forward, back


@pytest.mark.parametrize("order", [keyset.DUE, keyset.ACTIVITY])
def test_walking_visits_each_case_once_also_without_a_deadline(cast: Cast, order: str) -> None:
    cases = many(cast, 8, undated=6)
    with clock.travel(NOW), acting(cast.ngo_supervisor.actor):
        rows = rows_of(cast)
        assert rows.filter(next_due_at__isnull=True).count() == 6
        for size in (1, 2, 3, 4, 7, 14, 25):
            forward, back = walk(rows, order, size)
            assert len(forward) == len(cases)
            assert set(forward) == {case.pk for case in cases}
            assert back == forward


def test_cases_without_a_deadline_stand_last(cast: Cast) -> None:
    many(cast, 2, undated=2)
    with clock.travel(NOW), acting(cast.ngo_supervisor.actor):
        dues = [row.next_due_at for row in keyset.page(rows_of(cast), keyset.DUE, None).rows]
    assert [due is None for due in dues] == [False, False, True, True]


def test_pages_follow_each_other_in_the_address(cast: Cast) -> None:
    cases = many(cast, 22, undated=8)
    client = cast.client("ngo_supervisor")
    with clock.travel(NOW):
        first = client.get("/my-work/?tab=team").content.decode()
        assert PREVIOUS.search(first) is None
        second = client.get("/my-work/" + address(NEXT, first)).content.decode()
        assert NEXT.search(second) is None
        assert {*ROW.findall(first), *ROW.findall(second)} == {case.shown_reference for case in cases}
        assert (len(ROW.findall(first)), len(ROW.findall(second))) == (25, 5)
        assert ROW.findall(client.get("/my-work/" + address(PREVIOUS, second)).content.decode()) == ROW.findall(first)


def test_a_page_keeps_the_filters_and_a_filter_starts_at_the_first_page(cast: Cast) -> None:
    many(cast, 27)
    with clock.travel(NOW):
        page = cast.client("ngo_supervisor").get("/my-work/?tab=team&q=number&order=activity").content.decode()
    query = QueryDict(address(NEXT, page).removeprefix("?"))
    assert (query["tab"], query["q"], query["order"]) == ("team", "number", "activity")
    assert 'name="at"' not in page


def address(link: "re.Pattern[str]", page: str) -> str:
    found = link.search(page)
    assert found is not None
    return found[1].replace("&amp;", "&")


# -- questions to the database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["ngo_supervisor", "ngo_caseworker"])
@pytest.mark.parametrize("address", ["/my-work/", "/my-work/?order=activity", "/my-work/?due=overdue&q=number"])
def test_the_list_asks_six_questions_for_five_cases_and_for_fifty(cast: Cast, persona: str, address: str) -> None:
    client = cast.client(persona)
    client.get(address)
    for more in (5, 45):
        for case in many(cast, more):
            if more == 5:
                refer(cast, case, "shelter", "safe_accommodation")
        with clock.travel(NOW), counted(6):
            assert client.get(address).status_code == 200


def test_counts_are_exact_up_to_a_limit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    many(cast, 4)
    with clock.travel(NOW), acting(cast.ngo_supervisor.actor):
        assert counts.capped({"all": rows_of(cast), "none": rows_of(cast).none()}) == {"all": 4, "none": 0}
        monkeypatch.setattr(counts, "LIMIT", 2)
        assert counts.capped({"all": rows_of(cast)}) == {"all": 3}
        assert counts.shown(3) == "2+"
    assert counts.capped({}) == {}


def test_four_figures_are_written_with_a_plus() -> None:
    assert [counts.shown(number) for number in (0, 1000, 1001)] == ["0", "1000", "1,000+"]


def test_a_hidden_change_moves_nothing(cast: Cast) -> None:
    """``sharing.md`` rule 17: what another organisation writes and one may not see changes neither order nor page."""
    case = register(cast, "police_officer")
    let_know(cast, case, cast.organisations.ngo)
    client = cast.client("ngo_supervisor")

    def look() -> list[Any]:
        with clock.travel(NOW), acting(cast.ngo_supervisor.actor):
            rows = worklist.read(cast.ngo_supervisor.actor, worklist.Filters(tab="team"), None).rows
            visible = rows_of(cast).get()
        return [(row.case.pk, row.next_due_at, row.task) for row in rows] + [visible.last_activity_at]

    before = look()
    with clock.travel(NOW - timedelta(days=1)):
        refer(cast, case, "shelter", "safe_accommodation", by="police_officer")
    assert look() == before
    assert client.get("/my-work/").status_code == 200
