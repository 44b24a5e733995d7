"""The one clock. Operations take the moment from here; policies and claims take it from SQL ``nrm_now()``."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


def moment() -> datetime:
    """The present instant, in UTC."""
    return _travelled.get() or datetime.now(UTC)


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
