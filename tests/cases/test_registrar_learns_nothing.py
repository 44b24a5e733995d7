"""The registrar's answer is the same, in bytes and in what it costs, whether or not the person is known (rule 9)."""

import re
from collections import Counter
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Notice
from cases.models import MatchingRecord
from core.db import role
from tests.api.calls import ADULT, Caller
from tests.cases.pairs import HERE, THERE, registered, search
from tests.cast import Cast

WHO = {**THERE, "sex": "female", "citizenships": ["UA"]}
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")


def register(cast: Cast) -> tuple[str, list[str], dict[str, str]]:
    """What the registrar gets back: body, statements without their values, headers."""
    names = {key: value for key, value in WHO.items() if key != "birth_date"}
    body: dict[str, Any] = {**ADULT, "identity": names, "age": {"age_group": "adult", "birth_date": WHO["birth_date"]}}
    with CaptureQueriesContext(connection) as captured:
        response = Caller(cast, "police_officer").post("cases/", body)
    assert response.status_code == 201, response.content
    statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in captured.captured_queries]
    headers = {name: CHANGING.sub("…", value) for name, value in response.headers.items()}
    return CHANGING.sub("…", response.content.decode()), [re.sub(r"\?(, \?)+", "?", one) for one in statements], headers


def test_bytes_and_statements_are_the_same_with_and_without_a_match(cast: Cast) -> None:
    without = register(cast)
    registered(cast, "ngo_caseworker", HERE)
    search()
    with_one = register(cast)
    assert with_one[0] == without[0]
    assert with_one[2] == without[2]
    assert Counter(with_one[1]) == Counter(without[1])
    assert not any("SELECT" in one and "tokens" in one for one in with_one[1])


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
