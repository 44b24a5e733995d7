"""The pages of identification and reflection: who opens them, what they answer, what they show to whom."""

from typing import Any

import pytest

from cases.models import Case
from cases.operations.closing import close_case
from cases.operations.decisions import record_reasonable_grounds
from tests.cases.files import (
    assign,
    in_reflection,
    inside,
    let_know,
    register,
    today,
    with_grounds,
    with_offer,
)
from tests.cast import Cast


def day(name: str) -> dict[str, str]:
    return {f"{name}_day": str(today().day), f"{name}_month": str(today().month), f"{name}_year": str(today().year)}


GROUNDS = {"outcome": "positive", "basis": "indicators", "reasons": "Seen at work."}


def address(case: Case, page: str = "") -> str:
    return f"/cases/{case.shown_reference}/{page}"


def post(cast: Cast, who: str, case: Case, page: str, values: dict[str, str]) -> Any:
    return cast.client(who).post(address(case, page), values)


def test_grounds_are_recorded_and_shown_with_their_reasons(cast: Cast) -> None:
    case = register(cast)
    answer = post(cast, "police_officer", case, "decisions/reasonable-grounds/", GROUNDS | day("decided_on"))
    assert (answer.status_code, answer["Location"]) == (302, address(case, "decisions/"))
    page = cast.client("police_officer").get(address(case, "decisions/")).content.decode()
    assert "Seen at work." in page
    assert "Offer the reflection period" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("police_officer", 302),
        ("police_supervisor", 302),
        ("shelter_worker", 403),
        ("shelter_supervisor", 403),
        ("other_police_officer", 404),
        ("coordinator", 404),
        ("organisation_administrator", 404),
        ("custodian_a", 404),
    ],
)
def test_the_same_payload_is_allowed_forbidden_or_nowhere(cast: Cast, who: str, status: int) -> None:
    case = register(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    answer = post(cast, who, case, "decisions/reasonable-grounds/", GROUNDS | day("decided_on"))
    assert answer.status_code == status
    with inside(cast.police_supervisor, case) as (_actor, access):
        assert access.case.identification == ("reasonable_grounds" if status == 302 else "presumed")


def test_what_is_wrong_stands_next_to_the_field_and_nothing_typed_is_lost(cast: Cast) -> None:
    case = register(cast)
    values = GROUNDS | day("decided_on") | {"decided_on_year": "2999"}
    answer = post(cast, "police_officer", case, "decisions/reasonable-grounds/", values)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: " in page
    assert "Enter a date that is today or in the past." in page
    assert "Seen at work." in page


def test_a_negative_decision_without_reasons_is_sent_back(cast: Cast) -> None:
    values = GROUNDS | day("decided_on") | {"outcome": "negative", "reasons": ""}
    answer = post(cast, "police_officer", register(cast), "decisions/reasonable-grounds/", values)
    assert answer.status_code == 422
    assert "A negative decision needs its reasons." in answer.content.decode()


def test_a_form_that_comes_too_late_is_a_conflict_that_keeps_what_was_typed(cast: Cast) -> None:
    case = register(cast)
    with inside(cast.police_supervisor, case) as (actor, access):
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="indicators")
    answer = post(cast, "police_officer", case, "decisions/reasonable-grounds/", GROUNDS | day("decided_on"))
    assert answer.status_code == 409
    assert "Seen at work." in answer.content.decode()


@pytest.mark.parametrize("page", ["decisions/reasonable-grounds/", "reflection/grant/", "reflection/end/"])
def test_a_page_whose_step_is_not_possible_says_so_before_it_asks(cast: Cast, page: str) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.immigration, "immigration_decision_maker")
    who = "police_officer" if page.startswith("decisions") else "immigration_decision_maker"
    assert cast.client(who).get(address(case, page)).status_code == 409


def test_in_a_closed_case_nothing_is_offered_and_nothing_taken(cast: Cast) -> None:
    case = register(cast)
    with inside(cast.police_supervisor, case) as (actor, access):
        close_case(actor, access=access, outcome="support_declined", closed_on=today())
    client = cast.client("police_officer")
    assert "Record reasonable grounds" not in client.get(address(case)).content.decode()
    answer = client.post(address(case, "decisions/reasonable-grounds/"), GROUNDS | day("decided_on"))
    assert answer.status_code == 409


def test_who_declines_identification_is_told_that_support_stays(cast: Cast) -> None:
    case = register(cast)
    values = {"reason": "fear", "remarks": "Afraid."} | day("declined_on")
    answer = cast.client("police_officer").post(address(case, "decisions/declined/"), values, follow=True)
    page = answer.content.decode()
    assert "stays a presumed victim" in page
    assert "Fear of the consequences" in page


def test_the_competent_authority_decides_on_its_page(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.competent_authority, "authority_decision_maker")
    values = {"outcome": "positive", "basis": "investigation"} | day("decided_on")
    assert post(cast, "police_officer", case, "decisions/identification/", values).status_code == 403
    assert post(cast, "authority_decision_maker", case, "decisions/identification/", values).status_code == 302
    assert "Identified victim" in cast.client("police_officer").get(address(case)).content.decode()


def test_reflection_goes_from_offer_to_end_on_its_pages(cast: Cast) -> None:
    case = with_grounds(cast)
    offer = {"residence": "irregular", "is_wanted": "yes"} | day("offered_on")
    assert post(cast, "police_officer", case, "reflection/offer/", offer).status_code == 302
    assign(cast, case, "immigration_decision_maker")
    overview = cast.client("immigration_decision_maker").get(address(case)).content.decode()
    assert "Grant the reflection period" in overview
    grant = {"situation": "standard"} | day("decided_on") | day("starts_on")
    assert post(cast, "police_officer", case, "reflection/grant/", grant).status_code == 403
    assert post(cast, "immigration_decision_maker", case, "reflection/grant/", grant).status_code == 302
    page = cast.client("police_officer").get(address(case, "decisions/")).content.decode()
    assert "Running" in page
    end = {"reason": "waived"} | day("ended_on")
    assert post(cast, "immigration_decision_maker", case, "reflection/end/", end).status_code == 302
    page = cast.client("police_officer").get(address(case, "decisions/")).content.decode()
    assert "Waives report and cooperation" in page


@pytest.mark.parametrize(
    ("residence", "words"),
    [("own_national", "does not apply to this person"), ("unknown", "Choose whether the person wants")],
)
def test_the_question_is_put_only_to_whom_it_may_apply(cast: Cast, residence: str, words: str) -> None:
    case = with_grounds(cast)
    values = {"residence": residence, "is_wanted": ""} | day("offered_on")
    answer = cast.client("police_officer").post(address(case, "reflection/offer/"), values, follow=True)
    assert words in answer.content.decode()


def test_declining_needs_a_reason(cast: Cast) -> None:
    case = with_offer(cast)
    who = "immigration_decision_maker"
    assert post(cast, who, case, "reflection/decline/", day("decided_on")).status_code == 422
    values = {"reason": "had_before"} | day("decided_on")
    assert post(cast, who, case, "reflection/decline/", values).status_code == 302


def test_remarks_and_reasons_stay_with_who_wrote_them(cast: Cast) -> None:
    case = register(cast)
    post(cast, "police_officer", case, "decisions/reasonable-grounds/", GROUNDS | day("decided_on"))
    offer = {"residence": "irregular", "is_wanted": "yes", "remarks": "Says yes."} | day("offered_on")
    post(cast, "police_officer", case, "reflection/offer/", offer)
    own = cast.client("police_officer").get(address(case, "decisions/")).content.decode()
    other = cast.client("immigration_supervisor").get(address(case, "decisions/")).content.decode()
    assert "Seen at work." in own
    assert "Says yes." in own
    assert "Seen at work." not in other
    assert "Says yes." not in other


@pytest.mark.parametrize("who", ["police_officer", "immigration_decision_maker"])
def test_the_page_costs_the_same_however_long_the_history(
    cast: Cast, who: str, django_assert_max_num_queries: Any
) -> None:
    case = in_reflection(cast)
    client = cast.client(who)
    client.get(address(case, "decisions/"))
    with django_assert_max_num_queries(40):
        assert client.get(address(case, "decisions/")).status_code == 200
