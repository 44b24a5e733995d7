"""Registering a presumed victim, and counting an adult who does not consent, in one call each."""

from uuid import uuid4

import pytest

from accounts.context import acting
from cases.models import Case, Draft
from tests.api.calls import ADULT, Caller, made, problem, registered

REFUSED = {"answer": "refused"}
UNCERTAIN = {
    "age": {"age_group": "uncertain"},
    "child": {"informed_by": "registrar", "view": "wants to stay with her sister"},
    "contact": {"reach": ["none"], "language": "en"},
}


def test_all_pages_in_one_call(cast):
    reference = registered(cast)
    case = Caller(cast, "ngo_caseworker").get(f"cases/{reference}/").json()
    assert case["identification"] == "presumed"
    assert case["lead"]["id"] == str(cast.organisations.ngo.pk)
    assert case["label"] == "The car wash"
    assert case["is_assigned"]
    assert case["clocks"]
    assert not case["do_not_contact"]


def test_no_draft_is_left(cast):
    registered(cast)
    with acting(cast.ngo_supervisor.actor):
        assert not Draft.objects.exists()


def test_a_child_opens_the_child_branch(cast):
    caller = Caller(cast, "ngo_caseworker")
    reference = made(caller.post("cases/", UNCERTAIN))["reference"]
    assert caller.get(f"cases/{reference}/").json()["is_child_branch"]
    assert [row["state"] for row in caller.get(f"cases/{reference}/guardian/").json()["guardianships"]] == ["requested"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"age": {"age_group": "grown"}}, "age.age_group"),
        ({"age": {"age_group": "adult", "birth_date": "2020"}}, "age.birth_date"),
        ({"consent": {}}, "consent.answer"),
        ({"consent": REFUSED}, "consent"),
        ({"contact": {"reach": ["mobile"]}}, "contact.mobile_call"),
        ({"contact": None}, "contact"),
        ({"exploitation": [{"form": "labour"}, {"form": "labour"}]}, "exploitation.0.form"),
        ({"exploitation": {"form": "labour"}}, "exploitation"),
        ({"exploitation": [{"form": {"code": "labour"}}]}, "exploitation.0.form"),
        ({"child": {"informed_by": "registrar"}}, "child"),
        ({"identity": {"nickname": "x"}}, "identity.nickname"),
        ({"identity": {"given_names": "a\x00b"}}, "identity.given_names"),
        ({"identity": {"given_names": "\ud800"}}, "identity.given_names"),
        ({"account": {"text": "x" * 15_001}}, "account.text"),
        ({"hobbies": {}}, "hobbies"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(cast, changes, field):
    body = problem(Caller(cast, "ngo_caseworker").post("cases/", ADULT | changes), 422)
    assert field in body["errors"], body
    with acting(cast.ngo_supervisor.actor):
        assert not Case.objects.exists()


def test_an_authority_registers_on_a_legal_basis(cast):
    basis = {"answer": "refused", "legal_basis": "law_enforcement"}
    reference = made(Caller(cast, "police_officer").post("cases/", ADULT | {"consent": basis}))["reference"]
    consents = Caller(cast, "police_officer").get(f"cases/{reference}/consents/").json()
    assert [row["state"] for row in consents] == ["other_basis"]


def test_names_of_any_script_come_back_as_sent(cast):
    name = "מרים 🌻 O’Hara"
    reference = registered(cast, identity={"given_names": name})
    rows = Caller(cast, "ngo_caseworker").get(f"cases/{reference}/rows/identity/").json()
    assert rows[0]["answers"]["given_names"] == name


def test_who_may_not_register_is_refused(cast):
    for who in ("coordinator", "guardian", "organisation_administrator", "rapporteur"):
        problem(Caller(cast, who).post("cases/", ADULT), 403)


def test_a_notification_is_counted_and_leads_nowhere(cast):
    body = made(
        Caller(cast, "ngo_caseworker").post(
            "notifications/", ADULT | {"consent": REFUSED, "refusal_reason": "not_given"}
        )
    )
    assert set(body) == {"url"}
    months = Caller(cast, "coordinator").get("dashboard/").json()["months"]
    assert sum(month["notifications"] for month in months) == 1
    assert sum(month["registrations"] for month in months) == 0


def test_who_consents_or_is_a_child_is_not_only_counted(cast):
    caller = Caller(cast, "ngo_caseworker")
    for pages in (ADULT, UNCERTAIN):
        body = problem(caller.post("notifications/", pages | {"refusal_reason": "not_given"}), 422)
        assert set(body["errors"]) == {"consent"}


def test_a_notification_needs_a_reason(cast):
    body = problem(Caller(cast, "ngo_caseworker").post("notifications/", ADULT | {"consent": REFUSED}), 422)
    assert set(body["errors"]) == {"refusal_reason"}


def test_a_repeated_key_registers_once_and_answers_alike(cast):
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    first = caller.post("cases/", ADULT, **{"Idempotency-Key": key})
    second = caller.post("cases/", ADULT, **{"Idempotency-Key": key})
    assert made(first) == made(second)
    with acting(cast.ngo_supervisor.actor):
        assert Case.objects.count() == 1


def test_a_key_that_protects_nothing_is_refused(cast):
    answer = Caller(cast, "ngo_caseworker").post("cases/", ADULT, **{"Idempotency-Key": "my-key"})
    assert set(problem(answer, 422)["errors"]) == {"Idempotency-Key"}


def test_a_refused_call_may_be_mended_with_the_same_key(cast):
    caller, key = Caller(cast, "ngo_caseworker"), str(uuid4())
    problem(caller.post("cases/", ADULT | {"age": {}}, **{"Idempotency-Key": key}), 422)
    made(caller.post("cases/", ADULT, **{"Idempotency-Key": key}))
