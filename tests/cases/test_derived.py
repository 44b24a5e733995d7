"""A source is changed, and each value that follows from it is looked at (``docs/derived.md``)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.models import CalendarFeed
from accounts.tokens import calendar_token
from cases.models import Case, CaseGroupObjectPermission, CaseLabel, CaseVisibility, Identity, MatchingRecord, Reminder
from cases.operations.labels import set_label
from core.db import role
from tests.cases.ages import by_page, lets_write, on, says, settles
from tests.cases.files import assign, inside
from tests.cases.test_guardianship import a_child, appoint
from tests.cast import Cast


@pytest.fixture
def child(cast: Cast) -> Iterator[Case]:
    with on("2026-06-01"):
        case = a_child(cast, born="2008-12-10")
        appoint(cast, case)
        yield case


def test_year_of_birth_and_tokens_follow_the_date_of_birth(cast: Cast, child: Case) -> None:
    names = {"given_names": "Oksana", "family_name": "Kovalchuk"}
    says(cast, child, "ngo_caseworker", "2008-12-10", **names)
    with role("nrm_matcher"):
        before = MatchingRecord.objects.get(case=child).tokens
    by_page(cast, child, "2009-12-10", **names)
    with inside(cast.ngo_caseworker, child):
        assert Identity.objects.get(case=child).birth_year == 2009
    with role("nrm_matcher"):
        after = MatchingRecord.objects.get(case=child)
        assert (after.compared_at, set(after.tokens) != set(before)) == (None, True)


def test_lists_follow_child_branch_and_clocks(cast: Cast, child: Case) -> None:
    def of(organisation: str) -> tuple[bool, date]:
        with role("nrm_ledger"):
            row = CaseVisibility.objects.get(
                case=child, organisation=getattr(cast.organisations, organisation), membership=None
            )
        return row.is_child, row.next_due_at.date()

    assert of("child_protection")[1] == date(2026, 6, 10)
    says(cast, child, "ngo_caseworker", "2009-12-10")
    assert of("child_protection") != date(2026, 6, 10)
    assert of("ngo")[0]
    settles(cast, child, group="adult")
    assert not of("ngo")[0]


def test_what_may_be_read_follows_the_end_of_an_office(cast: Cast, child: Case) -> None:
    def ends() -> set[date]:
        with role("nrm_ledger"):
            rows = CaseGroupObjectPermission.objects.filter(
                content_object=child, to_organisation=cast.organisations.guardian_organisation
            )
            return {(row.expires_at - timedelta(hours=2)).date() for row in rows}

    assert ends() == {date(2026, 12, 9)}
    says(cast, child, "ngo_caseworker", "2009-12-10")
    assert ends() == {date(2027, 12, 9)}


def test_reminders_follow_the_due_day(cast: Cast, child: Case) -> None:
    def waiting() -> set[date]:
        with role("nrm_ledger"):
            rows = Reminder.objects.filter(deadline__case=child, deadline__rule="EU-MAJORITY", state="waiting")
            return {row.due_at.date() for row in rows}

    assert waiting() == {date(2026, 9, 10), date(2026, 11, 9), date(2026, 12, 2)}
    says(cast, child, "ngo_caseworker", "2009-12-10")
    assert waiting() == {date(2027, 9, 10), date(2027, 11, 9), date(2027, 12, 2)}


def test_a_card_follows_the_due_day(cast: Cast, child: Case) -> None:
    def page() -> str:
        return cast.client("child_protection_supervisor").get(f"/cases/{child.shown_reference}/").content.decode()

    assert "9 December 2026" in page() or "9 Dec 2026" in page()
    says(cast, child, "ngo_caseworker", "2009-12-10")
    assert "Dec 2026" not in page()
    assert "9 Dec 2027" in page() or "9 December 2027" in page()


def test_the_calendar_feed_follows_the_due_day(cast: Cast, child: Case) -> None:
    assign(cast, child, "child_protection_officer")
    cast.client(cast.child_protection_officer).post("/calendar/")
    address = f"/calendar/{calendar_token(CalendarFeed.objects.get(closed_at=None).pk)}.ics"

    def days() -> set[date]:
        return {event["DTSTART"].dt for event in Calendar.from_ical(Client().get(address).content).walk("VEVENT")}

    assert {date(2026, 6, 10), date(2026, 8, 10), date(2026, 12, 9)} <= days()
    says(cast, child, "ngo_caseworker", "2009-07-10")
    assert {date(2027, 1, 8), date(2027, 3, 10)} <= days()
    assert not {date(2026, 6, 10), date(2026, 8, 10), date(2026, 12, 9)} & days()


def test_a_label_is_found_by_its_new_words_alone(cast: Cast, child: Case) -> None:
    def tokens() -> set[str]:
        with inside(cast.ngo_caseworker, child):
            return set(CaseLabel.objects.get(case=child).tokens)

    with inside(cast.ngo_caseworker, child) as (actor, access):
        set_label(actor, access=access, label="blue house")
    before = tokens()
    with inside(cast.ngo_caseworker, child) as (actor, access):
        set_label(actor, access=access, label="green door")
    assert not before & tokens()


def test_a_claim_of_another_organisation_is_one_source_more(cast: Cast, child: Case) -> None:
    lets_write(cast, child, "shelter", "shelter_worker")
    says(cast, child, "shelter_worker", "2009-12-10")
    with role("nrm_ledger"):
        office = CaseGroupObjectPermission.objects.filter(
            content_object=child, to_organisation=cast.organisations.child_protection
        )
        assert {(row.expires_at - timedelta(hours=2)).date() for row in office} == {date(2027, 12, 9)}
