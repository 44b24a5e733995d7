"""Whether the fields of a rule make sense together: what the type of a single field cannot tell."""

from datetime import date
from typing import Final

from profiles.enums import Audience, Direction, End, Kind, Unit
from profiles.parts import AT_START, Offset, Rule
from profiles.reader import Reader

CODE_LENGTH: Final = 24
# Hours and "at once" run through nights and weekends; an entitlement is never moved (domain.md 4.4).
NEVER_ROLLS: Final = frozenset({Unit.AT_ONCE, Unit.HOURS})
NEVER_SUSPENDED: Final = frozenset({Unit.AT_ONCE, Unit.EACH_MONTH, Unit.FIXED_DATE})
# An extension names a new last day, so only rules that count days have one.
NEVER_EXTENDED: Final = NEVER_ROLLS | {Unit.EACH_MONTH, Unit.FIXED_DATE}
# "Beginning with the day": a working day that begins a period would have to be one itself.
BEGINS_WITH_DAY: Final = frozenset({Unit.CALENDAR_DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS})
# Hours run through nights and weekends, when only the duty desk is there.
DUTY_DESK: Final = frozenset({Audience.INTAKE, Audience.SUPERVISOR})
# Told across organisations, so only of what all may see who know the case.
ACROSS: Final = frozenset({Audience.ALL_ASSIGNED})
STATUS: Final = "status"
COMMON_YEAR: Final = 2001
# The longest that one unit can last, and the shortest that an offset can reach back, in days.
LONGEST: Final = {
    Unit.HOURS: 1 / 24,
    Unit.CALENDAR_DAYS: 1,
    Unit.WEEKS: 7,
    Unit.MONTHS: 31,
    Unit.EACH_MONTH: 31,
    Unit.YEARS: 366,
}
SHORTEST: Final = {"h": 1 / 24, "d": 1, "w": 7, "m": 28, "y": 365}


def check_rule(reader: Reader, rule: Rule) -> None:
    """Note every contradiction between the fields of one rule."""
    _check_counting(reader, rule)
    _check_ending(reader, rule)
    _check_moving(reader, rule)
    _check_telling(reader, rule)
    if len(rule.code) > CODE_LENGTH:
        reader.wrong("code", f"is longer than {CODE_LENGTH} letters")
    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        reader.wrong("valid_to", "is before valid_from")


def month_day(reader: Reader, year: int = COMMON_YEAR) -> tuple[int, int]:
    """The fields ``month`` and ``day``, which must be a day of ``year``."""
    month, day = reader.number("month"), reader.number("day")
    try:
        date(year, month, day)
    except ValueError:
        reader.wrong("day", f"{day} does not exist in month {month}")
        return 1, 1
    return month, day


def offsets(reader: Reader, key: str) -> tuple[Offset, ...]:
    """The offsets of one field, each once."""
    found: list[Offset] = []
    for text in reader.texts(key):
        try:
            found.append(Offset.parse(text))
        except ValueError:
            reader.wrong(key, f"{text!r} is not an offset such as -14d, -6m, +1d, -2h or start")
    if len({offset.text for offset in found}) != len(found):
        reader.wrong(key, "names the same offset twice")
    return tuple(found)


def _check_counting(reader: Reader, rule: Rule) -> None:
    if rule.rolls and (rule.unit in NEVER_ROLLS or rule.kind is Kind.STATUTORY_MINIMUM):
        reader.wrong("rolls", "must be false for hours, for what is at once and for a statutory minimum")
    if rule.direction is Direction.BEFORE and rule.unit in {Unit.AT_ONCE, Unit.EACH_MONTH, Unit.FIXED_DATE}:
        reader.wrong("direction", f"cannot be before for {rule.unit}")
    if rule.length == 0 and rule.unit in {Unit.HOURS, Unit.EACH_MONTH}:
        reader.wrong("length", f"must be above 0 for {rule.unit}")


def _check_ending(reader: Reader, rule: Rule) -> None:
    """How a period ends (``deadlines.md`` 15): a minimum never ends alone."""
    if rule.kind is Kind.STATUTORY_MINIMUM and rule.ends is not End.LATER:
        reader.wrong("ends", 'must be "later" for a statutory minimum, which never ends alone')
    if bool(rule.ends_with) != (rule.ends in {End.LATER, End.EARLIER}):
        reader.wrong("ends_with", 'names the acts of a rule with ends = "later" or "earlier", and of no other')
    if rule.ends_with & rule.end_on:
        reader.wrong("ends_with", "and end_on name the same event")
    if rule.ends is not None and (rule.direction is Direction.BEFORE or rule.unit in NEVER_EXTENDED):
        reader.wrong("ends", "fits a rule that counts days forward")
    is_counted = rule.unit in BEGINS_WITH_DAY and rule.direction is Direction.AFTER and rule.length > 0
    if rule.counts_event and not is_counted:
        reader.wrong("counts_event", "fits a rule that counts calendar days, weeks, months or years forward")


def _check_moving(reader: Reader, rule: Rule) -> None:
    is_before = rule.direction is Direction.BEFORE
    if (rule.may_suspend or rule.suspend_on) and (is_before or rule.unit in NEVER_SUSPENDED):
        reader.wrong("may_suspend", "and suspend_on do not fit a rule that counts back or has no length of its own")
    if rule.resume_on and not rule.suspend_on:
        reader.wrong("resume_on", "needs suspend_on")
    if rule.may_extend and (is_before or rule.unit in NEVER_EXTENDED):
        reader.wrong("may_extend", "does not fit a rule that counts back or does not count days")
    if rule.extend_by and not rule.may_extend:
        reader.wrong("extend_by", "needs may_extend = true")


def _check_telling(reader: Reader, rule: Rule) -> None:
    if bool(rule.remind_at) != bool(rule.audience):
        reader.wrong("audience", "and remind_at are either both empty or both filled")
    if bool(rule.escalate_at) != bool(rule.escalate_to):
        reader.wrong("escalate_to", "and escalate_at are either both empty or both filled")
    if rule.unit is Unit.HOURS and rule.kind is not Kind.REVIEW and not _reminds_duty_desk(rule):
        reader.wrong("audience", "needs intake or supervisor, reminded before the hours are over")
    if rule.category != STATUS and ACROSS & {*rule.audience, rule.escalate_to}:
        reader.wrong("audience", "all_assigned fits rules of the category status only")
    for key, found in (("remind_at", rule.remind_at), ("escalate_at", rule.escalate_at)):
        for offset in found:
            if _is_impossible(rule, offset):
                reader.wrong(key, f"{offset.text!r} lies before the start of every clock of this rule")


def _reminds_duty_desk(rule: Rule) -> bool:
    return bool(DUTY_DESK & {*rule.audience}) and any(offset.amount < 0 for offset in rule.remind_at)


def _is_impossible(rule: Rule, offset: Offset) -> bool:
    """A rule that counts back starts whenever its event becomes known, so that nothing can be said."""
    if offset.unit == AT_START or rule.direction is Direction.BEFORE:
        return False
    return -offset.amount * SHORTEST[offset.unit] > _longest(rule)


def _longest(rule: Rule) -> float:
    match rule.unit:
        case Unit.AT_ONCE:
            return 0
        case Unit.WORKING_DAYS:
            return 2 * rule.length + 14
        case Unit.FIXED_DATE:
            return LONGEST[Unit.YEARS] * (rule.length + 1)
        case unit:
            return LONGEST[unit] * rule.length + 1
