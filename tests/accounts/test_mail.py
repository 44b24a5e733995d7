"""The outbox: content-free, at least once, in order of need, never lost, never for those who should not know."""

from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected
from uuid import uuid4

import pytest
from django.core import mail as sent
from django.core.mail.backends.locmem import EmailBackend

from accounts import mail
from accounts.models import Membership, Notice, OutboxMail, User
from core import clock
from core.db import role

NOON = datetime(2026, 3, 10, 11, tzinfo=UTC)


@pytest.fixture
def at_noon():
    with clock.travel(NOON):
        yield


def notice(persona, *, days=2):
    made = Notice.objects.create(
        membership=persona.membership,
        key=str(uuid4()),
        kind="NL-DECISION",
        case_id=uuid4(),
        due_at=NOON + timedelta(days=days),
        created_at=clock.moment(),
    )
    return made, mail.post_tasks(made)


def state(row):
    row.refresh_from_db()
    return row.state


def test_a_mail_says_how_many_and_nothing_else(cast, at_noon):
    notice(cast.ngo_caseworker, days=5)
    notice(cast.ngo_caseworker, days=2)
    assert mail.deliver_due() == {"sent": 2}
    letter = sent.outbox[0]
    assert letter.subject == "Your tasks"
    assert letter.body == "Overdue: 0. Due today: 0. New: 2.\n\nhttp://127.0.0.1:8000/inbox/\n"


@pytest.mark.parametrize(
    ("due_at", "words"),
    [
        (datetime(2026, 3, 10, 10, 59, tzinfo=UTC), "Overdue: 1. Due today: 0. New: 0."),
        (datetime(2026, 3, 10, 23, tzinfo=UTC), "Overdue: 0. Due today: 1. New: 0."),  # midnight: the end of today
        (datetime(2026, 3, 10, 23, 1, tzinfo=UTC), "Overdue: 0. Due today: 0. New: 1."),
    ],
)
def test_a_day_ends_at_midnight_here(cast, at_noon, due_at, words):
    made, _mail = notice(cast.ngo_caseworker)
    Notice.objects.filter(pk=made.pk).update(due_at=due_at)
    mail.deliver_due()
    assert sent.outbox[0].body.startswith(words)


def test_each_reads_it_in_their_language(cast, at_noon):
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(language="nl")
    notice(cast.ngo_caseworker)
    mail.deliver_due()
    assert sent.outbox[0].body.startswith("Te laat: 0. Vandaag: 0. Nieuw: 1.")


@pytest.mark.parametrize("fate", ["read", "suspended", "ended", "inactive"])
def test_whoever_no_longer_needs_it_gets_none(cast, at_noon, fate):
    made, row = notice(cast.ngo_caseworker)
    if fate == "read":
        Notice.objects.filter(pk=made.pk).update(read_at=NOON)
    elif fate == "inactive":
        User.objects.filter(pk=cast.ngo_caseworker.user_id).update(is_active=False)
    else:
        Membership.objects.filter(pk=made.membership_id).update(**{f"{fate}_at": NOON})
    mail.deliver_due()
    assert (state(row), sent.outbox) == ("dropped", [])


def test_the_message_id_comes_from_the_row(cast, at_noon):
    made, row = notice(cast.ngo_caseworker)
    mail.deliver_due()
    assert sent.outbox[0].message()["Message-ID"] == row.message_id == f"<tasks.{made.pk.hex}@example.test>"


def test_what_is_sent_is_not_sent_again(cast, at_noon):
    notice(cast.ngo_caseworker)
    assert [dict(mail.deliver_due()) for _ in range(2)] == [{"sent": 1}, {}]


def test_a_temporary_refusal_is_tried_again_later_and_others_go_out(cast, at_noon, smtp):
    _one, refused = notice(cast.ngo_caseworker)
    _two, taken = notice(cast.police_officer)
    first, second = sorted((refused, taken), key=lambda row: row.pk)
    smtp.refuse_next = 1
    assert mail.deliver_due() == {"queued": 1, "sent": 1}
    assert (state(first), first.fault, state(second)) == ("queued", "SMTPDataError", "sent")
    assert mail.deliver_due() == {}
    with clock.travel(NOON + timedelta(minutes=1, seconds=1)):
        assert mail.deliver_due() == {"sent": 1}
    assert len(smtp.received) == 2


def test_a_server_that_is_away_is_left_alone_and_nothing_is_lost(cast, at_noon, monkeypatch):
    rows = [notice(cast.ngo_caseworker)[1] for _ in range(5)]
    tried = []

    def away(self, messages):
        tried.append(messages)
        raise SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", away)
        assert mail.deliver_due() == {"queued": 5}
    assert len(tried) == mail.PATIENCE
    with clock.travel(NOON + timedelta(minutes=5)):
        assert mail.deliver_due() == {"sent": 5}
    assert {state(row) for row in rows} == {"sent"}


def test_after_many_attempts_over_a_day_a_mail_is_dead_and_counted(cast, at_noon, smtp):
    _notice, row = notice(cast.ngo_caseworker)
    at = NOON
    for _attempt in range(mail.ATTEMPTS):
        smtp.refuse_next = 1
        with clock.travel(at):
            mail.deliver_due()
        at += mail.LONGEST_PAUSE + timedelta(minutes=1)
    assert state(row) == "dead"
    assert mail.health() == {"waiting": 0, "oldest_due_at": None, "dead": 1}


def test_a_lease_keeps_others_away_and_ends_by_itself(cast, at_noon):
    _notice, row = notice(cast.ngo_caseworker)
    claim = mail._claim(10)
    assert len(claim) == 1
    assert mail.deliver_due() == {}
    with clock.travel(NOON + mail.LEASE + timedelta(seconds=1)):
        assert mail.deliver_due() == {"sent": 1}
    mail._mark_fault(claim[0], "late")
    assert (state(row), row.fault) == ("sent", "")


def test_a_poisoned_row_stops_no_other_and_dies_in_the_end(cast, at_noon):
    _one, poisoned = notice(cast.ngo_caseworker)
    _two, whole = notice(cast.police_officer)
    with role("nrm_worker"):
        OutboxMail.objects.filter(pk=poisoned.pk).update(purpose="invented")
    assert mail.deliver_due() == {"queued": 1, "sent": 1}
    assert (state(poisoned), poisoned.fault, state(whole)) == ("queued", "ValueError", "sent")
    for day in range(1, mail.ATTEMPTS):
        with clock.travel(NOON + timedelta(days=day)):
            mail.deliver_due()
    assert state(poisoned) == "dead"
