"""The registrar's answer is the same, in bytes and in what it costs, whether or not the person is known (rule 9)."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from cases.models import MatchingRecord
from cases.operations import matching
from cases.reminders import as_worker
from cases.tasks import find_doubles
from core import clock
from core.db import role
from tests.api.calls import ADULT, Caller
from tests.cases.pairs import ANOTHER, HERE, THERE, registered, search
from tests.cases.registering import complete, send
from tests.cast import Cast

WHO = {**THERE, "sex": "female", "citizenships": ["UA"]}
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")


Answer = tuple[str, Counter[str], dict[str, str]]


def said(act: Callable[[], Any], status: int) -> Answer:
    """What somebody gets back: body, statements without their values, headers."""
    with CaptureQueriesContext(connection) as captured:
        response = act()
    assert response.status_code == status, response.content
    statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in captured.captured_queries]
    headers = {name: CHANGING.sub("…", value) for name, value in response.headers.items()}
    lists = Counter(re.sub(r"\?(, \?)+", "?", one) for one in statements)
    return CHANGING.sub("…", response.content.decode()), lists, headers


def register(cast: Cast) -> Answer:
    """By REST, as the police."""
    names = {key: value for key, value in WHO.items() if key != "birth_date"}
    body: dict[str, Any] = {**ADULT, "identity": names, "age": {"age_group": "adult", "birth_date": WHO["birth_date"]}}
    return said(lambda: Caller(cast, "police_officer").post("cases/", body), 201)


def send_the_guided_form(cast: Cast) -> Answer:
    """The last page of the guided form, as the police."""
    client = cast.client("police_officer")
    born = {
        f"birth_date_{part}": value for part, value in zip(("year", "month", "day"), ("1994", "5", "17"), strict=True)
    }
    names = {key: value for key, value in WHO.items() if key != "birth_date"}
    pk = complete(client, age={"age_group": "adult", **born}, identity=names)
    return said(lambda: send(client, pk), 302)


def correct(cast: Cast) -> Answer:
    """The identity of another person's case is corrected to this one's."""
    case = registered(cast, "police_officer", ANOTHER)
    caller = Caller(cast, "police_officer")
    rows = f"cases/{case.shown_reference}/rows/identity/"
    (row,) = caller.get(rows).json()
    body = {"version": row["version"], "age_group": "adult", **WHO}
    return said(lambda: caller.put(f"{rows}{row['id']}/", body), 200)


@pytest.mark.parametrize("elsewhere", ["ngo_caseworker", "other_police_officer", "police_officer"])
@pytest.mark.parametrize("act", [register, send_the_guided_form, correct])
def test_bytes_and_statements_are_the_same_with_and_without_a_match(
    cast: Cast, act: Callable[[Cast], Answer], elsewhere: str
) -> None:
    """At another organisation or the own, found already or not: as many statements, and the same ones."""
    now = clock.moment()
    with clock.travel(now):
        without = act(cast)
        registered(cast, elsewhere, HERE)
        waiting = act(cast)
        search()
        with_one = act(cast)
    assert waiting == without
    assert with_one == without
    assert sum(with_one[1].values()) > 10
    assert not any("SELECT" in one and "matchingrecord" in one and "tokens" in one for one in with_one[1])


@pytest.mark.parametrize("act", [register, send_the_guided_form, correct])
def test_nothing_is_compared_while_somebody_waits(
    cast: Cast, act: Callable[[Cast], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the worker's task opens what is compared, and compares."""

    def compared(*_arguments: Any, **_more: Any) -> None:
        raise AssertionError("compared within a request")

    registered(cast, "ngo_caseworker", HERE)
    for name in ("alike", "find_doubles", "_opened", "_read"):
        monkeypatch.setattr(matching, name, compared)
    act(cast)


def test_only_the_task_of_the_worker_compares() -> None:
    callers = [
        str(path.relative_to(settings.BASE_DIR))
        for app in ("accounts", "cases", "core", "nrm", "referrals", "reporting")
        for path in sorted((settings.BASE_DIR / app).rglob("*.py"))
        if re.search(r"\bfind_doubles\(\)", path.read_text(encoding="utf-8"))
    ]
    assert callers == ["cases/tasks.py"]


def test_one_run_of_the_worker_compares_all_that_waits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restored backup everything waits: a batch in five minutes would take days."""
    for _number in range(3):
        registered(cast, "ngo_caseworker", HERE)
    monkeypatch.setattr(matching, "find_doubles", partial(matching.find_doubles, limit=1))
    find_doubles()
    with as_worker(), role(matching.MATCHER):
        assert list(MatchingRecord.objects.values_list("compared_at", flat=True)).count(None) == 0
        assert MatchingRecord.objects.count() == 3


def test_it_is_found_all_the_same_and_the_registrar_is_not_told(cast: Cast) -> None:
    registered(cast, "ngo_caseworker", HERE)
    register(cast)
    assert search() == 1
    assert not Notice.objects.filter(membership=cast.police_officer.membership).exists()
    assert not Notice.objects.filter(membership=cast.police_supervisor.membership, kind="find_double").exists()


def test_a_record_of_nobody_is_written_too(cast: Cast) -> None:
    """Whoever gives no name costs the same row."""
    registered(cast, "ngo_caseworker", {"birth_date": "1994-05-17"})
    with role("nrm_worker"), role("nrm_matcher"):
        assert [row.tokens for row in MatchingRecord.objects.all()] == [[]]
