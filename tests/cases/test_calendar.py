"""The calendar feed: days and numbers for whoever has the address, as long as its owner may see them."""

from datetime import timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from accounts.context import acting
from accounts.models import CalendarFeed, Membership
from accounts.tokens import calendar_token
from audit.models import AuditRequest
from cases import ledger
from cases.models import Case
from cases.operations import clocks
from core import clock
from profiles.enums import Event
from tests.cases.filing import today
from tests.cases.test_access import bare_case
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    made = bare_case(cast)
    with acting(cast.ngo_caseworker.actor):
        clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    return made


@pytest.fixture
def address(cast: Cast) -> str:
    """The address of the caseworker's feed."""
    cast.client(cast.ngo_caseworker).post("/calendar/")
    return f"/calendar/{calendar_token(CalendarFeed.objects.get(closed_at=None).pk)}.ics"


def read(address: str) -> list[str]:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.status_code
    assert answer["Content-Type"].startswith("text/calendar")
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).walk("VEVENT")]


def test_it_shows_the_day_and_how_many_and_nothing_else(cast: Cast, case: Case, address: str) -> None:
    assert read(address) == ["1 task"]
    text = Client().get(address).content.decode()
    assert (today() + timedelta(days=7)).strftime("DTSTART;VALUE=DATE:%Y%m%d") in text
    for secret in (case.reference, case.shown_reference, str(case.pk), "NGO", "needs", "EU-"):
        assert secret not in text


def test_several_on_one_day_are_one_entry(cast: Cast, case: Case, address: str) -> None:
    other = bare_case(cast)
    with acting(cast.ngo_caseworker.actor):
        clocks.start(other, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert read(address) == ["2 tasks"]


def test_what_is_met_or_no_longer_assigned_is_gone(cast: Cast, case: Case, address: str) -> None:
    with acting(cast.ngo_supervisor.actor):
        ledger.unassign(case, Membership.objects.get(user=cast.ngo_caseworker.user))
    assert read(address) == []


def test_a_supervisors_feed_has_the_own_cases_only(cast: Cast, case: Case) -> None:
    cast.client(cast.ngo_supervisor).post("/calendar/")
    assert read(f"/calendar/{calendar_token(CalendarFeed.objects.get().pk)}.ics") == []


@pytest.mark.parametrize("fate", ["closed", "replaced", "suspended", "left", "organisation"])
def test_an_address_that_counts_no_more_is_not_found(cast: Cast, case: Case, address: str, fate: str) -> None:
    client, member = cast.client(cast.ngo_caseworker), Membership.objects.filter(user=cast.ngo_caseworker.user)
    match fate:
        case "closed":
            client.post("/calendar/close/")
        case "replaced":
            client.post("/calendar/")
        case "suspended":
            member.update(suspended_at=clock.moment())
        case "left":
            member.update(ended_at=clock.moment())
        case "organisation":
            type(cast.organisations.ngo).objects.filter(pk=cast.organisations.ngo.pk).update(
                suspended_at=clock.moment()
            )
    assert Client().get(address).status_code == 404


def test_a_forged_address_is_not_found(cast: Cast, address: str) -> None:
    key = calendar_token(CalendarFeed.objects.get().pk)
    for token in ("none", key[:-1] + ("0" if key[-1] != "0" else "1"), "é" * 62, key.swapcase()):
        assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_reading_it_leaves_a_row_in_the_audit(cast: Cast, case: Case, address: str) -> None:
    read(address)
    with acting(cast.ngo_caseworker.actor):
        row = AuditRequest.objects.filter(route="cases:calendar_feed").get()
    assert (row.membership_id, row.cases_shown) == (cast.ngo_caseworker.membership_id, 1)


def test_the_page_shows_the_address_to_its_owner_only(cast: Cast, address: str) -> None:
    assert address in cast.client(cast.ngo_caseworker).get("/calendar/").content.decode()
    assert address not in cast.client(cast.ngo_supervisor).get("/calendar/").content.decode()


def test_the_page_leads_back_to_the_account(cast: Cast) -> None:
    html = cast.client("ngo_caseworker").get("/calendar/").content.decode()
    assert '<a class="govuk-back-link" href="/account/">' in html
