"""What holds for every address: session and token, problem+json, methods, audit, and a schema that says all of it."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from accounts.context import acting
from audit.models import AuditRequest
from tests.api.calls import ADULT, PROBLEM, Caller, made, problem, registered


def routes():
    patterns = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", None) == "api")
    return list(patterns.url_patterns)


def test_who_is_not_signed_in_gets_401_everywhere(cast):
    values = {"reference": "K7QF-2M9X-T", "pk": uuid4(), "question": uuid4(), "category": "identity"}
    for route in routes():
        address = "/api/v1/" + str(route.pattern)
        for name, value in values.items():
            for kind in ("str:", "uuid:"):
                address = address.replace(f"<{kind}{name}>", str(value))
        answer = Client().get(address)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Session"), address
        assert answer.headers["Content-Type"] == PROBLEM


def test_every_act_needs_the_token_against_forged_requests(cast):
    client = cast.client("ngo_caseworker", enforce_csrf_checks=True)
    problem(client.post("/api/v1/cases/", ADULT, content_type="application/json"), 403)
    token = client.get("/api/v1/me/").json()["csrf_token"]
    made(client.post("/api/v1/cases/", ADULT, content_type="application/json", headers={"X-CSRFToken": token}))


def test_a_suspended_member_has_no_organisation_on_the_next_request(cast):
    caller = Caller(cast, "suspended_member")
    assert caller.get("me/").json()["organisation"] is None
    problem(caller.post("cases/", ADULT), 403)
    problem(caller.get("my-work/"), 403)


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7", "[{}]"])
def test_a_body_that_is_no_object_is_refused(cast, body):
    caller = Caller(cast, "ngo_caseworker")
    reference = registered(cast)
    for path in ("cases/", "notifications/", f"cases/{reference}/rows/narrative/", f"cases/{reference}/shares/"):
        answer = caller.client.post(f"/api/v1/{path}", body, content_type="application/json")
        problem(answer, 422)


def test_what_is_no_json_and_what_is_no_method(cast):
    client = cast.client("ngo_caseworker")
    problem(client.post("/api/v1/cases/", "{", content_type="application/json"), 400)
    problem(client.post("/api/v1/cases/", {"a": "b"}), 415)
    problem(client.delete("/api/v1/cases/"), 405)
    assert client.head("/api/v1/me/").status_code == 200


def test_every_refusal_of_somebody_signed_in_leaves_one_row(own_database, cast):
    reference = registered(cast)
    problem(Caller(cast, "other_ngo_caseworker").get(f"cases/{reference}/"), 404)
    problem(Caller(cast, "ngo_caseworker").get("dashboard/"), 403)
    for who, outcome in (("other_ngo_caseworker", 404), ("ngo_caseworker", 403)):
        actor = getattr(cast, who).actor
        with acting(actor):
            rows = AuditRequest.objects.filter(actor_id=actor.user_id, outcome=outcome)
            assert [row.route for row in rows] == ["api:case" if outcome == 404 else "api:dashboard"]


def test_nothing_is_kept_by_a_browser(cast):
    assert Caller(cast, "ngo_caseworker").get("me/").headers["Cache-Control"] == "no-store"


def test_the_schema_is_valid_and_knows_every_address(cast):
    schema = SchemaGenerator().get_schema(public=True)
    validate_schema(schema)
    described = {path.removeprefix("/api/v1/") for path in schema["paths"]} - {"schema/"}
    assert len(described) == len(routes()) - 1
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"], (path, method)
            assert operation.get("description") or path.endswith("schema/"), (path, method)


def test_the_schema_is_served_to_who_is_signed_in(cast):
    answer = Caller(cast, "ngo_caseworker").get("schema/")
    assert answer.status_code == 200
    assert b"X-CSRFToken" in answer.content or b"Idempotency-Key" in answer.content
