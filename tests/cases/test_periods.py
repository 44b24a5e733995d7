"""How a period ends: a minimum never alone, a duty at the earlier, and what else a decision of a country may be."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases import access as door
from cases.models import Case, Deadline, ReflectionPeriod
from cases.operations import clocks
from cases.operations.decisions import record_identification_decision, record_reasonable_grounds
from cases.operations.elapsed import record_elapsed
from cases.operations.overdue import tell_coordinators
from cases.operations.recalculation import recalculate
from cases.operations.reflection import grant_reflection_period, offer_reflection_period, state_today
from cases.operations.suspension import extend_deadline
from cases.reminders import as_worker
from core import clock
from core.dates import instant_at
from core.errors import Conflict, Refused
from profiles.profile import active
from tests.cases.countries import rule, written
from tests.cases.files import assign, inside, let_know, register, today
from tests.cast import Cast

DECIDER = "authority_decision_maker"
GROUNDS = date(2026, 3, 2)
MINIMUM = date(2026, 3, 31)


@pytest.fixture
def uk(settings: Any) -> None:
    settings.COUNTRY_PROFILE = "uk"


def at(day: date) -> datetime:
    return instant_at(day, time(12), active().zone)


def with_positive_grounds(cast: Cast, region: str = "", age: str = "adult") -> Case:
    """Decided by the competent authority on the day of ``GROUNDS``."""
    with clock.travel(at(GROUNDS)):
        case = register(cast, region=region, age=age)
        let_know(cast, case, cast.organisations.competent_authority)
        assign(cast, case, DECIDER)
        decide(cast, case, "positive", step="grounds")
    return case


def decide(cast: Cast, case: Case, outcome: str, *, step: str = "identification", on: date | None = None) -> None:
    operation = record_reasonable_grounds if step == "grounds" else record_identification_decision
    with inside(getattr(cast, DECIDER), case) as (actor, access):
        operation(
            actor,
            access=access,
            outcome=outcome,
            decided_on=on or today(),
            basis="interview",
            reasons="The reasons.",
        )


def period(cast: Cast, case: Case) -> ReflectionPeriod:
    with inside(cast.police_supervisor, case) as (_actor, access):
        found = door.reflection_period(access)
    assert found is not None
    return found


def stands(cast: Cast, case: Case) -> str:
    with inside(cast.police_supervisor, case) as (_actor, access):
        return access.case.identification


def clock_of(cast: Cast, case: Case, rule: str) -> Deadline:
    with as_worker():
        return Deadline.objects.get(case=case, rule=rule)


# -- the later of its length and the decision ------------------------------------------------------------------------


def test_the_recovery_period_does_not_end_when_thirty_days_are_over(cast: Cast, uk: None) -> None:
    """Nationality and Borders Act 2022 s. 61(3)."""
    case = with_positive_grounds(cast)
    found = period(cast, case)
    assert (found.minimum_until, found.ends_on) == (MINIMUM, None)
    with clock.travel(at(MINIMUM + timedelta(days=400))):
        record_elapsed()
        found = period(cast, case)
        assert (found.state, state_today(found), found.ended_on) == ("running", "running", None)


def test_it_ends_with_a_decision_after_the_thirty_days(cast: Cast, uk: None) -> None:
    case, decided = with_positive_grounds(cast), date(2026, 4, 24)
    with clock.travel(at(decided)):
        decide(cast, case, "positive")
        assert period(cast, case).ends_on == decided
    with clock.travel(at(decided + timedelta(days=1))):
        assert state_today(period(cast, case)) == "ended"
        record_elapsed()
        found = period(cast, case)
        assert (found.state, found.ended_on, found.end_reason) == ("ended", decided, "decision")
        assert clock_of(cast, case, "UK-RR").state == "met"


def test_a_decision_within_the_thirty_days_does_not_shorten_them(cast: Cast, uk: None) -> None:
    case = with_positive_grounds(cast)
    with clock.travel(at(date(2026, 3, 20))):
        decide(cast, case, "negative")
        assert period(cast, case).ends_on == MINIMUM
        assert clock_of(cast, case, "UK-RR").state == "open"
    with clock.travel(at(MINIMUM)):
        record_elapsed()
        assert state_today(period(cast, case)) == "running"
    with clock.travel(at(MINIMUM + timedelta(days=1))):
        record_elapsed()
        assert period(cast, case).state == "ended"
        assert clock_of(cast, case, "UK-RR").state == "met"


def test_a_minimum_that_is_over_is_not_overdue(cast: Cast, uk: None) -> None:
    case = with_positive_grounds(cast)
    with clock.travel(at(MINIMUM + timedelta(days=2))):
        decide_after = clock_of(cast, case, "UK-CG")
        assert (decide_after.due_on, decide_after.state) == (date(2026, 4, 1), "open")
        with as_worker():
            Deadline.objects.exclude(rule="UK-RR").update(state="met")
        record_elapsed()
        assert clock_of(cast, case, "UK-RR").state == "open"
        with as_worker():
            assert tell_coordinators() == 0
        with inside(cast.police_supervisor, case) as (_actor, access):
            assert access.case.pk == case.pk


def test_an_extension_moves_the_minimum(cast: Cast, uk: None) -> None:
    case = with_positive_grounds(cast)
    with clock.travel(at(GROUNDS + timedelta(days=5))):
        with inside(cast.authority_supervisor, case) as (actor, access):
            deadline = next(one for one in door.open_deadlines(access) if one.rule == "UK-RR")
            extend_deadline(actor, access=access, deadline=deadline, until=date(2026, 4, 20), reason="more_time_needed")
        assert period(cast, case).minimum_until == date(2026, 4, 20)
        decide(cast, case, "positive")
        assert period(cast, case).ends_on == date(2026, 4, 20)


def test_the_generic_period_waits_for_identification_too(cast: Cast, settings: Any) -> None:
    """CETS 197 Art. 13(1): at least thirty days; Art. 10(2): not removed before identification is completed."""
    settings.COUNTRY_PROFILE = "eu"
    case = with_positive_grounds(cast)
    with clock.travel(at(GROUNDS)), inside(getattr(cast, DECIDER), case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=GROUNDS)
        grant_reflection_period(actor, access=access, situation="standard", decided_on=GROUNDS, starts_on=GROUNDS)
    assert (period(cast, case).minimum_until, period(cast, case).ends_on) == (date(2026, 4, 1), None)
    with clock.travel(at(date(2026, 4, 24))):
        record_elapsed()
        assert period(cast, case).state == "running"
        decide(cast, case, "negative")
        assert period(cast, case).ends_on == date(2026, 4, 24)


def test_a_minimum_that_is_counted_anew_stays_a_minimum(cast: Cast, settings: Any, tmp_path: Path) -> None:
    """A country makes it 45 days: the period follows its clock, and its end stays open."""
    minimum = {
        "code": "EU-RR",
        "category": "status",
        "trigger": "reflection_granted",
        "unit": "calendar_days",
        "kind": "statutory_min",
        "ends": "later",
        "ends_with": ["identification_positive", "identification_negative"],
        "end_on": ["reflection_ended", "case_closed"],
        "bound": "reflection_authority",
    }
    older = rule(**minimum, length=30, valid_to="2026-03-10")
    settings.COUNTRY_PROFILE = written(tmp_path, older, rule(**minimum, length=45, valid_from="2026-03-11"))
    case = with_positive_grounds(cast)
    with clock.travel(at(GROUNDS)), inside(getattr(cast, DECIDER), case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=GROUNDS)
        grant_reflection_period(actor, access=access, situation="standard", decided_on=GROUNDS, starts_on=GROUNDS)
    with clock.travel(at(date(2026, 3, 20))):
        recalculate("EU-RR")
    assert (period(cast, case).minimum_until, period(cast, case).ends_on) == (date(2026, 4, 16), None)


# -- the earlier, and by region and age ------------------------------------------------------------------------------


def rules_of(cast: Cast, case: Case) -> set[str]:
    with inside(cast.police_supervisor, case), as_worker():
        return set(Deadline.objects.filter(case=case).values_list("rule", flat=True))


@pytest.mark.parametrize(
    ("region", "age", "has_duty"),
    [("scotland", "adult", True), ("scotland", "child", False), ("england", "adult", False), ("", "adult", False)],
)
def test_the_scottish_duty_is_for_adults_in_scotland(
    cast: Cast, uk: None, region: str, age: str, has_duty: bool
) -> None:
    case = with_positive_grounds(cast, region, age)
    assert ("UK-SCT-SUPPORT" in rules_of(cast, case)) is has_duty
    assert "UK-RR" in rules_of(cast, case)


def test_the_scottish_duty_ends_with_the_determination_or_after_ninety_days(cast: Cast, uk: None) -> None:
    """Human Trafficking and Exploitation (Scotland) Act 2015 s. 9(2), SSI 2018/90."""
    decided, left = with_positive_grounds(cast, "scotland"), with_positive_grounds(cast, "scotland")
    assert clock_of(cast, left, "UK-SCT-SUPPORT").due_on == date(2026, 5, 31)
    with clock.travel(at(date(2026, 4, 1))):
        decide(cast, decided, "positive")
        assert clock_of(cast, decided, "UK-SCT-SUPPORT").state == "met"
    with clock.travel(at(date(2026, 6, 1))):
        record_elapsed()
        over = clock_of(cast, left, "UK-SCT-SUPPORT")
        assert (over.state, over.closed_by_event) == ("met", clocks.ELAPSED)


# -- outcomes of a step ----------------------------------------------------------------------------------------------


def test_a_disqualification_ends_the_recovery_period_at_once(cast: Cast, uk: None) -> None:
    """Nationality and Borders Act 2022 s. 63."""
    case = with_positive_grounds(cast)
    with clock.travel(at(date(2026, 3, 10))):
        decide(cast, case, "disqualified")
        found = period(cast, case)
        assert (found.state, found.ended_on, found.end_reason) == ("ended", date(2026, 3, 10), "disqualified")
        assert stands(cast, case) == "disqualified"
        assert clock_of(cast, case, "UK-CG").state == "met"


def test_whoever_withdraws_leaves_the_recovery_period_and_may_come_back(cast: Cast, uk: None) -> None:
    case = with_positive_grounds(cast)
    with clock.travel(at(date(2026, 3, 10))):
        decide(cast, case, "withdrawn")
        assert (stands(cast, case), period(cast, case).end_reason) == ("withdrawn", "withdrawn")
        # No second period for what happened before (s. 62).
        decide(cast, case, "positive", step="grounds")
        assert stands(cast, case) == "reasonable_grounds"
        assert period(cast, case).state == "ended"


def test_a_suspended_decision_lets_its_clock_stand_still_and_changes_no_status(cast: Cast, uk: None) -> None:
    case = with_positive_grounds(cast)
    with clock.travel(at(date(2026, 3, 10))):
        decide(cast, case, "suspended")
        assert stands(cast, case) == "reasonable_grounds"
        assert clock_of(cast, case, "UK-CG").state == "suspended"
        assert period(cast, case).state == "running"
        decide(cast, case, "positive")
        assert clock_of(cast, case, "UK-CG").state == "met"


@pytest.mark.parametrize("outcome", ["suspended", "withdrawn", "disqualified"])
def test_the_netherlands_knows_no_such_outcome(cast: Cast, outcome: str) -> None:
    case = register(cast)
    let_know(cast, case, cast.organisations.competent_authority)
    assign(cast, case, DECIDER)
    with pytest.raises(Refused):
        decide(cast, case, outcome)


def test_a_disqualification_needs_its_reasons_and_grounds_before_it(cast: Cast, uk: None) -> None:
    with clock.travel(at(GROUNDS)):
        case = register(cast)
        let_know(cast, case, cast.organisations.competent_authority)
        assign(cast, case, DECIDER)
        with pytest.raises(Conflict):
            decide(cast, case, "disqualified")
    case = with_positive_grounds(cast)
    values = {"outcome": "disqualified", "decided_on": GROUNDS, "basis": "interview"}
    with clock.travel(at(GROUNDS)), inside(getattr(cast, DECIDER), case) as (actor, access):  # noqa: SIM117
        with pytest.raises(Refused):
            record_identification_decision(actor, access=access, **values)
