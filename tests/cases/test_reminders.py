"""The tick: who is told, once; what is late, closed, changed, poisoned or without anybody."""

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import call_command

from accounts import mail
from accounts.context import acting
from accounts.models import Membership, Notice, OutboxMail
from audit.models import AuditChange
from cases import audiences, inbox, ledger, notices, reminders, sending, tasks
from cases.enums import ReminderState
from cases.health import reminder_health
from cases.models import Case, Deadline, Reminder, TickSource
from cases.operations import clocks
from core import clock
from core.db import role
from profiles.enums import Audience, Event, Party
from tests.cases.test_access import bare_case, share_with
from tests.cast import Cast

# Registered on a Wednesday: needs are due on the 11th, reminders on the 9th and 11th at eight, escalation on the 13th.
START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
TWO_DAYS_BEFORE = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
ON_THE_DAY = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
TWO_DAYS_AFTER = datetime(2026, 3, 13, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case of the NGO with the clock of a registration."""
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    return made


def tick_at(moment: datetime) -> dict[str, int]:
    with clock.travel(moment):
        return dict(reminders.tick())


def told() -> list[tuple[str, str]]:
    """Who was told, by which offset."""
    rows = Notice.objects.order_by("created_at", "membership__user__name").values_list("membership__user__name", "key")
    return [(name, key.rpartition(":")[2]) for name, key in rows]


def states() -> dict[str, str]:
    with role(reminders.WORKER):
        return dict(Reminder.objects.values_list("offset", "state"))


def test_nothing_goes_out_early(case: Case) -> None:
    assert tick_at(TWO_DAYS_BEFORE - MINUTE) == {}
    assert not Notice.objects.exists()


def test_the_assigned_member_is_told_once_with_a_row_in_the_audit(cast: Cast, case: Case) -> None:
    assert tick_at(TWO_DAYS_BEFORE) == {"sent": 1}
    assert tick_at(TWO_DAYS_BEFORE + MINUTE) == {}
    assert told() == [("NGO caseworker", "-2d")]
    notice = Notice.objects.get()
    assert (notice.kind, notice.case_id, notice.is_late, notice.is_escalation) == ("EU-NEEDS", case.pk, False, False)
    with acting(cast.ngo_caseworker.actor):
        assert AuditChange.objects.filter(kind="send_reminder", case_id=case.pk).count() == 1


def test_a_tick_for_some_cases_leaves_the_others_to_the_next(cast: Cast, case: Case) -> None:
    with clock.travel(TWO_DAYS_BEFORE):
        assert dict(reminders.tick(of=[])) == dict(reminders.tick(of=[cast.ngo_caseworker.user_id])) == {}
        assert dict(reminders.tick(of=[case.pk])) == {"sent": 1}


def test_a_mail_leaves_at_once_only_for_what_is_due_within_a_day(case: Case) -> None:
    tick_at(TWO_DAYS_BEFORE)
    assert not OutboxMail.objects.exists()
    tick_at(ON_THE_DAY)
    assert OutboxMail.objects.get().notice == Notice.objects.get(read_at=None)


def test_overdue_escalates_to_the_supervisor(case: Case) -> None:
    for moment in (TWO_DAYS_BEFORE, ON_THE_DAY, TWO_DAYS_AFTER):
        tick_at(moment)
    assert told() == [("NGO caseworker", "-2d"), ("NGO caseworker", "0d"), ("NGO supervisor", "+2d")]
    assert Notice.objects.get(membership__user__name="NGO supervisor").is_escalation


def test_news_about_a_clock_takes_the_place_of_what_was_not_read(case: Case) -> None:
    tick_at(TWO_DAYS_BEFORE)
    tick_at(ON_THE_DAY)
    assert Notice.objects.get(read_at=None).key.endswith(":0d")


def test_after_an_outage_only_the_most_urgent_goes_out_marked_late(case: Case) -> None:
    assert tick_at(TWO_DAYS_AFTER + timedelta(hours=5)) == {"superseded": 1, "sent": 2}
    assert states() == {"-2d": "superseded", "0d": "sent", "+2d": "sent"}
    assert told() == [("NGO caseworker", "0d"), ("NGO supervisor", "+2d")]
    assert set(Notice.objects.values_list("is_late", flat=True)) == {True}


def test_who_is_in_two_audiences_hears_of_a_clock_once(cast: Cast, case: Case) -> None:
    Membership.objects.filter(user=cast.ngo_caseworker.user).update(roles=["caseworker", "supervisor"])
    Membership.objects.filter(user=cast.ngo_supervisor.user).update(roles=["auditor"])
    tick_at(TWO_DAYS_AFTER)
    assert [name for name, _offset in told()] == ["NGO caseworker"]
    assert set(states().values()) == {"superseded", "sent"}


def test_after_completion_nothing_is_sent(cast: Cast, case: Case) -> None:
    with clock.travel(START), acting(cast.ngo_caseworker.actor):
        clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
    assert tick_at(TWO_DAYS_AFTER) == {}


def test_completion_between_claim_and_send_cancels(cast: Cast, case: Case) -> None:
    with clock.travel(ON_THE_DAY):
        (claimed, *_others) = reminders.claim(10)
        with role("nrm_ledger"):
            Deadline.objects.update(state="met")
        assert reminders._handle(claimed) == ReminderState.CANCELLED
    assert not Notice.objects.exists()


def test_a_new_version_between_claim_and_send_supersedes(case: Case) -> None:
    with clock.travel(ON_THE_DAY):
        (claimed, *_others) = reminders.claim(10)
        with role("nrm_ledger"):
            Deadline.objects.update(version=2)
        assert reminders._handle(claimed) == ReminderState.SUPERSEDED


def test_completion_settles_what_was_told_and_drops_the_mail(
    cast: Cast, case: Case, mailoutbox: list[EmailMessage]
) -> None:
    tick_at(ON_THE_DAY)
    with clock.travel(ON_THE_DAY + MINUTE), acting(cast.ngo_caseworker.actor):
        clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
        assert inbox.count_waiting(cast.ngo_caseworker.actor) == 0
    with clock.travel(ON_THE_DAY + 2 * MINUTE):
        assert dict(mail.deliver_due()) == {"dropped": 1}
    assert mailoutbox == []


def test_reassigning_rewrites_nothing_the_new_member_is_told(cast: Cast, case: Case) -> None:
    with clock.travel(START), acting(cast.ngo_supervisor.actor):
        ledger.unassign(case, Membership.objects.get(user=cast.ngo_caseworker.user))
        ledger.assign(case, Membership.objects.get(user=cast.colleague_unassigned.user))
    tick_at(TWO_DAYS_BEFORE)
    assert told() == [("Colleague unassigned", "-2d")]


def test_without_an_assigned_member_supervisor_and_intake_are_told(cast: Cast, case: Case) -> None:
    Membership.objects.filter(user=cast.ngo_caseworker.user).update(ended_at=START)
    tick_at(TWO_DAYS_BEFORE)
    assert told() == [("NGO intake", "-2d"), ("NGO supervisor", "-2d")]


def test_where_nobody_is_left_the_reminder_is_dead_and_health_says_so(cast: Cast, case: Case) -> None:
    Membership.objects.filter(organisation=cast.organisations.ngo).update(ended_at=START)
    assert tick_at(TWO_DAYS_BEFORE) == {"dead": 1}
    with clock.travel(TWO_DAYS_BEFORE):
        health = reminder_health()
    assert (health["dead"], health["healthy"]) == (1, False)


def test_the_receiver_of_a_referral_is_told_before_it_knows_the_case(cast: Cast, case: Case) -> None:
    actor, bound = cast.ngo_caseworker.actor, {Party.REFERRAL_RECEIVER: cast.organisations.shelter}
    with clock.travel(START), acting(actor):
        clocks.start(case, Event.REFERRAL_SENT, actor=actor, bound=bound, subject_id=case.pk)
    tick_at(START)
    assert told() == [("Shelter intake", "start")]
    assert Notice.objects.get().object_path == f"/referrals/{case.pk}/"


def test_who_may_no_longer_know_the_case_is_not_told(cast: Cast, case: Case) -> None:
    with clock.travel(START):
        share_with(cast, case, cast.organisations.child_protection, "child", days=3)
        with acting(cast.ngo_caseworker.actor):
            bound = {Party.CHILD_PROTECTION: cast.organisations.child_protection}
            clocks.start(case, Event.ASYLUM_APPLIED, actor=cast.ngo_caseworker.actor, bound=bound, on=START.date())
            clocks.start(case, Event.PROVISIONAL_GUARDIAN_ASSIGNED, actor=cast.ngo_caseworker.actor, bound=bound)
    tick_at(START + timedelta(days=30))
    assert "child_protection" not in {row.membership.organisation.kind for row in Notice.objects.all()}


def test_a_poisoned_reminder_waits_longer_each_time_then_is_dead_and_stops_no_other(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.travel(START):
        other = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(other, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    real = audiences.Finder.recipients

    def poisoned(finder: audiences.Finder, deadline: Deadline, audience: Audience) -> list[Membership]:
        if deadline.case_id == case.pk:
            raise RuntimeError("poison")
        return real(finder, deadline, audience)

    monkeypatch.setattr(audiences.Finder, "recipients", poisoned)
    assert tick_at(TWO_DAYS_BEFORE) == {"failed": 1, "sent": 1}
    assert tick_at(TWO_DAYS_BEFORE + timedelta(seconds=59)) == {}
    moment, seen = TWO_DAYS_BEFORE, []
    for _attempt in range(sending.ATTEMPTS - 1):
        moment += timedelta(hours=2, minutes=10)
        seen.append(tick_at(moment))
    assert seen == [*[{"failed": 1}] * (sending.ATTEMPTS - 2), {"dead": 1}]
    dead = Notice.objects.filter(kind=notices.DEAD).values_list("membership__user__name", flat=True)
    assert set(dead) == {"NGO supervisor", "NGO intake"}


def test_a_lease_that_runs_out_is_taken_by_the_next(case: Case) -> None:
    with clock.travel(ON_THE_DAY):
        (lost, *_others) = sorted(reminders.claim(10), key=lambda one: str(one.reminder_id))
    assert tick_at(ON_THE_DAY + MINUTE) == {}
    assert tick_at(ON_THE_DAY + 3 * MINUTE) == {"superseded": 1, "sent": 1}
    with clock.travel(ON_THE_DAY + 4 * MINUTE):
        assert reminders._handle(lost) == "taken"
    assert told() == [("NGO caseworker", "0d")]


def test_a_rule_that_the_profile_lost_is_not_fatal(case: Case) -> None:
    with role("nrm_ledger"):
        Deadline.objects.update(rule="GONE-1")
    assert tick_at(TWO_DAYS_BEFORE) == {"sent": 1}


def test_mail_carries_three_numbers_and_a_link(case: Case, mailoutbox: list[EmailMessage]) -> None:
    with clock.travel(ON_THE_DAY):
        call_command("send_reminders", verbosity=0)
    (letter,) = mailoutbox
    assert letter.subject == "Your tasks"
    assert letter.body == f"Overdue: 0. Due today: 1. New: 0.\n\n{settings.BASE_URL}/inbox/\n"
    assert case.shown_reference not in letter.subject + letter.body
    assert "NGO" not in letter.body


def test_many_notices_before_the_mail_leaves_make_one_mail(cast: Cast, case: Case) -> None:
    with clock.travel(START):
        other = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(other, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    tick_at(ON_THE_DAY)
    assert (Notice.objects.count(), OutboxMail.objects.count()) == (2, 1)


def test_health_tells_ages_and_the_last_tick_of_each_alarm_clock(case: Case) -> None:
    with clock.travel(TWO_DAYS_BEFORE + timedelta(hours=1)):
        before = reminder_health()
        assert (before["oldest_due_seconds"], before["waiting"], before["healthy"]) == (3600, 1, False)
        call_command("send_reminders", verbosity=0)
        after = reminder_health()
    assert (after["oldest_due_seconds"], after["waiting"], after["healthy"]) == (0, 0, True)
    assert set(after["last_tick"]) == {TickSource.CRON}


def test_the_first_ring_and_the_ring_after_a_pause_ask_for_a_reconciliation(cast: Cast) -> None:
    rings = []
    for moment in (START, START + MINUTE, START + timedelta(hours=1)):
        with clock.travel(moment):
            rings.append(reminders.begin(TickSource.BEAT))
    assert rings == [True, False, True]


@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clock_of_the_worker_is_never_asked(case: Case, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    real = clock.moment()
    with role("nrm_ledger"):
        for offset, minutes in (("-2d", -1), ("0d", 60), ("+2d", 90)):
            Reminder.objects.filter(offset=offset).update(due_at=real + minutes * MINUTE)
    skewed = Mock(wraps=datetime)
    skewed.now = lambda _zone: real + timedelta(hours=hours)
    monkeypatch.setattr(clock, "datetime", skewed)
    assert dict(reminders.tick()) == {"sent": 1}
    assert states() == {"-2d": "sent", "0d": "waiting", "+2d": "waiting"}
    assert abs(Notice.objects.get().created_at - real) < MINUTE


def test_the_tasks_of_the_queue_do_their_part(case: Case, mailoutbox: list[EmailMessage]) -> None:
    with clock.travel(ON_THE_DAY):
        for task in (tasks.tick, tasks.deliver_mail, tasks.reconcile, tasks.keep_drafts):
            task()
    assert (states()["0d"], len(mailoutbox)) == ("sent", 1)


@pytest.mark.parametrize("audience", Audience)
def test_every_audience_finds_live_members_that_may_know_the_case(case: Case, audience: Audience) -> None:
    with clock.travel(START), reminders.as_worker():
        deadline = Deadline.objects.get()
        people = audiences.Finder([deadline]).recipients(deadline, audience)
    nobody: set[str] = set()
    expected = {
        Audience.GUARDIAN: nobody,
        Audience.COORDINATOR: nobody,
        Audience.SUPERVISOR: {"NGO supervisor"},
        Audience.INTAKE: {"NGO intake"},
    }
    of_the_case = (Audience.ASSIGNED, Audience.ALL_ASSIGNED, Audience.LEAD_ASSIGNED, Audience.REFERRAL_SENDER)
    expected |= {one: {"NGO caseworker"} for one in of_the_case}
    expected |= {Audience.LEAD_SUPERVISOR: {"NGO supervisor"}}
    assert {person.user.name for person in people} == expected.get(audience, {"NGO supervisor", "NGO intake"})
