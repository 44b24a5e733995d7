"""Starting and ending clocks: rows by the rules of the profile, reminders with them, nothing twice."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from accounts.context import acting
from cases.enums import DeadlineState, ReminderState
from cases.models import Case, CaseVisibility, Deadline, Reminder
from cases.operations import clocks, reconciling
from core import clock
from core.db import role
from profiles.enums import Event, Party
from tests.cases.test_access import bare_case
from tests.cast import Cast

WEDNESDAY = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """A case of the NGO, with its caseworker acting on a Wednesday morning."""
    with clock.travel(WEDNESDAY):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            yield made


def rules_of(deadlines: list[Deadline]) -> list[str]:
    return sorted(deadline.rule for deadline in deadlines)


def reminders_of(deadline: Deadline) -> list[tuple[str, str, str]]:
    rows = Reminder.objects.filter(deadline=deadline).order_by("due_at", "audience")
    return [(row.offset, row.audience, row.state) for row in rows]


def test_registering_starts_the_assessment_of_needs_for_the_lead(cast: Cast, case: Case) -> None:
    (deadline,) = clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert deadline.rule == "EU-NEEDS"
    assert deadline.bound_organisation_id == cast.ngo_caseworker.organisation_id
    assert deadline.due_on == date(2026, 3, 11)
    assert deadline.due_at == datetime(2026, 3, 11, 23, 0, tzinfo=UTC)
    assert reminders_of(deadline) == [
        ("-2d", "assigned", "waiting"),
        ("0d", "assigned", "waiting"),
        ("+2d", "supervisor", "waiting"),
    ]


def test_the_worklist_knows_the_soonest_clock(cast: Cast, case: Case) -> None:
    (deadline,) = clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert CaseVisibility.objects.get(case=case).next_due_at == deadline.due_at
    clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
    assert CaseVisibility.objects.get(case=case).next_due_at is None


def test_starting_twice_keeps_one_clock(cast: Cast, case: Case) -> None:
    first = clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor) == first
    assert Reminder.objects.count() == 3


def test_another_due_day_moves_the_clock_and_supersedes_its_reminders(cast: Cast, case: Case) -> None:
    born = date(2010, 5, 14)
    actor = cast.ngo_caseworker.actor
    before = clocks.start(case, Event.MAJORITY, on=born.replace(year=2028), actor=actor)
    after = clocks.start(case, Event.MAJORITY, on=date(2028, 6, 14), actor=actor)
    assert [row.pk for row in after] == [row.pk for row in before]
    assert {row.version for row in after} == {2}
    last_day = next(row for row in after if row.rule == "EU-MAJORITY")
    assert last_day.due_on == date(2028, 6, 13)
    states = Reminder.objects.filter(deadline=last_day).values_list("version", "state").distinct()
    assert set(states) == {(1, ReminderState.SUPERSEDED), (2, ReminderState.WAITING)}


def test_the_end_closes_the_clock_and_supersedes_its_reminders(cast: Cast, case: Case) -> None:
    clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    (ended,) = clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
    ended.refresh_from_db()
    assert (ended.state, ended.closed_by_event) == (DeadlineState.MET, "needs_assessed")
    assert {state for _offset, _audience, state in reminders_of(ended)} == {ReminderState.SUPERSEDED}


def test_a_review_is_closed_and_begins_anew(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    for day in (10, 30):
        with clock.travel(WEDNESDAY + timedelta(days=day)):
            clocks.close(case, Event.NEEDS_ASSESSED, actor=actor)
            clocks.start(case, Event.NEEDS_ASSESSED, actor=actor)
    states = Deadline.objects.filter(rule="EU-NEEDS-REV").order_by("due_at").values_list("state", flat=True)
    assert list(states) == [DeadlineState.MET, DeadlineState.OPEN]


def test_a_referral_clock_binds_receiver_and_sender_and_ends_with_its_own_answer(cast: Cast, case: Case) -> None:
    actor, bound = cast.ngo_caseworker.actor, {Party.REFERRAL_RECEIVER: cast.organisations.shelter}
    one, other = case.pk, cast.ngo_caseworker.user_id
    for subject in (one, other):
        clocks.start(case, Event.REFERRAL_SENT, actor=actor, bound=bound, subject_id=subject)
    clocks.close(case, Event.REFERRAL_ANSWERED, actor=actor, subject_id=one)
    with role("nrm_ledger"):
        rows = Deadline.objects.values_list("rule", "bound_organisation__name", "subject_id", "state")
        by_subject = {subject: {row for row in rows if row[2] == subject} for subject in (one, other)}
    bound_to = {("EU-ACK", "Shelter"), ("EU-ACK-SENDER", "NGO"), ("EU-ACK-END", "NGO")}
    assert by_subject[one] == {(*rule, one, "met") for rule in bound_to}
    assert by_subject[other] == {(*rule, other, "open") for rule in bound_to}


def test_a_referral_clock_without_receiver_is_a_mistake(cast: Cast, case: Case) -> None:
    with pytest.raises(ValueError, match="name who is bound"):
        clocks.start(case, Event.REFERRAL_SENT, actor=cast.ngo_caseworker.actor)


def test_an_instant_and_a_day_at_once_are_a_mistake(cast: Cast, case: Case) -> None:
    with pytest.raises(ValueError, match="not both"):
        clocks.start(case, "case_registered", actor=cast.ngo_caseworker.actor, at=WEDNESDAY, on=date(2026, 3, 4))


def test_an_act_recorded_later_counts_from_its_own_day(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    started = clocks.start(case, Event.REASONABLE_GROUNDS_POSITIVE, actor=actor, on=date(2026, 3, 2))
    assert rules_of(started) == ["EU-ASSIST", "EU-INFO", "NL-COM"]
    due = {row.rule: row.due_on.day for row in started}
    assert due == {"EU-ASSIST": 3, "EU-INFO": 3, "NL-COM": 2}


def test_hours_count_from_the_instant(cast: Cast, case: Case) -> None:
    bound = {Party.CHILD_PROTECTION: cast.organisations.child_protection}
    (deadline,) = clocks.start(case, Event.CHILD_BRANCH_OPENED, actor=cast.ngo_caseworker.actor, bound=bound)
    assert deadline.due_at == WEDNESDAY + timedelta(hours=24)
    assert deadline.bound_organisation == cast.organisations.child_protection


def test_a_clock_of_an_unknown_party_falls_to_the_lead(cast: Cast, case: Case) -> None:
    started = clocks.start(case, Event.CHILD_BRANCH_OPENED, actor=cast.ngo_caseworker.actor)
    assert [row.bound_organisation for row in started] == [cast.organisations.ngo]


def test_who_grants_is_bound(cast: Cast, case: Case) -> None:
    started = clocks.start(case, Event.REFLECTION_GRANTED, actor=cast.immigration_decision_maker.actor)
    bound = {row.rule: row.bound_organisation.name for row in started if row.bound_organisation}
    assert bound == {"NL-BT": "Immigration", "NL-BT-MELD": "NGO"}


def months(case: Case) -> list[tuple[date, str]]:
    rows = Deadline.objects.filter(case=case, rule="NL-BT-MELD").order_by("due_on")
    return [(row.due_on, row.state) for row in rows]


def test_a_monthly_duty_goes_on_when_it_is_met_and_ends_with_its_period(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    clocks.start(case, Event.REFLECTION_GRANTED, actor=actor, on=date(2026, 1, 31))
    for _month in range(3):
        clocks.close(case, Event.MONTHLY_REPORT_MADE, actor=actor)
    assert months(case) == [(date(2026, 2, 28), "met"), (date(2026, 3, 31), "met"), (date(2026, 4, 30), "met")]


def test_a_month_that_passes_stays_overdue_beside_the_next(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    clocks.start(case, Event.REFLECTION_GRANTED, actor=actor, on=date(2026, 3, 4))
    with clock.travel(datetime(2026, 4, 6, tzinfo=UTC)):
        assert (clocks.start_next_months(), clocks.start_next_months()) == (1, 0)
    assert months(case) == [(date(2026, 4, 4), "open"), (date(2026, 5, 4), "open")]
    clocks.close(case, Event.MONTHLY_REPORT_MADE, actor=actor)
    assert months(case) == [(date(2026, 4, 4), "met"), (date(2026, 5, 4), "open")]
    clocks.close(case, Event.REFLECTION_ENDED, actor=actor)
    assert {state for _day, state in months(case)} == {"met"}


def test_an_act_that_is_rolled_back_leaves_no_clock(cast: Cast, case: Case) -> None:
    def act() -> None:
        with transaction.atomic():
            clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert not Deadline.objects.exists()
    assert not Reminder.objects.exists()


def test_missing_reminders_are_recreated_and_what_is_unsent_is_reported(cast: Cast, case: Case) -> None:
    (deadline,) = clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    planned = reminders_of(deadline)
    with role("nrm_ledger"):
        Reminder.objects.filter(offset="0d").delete()
    assert reconciling.reconcile() == (1, 0)
    assert reminders_of(deadline) == planned
    with clock.travel(WEDNESDAY + timedelta(days=6)):
        assert reconciling.reconcile() == (0, 1)
