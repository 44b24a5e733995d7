"""Civil days, working days and zones, against an oracle that counts day by day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import dates
from core.dates import Calendar

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# Zones with whole, half and quarter hours, without summer time, and with changes of the clock at midnight.
ZONES = [
    "Europe/Amsterdam",
    "Europe/London",
    "Europe/Dublin",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "UTC",
]
days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
zones = st.sampled_from(ZONES).map(ZoneInfo)
calendars = st.sets(days, max_size=30).map(lambda found: Calendar(frozenset(found)))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 15), 3, date(2026, 4, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 2, 10), -4, date(2026, 10, 10)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
    ],
)
def test_months_keep_the_day_or_end_with_the_month(start, months, expected):
    assert dates.add_months(start, months) == expected


@given(days, st.integers(-240, 240))
def test_months_never_spill_into_the_next(start, months):
    found = dates.add_months(start, months)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day == start.day or (found + timedelta(days=1)).day == 1


@given(days, st.integers(-40, 40).filter(bool), calendars)
def test_working_days_between_are_exactly_as_many(start, amount, calendar):
    found = dates.add_working_days(start, amount, calendar)
    low, high = (start + timedelta(days=1), found) if amount > 0 else (found, start - timedelta(days=1))
    passed = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    assert sum(day.weekday() < 5 and day not in calendar.holidays for day in passed) == abs(amount)
    assert calendar.is_working_day(found)


@given(days, calendars, st.booleans())
def test_rolling_finds_the_nearest_working_day(start, calendar, forward):
    found = dates.roll(start, calendar, forward=forward)
    assert calendar.is_working_day(found)
    assert (found >= start) if forward else (found <= start)
    assert found == start or not calendar.is_working_day(start)


@given(days, zones)
def test_a_day_ends_with_its_last_instant(day, zone):
    end = dates.end_of_day(day, zone)
    assert end.tzinfo is UTC
    assert dates.civil_day(end, zone) == day + timedelta(days=1)
    assert dates.civil_day(end - timedelta(microseconds=1), zone) == day


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_days_of_the_clock_change_have_their_own_length(day, hours):
    length = dates.end_of_day(day, AMSTERDAM) - dates.start_of_day(day, AMSTERDAM)
    assert length == timedelta(hours=hours)


def test_of_a_time_that_occurs_twice_the_first_counts():
    assert dates.instant_at(date(2026, 10, 25), time(2, 30), AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_time_that_is_skipped_comes_after_the_jump():
    assert dates.instant_at(date(2026, 3, 29), time(2, 30), AMSTERDAM) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        dates.civil_day(datetime(2026, 1, 1), AMSTERDAM)  # noqa: DTZ001 - the naive instant is the point


@pytest.mark.parametrize(
    ("born", "years", "expected"),
    [
        (date(2009, 2, 10), 18, date(2027, 2, 10)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
    ],
)
def test_a_birthday_is_never_early(born, years, expected):
    assert dates.birthday(born, years) == expected


@given(days, st.integers(0, 40 * 366))
def test_age_changes_on_the_birthday_only(born, passed):
    day = born + timedelta(days=passed)
    age = dates.age_on(born, day)
    assert dates.birthday(born, age) <= day < dates.birthday(born, age + 1)
