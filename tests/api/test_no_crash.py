"""Whatever the schema allows, no address answers 500: a short run of generated calls on a real case."""

import json
from itertools import count
from typing import Any, Final

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core import NOT_SET

from tests.api.calls import Caller, registered
from tests.api.test_referrals import sent
from tests.cases.files import with_offer
from tests.cases.test_guardianship import a_child

EXAMPLES: Final = 2
CATEGORIES: Final = ("identity", "contact", "exploitation", "narrative", "services", "indicators", "immigration")
# Who may do most at an address, by how it begins; a persona with every right reaches the most code.
WHO: Final = {
    "/api/v1/dashboard/own/": "ngo_supervisor",
    "/api/v1/dashboard/": "coordinator",
    "/api/v1/guardians/": "child_protection_supervisor",
    "/api/v1/cases/{reference}/guardian/": "child_protection_supervisor",
    "/api/v1/cases/{reference}/decisions/": "police_supervisor",
    "/api/v1/cases/{reference}/reflection/offer/": "police_supervisor",
    "/api/v1/cases/{reference}/reflection/": "immigration_decision_maker",
    "/api/v1/referrals/": "shelter_supervisor",
}
RUN: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def known(cast: Any) -> dict[str, str]:
    """Keys by what an address is about: a case with a row and a referral, a child, a case in which a period is due."""
    reference = registered(cast)
    row = Caller(cast, "ngo_caseworker").get(f"cases/{reference}/rows/identity/").json()[0]["id"]
    police = with_offer(cast).shown_reference
    return {
        "reference": reference,
        "rows": row,
        "referrals": sent(cast, reference).split("/")[1],
        "guardian": a_child(cast).shown_reference,
        "decisions": police,
        "reflection": police,
    }


def test_generated_calls_find_no_fault(cast, known):
    raw = SchemaGenerator().get_schema(public=True)
    calls = count()
    for operation in schemathesis.openapi.from_dict(raw).get_all_operations():
        _try(operation.ok(), cast, known, calls)
    assert next(calls) > EXAMPLES * 30


def _try(operation: Any, cast: Any, known: Any, calls: Any) -> None:
    who = next((name for start, name in WHO.items() if operation.path.startswith(start)), "ngo_supervisor")
    client = Caller(cast, who).client

    @RUN
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        number = next(calls)
        path = operation.path.format(**_places(operation.path, known, number))
        body = {} if case.body is NOT_SET else case.body
        query = {} if case.query is NOT_SET else case.query
        if operation.method == "get":
            answer = client.get(path, query)
        else:
            answer = client.generic(operation.method.upper(), path, json.dumps(body), content_type="application/json")
        assert answer.status_code < 500, (operation.label, body)

    run()


def _places(path: str, known: dict[str, str], number: int) -> dict[str, str]:
    """What stands in the braces of an address: something real, so that the call gets past the door."""
    subject = next((name for name in ("guardian", "decisions", "reflection") if f"/{name}/" in path), "reference")
    key = known["rows"] if "/rows/" in path else known["referrals"]
    category = "identity" if "{id}" in path else CATEGORIES[number % len(CATEGORIES)]
    return {"reference": known[subject], "id": key, "question": known["referrals"], "category": category}


ODD: Final = (
    "\x00",
    "x" * 5_000,
    "9999-12-31",
    "0001-01-01",
    "٣",
    "-1",
    "\U0001f33b",
    "K7QF-2M9X-T",
    "WyIyMDI2IiwgIiIsIDBd",
)


@pytest.mark.parametrize("odd", ODD)
def test_odd_questions_find_no_fault(cast: Any, odd: str) -> None:
    asked = {
        "my-work/": ("ngo_supervisor", ("tab", "q", "due", "state", "order", "at")),
        "dashboard/": ("coordinator", ("start", "end", "region", "kind")),
        "referrals/": ("ngo_supervisor", ("tab",)),
        "inbox/": ("ngo_supervisor", ("show",)),
    }
    for path, (who, names) in asked.items():
        for name in names:
            assert Caller(cast, who).get(path, **{name: odd}).status_code in {200, 422}, (path, name)


@pytest.mark.parametrize("odd", ["%00", "%F0%9F%8C%BB", "..", "%25", "K7QF-2M9X-"])
def test_odd_references_are_unknown(cast: Any, odd: str) -> None:
    assert Caller(cast, "ngo_supervisor").get(f"cases/{odd}/rows/identity/").status_code == 404
