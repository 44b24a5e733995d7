"""Generated dates against the oracle: units, directions, roll-over, pauses, regional holidays, thirteen zones."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest

from cases import deadlines
from cases.deadlines import Pause
from core.dates import Calendar
from profiles.enums import Direction, Kind, Unit
from profiles.parts import Rule
from profiles.profile import named
from profiles.sense import BEGINS_WITH_DAY
from tests.proofs import SEED, size
from tests.proofs.oracle import Question, Stood, answer, local_day, period_end

ZONES = [
    "Europe/Amsterdam",
    "Europe/London",
    "Europe/Lisbon",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "America/New_York",
]
COUNTRIES = [("NL", None), ("BE", None), ("GB", "ENG"), ("GB", "SCT"), ("GB", "NIR"), ("PT", None), ("DE", "BY")]
UNITS = [unit for unit in Unit if unit is not Unit.FIXED_DATE]
LONGEST = {Unit.HOURS: 2000, Unit.YEARS: 12, Unit.MONTHS: 40, Unit.EACH_MONTH: 2}
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
# Half of the cases start within two days of a change of the clock, a month's end, a leap day or Easter.
EDGES = [
    datetime(year, month, day, hour, tzinfo=UTC)
    for year in range(2016, 2033)
    for month, day, hour in ((3, 25, 1), (3, 31, 22), (10, 25, 1), (10, 31, 23), (2, 28, 23), (12, 31, 23), (4, 3, 12))
]


def calendars() -> list[tuple[Calendar, set[date]]]:
    """The calendars of the profiles' library, and the same days as the oracle sees them."""
    found = []
    for country, region in COUNTRIES:
        days = holidays.country_holidays(country, subdiv=region, years=range(2000, 2065), categories=["public"])
        found.append((Calendar(frozenset(days)), set(days)))
    return found


def some_start(chance: random.Random) -> datetime:
    if chance.random() < 0.5:
        return chance.choice(EDGES) + timedelta(minutes=chance.randint(-2880, 2880))
    return EPOCH + timedelta(minutes=chance.randint(0, 17 * 365 * 1440))


def some_pauses(chance: random.Random, asked: Question) -> list[Stood]:
    """None, or one or two that begin after the start and before the last day, which the first moves."""
    if asked.is_before or asked.unit == Unit.AT_ONCE or chance.random() < 0.5:
        return []
    found: list[Stood] = []
    at = asked.start + timedelta(days=1, minutes=chance.randint(0, 1440))
    for _number in range(chance.randint(1, 2)):
        last = answer(replace(asked, stood=found))[0]
        days = (last - local_day(at, asked.zone)).days
        if days < 2:
            break
        stopped = at + timedelta(minutes=chance.randint(0, (days - 1) * 1440))
        if local_day(stopped, asked.zone) >= last:
            break
        found.append(Stood(stopped, stopped + timedelta(minutes=chance.randint(0, 90 * 1440))))
        if local_day(stopped, asked.zone) >= answer(replace(asked, stood=found[:-1], rolls=False))[0]:
            break
        # What follows begins on a later day, so that no civil day belongs to two pauses.
        at = found[-1].went_on + timedelta(days=2)
    return found


def some_rule(chance: random.Random, base: Rule) -> Rule:
    unit = chance.choice(UNITS)
    direction = Direction.BEFORE if chance.random() < 0.25 else Direction.AFTER
    if unit in {Unit.AT_ONCE, Unit.EACH_MONTH}:
        direction = Direction.AFTER
    kind = chance.choice([Kind.STATUTORY_MINIMUM, Kind.STATUTORY_MAXIMUM, Kind.TARGET])
    rolls = unit not in {Unit.HOURS, Unit.AT_ONCE} and kind is not Kind.STATUTORY_MINIMUM and chance.random() < 0.5
    length = 0 if unit is Unit.AT_ONCE else chance.randint(1, LONGEST.get(unit, 120))
    begins = unit in BEGINS_WITH_DAY and direction is Direction.AFTER and chance.random() < 0.3
    return replace(base, unit=unit, direction=direction, kind=kind, rolls=rolls, length=length, counts_event=begins)


@pytest.mark.proof("due dates against an oracle")
def test_every_generated_date_is_that_of_the_oracle(figure: Any) -> None:
    chance, known, base = random.Random(SEED), calendars(), named("nl").rules[0]
    wrong, paused, wanted = [], 0, size(short=1_500, full=24_000)
    for number in range(wanted):
        rule, zone = some_rule(chance, base), ZoneInfo(ZONES[number % len(ZONES)])
        calendar, days = known[number % len(known)]
        start, occurrence = some_start(chance), chance.randint(1, 14)
        asked = Question(
            unit=rule.unit,
            length=rule.length,
            is_before=rule.direction is Direction.BEFORE,
            is_entitlement=rule.kind is Kind.STATUTORY_MINIMUM,
            rolls=rule.rolls,
            start=start,
            zone=zone,
            is_worked=lambda day, days=days: day.weekday() < 5 and day not in days,  # type: ignore[misc]
            occurrence=occurrence if rule.unit is Unit.EACH_MONTH else 1,
            begins_with_day=rule.counts_event,
        )
        asked = replace(asked, stood=some_pauses(chance, asked))
        pauses = [Pause(one.stopped, one.went_on) for one in asked.stood]
        found = deadlines.due_after(rule, start, pauses, zone, calendar, occurrence=occurrence)
        paused += bool(pauses)
        if (found.due_on, found.due_at) != answer(asked):
            wrong.append((asked, found, answer(asked)))
    figure(dates=wanted, with_pauses=paused, zones=len(ZONES), calendars=len(known), different=len(wrong))
    assert not wrong, "\n".join(map(str, wrong[:3]))


@pytest.mark.proof("how periods end, by region, against an oracle")
def test_every_period_of_the_profiles_ends_on_the_day_of_the_oracle(figure: Any) -> None:
    """Each rule that is a period, in every region of its country, with and without the act, at random days."""
    chance, wrong, asked_for, is_open = random.Random(SEED), [], 0, 0
    found = [(profile, rule) for profile in map(named, ("eu", "nl", "uk")) for rule in profile.rules if rule.is_period]
    regions = {profile.code: sorted(profile.regions) for profile, _rule in found}
    for number in range(size(short=400, full=6_000)):
        profile, rule = found[number % len(found)]
        region = chance.choice(regions[profile.code])
        start = some_start(chance)
        acted = (
            local_day(start, profile.zone) + timedelta(days=chance.randint(0, 200)) if chance.random() < 0.7 else None
        )
        question = Question(
            unit=rule.unit,
            length=rule.length,
            is_before=False,
            is_entitlement=rule.kind is Kind.STATUTORY_MINIMUM,
            rolls=rule.rolls,
            start=start,
            zone=profile.zone,
            is_worked=lambda _day: True,
            begins_with_day=rule.counts_event,
        )
        last = answer(question)[0]
        first = local_day(start, profile.zone)
        wanted = period_end(rule.ends or "", first, last, acted, first + timedelta(days=800))
        due = deadlines.due_in(profile, rule, start, region=region).due_on
        ours = deadlines.period_end(rule, due, acted)
        asked_for, is_open = asked_for + 1, is_open + (ours is None)
        if ours != wanted:
            wrong.append((rule.code, region, start, acted, ours, wanted))
    figure(periods=asked_for, open_ends=is_open, rules=len(found), different=len(wrong))
    assert not wrong, "\n".join(map(str, wrong[:3]))
    assert 0 < is_open < asked_for


@pytest.mark.proof("working days of every region, against an oracle")
def test_working_days_of_every_region_are_those_of_the_oracle(figure: Any) -> None:
    """The days of the library for each part of the country, and those that the law adds, written down a second time."""
    parts = {
        "england": "ENG",
        "wales": "WLS",
        "scotland": "SCT",
        "northern-ireland": "NIR",
        "national": "ENG",
        "": "ENG",
    }
    years = range(2020, 2036)
    known = [
        ("uk", region, set(holidays.country_holidays("GB", subdiv=part, years=years))) for region, part in parts.items()
    ]
    easter = {day - timedelta(days=1) for day in holidays.country_holidays("NL", years=years) if _is_easter_sunday(day)}
    dutch = set(holidays.country_holidays("NL", years=years)) | {day - timedelta(days=1) for day in easter}
    dutch |= {date(year, 5, 5) for year in years}
    dutch |= {date(*day) for day in ((2026, 1, 2), (2026, 5, 15), (2027, 5, 7), (2028, 4, 28), (2028, 5, 26))}
    known += [("nl", region, dutch) for region in ("", "amsterdam", "national")]
    different, compared = [], 0
    for code, region, days in known:
        calendar = named(code).calendar(region)
        day = date(2020, 1, 1)
        while day < date(2036, 1, 1):
            compared += 1
            if calendar.is_working_day(day) != (day.weekday() < 5 and day not in days):
                different.append((code, region, day))
            day += timedelta(days=1)
    figure(days=compared, regions=len(known), different=len(different))
    assert not different, different[:5]


def _is_easter_sunday(day: date) -> bool:
    """Anonymous Gregorian algorithm."""
    a, (b, c) = day.year % 19, divmod(day.year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return (day.month, day.day) == (month, (h - m + r + month + 19) % 32)


def test_the_oracle_knows_the_worked_dates_of_the_domain_report() -> None:
    amsterdam, london = ZoneInfo("Europe/Amsterdam"), ZoneInfo("Europe/London")
    dutch = set(holidays.country_holidays("NL", years=[2026, 2027]))
    dutch |= {date(*day) for day in ((2026, 5, 5), (2026, 5, 15), (2027, 5, 5), (2027, 5, 7))}
    english = set(holidays.country_holidays("GB", subdiv="ENG", years=[2026]))
    cases = [
        ("working_days", 5, False, date(2026, 4, 2), london, english, date(2026, 4, 13)),
        ("working_days", 15, False, date(2026, 5, 4), amsterdam, dutch, date(2026, 5, 29)),
        ("working_days", 15, False, date(2027, 4, 19), amsterdam, dutch, date(2027, 5, 14)),
        ("months", 3, False, date(2026, 11, 30), amsterdam, dutch, date(2027, 2, 28)),
        ("months", 3, False, date(2026, 1, 15), amsterdam, dutch, date(2026, 4, 15)),
        ("calendar_days", 30, False, date(2026, 3, 1), amsterdam, dutch, date(2026, 3, 31)),
        ("months", 4, True, date(2027, 2, 10), amsterdam, dutch, date(2026, 10, 10)),
    ]
    for unit, length, is_before, start, zone, free, expected in cases:
        noon = datetime(start.year, start.month, start.day, 12, tzinfo=zone)
        asked = Question(
            unit=unit,
            length=length,
            is_before=is_before,
            is_entitlement=False,
            rolls=False,
            start=noon,
            zone=zone,
            is_worked=lambda day, free=free: day.weekday() < 5 and day not in free,  # type: ignore[misc]
        )
        assert answer(asked)[0] == expected
