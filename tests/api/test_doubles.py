"""The duplicate desk, the answers of the leads and links between cases, by REST."""

from core import reference
from tests.api.calls import Caller
from tests.cases.filing import filed_case, today
from tests.cases.pairs import asked, found, side_of

AGREED = {"answer": "agreed", "basis": "consent"}


def test_the_coordinator_sees_pairs_and_nothing_else(cast):
    here, there, double = found(cast)
    (body,) = Caller(cast, "coordinator").get("doubles/").json()
    assert set(body) == {"id", "score", "state", "found_at", "sides"}
    assert {side["reference"] for side in body["sides"]} == {here.shown_reference, there.shown_reference}
    assert {side["organisation"] for side in body["sides"]} == {"NGO", "Police"}
    assert Caller(cast, "coordinator").get(f"doubles/{double.pk}/").json() == body
    assert Caller(cast, "ngo_supervisor").get("doubles/").status_code == 403
    assert Caller(cast, "coordinator").get(f"cases/{here.shown_reference}/").status_code == 404


def test_asked_answered_by_both_and_linked(cast):
    here, there, double = found(cast)
    coordinator = Caller(cast, "coordinator")
    assert coordinator.post(f"doubles/{double.pk}/ask/", {}).status_code == 201
    for persona, case, other in (("ngo_supervisor", here, there), ("police_supervisor", there, here)):
        caller, address = Caller(cast, persona), f"link-questions/{side_of(double, case).pk}/"
        body = caller.get(address).json()
        assert (body["reference"], body["is_open"]) == (case.shown_reference, True)
        assert reference.show(other.reference) not in str(body)
        assert caller.get(f"link-questions/{side_of(double, other).pk}/").status_code == 404
        assert caller.post(address, {**AGREED, "told_on": today().isoformat()}).status_code == 201
    assert coordinator.get("doubles/?tab=settled").json()[0]["state"] == "linked"
    (link,) = Caller(cast, "ngo_supervisor").get(f"cases/{here.shown_reference}/links/").json()
    assert (link["kind"], link["known"]) == ("same_person", [])


def test_an_answer_without_its_basis_is_told_beside_the_field(cast):
    here, _there, double = asked(cast)
    answer = Caller(cast, "ngo_supervisor").post(f"link-questions/{side_of(double, here).pk}/", {"answer": "agreed"})
    assert answer.status_code == 422
    assert "basis" in answer.json()["errors"]


def test_kept_apart_cannot_be_asked(cast):
    _here, _there, double = found(cast)
    coordinator = Caller(cast, "coordinator")
    assert coordinator.post(f"doubles/{double.pk}/keep-apart/", {}).status_code == 201
    assert coordinator.post(f"doubles/{double.pk}/ask/", {}).status_code == 409


def test_a_family_is_linked_and_the_link_ended(cast):
    one, other = filed_case(cast), filed_case(cast)
    caller, address = Caller(cast, "ngo_caseworker"), f"cases/{one.shown_reference}/links/"
    assert caller.post(address, {"kind": "family", "references": other.shown_reference}).status_code == 201
    (link,) = caller.get(address).json()
    assert link["known"] == [other.shown_reference]
    assert caller.post(f"{address}{link['id']}/end/", {}).status_code == 201
    assert caller.get(address).json() == []
