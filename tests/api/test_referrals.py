"""Referrals through the API: the card before acceptance, what opens, every answer and every end."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.calls import Caller, made, problem, registered
from tests.cases.files import today
from tests.cases.lawful import answered

NAME, STORY, MESSAGE = "Zsófia-canary", "story-canary", "message-canary"


@pytest.fixture
def reference(cast):
    return registered(cast, identity={"given_names": NAME, "sex": "female"}, account={"text": STORY})


def asked(cast, reference, **changes):
    scope = {"to": cast.organisations.shelter, "purpose": "refer_shelter", "categories": ["identity", "contact"]}
    return {
        "to": str(cast.organisations.shelter.pk),
        "service": "safe_accommodation",
        "region": "amsterdam",
        "urgency": "normal",
        "purpose": "refer_shelter",
        "categories": ["identity", "contact"],
        "ends_on": (today() + timedelta(days=30)).isoformat(),
        "message": MESSAGE,
        **answered(cast, reference, "ngo_caseworker", **scope),
    } | changes


def sent(cast, reference, **changes):
    body = made(Caller(cast, "ngo_caseworker").post(f"cases/{reference}/referrals/", asked(cast, reference, **changes)))
    return f"referrals/{body['id']}/"


def accepted(cast, path):
    made(Caller(cast, "shelter_intake").post(f"{path}accept/", {"member": str(cast.shelter_worker.membership_id)}))


def test_a_receiver_is_found_by_service_and_region(cast, reference):
    path = f"cases/{reference}/receivers/"
    found = Caller(cast, "ngo_caseworker").get(path, service="safe_accommodation", region="amsterdam", urgency="normal")
    assert [one["id"] for one in found.json()] == [str(cast.organisations.shelter.pk)]
    assert "service" in problem(Caller(cast, "ngo_caseworker").get(path), 422)["errors"]


def test_before_acceptance_the_receiver_reads_the_card_and_nothing_else(cast, reference):
    path, intake = sent(cast, reference), Caller(cast, "shelter_intake")
    body = intake.get(path)
    assert body.json()["card"]["reference"] == reference
    assert set(body.json()["card"]) == {"reference", "age", "sex", "language", "urgency", "region", "service"}
    assert not body.json()["has_case"]
    everything = (
        body.content.decode() + intake.get("referrals/").content.decode() + intake.get("my-work/").content.decode()
    )
    for hidden in (NAME, STORY, MESSAGE):
        assert hidden not in everything
    problem(intake.get(f"cases/{reference}/"), 404)


def test_acceptance_opens_what_was_granted_to_who_was_named(cast, reference):
    path = sent(cast, reference)
    assert [one["id"] for one in Caller(cast, "shelter_intake").get(path).json()["assignable"]]
    accepted(cast, path)
    worker = Caller(cast, "shelter_worker")
    assert worker.get(path).json()["message"] == MESSAGE
    assert worker.get(f"cases/{reference}/rows/identity/").json()[0]["answers"]["given_names"] == NAME
    assert worker.get(f"cases/{reference}/rows/narrative/").json() == []
    problem(Caller(cast, "custodian_a").get(f"cases/{reference}/"), 404)


def test_asked_answered_worked_and_completed(cast, reference):
    path = sent(cast, reference)
    intake, worker, sender = (Caller(cast, who) for who in ("shelter_intake", "shelter_worker", "ngo_caseworker"))
    made(intake.post(f"{path}questions/", {"question": "Is there a child?"}))
    question = sender.get(path).json()["questions"][0]["id"]
    made(sender.post(f"{path}questions/{question}/", {"answer": "No."}))
    assert intake.get(path).json()["questions"][0]["answer"] == "No."
    accepted(cast, path)
    made(worker.post(f"{path}steps/", {"kind": "contact_made", "happened_on": today().isoformat()}))
    assert [step["kind"] for step in sender.get(path).json()["steps"]] == ["contact_made"]
    made(worker.post(f"{path}complete/", {"outcome": "success", "feedback": "Settled in."}))
    assert (sender.get(path).json()["state"], sender.get(path).json()["feedback"]) == ("done", "Settled in.")
    problem(worker.get(f"cases/{reference}/"), 404)


def test_declined_with_a_reason(cast, reference):
    path, intake = sent(cast, reference), Caller(cast, "shelter_intake")
    assert set(problem(intake.post(f"{path}decline/", {"reason": "mood"}), 422)["errors"]) == {"reason"}
    made(intake.post(f"{path}decline/", {"reason": "no_capacity"}))
    assert Caller(cast, "ngo_caseworker").get(path).json()["decline_reason"] == "no_capacity"
    problem(intake.post(f"{path}decline/", {"reason": "no_capacity"}), 409)


def test_revoking_closes_at_once(cast, reference):
    path = sent(cast, reference)
    accepted(cast, path)
    made(Caller(cast, "ngo_caseworker").post(f"{path}revoke/"))
    problem(Caller(cast, "shelter_worker").get(f"cases/{reference}/"), 404)
    assert "revoke_referral" not in Caller(cast, "ngo_caseworker").get(path).json()["may"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service": "massage"}, "service"),
        ({"to": str(uuid4())}, "to"),
        ({"categories": ["criminal"]}, "categories"),
        ({"ends_on": "2026-02-30"}, "ends_on"),
        ({"legal_basis": "law_enforcement"}, "legal_basis"),
        ({"message": "x" * 15_001}, "message"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_terms_that_break_a_rule_say_where(cast, reference, changes, field):
    answer = Caller(cast, "ngo_caseworker").post(f"cases/{reference}/referrals/", asked(cast, reference, **changes))
    assert field in problem(answer, 422)["errors"]
    assert Caller(cast, "ngo_caseworker").get(f"cases/{reference}/referrals/").json() == []


def test_nobody_else_learns_of_it_and_nobody_answers_their_own(cast, reference):
    path = sent(cast, reference)
    for who in ("other_ngo_caseworker", "other_shelter_intake", "coordinator", "colleague_unassigned"):
        caller = Caller(cast, who)
        hidden, absent = caller.get(path), caller.get(f"referrals/{uuid4()}/")
        problem(hidden, 404)
        assert hidden.content == absent.content
    member = {"member": str(cast.ngo_caseworker.membership_id)}
    problem(Caller(cast, "ngo_supervisor").post(f"{path}accept/", member), 403)


def test_lists_by_side(cast, reference):
    path = sent(cast, reference)
    key = path.split("/")[1]
    assert [one["id"] for one in Caller(cast, "shelter_intake").get("referrals/").json()] == [key]
    assert [one["id"] for one in Caller(cast, "ngo_caseworker").get("referrals/", tab="waiting").json()] == [key]
    assert Caller(cast, "ngo_caseworker").get("referrals/").json() == []
    assert [one["id"] for one in Caller(cast, "ngo_caseworker").get(f"cases/{reference}/referrals/").json()] == [key]
