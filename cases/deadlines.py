"""When something falls due and when to remind of it. Pure: rule, start, zone and calendar in, days and instants out.

A day rule falls due at the end of its civil day in the profile's zone: ``due_at`` is the first instant after it;
from then on it is overdue. Hours and *at once* are instants and run through nights, weekends and both changes of the
clock. Sources: ``deadlines.md`` section 2, ``domain.md`` 4.4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from core.dates import (
    ONE_DAY,
    Calendar,
    add_months,
    add_working_days,
    civil_day,
    count_working_days,
    end_of_day,
    instant_at,
    roll,
)
from profiles.enums import Audience, Direction, End, Kind, Unit
from profiles.parts import AT_START, Offset, Overdue, Profile, Rule

MONTHS_IN_YEAR: Final = 12
DAYS_IN_WEEK: Final = 7
INSTANTS: Final = frozenset({Unit.AT_ONCE, Unit.HOURS})
# Begins the offset of what is told again while it is overdue: “late+14d”. No rule can name such an offset.
LATE: Final = "late+"


@dataclass(frozen=True, slots=True)
class Due:
    """``due_at``: the UTC instant from which it is overdue. ``due_on``: the civil day to show, the last that counts."""

    due_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True)
class Pause:
    """How long a clock stood still: from one aware instant to another."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """The last day that somebody with the right to do so set by hand."""

    until: date


Change: TypeAlias = Pause | Extension


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """One reminder row to be: ``offset`` and ``audience`` are its key beside deadline and version."""

    offset: str
    audience: Audience
    due_at: datetime
    is_escalation: bool


def due(rule: Rule, start: datetime | date, zone: ZoneInfo, calendar: Calendar, *, occurrence: int = 1) -> Due:
    """When ``rule`` falls due, counted from ``start``: an aware instant, or a civil day for rules that count days.

    ``occurrence`` is the n-th time of a rule of each month, always counted from the first start (31 January, 28
    February, 31 March). Raises ``ValueError`` for a naive instant, or for a day where the rule counts hours.
    """
    return due_after(rule, start, (), zone, calendar, occurrence=occurrence)


def unrolled(rule: Rule, start: datetime | date, zone: ZoneInfo, calendar: Calendar, *, occurrence: int = 1) -> date:
    """The last day of a rule that counts days, before it moves to a working day."""
    return _due_day(rule, civil_day(start, zone) if isinstance(start, datetime) else start, calendar, occurrence)


def period_end(rule: Rule, last_day: date, act_on: date | None) -> date | None:
    """The last day of a period by ``rule`` whose length is over with ``last_day`` (``deadlines.md`` 15).

    ``act_on`` is the day of the act that the rule names, None while it has not happened. None: the end is open, because
    a minimum never ends alone.
    """
    match rule.ends:
        case End.LATER:
            return None if act_on is None else max(last_day, act_on)
        case End.EARLIER if act_on is not None:
            return min(last_day, act_on)
        case _:
            return last_day


def due_on(day: date, zone: ZoneInfo) -> Due:
    """A civil day that was set by hand (an extension, a decided end) as a due day."""
    return Due(end_of_day(day, zone), day)


def due_in(profile: Profile, rule: Rule, start: datetime | date, *, region: str = "", occurrence: int = 1) -> Due:
    """``due`` with the zone of the profile and the working days of the region."""
    return due(rule, start, profile.zone, profile.calendar(region), occurrence=occurrence)


def resumed(rule: Rule, planned: Due, pause: Pause, zone: ZoneInfo, calendar: Calendar) -> Due:
    """When a period ends after a pause: what was left of it when the clock stopped is left when it goes on. Not rolled.

    Days are counted as the rule counts them. Of an entitlement the day on which it stopped counts as not enjoyed, so
    that it is never shortened; other periods treat the day on which they go on like the day of an event. Where only the
    days until the next working day were left, it ends on the day on which it goes on. Raises ``ValueError`` for a pause
    that ends before it begins.
    """
    if pause.ends_at < pause.begins_at:
        raise ValueError("a pause cannot end before it begins")
    if rule.unit in INSTANTS:
        due_at = planned.due_at + (pause.ends_at - pause.begins_at)
        return Due(due_at, civil_day(due_at, zone))
    stopped_on, goes_on = civil_day(pause.begins_at, zone), civil_day(pause.ends_at, zone)
    if rule.kind is Kind.STATUTORY_MINIMUM:
        stopped_on -= ONE_DAY
    if rule.unit is Unit.WORKING_DAYS:
        day = add_working_days(goes_on, count_working_days(stopped_on, planned.due_on, calendar), calendar)
    else:
        day = goes_on + max(planned.due_on - stopped_on, timedelta())
    return due_on(day, zone)


def changed(rule: Rule, planned: Due, changes: Iterable[Change], zone: ZoneInfo, calendar: Calendar) -> Due:
    """``planned``, not rolled, after pauses and extensions in their order; then it moves to a working day.

    An extension never makes it earlier, and the day that it names stays as it is.
    """
    is_by_hand = False
    for change in changes:
        if isinstance(change, Pause):
            planned, is_by_hand = resumed(rule, planned, change, zone, calendar), False
        elif change.until > planned.due_on:
            planned, is_by_hand = due_on(change.until, zone), True
    return planned if is_by_hand else _rolled(rule, planned, zone, calendar)


def due_after(
    rule: Rule,
    start: datetime | date,
    changes: Iterable[Change],
    zone: ZoneInfo,
    calendar: Calendar,
    *,
    occurrence: int = 1,
) -> Due:
    """``due`` with every pause and extension since the start."""
    is_instant = rule.unit in INSTANTS
    planned = (
        _due_instant(rule, start, zone)
        if is_instant
        else due_on(unrolled(rule, start, zone, calendar, occurrence=occurrence), zone)
    )
    return changed(rule, planned, changes, zone, calendar)


def latest_extension(rule: Rule, planned: Due, calendar: Calendar) -> date | None:
    """The last day that an extension may set, counted from the due day without any; None where no law limits it."""
    return _add(rule, planned.due_on, rule.extend_by, calendar) if rule.extend_by else None


def reminders(
    rule: Rule, planned: Due, *, started_at: datetime, zone: ZoneInfo, at: time, calendar: Calendar
) -> list[PlannedReminder]:
    """The reminders of one deadline, earliest first; offsets that lie before the start are left out.

    Who would be told too late, of a clock that is late when it starts, or not at all, since every offset has passed, is
    told at the start (``deadlines.md`` 14). ``at`` is the wall-clock time of reminders that are counted in days. For a
    rule of hours a day offset counts from the day on which the hours end. A rule that counts working days reminds on
    working days: before the last day on the one before, after it on the next.
    """

    def remind_at(offset: Offset) -> datetime:
        return _remind_at(offset, planned, started_at, zone, at, calendar if _reminds_at_work(rule) else None)

    wanted = [(offset, audience, False) for offset in rule.remind_at for audience in rule.audience]
    if rule.escalate_to is not None:
        wanted += [(offset, rule.escalate_to, True) for offset in rule.escalate_at]
    found = [
        PlannedReminder(offset.text, audience, remind_at(offset), is_escalation)
        for offset, audience, is_escalation in wanted
    ]
    kept = [one for one in found if one.due_at >= started_at]
    kept += [
        PlannedReminder(AT_START, audience, started_at, is_escalation=False)
        for audience in rule.audience
        if _is_told_too_late(audience, kept, planned, started_at)
    ]
    return sorted(kept, key=lambda one: one.due_at)


def _is_told_too_late(audience: Audience, kept: Iterable[PlannedReminder], planned: Due, started_at: datetime) -> bool:
    """True where no reminder is left of this audience, or where the first lies after a due time that has passed."""
    own = [one.due_at for one in kept if one.audience is audience and not one.is_escalation]
    return not own or (planned.due_at <= started_at < min(own))


def while_overdue(
    rule: Rule, planned: Due, overdue: Overdue, *, now: datetime, zone: ZoneInfo, at: time, calendar: Calendar
) -> list[PlannedReminder]:
    """The next reminders of a deadline that has passed, always ahead of ``now``; none before it has passed, and none of
    a period that goes on after its minimum: nobody is late.

    Every so many calendar days after the last day, on a working day: to the audience of the rule, and once it is
    overdue for long to a second escalation as well (``deadlines.md`` 2.14).
    """
    if planned.due_at > now or rule.is_period:
        return []
    passed = (civil_day(now, zone) - planned.due_on).days
    days = (passed // overdue.every_days + 1) * overdue.every_days
    due_at = instant_at(roll(planned.due_on + days * ONE_DAY, calendar, forward=True), at, zone)
    told = [(audience, False) for audience in rule.audience]
    if days >= overdue.escalate_days:
        told.append((overdue.escalate_to, True))
    return [PlannedReminder(f"{LATE}{days}d", audience, due_at, is_second) for audience, is_second in told]


def is_told_again(offset: str) -> bool:
    """True for a reminder of ``while_overdue``: part of the daily mail, never a mail of its own."""
    return offset.startswith(LATE)


def _rolled(rule: Rule, planned: Due, zone: ZoneInfo, calendar: Calendar) -> Due:
    """To the next working day, or back to the last where the rule counts back; only where the rule says so."""
    if not rule.rolls:
        return planned
    return due_on(roll(planned.due_on, calendar, forward=rule.direction is Direction.AFTER), zone)


def _due_instant(rule: Rule, start: datetime | date, zone: ZoneInfo) -> Due:
    if not isinstance(start, datetime) or start.tzinfo is None:
        raise ValueError(f"{rule.code} counts from an aware instant")
    amount = timedelta(hours=0 if rule.unit is Unit.AT_ONCE else rule.length)
    due_at = start.astimezone(UTC) + (amount if rule.direction is Direction.AFTER else -amount)
    return Due(due_at, civil_day(due_at, zone))


def _due_day(rule: Rule, start: date, calendar: Calendar, occurrence: int) -> date:
    length = rule.length if rule.direction is Direction.AFTER else -rule.length
    if rule.unit is Unit.FIXED_DATE and rule.on_day is not None:
        return date(start.year + length, *rule.on_day)
    day = _add(rule, start, length * occurrence if rule.unit is Unit.EACH_MONTH else length, calendar)
    return day - ONE_DAY if rule.counts_event else day


def _add(rule: Rule, start: date, length: int, calendar: Calendar) -> date:
    """``length`` units of the rule after ``start``, or before it when negative."""
    match rule.unit:
        case Unit.WORKING_DAYS:
            return add_working_days(start, length, calendar)
        case Unit.CALENDAR_DAYS:
            return start + length * ONE_DAY
        case Unit.WEEKS:
            return start + length * DAYS_IN_WEEK * ONE_DAY
        case Unit.MONTHS | Unit.EACH_MONTH:
            return add_months(start, length)
        case Unit.YEARS:
            return add_months(start, length * MONTHS_IN_YEAR)
        case _:
            raise ValueError(f"{rule.code}: {rule.unit} does not count days")


def _reminds_at_work(rule: Rule) -> bool:
    return rule.unit is Unit.WORKING_DAYS


def _remind_at(
    offset: Offset, planned: Due, started_at: datetime, zone: ZoneInfo, at: time, calendar: Calendar | None
) -> datetime:
    """``calendar``: where reminders that are counted in days come on working days."""
    match offset.unit:
        case unit if unit == AT_START:
            return started_at
        case "h":
            return planned.due_at + timedelta(hours=offset.amount)
        case "d":
            day = planned.due_on + offset.amount * ONE_DAY
        case "w":
            day = planned.due_on + offset.amount * DAYS_IN_WEEK * ONE_DAY
        case "m":
            day = add_months(planned.due_on, offset.amount)
        case _:
            day = add_months(planned.due_on, offset.amount * MONTHS_IN_YEAR)
    if calendar is not None and offset.amount:
        day = roll(day, calendar, forward=offset.amount > 0)
    return instant_at(day, at, zone)
