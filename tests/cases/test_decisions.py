"""Reasonable grounds and identification: by whom the profile says, dated, never overwritten."""

from datetime import date, timedelta

import pytest

from audit.models import AuditChange
from cases import access as door
from cases.models import Case, Deadline, IdentificationDecision
from cases.operations.decisions import (
    decline_identification,
    record_identification_decision,
    record_reasonable_grounds,
)
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases.files import inside, let_know, register, today, with_grounds
from tests.cast import Cast

GROUNDS = {"outcome": "positive", "basis": "indicators", "reasons": "Seen at work."}


def grounds(cast: Cast, case: Case, who: str = "police_officer", **changed: object) -> IdentificationDecision:
    with inside(getattr(cast, who), case) as (actor, access):
        return record_reasonable_grounds(actor, access=access, **({"decided_on": today()} | GROUNDS | changed))


def decide(cast: Cast, case: Case, who: str = "authority_decision_maker", **changed: object) -> IdentificationDecision:
    with inside(getattr(cast, who), case) as (actor, access):
        values = {"decided_on": today(), "outcome": "positive", "basis": "investigation"} | changed
        return record_identification_decision(actor, access=access, **values)


def stored(cast: Cast, case: Case) -> Case:
    with inside(cast.police_supervisor, case) as (_actor, access):
        return access.case


def open_rules(cast: Cast, case: Case) -> set[str]:
    with inside(cast.police_supervisor, case):
        return set(Deadline.objects.filter(case=case, state="open").values_list("rule", flat=True))


def test_positive_grounds_move_the_status_and_start_the_clocks_of_support(cast: Cast) -> None:
    case = register(cast)
    grounds(cast, case)
    now = stored(cast, case)
    assert (now.identification, now.reasonable_grounds_on) == ("reasonable_grounds", today())
    assert {"EU-ASSIST", "EU-INFO"} <= open_rules(cast, case)


def test_the_clocks_count_from_the_day_of_the_decision(cast: Cast) -> None:
    case = register(cast)
    grounds(cast, case, decided_on=today() - timedelta(days=30))
    with inside(cast.police_officer, case):
        clock = Deadline.objects.get(case=case, rule="EU-ASSIST")
    assert clock.due_on < today()


def test_negative_grounds_need_reasons(cast: Cast) -> None:
    case = register(cast)
    with pytest.raises(Refused) as refused:
        grounds(cast, case, outcome="negative", reasons=" ")
    assert refused.value.field == "reasons"
    grounds(cast, case, outcome="negative")
    now = stored(cast, case)
    assert (now.identification, now.reasonable_grounds_on) == ("no_reasonable_grounds", None)


@pytest.mark.parametrize("who", ["police_officer", "police_supervisor"])
def test_police_record_grounds(cast: Cast, who: str) -> None:
    assert grounds(cast, register(cast), who).step == "reasonable_grounds"


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("shelter_worker", NotAllowed),
        ("shelter_supervisor", NotAllowed),
        ("shelter_intake", NotAllowed),
        ("other_police_officer", Missing),
        ("coordinator", Missing),
        ("custodian_a", Missing),
        ("immigration_decision_maker", Missing),
    ],
)
def test_nobody_else_records_grounds(cast: Cast, who: str, error: type[Exception]) -> None:
    case = register(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    with pytest.raises(error):
        grounds(cast, case, who)
    assert stored(cast, case).identification == "presumed"


def test_only_the_decision_maker_of_the_competent_authority_decides(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.competent_authority, "authority_decision_maker")
    for who in ("police_officer", "police_supervisor", "authority_supervisor"):
        with pytest.raises(NotAllowed):
            decide(cast, case, who)
    decide(cast, case)
    assert stored(cast, case).identification == "identified"


def test_a_decision_may_be_reconsidered_in_favour_and_both_stay_in_the_history(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.competent_authority, "authority_decision_maker")
    decide(cast, case, outcome="negative", reasons="Not enough is known.")
    decide(cast, case)
    with inside(cast.police_officer, case) as (_actor, access):
        steps = [(row.step, row.outcome) for row in door.decisions(access)]
    assert steps == [
        ("reasonable_grounds", "positive"),
        ("identification", "negative"),
        ("identification", "positive"),
    ]


def test_a_step_that_is_over_is_a_conflict(cast: Cast) -> None:
    case = with_grounds(cast)
    with pytest.raises(Conflict):
        grounds(cast, case)


@pytest.mark.parametrize(
    ("decided_on", "field"), [(timedelta(days=1), "decided_on"), (timedelta(days=-400), "decided_on")]
)
def test_days_that_cannot_be_are_refused(cast: Cast, decided_on: timedelta, field: str) -> None:
    case = register(cast)
    with pytest.raises(Refused) as refused:
        grounds(cast, case, decided_on=today() + decided_on)
    assert refused.value.field == field


def test_a_later_step_cannot_lie_before_an_earlier_one(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.competent_authority, "authority_decision_maker")
    with pytest.raises(Refused):
        decide(cast, case, decided_on=today() - timedelta(days=1))


@pytest.mark.parametrize("changed", [{"outcome": "perhaps"}, {"basis": "hearsay"}])
def test_only_codes_are_taken(cast: Cast, changed: dict[str, str]) -> None:
    with pytest.raises(Refused):
        grounds(cast, register(cast), **changed)


def test_who_declines_identification_stays_presumed_and_keeps_the_clocks_of_support(cast: Cast) -> None:
    case = with_grounds(cast)
    before = open_rules(cast, case)
    with inside(cast.police_officer, case) as (actor, access):
        decline_identification(actor, access=access, declined_on=today(), reason="not_given")
    now = stored(cast, case)
    assert now.identification == "declined"
    assert "Presumed" in now.get_identification_display()
    assert before <= open_rules(cast, case)


def test_only_the_lead_records_that_identification_is_declined(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    for who in ("shelter_worker", "shelter_supervisor"):
        with inside(getattr(cast, who), case) as (actor, access), pytest.raises(NotAllowed):
            decline_identification(actor, access=access, declined_on=today(), reason="not_given")


def test_reasons_are_read_by_who_wrote_them_and_never_enter_the_audit(cast: Cast) -> None:
    case = register(cast)
    grounds(cast, case)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    with inside(cast.police_officer, case) as (_actor, access):
        assert [row.content for row in door.decisions(access)] == [{"reasons": "Seen at work."}]
        audit = AuditChange.objects.get(case_id=case.pk, kind="record_reasonable_grounds")
        assert audit.detail == {
            "step": "reasonable_grounds",
            "outcome": "positive",
            "basis": "indicators",
            "on": today().isoformat(),
        }
    with inside(cast.shelter_worker, case) as (_actor, access):
        assert [row.content for row in door.decisions(access)] == [{}]


def test_a_decision_that_is_refused_leaves_nothing(cast: Cast) -> None:
    case = register(cast)
    with pytest.raises(Refused):
        grounds(cast, case, decided_on=date(2001, 1, 1))
    with inside(cast.police_officer, case):
        assert not IdentificationDecision.objects.filter(case=case).exists()
        assert not AuditChange.objects.filter(case_id=case.pk, kind="record_reasonable_grounds").exists()
