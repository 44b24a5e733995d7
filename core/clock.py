"""The one clock: the database's. Operations take the moment from here; policies and claims take it from ``nrm_now()``.

A machine whose own clock is wrong would write moments that never were, and rows that look back-dated beside their
seal. So each transaction says what time it is in the database (``follow``), and the moment here is counted from that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)
# By how much the clock of this machine is behind that of the database.
_behind: ContextVar[timedelta] = ContextVar("behind", default=timedelta())
# What an answer takes on its way; less than this says nothing of the clocks.
ON_THE_WAY: Final = timedelta(milliseconds=500)


def moment() -> datetime:
    """The present instant, in UTC."""
    return _travelled.get() or datetime.now(UTC) + _behind.get()


def behind(of_database: datetime) -> timedelta:
    """By how much this machine's clock is behind the database's, which has just said what time it is there."""
    return of_database - datetime.now(UTC)


def follow(of_database: datetime) -> None:
    """Count from what the database has just said, where the two clocks differ by more than an answer takes."""
    found = behind(of_database)
    if abs(found - _behind.get()) > ON_THE_WAY:
        _behind.set(found)


def today(zone: ZoneInfo) -> date:
    """The present civil day in ``zone``."""
    return moment().astimezone(zone).date()


def travelled() -> datetime | None:
    """The instant to hand to the database clock, or None when time has not been moved."""
    return _travelled.get()


@contextmanager
def travel(to: datetime) -> Iterator[None]:
    """Stand at ``to``, an aware instant. The database follows only where ``nrm_now()`` has its test body."""
    token = _travelled.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _travelled.reset(token)
