"""Reconsidering a negative decision: asked by the lead, answered by who decided, both beside what was decided."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Organisation
from accounts.operations import reinstate_organisation, suspend_organisation
from audit.models import AuditChange
from cases import access as door
from cases.enums import Office
from cases.models import Case, Deadline, IdentificationDecision, Share
from cases.operations.closing import close_case, reopen_case
from cases.operations.decisions import record_identification_decision, record_reasonable_grounds
from cases.operations.members import assign_member
from cases.operations.reconsideration import reconsider, request_reconsideration
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles.profile import active
from tests.api.calls import Caller, made, problem
from tests.cases.files import inside, let_know, register, today, with_grounds
from tests.cases.test_decision_pages import day
from tests.cast import Cast
from tests.world import supervisor_of

ASKED = {"ground": "additional_evidence", "reasons": "A colleague saw the passport being taken."}
DECIDER = "authority_decision_maker"
GIVEN = {"basis": "documents", "reasons": "Nothing new."}


@pytest.fixture
def uk(settings: Any) -> None:
    settings.COUNTRY_PROFILE = "uk"


def denied(cast: Cast, who: str = "police_officer") -> Case:
    """Not identified, by the competent authority, a day after the grounds."""
    case = with_grounds(cast, who)
    let_know(cast, case, cast.organisations.competent_authority, DECIDER)
    with inside(getattr(cast, DECIDER), case) as (actor, access):
        values = {"outcome": "negative", "decided_on": today(), "basis": "interview", "reasons": "Too little."}
        record_identification_decision(actor, access=access, **values)
    return case


def ask(cast: Cast, case: Case, who: str = "police_officer", **changed: Any) -> IdentificationDecision:
    with inside(getattr(cast, who), case) as (actor, access):
        return request_reconsideration(actor, access=access, **({"requested_on": today()} | ASKED | changed))


def answer(cast: Cast, case: Case, outcome: str = "overturned", who: str = DECIDER, **changed: Any) -> Any:
    values = {"outcome": outcome, "decided_on": today(), "basis": "documents", "reasons": "Looked at again."} | changed
    with inside(getattr(cast, who), case) as (actor, access):
        return reconsider(actor, access=access, **values)


def stands(cast: Cast, case: Case) -> str:
    with inside(cast.police_supervisor, case) as (_actor, access):
        return access.case.identification


def clocks(case: Case, cast: Cast, state: str = "open") -> set[str]:
    with inside(cast.police_supervisor, case):
        return set(Deadline.objects.filter(case=case, state=state).values_list("rule", flat=True))


def test_the_decision_stands_until_it_is_answered_and_the_authority_has_a_clock(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    assert stands(cast, case) == "not_identified"
    with inside(cast.police_supervisor, case):
        waiting = Deadline.objects.get(case=case, rule="EU-RECON")
    assert waiting.bound_organisation == cast.organisations.competent_authority
    assert (waiting.due_on - today()).days >= 30
    answer(cast, case, "upheld")
    assert "EU-RECON" not in clocks(case, cast)


def test_the_answer_changes_the_decision_and_every_step_stays_in_the_history(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    answer(cast, case)
    assert stands(cast, case) == "identified"
    assert "EU-RECON" not in clocks(case, cast)
    with inside(cast.police_officer, case) as (_actor, access):
        steps = [(row.step, row.outcome) for row in door.decisions(access)]
    assert steps[1:] == [
        ("identification", "negative"),
        ("reconsideration_request", "requested"),
        ("reconsideration", "overturned"),
    ]


def test_what_is_upheld_leaves_the_status_and_another_request_needs_new_evidence(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case, ground="not_in_line")
    answer(cast, case, "upheld")
    assert stands(cast, case) == "not_identified"
    with pytest.raises(Refused, match="needs new evidence") as refused:
        ask(cast, case, ground="not_in_line")
    assert refused.value.field == "ground"
    ask(cast, case)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("shelter_worker", NotAllowed),
        ("authority_decision_maker", NotAllowed),
        ("other_police_officer", Missing),
        ("coordinator", Missing),
    ],
)
def test_only_the_lead_asks(cast: Cast, who: str, error: type[Exception]) -> None:
    case = denied(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    with pytest.raises(error):
        ask(cast, case, who)


def test_only_a_decision_maker_of_the_authority_that_decided_answers(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    for who in ("police_supervisor", "authority_supervisor"):
        with pytest.raises(NotAllowed):
            answer(cast, case, who=who)
    assert stands(cast, case) == "not_identified"


def test_another_authority_of_the_kind_does_not_answer_for_the_one_that_decided(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    decides = cast.organisations.competent_authority
    other = Organisation.objects.create(name="Second authority", kind=decides.kind)
    supervisor = supervisor_of(other, "second_authority_supervisor")
    let_know(cast, case, other)
    reader = replace(supervisor.actor, roles=frozenset({"supervisor", "decision_maker"}))
    with inside(reader, case) as (actor, access), pytest.raises(NotAllowed, match="Somebody else"):
        reconsider(actor, access=access, outcome="overturned", decided_on=today(), basis="documents")


def test_nothing_is_put_to_an_authority_that_is_suspended(cast: Cast) -> None:
    case = denied(cast)
    decided = Organisation.objects.filter(pk=cast.organisations.competent_authority.pk)
    decided.update(suspended_at=clock.moment() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="takes no requests"):
        ask(cast, case)


def test_the_authority_becomes_a_party_until_it_has_answered_and_for_its_review(cast: Cast) -> None:
    case = denied(cast)
    with inside(cast.police_supervisor, case) as (_actor, access):
        given = next(share for share in door.shares(access))
    with clock.travel(clock.moment() + timedelta(days=61)), pytest.raises(Missing):
        answer(cast, case)
    assert given.office == Office.NONE
    ask(cast, case)
    assert held(cast, case) == today() + timedelta(days=active().offices[Office.DECIDING_AUTHORITY].longest_days)
    answer(cast, case, "upheld")
    assert held(cast, case) == today() + timedelta(days=90)


def held(cast: Cast, case: Case) -> Any:
    with inside(cast.police_supervisor, case):
        office = Share.objects.live().get(case=case, office=Office.DECIDING_AUTHORITY)
    assert office.to_organisation_id == cast.organisations.competent_authority.pk
    return office.ends_on


def test_while_a_request_waits_nothing_is_decided_beside_it(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    with pytest.raises(Conflict, match="asked for already"):
        ask(cast, case)
    values = {"outcome": "positive", "decided_on": today(), "basis": "documents"}
    with inside(getattr(cast, DECIDER), case) as (actor, access), pytest.raises(Conflict, match="Answer the request"):
        record_identification_decision(actor, access=access, **values)


def test_there_is_nothing_to_ask_or_to_answer_without_a_negative_decision(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.competent_authority, DECIDER)
    with pytest.raises(Conflict):
        ask(cast, case)
    with pytest.raises(Conflict):
        answer(cast, case)


def test_the_step_of_a_country_that_does_not_let_it_be_reconsidered_is_left_to_who_found_none(cast: Cast) -> None:
    """In the Netherlands police look again at grounds by themselves; the profile names identification alone."""
    case = register(cast)
    with inside(cast.police_officer, case) as (actor, access):
        values = {"outcome": "negative", "decided_on": today(), "basis": "indicators", "reasons": "Nothing seen."}
        record_reasonable_grounds(actor, access=access, **values)
    with pytest.raises(Conflict):
        ask(cast, case)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ground": "unfair"}, "ground"),
        ({"reasons": " "}, "reasons"),
        ({"requested_on": timedelta(days=1)}, "requested_on"),
        ({"requested_on": timedelta(days=-1)}, "requested_on"),
    ],
)
def test_a_request_that_cannot_be_says_where(cast: Cast, changed: dict[str, Any], field: str) -> None:
    case = denied(cast)
    values = {key: today() + value if isinstance(value, timedelta) else value for key, value in changed.items()}
    with pytest.raises(Refused) as refused:
        ask(cast, case, **values)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"outcome": "positive"}, "outcome"),
        ({"outcome": "upheld", "reasons": ""}, "reasons"),
        ({"basis": "hearsay"}, "basis"),
        ({"decided_on": timedelta(days=1)}, "decided_on"),
    ],
)
def test_an_answer_that_cannot_be_says_where(cast: Cast, changed: dict[str, Any], field: str) -> None:
    case = denied(cast)
    ask(cast, case)
    values = {key: today() + value if isinstance(value, timedelta) else value for key, value in changed.items()}
    with pytest.raises(Refused) as refused:
        answer(cast, case, **values)
    assert refused.value.field == field


def test_the_reasons_of_a_request_are_read_by_who_asks_and_who_decides_alone(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    assert read(cast, case, "police_officer") == read(cast, case, DECIDER) == {"reasons": ASKED["reasons"]}
    assert read(cast, case, "shelter_worker") == {}
    with inside(cast.police_officer, case):
        change = AuditChange.objects.get(case_id=case.pk, kind="request_reconsideration")
    assert ASKED["reasons"] not in str(change.detail)


def read(cast: Cast, case: Case, who: str) -> dict[str, str]:
    with inside(getattr(cast, who), case) as (_actor, access):
        row = next(row for row in door.decisions(access) if row.step == "reconsideration_request")
        return row.content  # type: ignore[attr-defined, no-any-return]


def test_a_request_that_waited_when_the_case_was_closed_can_be_answered_once_it_is_reopened(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    asked = due(cast, case)
    with inside(cast.police_supervisor, case) as (actor, access):
        close_case(actor, access=access, outcome="support_declined")
    with pytest.raises(Missing):
        answer(cast, case)
    with clock.travel(clock.moment() + timedelta(days=3)):
        with inside(cast.police_supervisor, case) as (actor, access):
            reopen_case(actor, access=access, reason="closed_in_error")
        assert due(cast, case) == asked
        with inside(cast.authority_supervisor, case) as (actor, access):
            assign_member(actor, access=access, member=getattr(cast, DECIDER).membership)
        answer(cast, case)
    assert stands(cast, case) == "identified"


def test_on_reopening_who_has_a_period_and_a_request_to_answer_keeps_the_term_of_the_request(
    cast: Cast, settings: Any
) -> None:
    settings.COUNTRY_PROFILE = "eu"
    case = register(cast)
    let_know(cast, case, cast.organisations.competent_authority, DECIDER)
    with inside(getattr(cast, DECIDER), case) as (actor, access):
        on = {"decided_on": today()}
        record_reasonable_grounds(actor, access=access, outcome="positive", basis="indicators", **on)
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=today())
        grant_reflection_period(actor, access=access, situation="standard", starts_on=today(), **on)
        values = {"outcome": "negative", "basis": "interview", "reasons": "Too little."} | on
        record_identification_decision(actor, access=access, **values)
    ask(cast, case)
    asked = held(cast, case)
    with inside(cast.police_supervisor, case) as (actor, access):
        close_case(actor, access=access, outcome="support_declined")
        reopen_case(actor, access=door.relock(access), reason="closed_in_error")
    assert held(cast, case) == asked


def test_an_authority_that_is_suspended_when_the_case_is_reopened_answers_once_it_is_back(cast: Cast) -> None:
    case = denied(cast)
    ask(cast, case)
    with inside(cast.police_supervisor, case) as (actor, access):
        close_case(actor, access=access, outcome="support_declined")
    authority, administrator = cast.organisations.competent_authority, cast.platform_administrator.actor
    with acting(administrator):
        suspend_organisation(administrator, organisation=authority)
    with inside(cast.police_supervisor, case) as (actor, access):
        reopen_case(actor, access=access, reason="closed_in_error")
    with acting(administrator):
        reinstate_organisation(administrator, organisation=authority)
    with inside(cast.authority_supervisor, case) as (actor, access):
        assign_member(actor, access=access, member=getattr(cast, DECIDER).membership)
    answer(cast, case)
    assert stands(cast, case) == "identified"


def due(cast: Cast, case: Case) -> Any:
    with inside(cast.police_supervisor, case):
        return Deadline.objects.get(case=case, rule="EU-RECON", state="open").due_on


# -- pages and REST ---------------------------------------------------------------------------------------------------


def test_it_is_asked_and_answered_on_its_pages(cast: Cast) -> None:
    case = denied(cast)
    police, authority = cast.client("police_officer"), cast.client(DECIDER)
    address = f"/cases/{case.shown_reference}/"
    assert "Ask for reconsideration" in police.get(address).content.decode()
    asking = {"ground": "not_in_line", "reasons": "Nobody spoke with her."} | day("requested_on")
    page = police.post(f"{address}decisions/reconsideration/ask/", asking, follow=True).content.decode()
    assert "The decision stands until it is answered" in page
    assert "Ask for reconsideration" not in page
    assert "Answer the request for reconsideration" in authority.get(address).content.decode()
    page = authority.get(f"{address}decisions/reconsideration/").content.decode()
    assert "Nobody spoke with her." in page
    assert "The decision does not follow the rules for it" in page
    answering = {"outcome": "overturned", "basis": "interview"} | day("decided_on")
    page = authority.post(f"{address}decisions/reconsideration/", answering, follow=True).content.decode()
    assert "Reconsideration: decided anew, in favour of the person" in page
    assert "Identified victim" in police.get(address).content.decode()


def test_a_request_without_its_ground_comes_back_with_what_was_typed(cast: Cast) -> None:
    case = denied(cast)
    asking = {"ground": "", "reasons": "The letter came late."} | day("requested_on")
    answered = cast.client("police_officer").post(
        f"/cases/{case.shown_reference}/decisions/reconsideration/ask/", asking
    )
    page = answered.content.decode()
    assert answered.status_code == 422
    assert "Choose why the decision should be looked at again." in page
    assert "The letter came late." in page
    assert "asked in time" not in page


def test_it_is_asked_and_answered_by_rest(cast: Cast) -> None:
    case = denied(cast)
    police, authority = Caller(cast, "police_officer"), Caller(cast, DECIDER)
    path = f"cases/{case.shown_reference}/decisions/"
    upheld = {"outcome": "upheld", "decided_on": today().isoformat()} | GIVEN
    problem(authority.post(f"{path}reconsideration/", upheld), 409)
    made(police.post(f"{path}reconsideration/ask/", ASKED | {"requested_on": today().isoformat()}))
    assert [row["reasons"] for row in authority.get(path).json()][-1] == ASKED["reasons"]
    made(authority.post(f"{path}reconsideration/", upheld))
    last = police.get(path).json()[-1]
    assert (last["step"], last["outcome"], last["reasons"]) == ("reconsideration", "upheld", "")


# -- the United Kingdom: a term for the request, a second reader, and grounds that may be reconsidered -----------------


def uk_case(cast: Cast, **changed: Any) -> Case:
    """No reasonable grounds, found by the competent authority."""
    case = register(cast)
    let_know(cast, case, cast.organisations.competent_authority, DECIDER)
    values = {"outcome": "negative", "decided_on": today(), "basis": "interview", "reasons": "Too little."} | changed
    with inside(getattr(cast, DECIDER), case) as (actor, access):
        record_reasonable_grounds(actor, access=access, **values)
    return case


@pytest.mark.usefixtures("uk")
def test_a_request_ends_the_term_for_it_and_a_late_one_says_why(cast: Cast) -> None:
    case = uk_case(cast)
    url = f"/cases/{case.shown_reference}/decisions/reconsideration/ask/"
    assert "asked in time" in cast.client("police_officer").get(url).content.decode()
    assert "UK-RECON-RG" in clocks(case, cast)
    with clock.travel(clock.moment() + timedelta(days=31)):
        with pytest.raises(Refused) as refused:
            ask(cast, case)
        assert refused.value.field == "why_late"
        ask(cast, case, why_late="The letter came after the term.")
        assert "UK-RECON-RG" not in clocks(case, cast)
        assert read(cast, case, DECIDER)["why_late"] == "The letter came after the term."


@pytest.mark.usefixtures("uk")
def test_who_decided_does_not_answer_where_the_profile_asks_for_a_second_reader(cast: Cast) -> None:
    case = uk_case(cast)
    ask(cast, case)
    with pytest.raises(NotAllowed, match="Somebody else"):
        answer(cast, case)


@pytest.mark.usefixtures("uk")
def test_grounds_that_are_found_after_all_start_support_and_the_recovery_period(cast: Cast) -> None:
    case = uk_case(cast)
    ask(cast, case)
    second_reader = replace(cast.authority_supervisor.actor, roles=frozenset({"supervisor", "decision_maker"}))
    with inside(second_reader, case) as (actor, access):
        reconsider(actor, access=access, outcome="overturned", decided_on=today(), basis="documents")
    assert stands(cast, case) == "reasonable_grounds"
    with inside(cast.police_supervisor, case) as (_actor, access):
        assert access.case.reasonable_grounds_on == today()
        period = door.reflection_period(access)
    assert period is not None
    assert period.state == "running"
    assert "UK-RR" in clocks(case, cast)
    assert held(cast, case) > today() + timedelta(days=90)


@pytest.mark.usefixtures("uk")
def test_leaving_support_stands_still_until_the_answer(cast: Cast) -> None:
    case = uk_case(cast, outcome="positive")
    with inside(getattr(cast, DECIDER), case) as (actor, access):
        record_identification_decision(
            actor, access=access, outcome="negative", decided_on=today(), basis="interview", reasons="Too little."
        )
    assert "UK-NEG" in clocks(case, cast)
    ask(cast, case)
    assert "UK-NEG" in clocks(case, cast, "suspended")
    second_reader = replace(cast.authority_supervisor.actor, roles=frozenset({"supervisor", "decision_maker"}))
    with inside(second_reader, case) as (actor, access):
        reconsider(
            actor, access=access, outcome="upheld", decided_on=today(), basis="documents", reasons="Nothing new."
        )
    assert "UK-NEG" in clocks(case, cast)
