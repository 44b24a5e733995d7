"""When rules fall due: the worked dates of the domain report, and properties over zones and clocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import deadlines
from core.dates import Calendar
from profiles.enums import Audience, Direction, Unit
from profiles.parts import Offset
from profiles.profile import named

EU, NL, UK = (named(code) for code in ("eu", "nl", "uk"))
ZONES = [
    "Europe/Amsterdam",
    "Europe/London",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",
    "America/Santiago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "America/New_York",
]
instants = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
zones = st.sampled_from(ZONES).map(ZoneInfo)
DAY_UNITS = [Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS, Unit.EACH_MONTH]


def rule(profile, code, **changes):
    newest = max((one for one in profile.rules if one.code == code), key=lambda one: one.valid_from)
    return replace(newest, **changes)


@pytest.mark.parametrize(
    ("profile", "code", "start", "expected"),
    [
        (UK, "UK-RG", date(2026, 4, 2), date(2026, 4, 13)),
        (NL, "EU-GUA-1", date(2026, 5, 4), date(2026, 5, 29)),
        (NL, "EU-GUA-1", date(2027, 3, 15), date(2027, 4, 7)),
        (NL, "EU-GUA-1", date(2027, 4, 19), date(2027, 5, 14)),
        # Nationality and Borders Act 2022 s. 61(3): thirty days beginning with the day of the decision.
        (UK, "UK-RR", date(2026, 3, 2), date(2026, 3, 31)),
        (UK, "UK-CG", date(2026, 3, 2), date(2026, 4, 1)),
        (NL, "NL-BT", date(2026, 11, 30), date(2027, 2, 28)),
        (NL, "NL-BT", date(2026, 1, 15), date(2026, 4, 15)),
        (NL, "NL-BT-DUB", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_worked_dates_of_the_domain_report(profile, code, start, expected):
    assert deadlines.due_in(profile, rule(profile, code), start, region="national").due_on == expected


def test_without_a_region_the_days_of_england_count():
    """Easter Monday, and the bank holiday at the end of August, are no working days there."""
    for region in ("", "national", "england", "wales"):
        assert deadlines.due_in(UK, rule(UK, "UK-RG"), date(2026, 4, 2), region=region).due_on == date(2026, 4, 13)
        assert deadlines.due_in(UK, rule(UK, "UK-RG"), date(2026, 8, 28), region=region).due_on == date(2026, 9, 7)
    # Scotland has neither Easter Monday nor that day.
    assert deadlines.due_in(UK, rule(UK, "UK-RG"), date(2026, 8, 28), region="scotland").due_on == date(2026, 9, 4)


def test_the_dutch_calendar_has_good_friday_5_may_and_the_days_of_the_decree():
    """Algemene termijnenwet art. 3, and the decree for 2026 to 2028."""
    calendar = NL.calendar()
    free = [(2026, 1, 2), (2026, 4, 3), (2026, 5, 15), (2027, 3, 26), (2027, 5, 7), (2028, 4, 28), (2028, 5, 26)]
    free += [(year, 5, 5) for year in (2026, 2027, 2028, 2032)]
    assert not [day for day in free if calendar.is_working_day(date(*day))]
    assert calendar.is_working_day(date(2027, 5, 14))


@pytest.mark.parametrize(
    ("code", "grounds", "decided", "last"),
    [
        # s. 61(3): the later of the thirty days and the conclusive grounds decision.
        ("UK-RR", date(2026, 3, 2), None, None),
        ("UK-RR", date(2026, 3, 2), date(2026, 3, 20), date(2026, 3, 31)),
        ("UK-RR", date(2026, 3, 2), date(2026, 9, 14), date(2026, 9, 14)),
        # Scotland, 2015 Act s. 9(2): the earlier of ninety days and the conclusive determination.
        ("UK-SCT-SUPPORT", date(2026, 3, 2), None, date(2026, 5, 31)),
        ("UK-SCT-SUPPORT", date(2026, 3, 2), date(2026, 4, 1), date(2026, 4, 1)),
        ("UK-SCT-SUPPORT", date(2026, 3, 2), date(2026, 9, 14), date(2026, 5, 31)),
        # Northern Ireland, 2015 Act s. 18: a positive decision within 45 days leaves support until they are over.
        ("UK-NIR-SUPPORT", date(2026, 3, 2), date(2026, 3, 20), date(2026, 4, 16)),
        ("UK-NIR-SUPPORT", date(2026, 3, 2), date(2026, 9, 14), date(2026, 9, 14)),
    ],
)
def test_how_a_period_ends(code, grounds, decided, last):
    period = rule(UK, code)
    length = deadlines.due_in(UK, period, grounds).due_on
    assert deadlines.period_end(period, length, decided) == last


def test_a_dutch_period_ends_at_its_length():
    bedenktijd = rule(NL, "NL-BT")
    length = deadlines.due_in(NL, bedenktijd, date(2026, 11, 30)).due_on
    assert deadlines.period_end(bedenktijd, length, date(2026, 12, 5)) == date(2027, 2, 28)


def test_a_child_alert_is_reviewed_four_months_before_majority():
    before = rule(EU, "EU-T18", length=4, rolls=False)
    assert deadlines.due_in(EU, before, date(2027, 2, 10)).due_on == date(2026, 10, 10)


def test_majority_ends_with_the_last_day_as_a_child():
    due = deadlines.due_in(NL, rule(NL, "EU-MAJORITY"), date(2027, 2, 10))
    assert due.due_on == date(2027, 2, 9)
    assert due.due_at == datetime(2027, 2, 9, 23, 0, tzinfo=UTC)


def test_the_civil_day_of_the_zone_counts_and_not_that_of_utc():
    late_evening_in_utc = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert deadlines.due_in(NL, rule(NL, "NL-BT-DUB"), late_evening_in_utc).due_on == date(2026, 4, 1)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 28, 20, tzinfo=UTC),
        datetime(2026, 10, 24, 20, tzinfo=UTC),
        datetime(2026, 12, 24, 20, tzinfo=UTC),
    ],
)
def test_hours_run_through_nights_holidays_and_clock_changes(start):
    assert deadlines.due_in(NL, rule(NL, "EU-GUA-0"), start).due_at == start + timedelta(hours=24)


def test_each_month_is_counted_from_the_first_start():
    monthly = rule(NL, "NL-BT-MELD")
    found = [deadlines.due_in(NL, monthly, date(2026, 1, 31), occurrence=n).due_on for n in (1, 2, 3)]
    assert found == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_fixed_date_lies_in_the_year_after():
    yearly = rule(EU, "EU-NEEDS", unit=Unit.FIXED_DATE, length=1, on_day=(9, 30), rolls=False)
    assert deadlines.due_in(EU, yearly, date(2026, 12, 31)).due_on == date(2027, 9, 30)


def test_only_rules_that_say_so_roll_to_a_working_day():
    saturday_due = date(2026, 11, 14)
    assert deadlines.due_in(NL, rule(NL, "EU-NEEDS"), saturday_due).due_on == date(2026, 11, 23)
    assert deadlines.due_in(NL, rule(NL, "EU-NEEDS", rolls=False), saturday_due).due_on == date(2026, 11, 21)


def test_regions_keep_their_own_holidays():
    asked = date(2026, 7, 10)  # 13 July is a holiday in Northern Ireland (for the Sunday before)
    due = {region: deadlines.due_in(UK, rule(UK, "UK-RG"), asked, region=region).due_on for region in UK.regions}
    assert due["northern-ireland"] == due["england"] + timedelta(days=3)


@pytest.mark.parametrize("start", [date(2026, 1, 1), datetime(2026, 1, 1)])  # noqa: DTZ001 - the naive instant is the point
def test_hours_refuse_a_start_without_an_instant(start):
    with pytest.raises(ValueError, match="EU-GUA-0"):
        deadlines.due_in(NL, rule(NL, "EU-GUA-0"), start)


@given(instants, zones, st.sampled_from(DAY_UNITS), st.integers(1, 60), st.booleans(), st.sampled_from(Direction))
def test_a_day_rule_lasts_to_the_end_of_its_day(start, zone, unit, length, rolls, direction):
    given_rule = rule(NL, "EU-NEEDS", unit=unit, length=length, rolls=rolls, direction=direction)
    due = deadlines.due(given_rule, start, zone, Calendar())
    assert (due.due_at - timedelta(microseconds=1)).astimezone(zone).date() == due.due_on
    assert due.due_at.astimezone(zone).date() == due.due_on + timedelta(days=1)
    started_on = start.astimezone(zone).date()
    assert (due.due_on > started_on) if direction is Direction.AFTER else (due.due_on < started_on)


@given(instants, zones, st.integers(0, 400))
def test_an_entitlement_is_never_shorter_than_its_days(start, zone, length):
    given_rule = rule(NL, "NL-BT-DUB", length=length)
    assert deadlines.due(given_rule, start, zone, Calendar()).due_at - start >= timedelta(days=length) - timedelta(
        hours=2
    )


@given(
    instants,
    zones,
    st.integers(1, 200),
    st.sampled_from(["start", "-1h", "-2d", "-1w", "-1m", "-1y", "0d", "+1d", "+3h"]),
)
def test_no_reminder_before_the_start_and_each_once(start, zone, length, offset):
    given_rule = rule(NL, "EU-NEEDS", length=length, remind_at=(Offset.parse(offset), Offset.parse("0d")))
    due = deadlines.due(given_rule, start, zone, Calendar())
    planned = deadlines.reminders(given_rule, due, started_at=start, zone=zone, at=time(8), calendar=Calendar())
    assert all(one.due_at >= start for one in planned)
    assert [one.due_at for one in planned] == sorted(one.due_at for one in planned)


@pytest.mark.parametrize("days_to_majority", [1, 5, 20, 60, 100, 150, 182])
@pytest.mark.parametrize("code", ["EU-T18", "EU-MAJORITY", "EU-SIS-MAJ"])
def test_a_clock_of_which_every_reminder_has_passed_reminds_at_once(code, days_to_majority):
    """A child that is registered after 17½: deadlines.md 14."""
    majority, now = date(2027, 2, 10), datetime(2027, 2, 10, 11, tzinfo=UTC) - timedelta(days=days_to_majority)
    given_rule = rule(NL, code)
    due = deadlines.due_in(NL, given_rule, majority)
    planned = deadlines.reminders(
        given_rule, due, started_at=now, zone=NL.zone, at=NL.reminder_time, calendar=NL.calendar()
    )
    for audience in given_rule.audience:
        told = [one.due_at for one in planned if one.audience is audience and not one.is_escalation]
        assert told, audience
        assert due.due_at > now or told[0] == now
    assert len({(one.offset, one.audience) for one in planned}) == len(planned)


def test_a_clock_with_time_left_reminds_as_its_rule_says_and_not_at_once():
    start = datetime(2026, 11, 2, 12, tzinfo=UTC)
    needs = rule(NL, "EU-NEEDS")
    due = deadlines.due_in(NL, needs, start)
    planned = deadlines.reminders(
        needs, due, started_at=start, zone=NL.zone, at=NL.reminder_time, calendar=NL.calendar()
    )
    assert [one.offset for one in planned if not one.is_escalation] == ["-2d", "0d"]


def test_reminders_come_in_the_morning_and_escalate():
    start = datetime(2026, 11, 2, 12, tzinfo=UTC)
    ack = rule(NL, "EU-ACK")
    due = deadlines.due_in(NL, ack, start)
    planned = in_nl(ack, due, start)
    assert [(one.offset, one.audience, one.is_escalation) for one in planned] == [
        ("start", Audience.INTAKE, False),
        ("0d", Audience.INTAKE, False),
        ("0d", Audience.SUPERVISOR, True),
        ("+1d", Audience.SUPERVISOR, True),
    ]
    assert planned[1].due_at == datetime(2026, 11, 4, 7, 0, tzinfo=UTC)
    assert due.due_on == date(2026, 11, 4)


def in_nl(given_rule, due, start):
    return deadlines.reminders(
        given_rule, due, started_at=start, zone=NL.zone, at=NL.reminder_time, calendar=NL.calendar()
    )


def days_told(code, start):
    """Offset and civil day of each reminder of a rule of the Netherlands."""
    given_rule = rule(NL, code)
    due = deadlines.due_in(NL, given_rule, start)
    return due.due_on, [(one.offset, one.due_at.astimezone(NL.zone).date()) for one in in_nl(given_rule, due, start)]


def test_a_target_in_working_days_reminds_on_working_days():
    """Fifteen working days from Monday 2 November 2026 end on Monday the 23rd; one day before is a Sunday: Friday."""
    due_on, told = days_told("EU-GUA-2", datetime(2026, 11, 2, 12, tzinfo=UTC))
    assert due_on == date(2026, 11, 23)
    assert set(told) == {
        ("-7d", date(2026, 11, 16)),
        ("-3d", date(2026, 11, 20)),
        ("-1d", date(2026, 11, 20)),
    }


def test_an_escalation_after_a_target_in_working_days_comes_on_the_next_working_day():
    """An answer due on Friday 6 November escalates on Monday, not on Saturday."""
    due_on, told = days_told("EU-ACK", datetime(2026, 11, 4, 12, tzinfo=UTC))
    assert due_on == date(2026, 11, 6)
    assert ("+1d", date(2026, 11, 9)) in told


@pytest.mark.parametrize("code", ["EU-GUA-0", "NL-IND24"])
def test_a_day_and_night_that_begins_on_friday_afternoon_reminds_the_duty_desk_before_it_is_over(code):
    friday = datetime(2026, 11, 6, 15, tzinfo=UTC)  # 16:00 in Amsterdam
    due = deadlines.due_in(NL, rule(NL, code), friday)
    assert due.due_at == datetime(2026, 11, 7, 15, tzinfo=UTC)
    before = [one for one in in_nl(rule(NL, code), due, friday) if friday < one.due_at < due.due_at]
    assert {one.audience for one in before} >= {Audience.INTAKE}


def overdue_in_nl(code, due, now):
    found = deadlines.while_overdue(
        rule(NL, code), due, NL.overdue, now=now, zone=NL.zone, at=NL.reminder_time, calendar=NL.calendar()
    )
    return {(one.offset, one.audience, one.due_at.astimezone(NL.zone).date(), one.is_escalation) for one in found}


def test_what_is_overdue_has_its_next_reminder_ahead_each_week_and_escalates_after_two():
    due = deadlines.due_on(date(2026, 11, 4), NL.zone)
    assert overdue_in_nl("EU-ACK", due, due.due_at - timedelta(seconds=1)) == set()
    first = {("late+7d", Audience.INTAKE, date(2026, 11, 11), False)}
    assert overdue_in_nl("EU-ACK", due, due.due_at) == first
    assert overdue_in_nl("EU-ACK", due, datetime(2026, 11, 10, 22, tzinfo=UTC)) == first
    assert overdue_in_nl("EU-ACK", due, datetime(2026, 11, 11, 12, tzinfo=UTC)) == {
        ("late+14d", Audience.INTAKE, date(2026, 11, 18), False),
        ("late+14d", Audience.SUPERVISOR, date(2026, 11, 18), True),
    }


def test_what_is_told_again_moves_to_a_working_day():
    """Due on Friday 18 December 2026: a week later is Christmas Day, then Boxing Day and a Sunday; it is Monday."""
    due = deadlines.due_on(date(2026, 12, 18), NL.zone)
    (told,) = {day for _offset, _who, day, _second in overdue_in_nl("EU-ACK", due, due.due_at)}
    assert told == date(2026, 12, 28)
