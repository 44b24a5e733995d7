"""Which mail leaves when: at once for what is due within a day, one a day in the person's own morning for the rest."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core import mail as sent

from accounts import digest, mail
from accounts.models import Absence, MailState, Membership, Notice, OutboxMail, User
from core import clock

# Wednesday; in Amsterdam it is 10:00, the digest was due at 8:30.
MORNING = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
BEFORE_DIGEST = datetime(2026, 3, 11, 7, 29, tzinfo=UTC)
DIGEST = datetime(2026, 3, 11, 7, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def notice(persona, *, due_in=3 * DAY, at=MORNING):
    with clock.travel(at):
        return Notice.objects.create(
            membership=persona.membership,
            key=str(uuid4()),
            kind="EU-NEEDS",
            case_id=uuid4(),
            due_at=None if due_in is None else at + due_in,
            created_at=at,
        )


def told(made, *, at=MORNING):
    with clock.travel(at):
        return digest.tell_all([made])


def digests(at):
    with clock.travel(at):
        return digest.post_digests()


@pytest.mark.parametrize("due_in", [timedelta(hours=24), timedelta(0), -2 * DAY, None])
def test_what_is_due_within_a_day_overdue_or_news_is_told_at_once(cast, due_in):
    assert len(told(notice(cast.ngo_caseworker, due_in=due_in))) == 1


def test_what_is_due_later_waits_for_the_digest(cast):
    assert told(notice(cast.ngo_caseworker, due_in=timedelta(hours=25))) == []


@pytest.mark.parametrize("kind", ["row_added", "share_received"])
def test_news_of_what_a_case_holds_waits_for_the_digest(cast, kind):
    made = notice(cast.ngo_caseworker, due_in=None)
    Notice.objects.filter(pk=made.pk).update(kind=kind)
    made.refresh_from_db()
    assert told(made) == []
    assert digests(DIGEST + DAY) == 1


def test_one_mail_that_waits_stands_for_all_that_is_urgent(cast):
    assert len(told(notice(cast.ngo_caseworker, due_in=DAY))) == 1
    assert told(notice(cast.ngo_caseworker, due_in=DAY)) == []


def test_the_digest_comes_once_a_day_in_the_morning(cast):
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    assert [digests(at) for at in (BEFORE_DIGEST, DIGEST)] == [0, 1]
    body(DIGEST)
    assert [digests(at) for at in (MORNING, MORNING + DAY)] == [0, 1]


def test_a_mail_that_could_not_leave_yet_stands_for_that_of_the_next_morning(cast):
    """After an outage of the mail server nobody finds a heap of equal mails."""
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    assert [digests(DIGEST + days * DAY) for days in range(3)] == [1, 0, 0]


def body(at):
    """The text of the one mail that leaves."""
    sent.outbox.clear()
    with clock.travel(at):
        assert mail.deliver_due()["sent"] == 1
    (letter,) = sent.outbox
    return letter.body.split("\n")[0]


def test_it_says_how_many_are_overdue_due_today_and_new_in_the_persons_language(cast):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(language="nl")
    for due_in in (-5 * DAY, -2 * DAY, DAY, 5 * DAY, None):
        notice(cast.ngo_caseworker, at=MORNING - DAY, due_in=due_in)
    digests(DIGEST)
    assert body(DIGEST) == "Te laat: 2. Vandaag: 1. Nieuw: 2."


def test_what_was_read_and_may_not_be_put_off_is_counted_until_it_is_done(cast):
    """Overdue and due today also when they were read; what is new only once."""
    overdue, today, later = (notice(cast.ngo_caseworker, at=MORNING - DAY, due_in=days * DAY) for days in (-2, 1, 9))
    notice(cast.ngo_caseworker, at=MORNING - DAY, due_in=8 * DAY)
    Notice.objects.filter(pk__in=[overdue.pk, today.pk, later.pk]).update(read_at=MORNING - DAY)
    digests(DIGEST)
    assert body(DIGEST) == "Overdue: 1. Due today: 1. New: 1."
    Notice.objects.filter(pk=overdue.pk).update(done_at=DIGEST)
    notice(cast.ngo_caseworker, at=MORNING, due_in=8 * DAY)
    digests(DIGEST + DAY)
    assert body(DIGEST + DAY) == "Overdue: 1. Due today: 0. New: 2."


def test_the_digest_does_not_repeat_what_a_mail_of_this_morning_has_counted(cast):
    made = notice(cast.ngo_caseworker, due_in=DAY, at=DIGEST - timedelta(minutes=1))
    assert len(told(made, at=DIGEST - timedelta(minutes=1))) == 1
    assert digests(DIGEST) == 0  # it waits in the outbox
    body(DIGEST)
    assert digests(DIGEST + timedelta(minutes=1)) == 0
    assert digests(DIGEST + DAY) == 1


def test_a_mail_of_yesterday_stands_for_nothing_today(cast):
    made = notice(cast.ngo_caseworker, due_in=DAY, at=MORNING)
    told(made)
    body(MORNING)
    assert digests(DIGEST + DAY) == 1


def test_two_mails_at_once_lie_ten_minutes_apart_and_the_second_counts_both(cast):
    minute = timedelta(minutes=1)
    told(notice(cast.ngo_caseworker, due_in=None))
    assert body(MORNING) == "Overdue: 0. Due today: 0. New: 1."
    told(notice(cast.ngo_caseworker, due_in=None, at=MORNING + minute), at=MORNING + minute)
    for minutes in (1, 5, 9):
        with clock.travel(MORNING + minutes * minute):
            assert mail.deliver_due() == {}
    told(notice(cast.ngo_caseworker, due_in=None, at=MORNING + 4 * minute), at=MORNING + 4 * minute)
    assert OutboxMail.objects.filter(state=MailState.QUEUED).count() == 1
    assert body(MORNING + 10 * minute) == "Overdue: 0. Due today: 0. New: 3."


def wants(cast, **values):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(**values)


def test_whoever_wants_one_mail_a_day_gets_what_is_urgent_in_the_morning(cast):
    wants(cast, mails="daily")
    assert told(notice(cast.ngo_caseworker, due_in=timedelta(hours=3))) == []
    assert digests(DIGEST + DAY) == 1


def test_whoever_looks_at_the_inbox_gets_no_mail(cast):
    wants(cast, mails="in_app")
    assert told(notice(cast.ngo_caseworker, due_in=timedelta(hours=3))) == []
    assert digests(DIGEST + DAY) == 0


@pytest.mark.parametrize("wish", ["daily", "in_app"])
@pytest.mark.parametrize("kind", ["NL-BT", "EU-GUA-1", "consent_withdrawn", "break_glass"])
def test_what_the_law_demands_is_mailed_whatever_one_wants(cast, wish, kind):
    wants(cast, mails=wish)
    made = notice(cast.ngo_caseworker, due_in=timedelta(hours=3))
    Notice.objects.filter(pk=made.pk).update(kind=kind)
    made.refresh_from_db()
    assert len(told(made)) == 1
    Notice.objects.filter(pk=made.pk).update(due_at=MORNING + 30 * DAY)
    body(MORNING)
    assert digests(DIGEST + DAY) == 1


def test_the_daily_mail_comes_at_the_hour_that_one_chose(cast):
    wants(cast, digest_at=time(17, 30))
    notice(cast.ngo_caseworker, at=MORNING)
    evening = datetime(2026, 3, 11, 16, 30, tzinfo=UTC)
    assert [digests(at) for at in (DIGEST, evening - timedelta(minutes=1), evening)] == [0, 0, 1]


def test_the_morning_is_that_of_the_persons_own_zone(cast):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(time_zone="Atlantic/Azores")
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    in_the_azores = datetime(2026, 3, 11, 9, 30, tzinfo=UTC)
    assert [digests(at) for at in (DIGEST, in_the_azores - timedelta(minutes=1), in_the_azores)] == [0, 0, 1]


def test_both_changes_of_the_clock_leave_it_at_half_past_eight(cast):
    for day, hour in ((datetime(2026, 3, 29, tzinfo=UTC), 6), (datetime(2026, 10, 25, tzinfo=UTC), 7)):
        notice(cast.ngo_caseworker, at=day - DAY)
        at = day.replace(hour=hour, minute=30)
        assert [digests(at - timedelta(minutes=1)), digests(at)] == [0, 1]
        body(at)


def test_what_arrives_after_the_morning_waits_for_the_next(cast):
    notice(cast.ngo_caseworker, at=MORNING)
    assert [digests(MORNING + timedelta(hours=1)), digests(DIGEST + DAY)] == [0, 1]


def test_after_an_outage_it_comes_late_and_once(cast):
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    assert [digests(MORNING + timedelta(hours=9)), digests(MORNING + timedelta(hours=10))] == [1, 0]


@pytest.mark.parametrize("fate", ["read", "snoozed", "suspended", "inactive", "away"])
def test_nobody_gets_a_digest_of_nothing(cast, fate):
    made = notice(cast.ngo_caseworker, at=MORNING - DAY)
    match fate:
        case "read":
            Notice.objects.filter(pk=made.pk).update(read_at=MORNING)
        case "snoozed":
            Notice.objects.filter(pk=made.pk).update(snoozed_until=MORNING + 2 * DAY)
        case "suspended":
            Membership.objects.filter(pk=made.membership_id).update(suspended_at=MORNING)
        case "inactive":
            User.objects.filter(pk=cast.ngo_caseworker.user_id).update(is_active=False)
        case "away":
            away(cast)
    assert digests(MORNING) == 0


def test_who_is_away_is_not_mailed_at_once_either(cast):
    away(cast)
    assert told(notice(cast.ngo_caseworker, due_in=timedelta(hours=1))) == []


def test_a_mail_that_waited_when_somebody_left_for_a_holiday_is_dropped(cast):
    told(notice(cast.ngo_caseworker, due_in=timedelta(hours=1)))
    away(cast)
    with clock.travel(MORNING):
        assert mail.deliver_due() == {"dropped": 1}


def test_claim_and_mail_stand_or_fall_together(cast, monkeypatch):
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "post_digest", lambda _user, **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            digests(DIGEST)
    assert not OutboxMail.objects.exists()
    assert digests(DIGEST) == 1


def away(cast):
    Absence.objects.create(
        membership=cast.ngo_caseworker.membership,
        deputy=cast.colleague_unassigned.membership,
        starts_on=MORNING.date(),
        ends_on=MORNING.date() + 7 * DAY,
    )
