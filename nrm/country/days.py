"""Living some days: what ended in the night, what people do, the reminders of each hour until the next morning.

Several processes may live the same days, each with its own cases and their reminders. They meet before a night in which
what ended by time is written down: no process is further than the others by more than the days between.
"""

import gc
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from multiprocessing.context import ForkContext
from threading import BrokenBarrierError
from typing import Final, Protocol, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import TruncHour

from accounts.context import acting
from accounts.models import MailState, OutboxMail
from cases import inbox, reminders
from cases.enums import ReminderState
from cases.models import Reminder
from cases.operations import clocks, drafts, elapsed, lost_tasks, overdue, reconciling
from core import clock
from core.dates import ONE_DAY, start_of_day
from nrm.country.life import Country
from nrm.country.scenes import Share
from profiles.profile import active
from referrals.operations import write_down_all

MORNING: Final = timedelta(hours=8, minutes=1)
ONE_HOUR: Final = timedelta(hours=1)
# What ended by time has ended when it is read; that it is written down every other week is enough.
NIGHT_DAYS: Final = 14
# Once in so many days people read what they were told, and mail leaves.
READING_DAYS: Final = 60
UNREAD: Final = timedelta(days=6)
# Once a week the next reminders of what is overdue are written.
MONDAY: Final = 0

_inherited: Final[list[BaseDatabaseWrapper]] = []

Progress: TypeAlias = Callable[[int, int], None]


class Togetherness(Protocol):
    def wait(self) -> None:
        """Go on when all the others have come as far."""


Living: TypeAlias = Callable[[Share, Togetherness], None]


class Alone:
    """One process lives everything."""

    def wait(self) -> None:
        return


class InStep:
    """One of several processes; it ends when the one that started it is gone."""

    def __init__(self, context: ForkContext, hands: int) -> None:
        self.barrier = context.Barrier(hands)
        self.parent = os.getpid()

    def wait(self) -> None:
        if os.getppid() != self.parent:
            self.barrier.abort()
        self.barrier.wait()


def live_in_step(live: Living, share: Share, together: InStep) -> None:
    """What a forked process does; when it fails, the others stop too."""
    try:
        _connect_anew()
        _hurry()
        live(share, together)
    except BrokenBarrierError:
        raise SystemExit(1) from None
    except BaseException:
        together.barrier.abort()
        raise


def live_day(country: Country, share: Share, together: Togetherness, day: date, now: datetime) -> None:
    """One civil day, as far as it has passed ``now``."""
    begins = start_of_day(day, active().zone)
    ends = min(start_of_day(day + ONE_DAY, active().zone), now)
    if day.toordinal() % NIGHT_DAYS == 0 or ends == now:
        together.wait()
        if share.has(0):
            with clock.travel(min(begins + MORNING, now)):
                work_the_night(country, day)
        together.wait()
    for entry in country.agenda.until(ends):
        with clock.travel(entry.at):
            country.agenda.go_on(entry)
    if day.weekday() == MONDAY:
        with clock.travel(min(begins + MORNING, now)):
            reconciling.reconcile(of=country.cases)
    remind(country, min(ends + MORNING, now))


def work_the_night(country: Country, day: date) -> None:
    """What the worker does between two days."""
    with reminders.as_worker():
        elapsed.record_elapsed()
        lost_tasks.finish_lost_tasks()
        overdue.tell_coordinators()
        clocks.start_next_months()
        drafts.warn_of_erasure()
        drafts.erase_expired()
    write_down_all()
    if day.toordinal() % READING_DAYS == 0:
        drop_mail()
        read_inboxes(country, clock.moment() - UNREAD)


def drop_mail() -> None:
    """Nobody is written to about the last two years: what waits in the outbox is not needed any more."""
    with reminders.as_worker():
        OutboxMail.objects.filter(state=MailState.QUEUED).update(state=MailState.DROPPED)


def read_inboxes(country: Country, until: datetime) -> None:
    """Everybody marks as read what arrived before ``until``."""
    for actor in country.actors.values():
        with acting(actor):
            inbox.mark_all_read(actor, until)


def remind(country: Country, until: datetime) -> None:
    """Send what fell due in the cases of this process, hour by hour."""
    for hour in _hours_to_remind(country, until):
        with clock.travel(min(hour + ONE_HOUR, until)):
            reminders.tick(of=country.cases)


def _hours_to_remind(country: Country, until: datetime) -> list[datetime]:
    """The hours in which reminders fell due that nobody has sent yet."""
    with reminders.as_worker():
        own = Reminder.objects.filter(deadline__case__in=country.cases)
        waiting = own.filter(state=ReminderState.WAITING, due_at__lte=until)
        hours = waiting.annotate(hour=TruncHour("due_at")).order_by("hour")
        return list(hours.values_list("hour", flat=True).distinct())


def _connect_anew() -> None:
    """Have a connection of one's own, and keep the one before untouched: it may be open, and the parent's.

    Two processes at one socket read each other's answers, and closing it ends it for both. Beside a running event loop
    Django keeps another connection than without, and a fork has no loop: what the parent has closed need not be what
    the child finds.
    """
    _inherited.append(connections[DEFAULT_DB_ALIAS])
    connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)


def _hurry() -> None:
    """Let the database plan each statement once, and not wait for the disk: what a crash loses is lived anew.

    There are some hundreds of statements, and each is kept. What a query leaves behind is collected seldom: there is
    room for it, and nobody waits at a page.
    """
    gc.set_threshold(200_000, 20, 20)
    connection.settings_dict["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 3}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET plan_cache_mode = force_generic_plan")
    connection.connection.prepared_max = None
