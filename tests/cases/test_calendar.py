"""The calendar feed: days and numbers for whoever has the address, as long as its owner may see them."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from icalendar import Calendar

from accounts.context import acting
from accounts.models import CalendarFeed, Membership
from accounts.tokens import calendar_token
from audit.models import AuditRequest
from cases import ledger
from cases.models import Case, Deadline
from cases.operations import clocks
from core import clock
from core.dates import add_months
from core.db import role
from profiles.enums import Event, Party
from tests.cases.filing import filed_case, shared, today
from tests.cases.test_access import bare_case
from tests.cases.test_guardianship import a_child, appoint
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


def feed(cast: Cast, persona: str) -> list[tuple[str, str, str]]:
    """Day, number and link of each entry of somebody's feed, which is opened for it."""
    cast.client(persona).post("/calendar/")
    return entries(cast, persona)


def entries(cast: Cast, persona: str) -> list[tuple[str, str, str]]:
    opened = CalendarFeed.objects.get(closed_at=None, membership=getattr(cast, persona).membership)
    answer = Client().get(f"/calendar/{calendar_token(opened.pk)}.ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    return [(event["DTSTART"].dt.isoformat(), str(event["SUMMARY"]), str(event["URL"])) for event in events]


@pytest.fixture
def reflecting(cast: Cast) -> Case:
    """A case of the NGO with a running reflection period, shared with shelter and legal aid, each with a colleague."""
    made = filed_case(cast)
    for name, worker, purpose in (
        ("shelter", "shelter_worker", "refer_shelter"),
        ("legal_aid", "lawyer", "refer_legal"),
    ):
        shared(cast, made, getattr(cast.organisations, name), "identity", purpose=purpose)
        ledger.assign(made, getattr(cast, worker).membership)
    with acting(cast.ngo_caseworker.actor):
        bound = {Party.REFLECTION_AUTHORITY: cast.organisations.immigration}
        clocks.start(made, Event.REFLECTION_GRANTED, actor=cast.ngo_caseworker.actor, bound=bound)
    return made


@pytest.mark.parametrize("persona", ["ngo_caseworker", "shelter_worker", "lawyer"])
def test_the_end_of_a_reflection_period_is_in_the_feed_of_whoever_is_reminded(
    cast: Cast, reflecting: Case, persona: str
) -> None:
    end = add_months(today(), 3).isoformat()
    assert end in {day for day, _number, _link in feed(cast, persona)}


def test_the_end_of_childhood_is_in_the_feed_of_the_guardian(cast: Cast) -> None:
    birthday = add_months(today(), -12 * 18 + 6)
    child = a_child(cast, born=birthday.isoformat())
    appoint(cast, child)
    last = (birthday.replace(year=birthday.year + 18) - timedelta(days=1)).isoformat()
    assert last in {day for day, _number, _link in feed(cast, "guardian")}


def test_a_clock_of_others_of_which_one_is_not_reminded_is_not_in_it(cast: Cast) -> None:
    child = a_child(cast)
    with acting(cast.ngo_caseworker.actor):
        ledger.assign(child, cast.ngo_caseworker.membership)
    with role("nrm_ledger"):
        others = Deadline.objects.filter(case=child, rule="EU-GUA-0").values_list("due_on", flat=True)
        assert others.exists()
    days = {day for day, _number, _link in feed(cast, "ngo_caseworker")}
    assert not {day.isoformat() for day in others} & days


def test_the_link_leads_to_what_falls_due_on_the_day(cast: Cast, case: Case) -> None:
    ((day, _number, link),) = feed(cast, "ngo_caseworker")
    assert link == f"{settings.BASE_URL}/calendar/day/{day}/"
    html = cast.client("ngo_caseworker").get(f"/calendar/day/{day}/").content.decode()
    assert "Individual assessment of needs and risks" in html
    assert f'href="/cases/{case.shown_reference}/"' in html
    for persona in ("ngo_supervisor", "other_ngo_caseworker"):
        assert case.shown_reference not in cast.client(persona).get(f"/calendar/day/{day}/").content.decode()


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "20260101x"])
def test_a_day_that_does_not_exist_is_not_found(cast: Cast, day: str) -> None:
    assert cast.client("ngo_caseworker").get(f"/calendar/day/{day}/").status_code == 404


def test_one_feed_counts_all_organisations_of_a_person(cast: Cast, case: Case) -> None:
    assert feed(cast, "shelter_worker") == []
    second = Membership.objects.create(
        user=cast.shelter_worker.user, organisation=cast.organisations.ngo, roles=["caseworker"]
    )
    ledger.assign(case, second)
    ((day, number, _link),) = entries(cast, "shelter_worker")
    assert number == "1 task"
    html = cast.client("shelter_worker").get(f"/calendar/day/{day}/").content.decode()
    assert "NGO: <strong>1</strong>" in html
    assert case.shown_reference not in html
