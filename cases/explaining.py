"""Why a deadline falls due when it does, step by step, for who runs the installation. Pure, without persons."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases import deadlines, plain
from cases.deadlines import INSTANTS, Due, Extension, Pause
from core.dates import ONE_DAY, Calendar, civil_day
from profiles.enums import Direction, End, Unit
from profiles.parts import Profile, Rule

DAY: Final = "l j F Y"


def steps(
    profile: Profile,
    rule: Rule,
    counted_from: datetime,
    changes: Sequence[deadlines.Change],
    *,
    region: str = "",
    occurrence: int = 1,
    acted_on: date | None = None,
) -> Iterator[str]:
    """The counting in sentences, from the event to the last day."""
    calendar = profile.calendar(region)
    started = civil_day(counted_from, profile.zone)
    yield _("Counted: %(counted)s") % {"counted": plain.counted(rule)}
    due = deadlines.due(rule, counted_from, profile.zone, calendar, occurrence=occurrence)
    if rule.unit in INSTANTS:
        yield _("From %(at)s; hours run through nights, weekends and holidays") % {"at": _at(counted_from, profile)}
    else:
        first = _("From %(day)s, which is the first day") if rule.counts_event else None
        yield (first or _("From %(day)s, which is not counted itself")) % {"day": _day(started)}
        yield from _skipped(rule, started, due, calendar)
        yield from _rolled(rule, counted_from, due, profile, calendar, occurrence)
    yield _until(due, rule, profile)
    for number, change in enumerate(changes, start=1):
        so_far = changes[:number]
        due = deadlines.due_after(rule, counted_from, so_far, profile.zone, calendar, occurrence=occurrence)
        yield _changed(change, profile)
        yield _until(due, rule, profile)
    yield from _ended(rule, due.due_on, acted_on)


def _ended(rule: Rule, last_day: date, acted_on: date | None) -> Iterator[str]:
    """How a period ends, and whether the act of a minimum has happened."""
    if not rule.is_period:
        return
    yield plain.ending(rule)
    if rule.ends is not End.LATER:
        return
    ends_on = deadlines.period_end(rule, last_day, acted_on)
    if ends_on is None or acted_on is None:
        yield _("That has not happened yet: the period has no last day, only a minimum until %(day)s") % {
            "day": _day(last_day)
        }
    else:
        words = {"act": _day(acted_on), "day": _day(ends_on)}
        yield _("That happened on %(act)s: the period ends on %(day)s") % words


def _skipped(rule: Rule, started: date, due: Due, calendar: Calendar) -> Iterator[str]:
    """The holidays between; weekends go without saying."""
    if rule.unit is not Unit.WORKING_DAYS:
        return
    low, high = sorted((started, due.due_on))
    between = (low + n * ONE_DAY for n in range(1, (high - low).days + 1))
    free = [day for day in between if day.weekday() not in calendar.weekend and not calendar.is_working_day(day)]
    if free:
        yield _("Holidays, not counted: %(days)s") % {"days": ", ".join(map(_day, free))}


def _rolled(
    rule: Rule, counted_from: datetime, due: Due, profile: Profile, calendar: Calendar, occurrence: int
) -> Iterator[str]:
    if not rule.rolls:
        return
    plainly = deadlines.unrolled(rule, counted_from, profile.zone, calendar, occurrence=occurrence)
    if plainly != due.due_on:
        moved = _("%(day)s is not worked: moved to the next working day")
        back = _("%(day)s is not worked: moved to the working day before")
        yield (moved if rule.direction is Direction.AFTER else back) % {"day": _day(plainly)}


def _until(due: Due, rule: Rule, profile: Profile) -> str:
    if rule.unit in INSTANTS:
        return _("Due at %(at)s") % {"at": _at(due.due_at, profile)}
    return _("Last day: %(day)s, to its end in %(zone)s") % {"day": _day(due.due_on), "zone": profile.zone}


def _changed(change: deadlines.Change, profile: Profile) -> str:
    match change:
        case Pause(begins_at, ends_at):
            words = {"from": _at(begins_at, profile), "to": _at(ends_at, profile)}
            return _("Stood still from %(from)s to %(to)s; what was left then is left afterwards") % words
        case Extension(until):
            return _("Extended to %(day)s") % {"day": _day(until)}


def _day(day: date) -> str:
    return date_format(day, DAY)


def _at(at: datetime, profile: Profile) -> str:
    local = at.astimezone(profile.zone)
    return f"{date_format(local.date(), DAY)} {local:%H:%M}"
