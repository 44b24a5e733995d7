"""Living a day: what ended in the night, the reminders of the morning, what people do, the reminders of each hour.

Several processes may live the same days, each with its own cases, hour by hour together: what one reminds of, no other
has yet to do.
"""

import gc
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing.context import ForkContext
from threading import BrokenBarrierError
from typing import Final, Protocol, TypeAlias

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count
from django.db.models.functions import TruncHour

from accounts.context import acting
from accounts.models import MailState, OutboxMail
from cases import inbox, reminders
from cases.enums import ReminderState
from cases.models import Reminder
from cases.operations import clocks, drafts, elapsed, overdue
from core import clock
from core.dates import ONE_DAY, start_of_day
from nrm.country.life import Country
from nrm.country.scenes import Share
from profiles.profile import active
from referrals.operations import write_down_all

MORNING: Final = timedelta(hours=8, minutes=1)
ONE_HOUR: Final = timedelta(hours=1)
# What ended by time has ended when it is read; that it is written down every third night is enough.
NIGHT_DAYS: Final = 3
# As many reminders as one process claims at once, so that the others have some too.
FEW: Final = 5
# Once in so many days people read what they were told, and mail leaves.
READING_DAYS: Final = 60
UNREAD: Final = timedelta(days=6)

_inherited: Final[list[BaseDatabaseWrapper]] = []

Progress: TypeAlias = Callable[[int, int], None]


# The instant of an hour, and how many reminders fall due in it.
Due: TypeAlias = list[tuple[datetime, int]]
MOST_HOURS: Final = 100


class Togetherness(Protocol):
    def wait(self) -> None:
        """Go on when all the others have come as far."""

    def agree(self, ask: Callable[[], Due]) -> Due:
        """When all have come as far, one of them asks; all are given the answer."""


Living: TypeAlias = Callable[[Share, Togetherness], None]


class Alone:
    """One process lives everything."""

    def wait(self) -> None:
        return

    def agree(self, ask: Callable[[], Due]) -> Due:
        return ask()


class InStep:
    """One of several processes; it ends when the one that started it is gone."""

    def __init__(self, context: ForkContext, hands: int) -> None:
        self.barrier = context.Barrier(hands)
        self.parent = os.getpid()
        self.board = context.Array("d", 2 * MOST_HOURS, lock=False)

    def wait(self) -> None:
        self._arrive()

    def agree(self, ask: Callable[[], Due]) -> Due:
        if self._arrive() == 0:
            self._write(ask())
        self._arrive()
        return self._read()

    def _arrive(self) -> int:
        if os.getppid() != self.parent:
            self.barrier.abort()
        return self.barrier.wait()

    def _write(self, due: Due) -> None:
        numbers = [number for hour, count in due[:MOST_HOURS] for number in (hour.timestamp(), count)]
        self.board[:] = [*numbers, *[0] * (len(self.board) - len(numbers))]

    def _read(self) -> Due:
        pairs = zip(self.board[::2], self.board[1::2], strict=True)
        return [(datetime.fromtimestamp(hour, UTC), int(count)) for hour, count in pairs if count]


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
    with clock.travel(min(begins + MORNING, now)):
        if share.has(0) and (day.toordinal() % NIGHT_DAYS == 0 or ends == now):
            work_the_night(country, day)
    _remind(share, together, min(begins + MORNING, now))
    for entry in country.agenda.until(ends):
        with clock.travel(entry.at):
            country.agenda.go_on(entry)
    _remind(share, together, ends)
    together.wait()


def work_the_night(country: Country, day: date) -> None:
    """What the worker does between two days."""
    with reminders.as_worker():
        elapsed.record_elapsed()
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


def _remind(share: Share, together: Togetherness, until: datetime) -> None:
    """Send what fell due, hour by hour: as many processes as there is work for."""
    for hour, count in together.agree(lambda: _hours_to_remind(until)):
        if share.part * FEW < count:
            with clock.travel(min(hour + ONE_HOUR, until)):
                reminders.tick(limit=FEW)


def _hours_to_remind(until: datetime) -> Due:
    """The hours in which reminders fell due that nobody has sent yet."""
    with reminders.as_worker():
        waiting = Reminder.objects.filter(state=ReminderState.WAITING, due_at__lte=until)
        hours = waiting.annotate(hour=TruncHour("due_at")).values("hour").order_by("hour")
        return list(hours.annotate(count=Count("pk")).values_list("hour", "count"))


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

    What a query leaves behind is collected seldom: there is room for it, and nobody waits at a page.
    """
    gc.set_threshold(200_000, 20, 20)
    connection.settings_dict["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 3}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
