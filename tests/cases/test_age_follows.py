"""What follows from the age follows its correction, in the same transaction (``sharing.md`` rules 2a and 24)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case, Deadline
from cases.operations.elapsed import end_clocks_of_children, record_elapsed
from core import clock
from core.db import role
from core.errors import Missing
from tests.cases.ages import (
    by_api,
    by_page,
    guardianship_of,
    lets_write,
    of_the_birthday,
    offices,
    on,
    running,
    says,
    settles,
)
from tests.cases.files import inside
from tests.cases.test_guardianship import a_child, appoint, knows
from tests.cast import Cast

YOUNGER = {"EU-MAJORITY": "2027-12-09", "EU-SIS-MAJ": "2027-08-10", "EU-T18": "2027-06-10"}
OLDER = {"EU-MAJORITY": "2026-12-09", "EU-SIS-MAJ": "2026-08-10", "EU-T18": "2026-06-10"}


@pytest.fixture
def june() -> Iterator[Any]:
    with on("2026-06-01") as moment:
        yield moment


@pytest.fixture
def child(cast: Cast, june: Any) -> Case:
    """Born on 10 December 2008, with a guardian."""
    case = a_child(cast, born="2008-12-10")
    appoint(cast, case)
    return case


@pytest.mark.parametrize("corrected", [by_page, by_api])
def test_who_is_younger_than_was_written_stays_a_child(cast: Cast, child: Case, corrected: Any) -> None:
    assert of_the_birthday(child) == OLDER
    corrected(cast, child, "2009-12-10")
    assert offices(child) == {"child_protection": {"2027-12-09"}, "guardian": {"2027-12-09"}}
    assert of_the_birthday(child) == YOUNGER
    assert "EU-AGE" not in running(child)
    with on("2026-12-11"):
        record_elapsed()
        assert knows(cast, child, "child_protection_supervisor")
        assert knows(cast, child, "guardian")
        assert guardianship_of(child) == ("appointed", "")
        assert of_the_birthday(child) == YOUNGER
    with on("2027-12-10"):
        record_elapsed()
        assert not knows(cast, child, "child_protection_supervisor")
        assert guardianship_of(child) == ("ended", "majority")


def test_who_is_older_than_was_written_loses_nothing_and_the_age_is_to_be_settled(cast: Cast, june: Any) -> None:
    case = a_child(cast, born="2010-05-07")
    says(cast, case, "ngo_caseworker", "2009-03-10")
    assert offices(case)["child_protection"] == {"2028-05-06"}
    assert of_the_birthday(case)["EU-MAJORITY"] == "2027-03-09"
    # Ten working days after 1 June 2026.
    assert running(case)["EU-AGE"] == "2026-06-15"
    with on("2027-03-11"):
        record_elapsed()
        assert knows(cast, case, "child_protection_supervisor")
        settles(cast, case, "2009-08-10")
        assert not knows(cast, case, "guardian")


def test_settled_as_older_the_ends_and_clocks_follow_at_once(cast: Cast, child: Case) -> None:
    says(cast, child, "ngo_caseworker", "2008-10-01")
    settles(cast, child, "2008-10-01")
    assert offices(child) == {"child_protection": {"2026-09-30"}, "guardian": {"2026-09-30"}}
    assert of_the_birthday(child)["EU-MAJORITY"] == "2026-09-30"
    assert "EU-AGE" not in running(child)


@pytest.mark.parametrize("basis", ["document_verified", "stated"])
def test_a_date_that_becomes_known_starts_the_clocks_and_sets_the_end(cast: Cast, june: Any, basis: str) -> None:
    case = a_child(cast, "police_officer", age="uncertain")
    assert of_the_birthday(case) == {}
    assert min(offices(case)["child_protection"]) > "2044"
    says(cast, case, "police_officer", "2009-03-10", basis=basis)
    assert offices(case) == {"child_protection": {"2027-03-09"}}
    assert of_the_birthday(case) == {"EU-MAJORITY": "2027-03-09", "EU-SIS-MAJ": "2026-11-10", "EU-T18": "2026-09-10"}


def test_of_a_year_the_first_day_reminds_and_the_last_ends_until_the_day_is_known(cast: Cast, june: Any) -> None:
    case = a_child(cast, born="2010")
    assert offices(case) == {"child_protection": {"2028-12-30"}}
    assert of_the_birthday(case)["EU-MAJORITY"] == "2027-12-31"
    says(cast, case, "ngo_caseworker", "2010-08-20")
    assert offices(case) == {"child_protection": {"2028-08-19"}}
    assert of_the_birthday(case)["EU-MAJORITY"] == "2028-08-19"
    assert "EU-AGE" not in running(case)


def test_a_date_that_is_taken_back_ends_the_clocks_and_not_the_office(cast: Cast, child: Case) -> None:
    says(cast, child, "ngo_caseworker", "", group="uncertain")
    assert of_the_birthday(child) == {}
    assert min(offices(child)["child_protection"]) > "2044"


def test_corrected_to_an_adult_and_back_to_a_child(cast: Cast, child: Case) -> None:
    says(cast, child, "ngo_caseworker", "", group="adult")
    assert offices(child)["guardian"] == {"2026-12-09"}
    assert "EU-AGE" in running(child)
    with inside(cast.ngo_caseworker, child) as (_actor, access):
        assert access.case.is_child_branch
    says(cast, child, "ngo_caseworker", "2008-12-10")
    assert "EU-AGE" not in running(child)
    assert of_the_birthday(child) == OLDER


def test_settled_as_an_adult_and_then_said_to_be_a_child_again(cast: Cast, child: Case) -> None:
    settles(cast, child, group="adult")
    assert offices(child) == {}
    assert guardianship_of(child) == ("ended", "assessed_adult")
    assert of_the_birthday(child) == {}
    with on("2026-06-02"):
        says(cast, child, "ngo_caseworker", "2009-12-10")
    assert offices(child) == {"child_protection": {"2027-12-09"}}
    assert of_the_birthday(child) == YOUNGER
    # It contradicts what child protection found.
    assert "EU-AGE" in running(child)


def test_a_row_saved_again_does_not_undo_what_child_protection_found(cast: Cast, child: Case) -> None:
    settles(cast, child, group="adult")
    with on("2026-06-02"):
        says(cast, child, "ngo_caseworker", "2008-12-10")
    assert offices(child) == {}


def test_two_organisations_with_two_dates(cast: Cast, child: Case) -> None:
    lets_write(cast, child, "shelter", "shelter_worker")
    says(cast, child, "shelter_worker", "2009-12-10")
    assert offices(child) == {"child_protection": {"2027-12-09"}, "guardian": {"2027-12-09"}}
    assert of_the_birthday(child) == OLDER
    assert "EU-AGE" in running(child)
    with on("2026-12-11"):
        record_elapsed()
        assert knows(cast, child, "guardian")
        settles(cast, child, "2009-12-10")
        assert of_the_birthday(child) == YOUNGER
        assert "EU-AGE" not in running(child)


def test_what_was_done_is_not_asked_again_when_the_day_moves(cast: Cast, child: Case) -> None:
    with role("nrm_ledger"):
        planned = Deadline.objects.filter(case=child, rule="EU-T18")
        planned.update(state="met", closed_at=clock.moment(), closed_by_event="transition_planned")
    says(cast, child, "ngo_caseworker", "2009-12-10")
    assert set(of_the_birthday(child)) == {"EU-MAJORITY", "EU-SIS-MAJ"}


def test_a_correction_without_a_reason_moves_nothing(cast: Cast, child: Case) -> None:
    with role("nrm_ledger"):
        before = dict(Deadline.objects.filter(case=child).values_list("pk", "version"))
    says(cast, child, "ngo_caseworker", "2008-12-10")
    with role("nrm_ledger"):
        assert dict(Deadline.objects.filter(case=child).values_list("pk", "version")) == before


# -- coming of age ---------------------------------------------------------------------------------------------------


def test_coming_of_age_ends_the_clocks_of_a_child(cast: Cast, june: Any) -> None:
    case = a_child(cast, born="2008-12-10")
    assert "EU-GUA-0" in running(case)
    with on("2026-12-10"):
        counted = record_elapsed()
        assert (counted["guardianships"], counted["clocks_of_children"]) == (1, 0)
        assert {"EU-GUA-0", *OLDER} & set(running(case)) == set()
        assert guardianship_of(case) == ("ended", "majority")
        with pytest.raises(Missing), inside(cast.child_protection_supervisor, case):
            pass
        with inside(cast.ngo_caseworker, case) as (_actor, access):
            assert not access.case.is_child_branch


def test_it_ends_them_where_child_protection_leads_the_case_itself(cast: Cast, june: Any) -> None:
    case = a_child(cast, "child_protection_officer", born="2008-12-10")
    assert offices(case) == {}
    with on("2026-12-10"):
        assert record_elapsed()["guardianships"] == 1
        assert {"EU-GUA-0", *OLDER} & set(running(case)) == set()


def test_a_day_before_nothing_ends(cast: Cast, child: Case) -> None:
    with on("2026-12-09"):
        assert record_elapsed()["guardianships"] == 0
        assert knows(cast, child, "guardian")


def test_the_clocks_of_a_child_of_the_past_end_too(cast: Cast, child: Case) -> None:
    """Cases in which the child branch ended before clocks ended with it."""
    with role("nrm_ledger"):
        Case.objects.filter(pk=child.pk).update(is_child_branch=False)
    with on("2027-03-01"):
        assert end_clocks_of_children() == 3
        assert end_clocks_of_children() == 0
        assert of_the_birthday(child) == {}


def test_no_clock_is_left_with_an_organisation_that_no_longer_knows_the_case(cast: Cast, child: Case) -> None:
    with on("2026-12-10"):
        record_elapsed()
        knowing = {cast.organisations.ngo.pk}
        with role("nrm_ledger"):
            bound = Deadline.objects.filter(case=child, state="open").values_list("bound_organisation", flat=True)
            assert set(bound) <= knowing


def test_ends_follow_the_day_on_which_the_age_is_read(cast: Cast, child: Case) -> None:
    """Access ends with the day, whether or not a worker writes it down."""
    with on("2026-12-10"):
        assert not knows(cast, child, "child_protection_supervisor")
    with clock.travel(clock.moment() + timedelta(days=1)):
        assert knows(cast, child, "child_protection_supervisor")
