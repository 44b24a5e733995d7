"""What counts of what is said of the age: the youngest for endings, the earliest for reminders (``sharing.md`` 24)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from cases.age import Age, Claim, known

NGO, POLICE, SERVICE = (UUID(int=number) for number in (1, 2, 3))
START = datetime(2026, 6, 1, 10, tzinfo=UTC)


def claim(born: str = "", group: str = "child", *, owner: UUID = NGO, day: int = 0, **more: bool) -> Claim:
    said_at = START + timedelta(days=day)
    return Claim(owner=owner, group=group, born=born, said_at=said_at, said_on=said_at.date(), **more)


def settled(born: str = "", group: str = "child", *, day: int) -> Claim:
    return claim(born, group, owner=SERVICE, day=day, is_verified=True, is_settlement=True)


def until(age: Age) -> str:
    return age.child_until.isoformat() if age.child_until else ""


def reminders(age: Age, on: date = date(2026, 6, 20)) -> str:
    day = age.majority_for_reminders(on)
    return day.isoformat() if day else ""


@pytest.mark.parametrize(
    ("born", "child_until", "majority"),
    [
        ("2010-05-07", "2028-05-06", "2028-05-07"),
        ("2010-05", "2028-05-30", "2028-05-01"),
        ("2010", "2028-12-30", "2028-01-01"),
        ("2008-02-29", "2026-02-28", ""),
        ("2012-02-29", "2030-02-28", "2030-03-01"),
        ("", "", ""),
    ],
)
def test_of_a_year_the_first_day_counts_for_reminders_and_the_last_for_ends(born, child_until, majority) -> None:
    age = known([claim(born, day=-200)])
    assert (until(age), reminders(age)) == (child_until, majority)


def test_who_is_said_to_be_a_child_was_one_on_that_day() -> None:
    """Born in 2008 and a child on 1 June 2026: the 18th birthday is after that day."""
    age = known([claim("2008")])
    assert (until(age), reminders(age, date(2026, 6, 1))) == ("2026-12-30", "2026-06-02")


def test_a_correction_that_makes_younger_takes_the_place_of_what_was_said() -> None:
    age = known([claim("2008-12-10"), claim("2009-12-10", day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("2027-12-09", "2027-12-10", False)


def test_a_correction_that_makes_older_stands_beside_it() -> None:
    age = known([claim("2010-05-07"), claim("2009-03-10", day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("2028-05-06", "2027-03-10", True)


@pytest.mark.parametrize("before", ["2009", "2009-03", ""])
def test_a_date_that_is_known_more_exactly_takes_its_place(before: str) -> None:
    age = known([claim(before, "uncertain"), claim("2009-03-10", "child", day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("2027-03-09", "2027-03-10", False)


@pytest.mark.parametrize("before", ["child", "uncertain"])
def test_a_more_exact_date_that_makes_an_adult_at_once_does_not(before: str) -> None:
    """Nothing ends by a correction: the person is treated as a child until the end of the year says so."""
    age = known([claim("2008", before), claim("2008-03-10", "adult", day=1)])
    assert (until(age), age.is_disputed, age.is_child_on(date(2026, 6, 3))) == ("2026-12-30", True, True)


@pytest.mark.parametrize("adult", [claim(group="adult", day=1), claim("2001-01-01", "adult", day=1)])
def test_an_adult_and_then_a_child_again(adult: Claim) -> None:
    first = claim("2010-05-07")
    between, after = known([first, adult]), known([first, adult, claim("2010-05-07", day=2)])
    assert (until(between), between.is_disputed) == ("2028-05-06", True)
    assert (until(after), after.is_disputed, reminders(after)) == ("2028-05-06", False, "2028-05-07")


def test_uncertain_and_then_an_adult_stays_a_child_without_an_end() -> None:
    age = known([claim("", "uncertain"), claim("2001-01-01", "adult", day=1)])
    assert (until(age), age.is_disputed, age.is_child_on(date(2040, 1, 1))) == ("", True, True)


def test_a_date_that_is_taken_back_ends_nothing() -> None:
    age = known([claim("2008-12-10"), claim("", "uncertain", day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("", "", False)


def test_of_two_organisations_the_younger_counts_for_ends_and_the_older_for_reminders() -> None:
    age = known([claim("2008-12-10"), claim("2009-12-10", owner=POLICE, day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("2027-12-09", "2026-12-10", True)


def test_two_organisations_that_agree_contradict_nothing() -> None:
    age = known([claim("2009"), claim("", "uncertain", owner=SERVICE), claim("2009-12-10", owner=POLICE, day=1)])
    assert (until(age), reminders(age), age.is_disputed) == ("2027-12-09", "2027-12-10", False)


def test_a_document_counts_above_a_statement_only_when_an_authority_has_checked_it() -> None:
    said = claim("2010-05-07")
    shown = known([said, claim("2009-03-10", owner=POLICE, day=1)])
    checked = known([said, claim("2009-03-10", owner=POLICE, day=1, is_verified=True)])
    assert (until(shown), until(checked)) == ("2028-05-06", "2027-03-09")
    assert checked.is_disputed


def test_a_checked_document_makes_no_adult_by_itself() -> None:
    age = known([claim("2010-05-07"), claim("2001-01-01", "adult", owner=POLICE, day=1, is_verified=True)])
    assert (until(age), age.is_child_on(date(2026, 6, 3)), age.is_disputed) == ("2028-05-06", True, True)


def test_a_settled_age_counts_and_the_other_claim_is_set_aside() -> None:
    said = [claim("2008-12-10"), claim("2010-12-10", owner=POLICE, day=1)]
    age = known(said, settled("2009-12-10", day=2))
    assert (until(age), reminders(age), age.is_disputed) == ("2027-12-09", "2027-12-10", False)
    assert [one.born for one in age.set_aside] == ["2008-12-10", "2010-12-10"]


def test_what_is_said_after_it_counts_when_it_makes_younger() -> None:
    settlement = settled("2009-12-10", day=2)
    younger = known([claim("2010-12-10", day=3)], settlement)
    older = known([claim("2008-12-10", day=3)], settlement)
    assert (until(younger), until(older)) == ("2028-12-09", "2027-12-09")
    assert younger.is_disputed
    assert older.is_disputed


def test_a_row_that_is_saved_again_says_nothing_new() -> None:
    said = [claim("2008-12-10"), claim("2008-12-10", day=5)]
    age = known(said, settled("2009-12-10", day=2))
    assert (until(age), age.is_disputed) == ("2027-12-09", False)


def test_settled_as_an_adult_is_an_adult_until_somebody_says_child() -> None:
    settlement = settled(group="adult", day=2)
    adult = known([claim("2010-05-07")], settlement)
    again = known([claim("2010-05-07"), claim("2010-05", day=3)], settlement)
    assert not adult.is_child_on(date(2026, 6, 4))
    assert again.is_child_on(date(2026, 6, 4))


def test_a_date_by_which_a_person_treated_as_a_child_is_an_adult_says_nothing() -> None:
    age = known([claim("2001-01-01", "uncertain")])
    assert (until(age), reminders(age), age.is_child_on(date(2026, 6, 4))) == ("", "", True)


def test_of_nobody_nothing_is_known() -> None:
    age = known([])
    assert (until(age), age.is_child_on(date(2026, 6, 4)), age.is_disputed) == ("", False, False)
    assert not age.is_of_age_on(date(2026, 6, 4))
