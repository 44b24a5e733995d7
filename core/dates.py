"""Arithmetic of civil days, working days and zones. Pure: the calendar and the zone are given.

The day of the event is never counted (Regulation (EEC, Euratom) 1182/71, Art. 3). Months keep the day number, or end on
the last day of the month where it does not exist. Instants are stored in UTC; a day begins at midnight of its zone.
"""

from calendar import monthrange
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

WEEKEND: Final = frozenset({5, 6})
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: neither a weekend day (Monday is 0) nor a holiday."""

    holidays: Container[date] = frozenset()
    weekend: frozenset[int] = WEEKEND

    def is_working_day(self, day: date) -> bool:
        return day.weekday() not in self.weekend and day not in self.holidays


def add_months(day: date, months: int) -> date:
    """The same day number so many months on (or back), or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_working_days(day: date, days: int, calendar: Calendar) -> date:
    """The ``days``-th working day after ``day``, or before it when negative; ``day`` itself for 0."""
    step = ONE_DAY if days > 0 else -ONE_DAY
    for _counted in range(abs(days)):
        day += step
        while not calendar.is_working_day(day):
            day += step
    return day


def count_working_days(after: date, until: date, calendar: Calendar) -> int:
    """How many days are worked after ``after`` up to and including ``until``."""
    return sum(calendar.is_working_day(after + n * ONE_DAY) for n in range(1, (until - after).days + 1))


def roll(day: date, calendar: Calendar, *, forward: bool) -> date:
    """``day`` when it is worked, else the next (or the last) working day."""
    step = ONE_DAY if forward else -ONE_DAY
    while not calendar.is_working_day(day):
        day += step
    return day


def civil_day(instant: datetime, zone: ZoneInfo) -> date:
    """The day that an aware instant falls on in ``zone``; raises ``ValueError`` for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(zone).date()


def instant_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time in UTC: of a time that occurs twice the first; one that is skipped, after the jump."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a civil day, in UTC."""
    return instant_at(day, time.min, zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant after a civil day, in UTC: the day counts as long as the moment is before it."""
    return start_of_day(day + ONE_DAY, zone)


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """The last civil day that counts for something that ends at the instant ``end``."""
    return civil_day(end - timedelta(microseconds=1), zone)


def birthday(born: date, years: int) -> date:
    """The day somebody turns ``years``. Born on 29 February: 1 March in common years, never a day early."""
    same_day = add_months(born, 12 * years)
    return same_day if same_day.day == born.day else same_day + ONE_DAY


def age_on(born: date, day: date) -> int:
    """Full years of age on ``day``."""
    return day.year - born.year - (day < birthday(born, day.year - born.year))
