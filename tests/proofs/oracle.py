"""When something falls due, written a second time by other means: counting day by day, and asking only which civil day
an instant falls on. Shares no code with ``core.dates`` and ``cases.deadlines``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

DAY = timedelta(days=1)
MIDNIGHT_SEARCH = timedelta(hours=40)


@dataclass(frozen=True)
class Stood:
    """The civil days on which a clock was stopped and went on, and the instants."""

    stopped: datetime
    went_on: datetime


@dataclass(frozen=True)
class Question:
    """What the oracle is asked."""

    unit: str
    length: int
    is_before: bool
    is_entitlement: bool
    rolls: bool
    start: datetime
    zone: ZoneInfo
    is_worked: Callable[[date], bool]
    stood: Sequence[Stood] = ()
    occurrence: int = 1
    begins_with_day: bool = False


def local_day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def answer(asked: Question) -> tuple[date, datetime]:
    """The last day, and the instant from which it is overdue."""
    if asked.unit in {"hours", "at_once"}:
        return _hours(asked)
    day = _last_day(asked)
    while asked.rolls and not asked.is_worked(day):
        day += -DAY if asked.is_before else DAY
    return day, first_instant_after(day, asked.zone)


def period_end(ends: str, first: date, last: date, acted: date | None, horizon: date) -> date | None:
    """The last day of a period, walked day by day: whether its length is over, and whether the act has happened.

    None while it has not ended on ``horizon``.
    """
    day = first
    while day <= horizon:
        is_length_over, has_happened = day >= last, acted is not None and day >= acted
        match ends:
            case "later":
                is_over = is_length_over and has_happened
            case "earlier":
                is_over = is_length_over or has_happened
            case _:
                is_over = is_length_over
        if is_over:
            return day
        day += DAY
    return None


def first_instant_after(day: date, zone: ZoneInfo) -> datetime:
    """Halving the time between an instant before the end of the day and one after it, to the second."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    low, high = noon - MIDNIGHT_SEARCH, noon + MIDNIGHT_SEARCH
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (low, middle) if local_day(middle, zone) > day else (middle, high)
    return high


def _hours(asked: Question) -> tuple[date, datetime]:
    seconds = 0 if asked.unit == "at_once" else asked.length * 3600
    at = datetime.fromtimestamp(asked.start.timestamp() + (-seconds if asked.is_before else seconds), UTC)
    for one in asked.stood:
        at += one.went_on - one.stopped
    return local_day(at, asked.zone), at


def _last_day(asked: Question) -> date:
    """A pause that begins when the period itself is over, and only a weekend or holiday is left, leaves one day."""
    if asked.stood:
        last = asked.stood[-1]
        if local_day(last.stopped, asked.zone) >= _last_day(replace(asked, stood=asked.stood[:-1])):
            return local_day(last.went_on, asked.zone)
    return _counted(asked)


def _counted(asked: Question) -> date:
    start = local_day(asked.start, asked.zone)
    if asked.unit in {"months", "years", "each_month"}:
        months = asked.length * (12 if asked.unit == "years" else 1) * asked.occurrence
        day: date = start + relativedelta(months=-months if asked.is_before else months)
        if asked.begins_with_day:
            day -= DAY
        for one in asked.stood:
            day += len(_still(asked, one)) * DAY
        return day
    return _walk(asked, start)


def _walk(asked: Question, start: date) -> date:
    """From the day after the event, day by day, until as many have counted as the rule says."""
    left = asked.length * (7 if asked.unit == "weeks" else 1)
    still = {day for one in asked.stood for day in _still(asked, one)}
    # "Beginning with the day": that day is the first that counts.
    day = start - DAY if asked.begins_with_day else start
    while left:
        day += -DAY if asked.is_before else DAY
        counts = day not in still and (asked.unit != "working_days" or asked.is_worked(day))
        left -= counts
    return day


def _still(asked: Question, one: Stood) -> list[date]:
    """The days that do not count: of an entitlement also the one on which the clock stopped."""
    first, last = local_day(one.stopped, asked.zone), local_day(one.went_on, asked.zone)
    begin = first if asked.is_entitlement else first + DAY
    return [begin + n * DAY for n in range((last - begin).days + 1)]
