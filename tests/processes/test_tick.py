"""The tick with real commits and real processes: in parallel, killed half-way, by cron, by Celery, without mail."""

import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import connection

from accounts import mail
from accounts.context import acting
from accounts.models import MailState, Notice, OutboxMail
from cases import reminders
from cases.models import Case, Reminder
from cases.operations import clocks, reconciling
from core import clock
from core.db import role
from nrm import processes
from profiles.enums import Event, Party
from tests.cases.test_access import bare_case
from tests.cast import Cast
from tests.cluster import Cluster
from tests.processes.conftest import Spawn

TICKS = 50
DIES_BEFORE_IT_MARKS = """
import os, signal, django
django.setup()
from cases import reminders, sending
sending.Batch.write = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
reminders.tick()
"""


def due_now(cast: Cast, cases: int = 1) -> list[Case]:
    """Cases with one reminder each that is due at once, to the intake of the shelter."""
    actor, bound = cast.ngo_caseworker.actor, {Party.REFERRAL_RECEIVER: cast.organisations.shelter}
    made = []
    for _number in range(cases):
        case = bare_case(cast)
        with acting(actor):
            clocks.start(case, Event.REFERRAL_SENT_URGENT, actor=actor, bound=bound, subject_id=case.pk)
        made.append(case)
    return made


def states() -> Counter[str]:
    with role("nrm_worker"):
        return Counter(Reminder.objects.filter(offset="start").values_list("state", flat=True))


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_fifty_ticks_at_once_tell_everybody_once(own_database: str, cluster: Cluster, cast: Cast) -> None:
    due_now(cast, cases=5)
    cluster.point(own_database, "worker")
    gate = threading.Barrier(TICKS)

    def ring(_number: int) -> Counter[str]:
        gate.wait()
        try:
            return reminders.tick(limit=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(TICKS) as pool:
        tallies = list(pool.map(ring, range(TICKS)))
    assert sum(tallies, Counter()) == {"sent": 5}
    assert Notice.objects.count() == 5
    assert states() == {"sent": 5}


def test_a_worker_that_is_killed_before_it_marks_loses_and_doubles_nothing(
    own_database: str, cast: Cast, spawn: Spawn
) -> None:
    due_now(cast)
    assert spawn("-c", DIES_BEFORE_IT_MARKS).wait(timeout=90) == -signal.SIGKILL
    assert (states(), Notice.objects.count()) == ({"waiting": 1}, 0)
    assert reminders.tick() == {}
    with clock.travel(clock.moment() + reminders.LEASE + timedelta(seconds=1)):
        assert reminders.tick() == {"sent": 1}
        assert reminders.tick() == {}
    assert (states(), Notice.objects.count()) == ({"sent": 1}, 1)


def test_the_worker_mends_what_is_missing(own_database: str, cluster: Cluster, cast: Cast) -> None:
    (case,) = due_now(cast)
    with acting(cast.ngo_caseworker.actor):
        day = clock.moment().date() - timedelta(days=40)
        clocks.start(case, Event.REFLECTION_GRANTED, actor=cast.immigration_decision_maker.actor, on=day)
    with role("nrm_ledger"):
        Reminder.objects.filter(offset="start").delete()
    cluster.point(own_database, "worker")
    assert reconciling.mend()["months"] == 1
    assert states() == {"waiting": 1}
    assert reconciling.mend() == {"months": 0, "missing": 0, "unsent": ANY}


def test_cron_needs_no_queue(own_database: str, cast: Cast, spawn: Spawn, tmp_path: Path) -> None:
    due_now(cast)
    process = spawn("manage.py", "send_reminders", REDIS_URL="redis://127.0.0.1:1/0")
    output, _errors = process.communicate(timeout=90)
    assert (process.returncode, output.splitlines()[-2:]) == (0, ["reminders: 1 sent", "mails: 1 sent"])
    (letter,) = (tmp_path / "mail").iterdir()
    # Due in four hours: late in the evening that is tomorrow.
    numbers = ("Overdue: 0. Due today: 1. New: 0.", "Overdue: 0. Due today: 0. New: 1.")
    assert any(one in letter.read_text() for one in numbers)


def test_worker_and_beat_send_a_reminder_and_its_mail(
    own_database: str, cast: Cast, spawn: Spawn, redis_url: str, tmp_path: Path
) -> None:
    due_now(cast)
    spawn("-m", *processes.worker(), "--pool", "solo", REDIS_URL=redis_url)
    spawn("-m", *processes.beat(str(tmp_path / "schedule")), "--max-interval", "1", REDIS_URL=redis_url)
    assert wait_for(lambda: OutboxMail.objects.filter(state=MailState.SENT).exists())
    assert (states(), Notice.objects.count()) == ({"sent": 1}, 1)
    assert len(list((tmp_path / "mail").iterdir())) == 1


@pytest.fixture
def silent_server(settings: Any) -> Iterator[None]:
    """A mail server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        yield


def test_a_mail_server_that_hangs_holds_no_reminder_up(silent_server: None, cast: Cast) -> None:
    due_now(cast, cases=2)
    later = clock.moment() + timedelta(seconds=5)
    with clock.travel(later):
        assert reminders.tick() == {"sent": 2}
        assert mail.deliver_due() == {"queued": 1}
    assert Notice.objects.count() == 2


def test_what_the_mail_server_refused_goes_out_later_once(smtp: Any, cast: Cast) -> None:
    due_now(cast)
    now = clock.moment() + timedelta(seconds=5)
    smtp.refuse_next = 1
    with clock.travel(now):
        reminders.tick()
        assert mail.deliver_due() == {"queued": 1}
    with clock.travel(now + timedelta(hours=1)):
        assert (mail.deliver_due(), mail.deliver_due()) == ({"sent": 1}, {})
    assert len(smtp.received) == 1
