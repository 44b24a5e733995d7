"""Decisions, the reflection period and the guardian through the API: whom the profile names, and nobody else."""

from datetime import timedelta

import pytest

from tests.api.calls import Caller, made, problem
from tests.cases.files import assign, in_reflection, register, today, with_grounds, with_offer
from tests.cases.test_guardianship import a_child, provisional

POSITIVE = {"outcome": "positive", "decided_on": "", "basis": "indicators"}


def day(days=0):
    return (today() + timedelta(days=days)).isoformat()


def path(case, rest=""):
    return f"cases/{case.shown_reference}/{rest}"


# -- identification --------------------------------------------------------------------------------------------------


def test_grounds_are_recorded_and_all_who_know_the_case_see_the_outcome(cast):
    case = register(cast)
    police = Caller(cast, "police_officer")
    body = POSITIVE | {"decided_on": day(), "reasons": "for the police alone"}
    made(police.post(path(case, "decisions/reasonable-grounds/"), body))
    decision = police.get(path(case, "decisions/")).json()[0]
    assert (decision["step"], decision["outcome"]) == ("reasonable_grounds", "positive")
    assert decision["reasons"] == "for the police alone"
    assert police.get(path(case)).json()["identification"] == "reasonable_grounds"
    problem(police.post(path(case, "decisions/reasonable-grounds/"), body), 409)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"outcome": "perhaps"}, "outcome"), ({"decided_on": "2999-01-01"}, "decided_on"), ({"basis": ""}, "basis")],
)
def test_a_decision_that_cannot_be_says_where(cast, changes, field):
    case = register(cast)
    body = POSITIVE | {"decided_on": day()} | changes
    answer = Caller(cast, "police_officer").post(path(case, "decisions/reasonable-grounds/"), body)
    assert set(problem(answer, 422)["errors"]) == {field}


def test_an_organisation_that_the_profile_does_not_name_decides_nothing(cast):
    case = register(cast, "ngo_caseworker")
    body = POSITIVE | {"decided_on": day()}
    problem(Caller(cast, "ngo_caseworker").post(path(case, "decisions/reasonable-grounds/"), body), 403)
    problem(Caller(cast, "ngo_caseworker").post(path(case, "decisions/identification/"), body), 403)
    problem(Caller(cast, "police_officer").post(path(case, "decisions/reasonable-grounds/"), body), 404)


def test_declining_identification_leaves_the_person_presumed(cast):
    case = register(cast, "ngo_caseworker")
    caller = Caller(cast, "ngo_caseworker")
    made(caller.post(path(case, "decisions/declined/"), {"declined_on": day(), "reason": "not_given"}))
    assert caller.get(path(case)).json()["identification"] == "declined"


# -- reflection ------------------------------------------------------------------------------------------------------


def test_a_period_is_offered_granted_and_ended(cast):
    case = with_grounds(cast)
    police, immigration = Caller(cast, "police_officer"), Caller(cast, "immigration_decision_maker")
    made(
        police.post(
            path(case, "reflection/offer/"), {"residence": "irregular", "is_wanted": "yes", "offered_on": day()}
        )
    )
    assign(cast, case, "immigration_decision_maker")
    body = {"situation": "standard", "decided_on": day(), "starts_on": day()}
    problem(police.post(path(case, "reflection/grant/"), body), 403)
    made(immigration.post(path(case, "reflection/grant/"), body))
    period = police.get(path(case, "reflection/")).json()["period"]
    assert (period["state"], period["starts_on"]) == ("running", day())
    assert period["ends_on"] > day(80)
    problem(immigration.post(path(case, "reflection/decline/"), {"decided_on": day(), "reason": "other"}), 409)


def test_a_period_that_runs_is_ended_with_a_reason(cast):
    case = in_reflection(cast)
    immigration = Caller(cast, "immigration_decision_maker")
    answer = immigration.post(path(case, "reflection/end/"), {"ended_on": day(), "reason": "mood"})
    assert set(problem(answer, 422)["errors"]) == {"reason"}


def test_an_offer_may_be_declined(cast):
    case = with_offer(cast)
    immigration = Caller(cast, "immigration_decision_maker")
    answer = problem(immigration.post(path(case, "reflection/decline/"), {"decided_on": day()}), 422)
    assert set(answer["errors"]) == {"reason"}


# -- guardian --------------------------------------------------------------------------------------------------------


def suitable(cast, who="guardian", **more):
    return {
        "guardian": str(getattr(cast, who).membership_id),
        "conflict_of_interest": "none",
        "is_screened": "yes",
        **more,
    }


def test_child_protection_finds_the_child_and_names_the_guardian_who_alone_sees_the_file(cast):
    case = a_child(cast)
    officer, guardian = Caller(cast, "child_protection_intake"), Caller(cast, "guardian")
    assert [one["reference"] for one in officer.get("guardians/").json()["without"]] == [case.shown_reference]
    candidates = officer.get(path(case, "guardian/")).json()["candidates"]
    assert str(cast.guardian.membership_id) in {one["id"] for one in candidates}
    made(officer.post(path(case, "guardian/provisional/"), suitable(cast)))
    made(officer.post(path(case, "guardian/appoint/"), suitable(cast, child_informed_on=day())))
    assert guardian.get(path(case)).status_code == 200
    problem(Caller(cast, "other_guardian").get(path(case)), 404)
    assert officer.get("guardians/").json()["without"] == []


def test_a_replaced_guardian_loses_the_child_at_once(cast):
    case = a_child(cast)
    provisional(cast, case)
    officer = Caller(cast, "child_protection_intake")
    body = suitable(cast, "other_guardian", child_informed_on=day(), reason="Moved away")
    made(officer.post(path(case, "guardian/replace/"), body))
    problem(Caller(cast, "guardian").get(path(case)), 404)
    assert Caller(cast, "other_guardian").get(path(case)).status_code == 200


def test_a_conflict_of_interest_is_reported_and_an_unsuitable_person_refused(cast):
    case = a_child(cast)
    officer = Caller(cast, "child_protection_intake")
    answer = officer.post(path(case, "guardian/provisional/"), suitable(cast, is_screened="no"))
    assert set(problem(answer, 422)["errors"]) == {"is_screened"}
    provisional(cast, case)
    made(officer.post(path(case, "guardian/conflict/"), {"conflict_of_interest": "other_child"}))
    assert officer.get(path(case, "guardian/")).json()["guardianships"][0]["conflict_flagged_at"]
    assert officer.get("guardians/").json()["conflicts"]


def test_a_guardianship_ends_with_a_reason_and_can_be_asked_for_again(cast):
    case = a_child(cast)
    officer = Caller(cast, "child_protection_intake")
    problem(officer.post(path(case, "guardian/request/")), 409)
    assert set(problem(officer.post(path(case, "guardian/end/"), {}), 422)["errors"]) == {"reason"}


def test_only_child_protection_sees_the_queue_and_names_anybody(cast):
    case = a_child(cast)
    for who in ("guardian", "police_officer", "coordinator"):
        problem(Caller(cast, who).get("guardians/"), 403)
    problem(Caller(cast, "police_officer").post(path(case, "guardian/appoint/"), suitable(cast)), 404)
    problem(Caller(cast, "ngo_caseworker").post(path(case, "guardian/appoint/"), suitable(cast)), 403)
    assert Caller(cast, "ngo_caseworker").get(path(case, "guardian/")).json()["candidates"] == []
