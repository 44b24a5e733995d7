"""What is overdue is never silent: told again every week while it lasts, escalated a second time, after crashes too."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import digest
from accounts.context import acting
from accounts.models import MailState, Notice, OutboxMail
from cases import reminders
from cases.models import Case, Deadline, Reminder
from cases.operations import clocks, reconciling
from core import clock
from core.dates import ONE_DAY
from core.db import role
from profiles.enums import Event
from tests.cases.test_access import bare_case
from tests.cast import Cast

# Registered on a Wednesday; needs are due on Wednesday 11 March, the supervisor hears on the 13th.
START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
DUE = date(2026, 3, 11)
MORNING = timedelta(hours=7)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    return made


def live_until(day: date) -> None:
    """Every hour's reconciliation and tick, from the last day on, as far as ``day``."""
    on = DUE
    while on <= day:
        at = datetime(on.year, on.month, on.day, 7, 30, tzinfo=UTC)
        with clock.travel(at):
            reconciling.mend()
            reminders.tick()
        on += ONE_DAY


def told(name: str) -> list[date]:
    """On which days this person was told."""
    rows = Notice.objects.filter(membership__user__name=name).order_by("created_at")
    return [at.date() for at in rows.values_list("created_at", flat=True)]


def test_the_assigned_colleague_hears_every_week_while_it_lasts(cast: Cast, case: Case) -> None:
    live_until(date(2026, 4, 16))
    weekly = [date(2026, 3, 18), date(2026, 3, 25), date(2026, 4, 1), date(2026, 4, 8), date(2026, 4, 15)]
    assert told("NGO caseworker")[-5:] == weekly


def test_after_two_weeks_the_supervisor_hears_again_each_week(cast: Cast, case: Case) -> None:
    live_until(date(2026, 4, 2))
    assert told("NGO supervisor") == [date(2026, 3, 13), date(2026, 3, 25), date(2026, 4, 1)]
    second = Notice.objects.filter(membership__user__name="NGO supervisor").latest("created_at")
    assert second.is_escalation


def test_it_ends_with_the_clock(cast: Cast, case: Case) -> None:
    live_until(date(2026, 3, 19))
    with clock.travel(START + 20 * ONE_DAY), acting(cast.ngo_caseworker.actor):
        clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
        assert not Notice.objects.filter(done_at=None).exists()
    before = Notice.objects.count()
    live_until(date(2026, 4, 16))
    assert Notice.objects.count() == before


def test_a_weekly_reminder_comes_on_a_working_day(cast: Cast, case: Case) -> None:
    with role("nrm_ledger"):  # due on a Saturday
        Deadline.objects.update(due_on=date(2026, 3, 14), due_at=datetime(2026, 3, 14, 23, tzinfo=UTC))
    live_until(date(2026, 3, 24))
    assert told("NGO caseworker")[-1] == date(2026, 3, 23)


def test_it_waits_for_the_daily_mail(cast: Cast, case: Case) -> None:
    """No mail of its own: one mail in the morning counts it."""
    live_until(date(2026, 3, 17))
    with reminders.as_worker():
        OutboxMail.objects.update(state=MailState.DROPPED)
    waiting = OutboxMail.objects.filter(state=MailState.QUEUED)
    live_until(date(2026, 3, 18))
    assert not waiting.exists()
    with clock.travel(datetime(2026, 3, 18, 7, 31, tzinfo=UTC)):
        digest.post_digests()
    assert "NGO caseworker" in {mail.user.name for mail in waiting.select_related("user")}


def test_a_row_that_was_lost_comes_back_and_none_is_written_twice(cast: Cast, case: Case) -> None:
    live_until(date(2026, 3, 12))
    with role("nrm_ledger"):
        waiting = Reminder.objects.filter(offset="late+7d")
        assert waiting.count() == 1
    with clock.travel(START + 8 * ONE_DAY):
        assert [reconciling.reconcile()[0] for _time in range(2)] == [0, 0]
    with role("nrm_ledger"):
        assert Reminder.objects.filter(offset="late+7d").count() == 1
    with role("nrm_worker"):
        assert Reminder.objects.filter(offset__startswith="late+").count() == 1


def test_after_a_month_without_any_worker_it_is_told_once_and_then_every_week(cast: Cast, case: Case) -> None:
    with clock.travel(datetime(2026, 4, 9, 8, tzinfo=UTC)):
        reconciling.mend()
        reminders.tick()
    assert told("NGO caseworker") == [date(2026, 4, 9)]
    for day in (13, 15, 22):
        with clock.travel(datetime(2026, 4, day, 8, tzinfo=UTC)):
            reconciling.mend()
            reminders.tick()
    assert told("NGO caseworker") == [date(2026, 4, 9), date(2026, 4, 15), date(2026, 4, 22)]


def test_no_overdue_clock_is_without_a_reminder_ahead(cast: Cast, case: Case) -> None:
    live_until(date(2026, 5, 20))
    with role("nrm_ledger"):
        (deadline,) = Deadline.objects.all()
        ahead = deadline.reminders.filter(state="waiting", version=deadline.version)
        assert ahead.count() == 2
        assert all(one.due_at > START for one in ahead)


def test_a_rebound_clock_that_is_overdue_tells_the_next_organisation_every_week(cast: Cast, case: Case) -> None:
    live_until(date(2026, 3, 20))
    with clock.travel(datetime(2026, 3, 20, 12, tzinfo=UTC)), acting(cast.ngo_caseworker.actor):
        ngo, other = cast.organisations.ngo, cast.organisations.other_ngo
        clocks.rebind(case, None, before=ngo, to=other)
    with role("nrm_ledger"):
        (deadline,) = Deadline.objects.all()
        waiting = deadline.reminders.filter(state="waiting", version=deadline.version)
        assert "late+14d" in set(waiting.values_list("offset", flat=True))
