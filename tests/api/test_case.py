"""One case through the API: who may know it, its rows, consents, shares and colleagues."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.api.calls import Caller, made, problem, registered
from tests.cases.files import today
from tests.cases.lawful import answered

STRANGERS = ("other_ngo_caseworker", "colleague_unassigned", "coordinator", "organisation_administrator", "guardian")
CONSENT = {
    "state": "given",
    "purpose": "refer_shelter",
    "categories": ["identity", "contact"],
    "form": "written",
    "information_given": ["purpose"],
    "given_on": "2026-03-01",
}


@pytest.fixture
def reference(cast):
    return registered(cast)


def shared(cast, reference, **changes):
    until = (today() + timedelta(days=30)).isoformat()
    body = {
        "to": str(cast.organisations.shelter.pk),
        "categories": ["identity"],
        "purpose": "refer_shelter",
        "ends_on": until,
    }
    if "legal_basis" not in changes:
        scope = {"to": cast.organisations.shelter, "purpose": "refer_shelter", "categories": ["identity"]}
        body |= answered(cast, reference, "ngo_caseworker", **scope)
    return Caller(cast, "ngo_caseworker").post(f"cases/{reference}/shares/", body | changes)


@pytest.mark.parametrize(
    "path", ["", "rows/identity/", "consents/", "shares/", "members/", "decisions/", "reflection/", "guardian/"]
)
def test_hidden_and_absent_give_the_same_bytes(cast, reference, path):
    for who in STRANGERS:
        caller = Caller(cast, who)
        hidden, absent = caller.get(f"cases/{reference}/{path}"), caller.get(f"cases/ZZZZ-ZZZZ-Z/{path}")
        problem(hidden, 404)
        assert hidden.content == absent.content


def test_who_may_know_it_reads_status_clocks_and_what_may_be_read(cast, reference):
    body = Caller(cast, "ngo_supervisor").get(f"cases/{reference}/").json()
    assert [one["organisation"] for one in body["readable"]] == [str(cast.organisations.ngo.pk)]
    assert {"close_case", "assign_member", "share"} <= set(body["may"])
    assert all(clock["due_at"] for clock in body["clocks"])


# -- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_is_added_read_and_corrected(cast, reference):
    caller, path = Caller(cast, "ngo_caseworker"), f"cases/{reference}/rows/narrative/"
    pk = made(caller.post(path, {"text": "what was said"}))["id"]
    row = caller.get(f"{path}{pk}/").json()
    assert (row["version"], row["answers"]["text"], row["is_own"]) == (1, "what was said", True)
    saved = caller.put(f"{path}{pk}/", row["answers"] | {"text": "said again", "version": 1})
    assert saved.json() == {"id": pk, "version": 2}


@pytest.mark.parametrize("category", ["identity", "contact", "exploitation", "services"])
def test_what_was_read_can_be_sent_back(cast, reference, category):
    caller, path = Caller(cast, "ngo_caseworker"), f"cases/{reference}/rows/{category}/"
    row = caller.get(path).json()[0]
    answer = caller.put(f"{path}{row['id']}/", row["answers"] | {"version": row["version"]})
    assert answer.status_code == 200, answer.content
    assert caller.get(path).json()[0]["answers"] == row["answers"]


def test_saved_by_somebody_else_meanwhile_shows_both_versions(cast, reference):
    path = f"cases/{reference}/rows/identity/"
    first, second = Caller(cast, "ngo_caseworker"), Caller(cast, "ngo_supervisor")
    row = first.get(path).json()[0]
    address, answers = f"{path}{row['id']}/", row["answers"] | {"version": row["version"]}
    assert second.put(address, answers | {"given_names": "Ana"}).status_code == 200
    body = problem(first.put(address, answers | {"given_names": "Anna"}), 409)
    assert (body["current"]["given_names"], body["given"]["given_names"]) == ("Ana", "Anna")
    assert body["version"] == 2
    assert first.get(address).json()["answers"]["given_names"] == "Ana"


def test_a_correction_without_the_version_that_was_read_is_a_conflict(cast, reference):
    caller, path = Caller(cast, "ngo_caseworker"), f"cases/{reference}/rows/identity/"
    row = caller.get(path).json()[0]
    problem(caller.put(f"{path}{row['id']}/", row["answers"]), 409)


@pytest.mark.parametrize(
    ("category", "body", "field"),
    [
        ("narrative", {}, "text"),
        ("narrative", {"text": "x", "mood": "sad"}, "mood"),
        ("exploitation", {"form": "labour"}, "_"),
        ("services", {"service": "medical", "status": "running", "ended_on": "2026-01-01"}, "started_on"),
        ("criminal", {"reported_on": "2999-01-01"}, "reported_on"),
        ("criminal", {"reported_on": "2026-02-29"}, "reported_on"),
    ],
)
def test_a_row_that_breaks_a_rule_says_where(cast, reference, category, body, field):
    answer = problem(Caller(cast, "ngo_caseworker").post(f"cases/{reference}/rows/{category}/", body), 422)
    assert field in answer.get("errors", {"_": answer["detail"]}), answer


def test_there_is_no_such_category(cast, reference):
    for category in ("status", "consent", "location"):
        problem(Caller(cast, "ngo_caseworker").get(f"cases/{reference}/rows/{category}/"), 404)


def test_who_only_reads_the_case_may_not_write(cast, reference):
    assert Caller(cast, "ngo_intake").get(f"cases/{reference}/").status_code == 200
    problem(Caller(cast, "ngo_intake").post(f"cases/{reference}/rows/narrative/", {"text": "x"}), 403)


# -- consents and shares ---------------------------------------------------------------------------------------------


def test_a_withdrawn_consent_ends_what_rests_on_it(cast, reference):
    caller = Caller(cast, "ngo_caseworker")
    consent = made(caller.post(f"cases/{reference}/consents/", CONSENT))["id"]
    share = made(shared(cast, reference, legal_basis="consent", consent=consent))["id"]
    assert Caller(cast, "shelter_intake").get(f"cases/{reference}/").status_code == 200
    made(caller.post(f"cases/{reference}/consents/{consent}/withdrawal/", {"withdrawn_via": "written"}))
    assert not caller.get(f"cases/{reference}/shares/{share}/").json()["is_live"]
    problem(Caller(cast, "shelter_intake").get(f"cases/{reference}/"), 404)


def test_a_share_opens_its_categories_and_no_more(cast, reference):
    made(shared(cast, reference))
    shelter = Caller(cast, "shelter_intake")
    body = shelter.get(f"cases/{reference}/").json()
    shown = {one["organisation"]: one["categories"] for one in body["readable"]}
    assert shown[str(cast.organisations.ngo.pk)] == ["identity"]
    assert shelter.get(f"cases/{reference}/rows/identity/").json()[0]["answers"]["given_names"] == "O’Neill"
    assert shelter.get(f"cases/{reference}/rows/contact/").json() == []
    assert body["label"] == ""


def test_sharing_above_the_ceiling_is_refused(cast, reference):
    assert "categories" in problem(shared(cast, reference, categories=["criminal"]), 422)["errors"]
    assert "ends_on" in problem(shared(cast, reference, ends_on="2099-01-01"), 422)["errors"]
    assert "to" in problem(shared(cast, reference, to=str(uuid4())), 422)["errors"]


def test_a_share_is_ended_by_who_gave_it_alone(cast, reference):
    share = made(shared(cast, reference))["id"]
    problem(Caller(cast, "shelter_supervisor").post(f"cases/{reference}/shares/{share}/end/"), 403)
    made(Caller(cast, "ngo_caseworker").post(f"cases/{reference}/shares/{share}/end/"))
    problem(Caller(cast, "shelter_supervisor").get(f"cases/{reference}/"), 404)


# -- colleagues ------------------------------------------------------------------------------------------------------


def test_a_supervisor_assigns_and_takes_off(cast, reference):
    supervisor, colleague = Caller(cast, "ngo_supervisor"), Caller(cast, "colleague_unassigned")
    member = str(cast.colleague_unassigned.membership_id)
    path = f"cases/{reference}/members/"
    assert member in {one["id"] for one in supervisor.get(path).json()["assignable"]}
    made(supervisor.post(path, {"member": member}))
    assert colleague.get(f"cases/{reference}/").status_code == 200
    assert supervisor.delete(f"{path}{member}/").status_code == 204
    problem(colleague.get(f"cases/{reference}/"), 404)
    problem(supervisor.delete(f"{path}{member}/"), 404)


def test_a_caseworker_assigns_nobody(cast, reference):
    body = {"member": str(cast.colleague_unassigned.membership_id)}
    problem(Caller(cast, "ngo_caseworker").post(f"cases/{reference}/members/", body), 403)


def test_nobody_of_another_organisation_can_be_assigned(cast, reference):
    body = {"member": str(cast.other_ngo_caseworker.membership_id)}
    answer = problem(Caller(cast, "ngo_supervisor").post(f"cases/{reference}/members/", body), 422)
    assert set(answer["errors"]) == {"member"}
