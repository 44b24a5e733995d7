"""A caller with several memberships names one in each request (``sharing.md`` rule 23); the screens decide nothing."""

from typing import Any
from uuid import uuid4

import pytest
from drf_spectacular.generators import SchemaGenerator

from accounts.context import acting
from accounts.models import Membership
from audit.models import AuditRequest
from cases.models import Case
from core import clock
from tests.api.calls import ADULT, Caller, made, problem
from tests.cast import Cast
from tests.tabs import joins, switch


@pytest.fixture
def second(cast: Cast) -> Membership:
    """The NGO's caseworker also works for the police."""
    return joins(cast.ngo_caseworker, cast.organisations.police, "caseworker")


@pytest.fixture
def caller(cast: Cast, second: Membership) -> Caller:
    return Caller(cast, "ngo_caseworker")


def ask(caller: Caller, method: str, path: str, named: Any = None) -> Any:
    headers = {"Membership": str(named)} if named is not None else {}
    body = ADULT if method == "post" else None
    return getattr(caller.client, method)(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("method", "path"), [("get", "me/"), ("get", "my-work/"), ("post", "cases/"), ("get", "schema/")]
)
def test_without_a_name_nothing_is_answered_but_which_there_are(
    cast: Cast, caller: Caller, second: Membership, method: str, path: str
) -> None:
    body = problem(ask(caller, method, path), 409)
    assert body["memberships"] == [
        {"id": str(cast.ngo_caseworker.membership_id), "organisation": "NGO"},
        {"id": str(second.pk), "organisation": "Police"},
    ]
    assert "in the header “Membership”" in body["detail"]
    with acting(cast.ngo_supervisor.actor):
        assert not Case.objects.exists()


def test_it_acts_for_the_one_that_is_named_whatever_the_screens_say(
    cast: Cast, caller: Caller, second: Membership
) -> None:
    own = cast.ngo_caseworker.membership_id
    for active in (second, cast.ngo_caseworker.membership):
        switch(caller.client, active)
        for named, organisation in ((own, "NGO"), (second.pk, "Police")):
            assert ask(caller, "get", "me/", named).json()["organisation"]["name"] == organisation
            made(ask(caller, "post", "cases/", named))
        assert caller.client.get("/account/").wsgi_request.actor.membership_id == active.pk
    for who in ("ngo_supervisor", "police_supervisor"):
        actor = getattr(cast, who).actor
        with acting(actor):
            assert Case.objects.count() == 2


def test_what_is_no_live_membership_of_ones_own_answers_alike(cast: Cast, caller: Caller, second: Membership) -> None:
    ended = joins(cast.ngo_caseworker, cast.organisations.shelter, "caseworker")
    suspended = joins(cast.ngo_caseworker, cast.organisations.health, "caseworker")
    Membership.objects.filter(pk=ended.pk).update(ended_at=clock.moment())
    Membership.objects.filter(pk=suspended.pk).update(suspended_at=clock.moment())
    names = (ended.pk, suspended.pk, cast.police_officer.membership_id, uuid4(), "", "NGO", "é")
    answers = [problem(ask(caller, "get", "my-work/", name), 409) for name in names]
    assert all(answer == answers[0] for answer in answers)
    assert [one["id"] for one in answers[0]["memberships"]] == [
        str(cast.ngo_caseworker.membership_id),
        str(second.pk),
    ]


def test_who_has_one_names_it_or_leaves_it_out_and_names_no_other(cast: Cast) -> None:
    caller = Caller(cast, "ngo_caseworker")
    own = cast.ngo_caseworker.membership_id
    assert [ask(caller, "get", "my-work/", name).status_code for name in (None, own, str(own).upper())] == [200] * 3
    body = problem(ask(caller, "get", "my-work/", cast.police_officer.membership_id), 409)
    assert body["memberships"] == [{"id": str(own), "organisation": "NGO"}]


def test_a_suspension_holds_on_the_next_request(cast: Cast, caller: Caller, second: Membership) -> None:
    assert ask(caller, "get", "my-work/", second.pk).status_code == 200
    Membership.objects.filter(pk=second.pk).update(suspended_at=clock.moment())
    problem(ask(caller, "get", "my-work/", second.pk), 409)
    assert ask(caller, "get", "my-work/").status_code == 200


def test_who_belongs_nowhere_is_asked_for_no_name(cast: Cast) -> None:
    assert Caller(cast, "stranger").get("me/").json()["memberships"] == []
    problem(ask(Caller(cast, "stranger"), "get", "me/", uuid4()), 409)


def test_a_request_without_a_name_is_recorded_for_no_organisation(caller: Caller, second: Membership) -> None:
    problem(ask(caller, "get", "my-work/"), 409)
    with acting(caller.client.get("/account/").wsgi_request.actor):
        assert not AuditRequest.objects.filter(outcome=409).exists()


def test_one_is_told_ones_memberships(caller: Caller, second: Membership) -> None:
    body = ask(caller, "get", "me/", second.pk).json()
    assert body["membership"] == str(second.pk)
    assert [one["organisation"] for one in body["memberships"]] == ["NGO", "Police"]


def test_the_schema_says_so_at_every_address() -> None:
    schema = SchemaGenerator().get_schema(public=True)
    silent = [
        (path, method)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if not path.endswith("schema/")
        and not (
            {"Membership"} <= {one["name"] for one in operation.get("parameters", ())}
            and "409" in operation["responses"]
        )
    ]
    assert silent == []


# -- keys ------------------------------------------------------------------------------------------------------------


def post(caller: Caller, key: str, body: Any, path: str = "cases/", **headers: str) -> Any:
    return caller.post(path, body, **{"Idempotency-Key": key, **headers})


def count(cast: Cast) -> int:
    with acting(cast.ngo_supervisor.actor):
        return Case.objects.count()


def test_a_key_with_another_body_is_refused_and_writes_nothing(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    made(post(caller, key, ADULT))
    other = ADULT | {"identity": ADULT["identity"] | {"given_names": "Somebody else"}}
    assert set(problem(post(caller, key, other), 422)["errors"]) == {"Idempotency-Key"}
    assert count(cast) == 1
    made(post(caller, str(uuid4()), other))
    assert count(cast) == 2


def test_a_key_at_another_address_is_refused(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    made(post(caller, key, ADULT))
    problem(post(caller, key, ADULT, "notifications/"), 422)
    problem(post(caller, key, ADULT, "cases/?page=2"), 422)


def test_a_key_for_another_case_is_refused(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    first, second = (made(caller.post("cases/", ADULT))["reference"] for _case in range(2))
    text = {"text": "It rained."}
    made(post(caller, key, text, f"cases/{first}/rows/narrative/"))
    problem(post(caller, key, text, f"cases/{second}/rows/narrative/"), 422)
    assert caller.get(f"cases/{second}/rows/narrative/").json() == []


def test_a_key_for_another_membership_is_refused(cast: Cast, caller: Caller, second: Membership) -> None:
    key, own = str(uuid4()), str(cast.ngo_caseworker.membership_id)
    made(post(caller, key, ADULT, Membership=own))
    problem(post(caller, key, ADULT, Membership=str(second.pk)), 422)
    made(post(caller, key, ADULT, Membership=own))
    assert count(cast) == 1


def test_the_same_body_written_in_another_order_is_the_same(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    first = made(post(caller, key, ADULT))
    turned = {name: dict(reversed(part.items())) if isinstance(part, dict) else part for name, part in ADULT.items()}
    assert made(post(caller, key, dict(reversed(turned.items())))) == first
    assert count(cast) == 1


def test_a_body_that_is_no_json_is_refused_as_ever_and_takes_no_key(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    for body in ("{", b"\xff\xfe"):
        answer = caller.client.post(
            "/api/v1/cases/", body, content_type="application/json", headers={"Idempotency-Key": key}
        )
        assert answer.status_code in (400, 422)
    made(post(caller, key, ADULT))


def test_an_act_that_answers_nothing_is_remembered_too(cast: Cast) -> None:
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    body = {"shown_at": clock.moment().isoformat()}
    assert [post(caller, key, body, "inbox/").status_code for _time in range(2)] == [204, 204]
    problem(post(caller, key, {"shown_at": "2026-01-01T00:00:00+00:00"}, "inbox/"), 422)


@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_method_that_may_be_repeated_takes_no_key(cast: Cast, method: str) -> None:
    caller = Caller(cast, "ngo_caseworker")
    reference = made(caller.post("cases/", ADULT))["reference"]
    path = {"put": f"cases/{reference}/rows/narrative/{uuid4()}/", "delete": f"cases/{reference}/members/{uuid4()}/"}[
        method
    ]
    answer = getattr(caller.client, method)(
        f"/api/v1/{path}", {"text": "x"}, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )
    assert "A key belongs to a POST" in str(problem(answer, 422)["errors"])
