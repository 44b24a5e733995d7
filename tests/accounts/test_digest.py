"""Which mail leaves when: at once for what is due within a day, one a day in the person's own morning for the rest."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail as sent

from accounts import digest, mail
from accounts.models import Absence, Membership, Notice, OutboxMail, User
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


def test_one_mail_that_waits_stands_for_all_that_is_urgent(cast):
    assert len(told(notice(cast.ngo_caseworker, due_in=DAY))) == 1
    assert told(notice(cast.ngo_caseworker, due_in=DAY)) == []


def test_the_digest_comes_once_a_day_in_the_morning(cast):
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    assert [digests(at) for at in (BEFORE_DIGEST, DIGEST, MORNING, MORNING + DAY)] == [0, 1, 0, 1]


def test_it_says_how_many_and_by_when_in_the_persons_language(cast):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(language="nl")
    for _number in range(2):
        notice(cast.ngo_caseworker, at=MORNING - DAY, due_in=5 * DAY)
    digests(DIGEST)
    with clock.travel(DIGEST):
        assert mail.deliver_due() == {"sent": 1}
    (letter,) = sent.outbox
    assert letter.body.startswith("U hebt 2 taken; de eerste moet uiterlijk 15 maart 2026 klaar zijn.")


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
        patch.setattr(mail, "post_digest", lambda _user: 1 / 0)
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
