"""The inbox: what one was told, most urgent first, and references only of cases that one may still know."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import Page, ViewportSize, expect
from pytest_django import DjangoAssertNumQueries

from accounts.context import acting
from accounts.models import Membership, Notice
from audit.models import AuditRequest
from cases import inbox, ledger, reminders
from cases.models import Case
from cases.operations import clocks, lost_tasks
from core import clock
from profiles.enums import Event
from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE
from tests.cases.test_access import bare_case
from tests.cast import Cast, Persona

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, 23, 0, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """A case of the NGO; it is Wednesday the 11th."""
    with clock.travel(NOW - timedelta(days=7)):
        made = bare_case(cast)
    with clock.travel(NOW):
        yield made


def tell(person: Persona, case_id: UUID, due_at: datetime | None, kind: str = "EU-NEEDS", path: str = "") -> Notice:
    return Notice.objects.create(
        membership=Membership.objects.get(user=person.user),
        key=f"{uuid4()}:1:0d",
        kind=kind,
        case_id=case_id,
        due_at=due_at,
        object_path=path,
        created_at=clock.moment(),
    )


def page(client: Client, query: str = "") -> str:
    return client.get(f"/inbox/{query}").content.decode()


def test_what_is_due_stands_in_groups_by_urgency(cast: Cast, case: Case) -> None:
    for days in (-1, 0, 3, 30):
        tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=days))
    tell(cast.ngo_caseworker, case.pk, None)
    with acting(cast.ngo_caseworker.actor):
        groups = [(heading, len(entries)) for heading, entries in inbox.inbox(cast.ngo_caseworker.actor).groups]
    assert groups == [("Overdue", 1), ("Due today", 1), ("Due within a week", 1), ("Later", 1), ("News", 1)]


def test_the_page_shows_task_reference_day_and_count(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    html = page(cast.client(cast.ngo_caseworker))
    assert "Individual assessment of needs and risks" in html
    assert case.shown_reference in html
    assert f'href="/cases/{case.shown_reference}/"' in html
    assert "Wed 11 Mar 2026" in html
    assert '<span class="bubble">1</span>' in html


def test_showing_references_leaves_a_row_in_the_audit(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    cast.client(cast.ngo_caseworker).get("/inbox/")
    with acting(cast.ngo_caseworker.actor):
        assert AuditRequest.objects.get().cases_shown == 1


def test_what_is_no_longer_ones_own_shows_nothing(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    with acting(cast.ngo_supervisor.actor):
        ledger.unassign(case, Membership.objects.get(user=cast.ngo_caseworker.user))
    html = page(cast.client(cast.ngo_caseworker))
    assert "Nothing waits for you here" in html
    assert case.shown_reference not in html
    assert "Individual assessment of needs and risks" not in html


def test_a_referral_to_answer_leads_to_the_referral_and_names_no_case(cast: Cast, case: Case) -> None:
    tell(cast.shelter_intake, case.pk, MIDNIGHT, kind="EU-ACK", path=f"/referrals/{case.pk}/")
    html = page(cast.client(cast.shelter_intake))
    assert "Answer to a referral" in html
    assert f'href="/referrals/{case.pk}/"' in html
    assert case.shown_reference not in html


def test_colleagues_and_strangers_see_nothing_of_it(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    for persona in (cast.ngo_supervisor, cast.other_ngo_caseworker, cast.coordinator, cast.stranger):
        assert "Nothing waits for you here" in page(cast.client(persona))


def test_marking_one_as_read_moves_it(cast: Cast, case: Case) -> None:
    later = MIDNIGHT + timedelta(days=5)
    notice, client = tell(cast.ngo_caseworker, case.pk, later), cast.client(cast.ngo_caseworker)
    response = client.post("/inbox/", {"notice": notice.pk, "shown_at": NOW.isoformat()})
    assert response.status_code == 302
    assert "Nothing waits for you here" in page(client)
    assert "Individual assessment of needs and risks" in page(client, "?show=read")


def put_off(client: Client, notice: Notice, days: str = "1") -> int:
    return int(client.post(f"/inbox/{notice.pk}/later/", {"days": days}).status_code)


def test_what_is_put_off_comes_back_by_itself(cast: Cast, case: Case) -> None:
    notice, client = tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=5)), cast.client(cast.ngo_caseworker)
    assert '<span class="bubble">1</span>' in page(client)
    assert put_off(client, notice) == 302
    assert "Nothing waits for you here" in page(client)
    assert "bubble" not in page(client)
    later = page(client, "?show=later")
    assert "Comes back" in later
    assert "Thu 12 Mar 2026 at" in later
    with clock.travel(NOW + timedelta(hours=22)):
        assert "Individual assessment of needs and risks" in page(client)


def test_a_clock_of_the_law_cannot_be_put_off(cast: Cast, case: Case) -> None:
    notice = tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=5), kind="NL-BT")
    client = cast.client(cast.ngo_caseworker)
    assert "Later<span" not in page(client)
    assert put_off(client, notice) == 422
    notice.refresh_from_db()
    assert notice.snoozed_until is None


@pytest.mark.parametrize(("due_in", "days"), [(1, "1"), (3, "3"), (5, "7"), (-1, "1")])
def test_nothing_is_put_off_to_its_last_day_or_beyond(cast: Cast, case: Case, due_in: int, days: str) -> None:
    notice = tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=due_in))
    assert put_off(cast.client(cast.ngo_caseworker), notice, days) == 422


def test_the_next_reminder_of_what_was_put_off_comes_all_the_same(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    with clock.travel(NOW - timedelta(days=7)), acting(actor):
        clocks.start(case, Event.CASE_REGISTERED, actor=actor)
    with clock.travel(NOW - timedelta(days=2)):
        reminders.tick()
        Notice.objects.update(snoozed_until=NOW + timedelta(days=9))
    reminders.tick()
    with acting(actor):
        assert [entry.task for entry in inbox.inbox(actor).entries] == ["Individual assessment of needs and risks"]


def test_nobody_puts_off_the_notice_of_another(cast: Cast, case: Case) -> None:
    notice = tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=5))
    assert put_off(cast.client(cast.ngo_supervisor), notice) == 404


def test_nobody_marks_the_notice_of_another(cast: Cast, case: Case) -> None:
    notice = tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    cast.client(cast.ngo_supervisor).post("/inbox/", {"notice": notice.pk, "shown_at": NOW.isoformat()})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_marking_everything_spares_what_came_after_the_page_was_shown(cast: Cast, case: Case) -> None:
    before = tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    with clock.travel(NOW + timedelta(minutes=2)):
        after = tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    client = cast.client(cast.ngo_caseworker)
    client.post("/inbox/", {"shown_at": (NOW + timedelta(minutes=1)).isoformat()})
    unread = Notice.objects.filter(read_at=None).values_list("pk", flat=True)
    assert (set(unread), before.pk in set(unread)) == ({after.pk}, False)


@pytest.mark.parametrize(
    ("kind", "days", "stays"),
    [
        ("EU-NEEDS", -3, True),  # overdue
        ("EU-NEEDS", 0, True),  # today
        ("EU-NEEDS", 1, True),  # tomorrow
        ("EU-NEEDS", 2, False),
        ("NL-BT", 40, True),  # the law sets the day
        ("consent_withdrawn", None, False),  # news
    ],
)
def test_to_read_is_not_to_have_done(cast: Cast, case: Case, kind: str, days: int | None, stays: bool) -> None:
    """What may not be put off stays under "To do" until its clock ends."""
    due_at = None if days is None else MIDNIGHT + timedelta(days=days)
    tell(cast.ngo_caseworker, case.pk, due_at, kind=kind)
    client = cast.client(cast.ngo_caseworker)
    client.post("/inbox/", {"shown_at": (NOW + timedelta(minutes=1)).isoformat()})
    html = page(client)
    assert ("Read; it stays here until it is done" in html) is stays
    assert ("Nothing waits for you here" in html) is not stays
    assert ('<span class="bubble">1</span>' in html) is stays
    assert ("You have not read any notice yet" in page(client, "?show=read")) is stays


def test_what_stays_is_gone_when_its_clock_ends(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    with clock.travel(NOW - timedelta(days=7)), acting(actor):
        clocks.start(case, Event.CASE_REGISTERED, actor=actor)
    reminders.tick()
    client = cast.client(cast.ngo_caseworker)
    client.post("/inbox/", {"shown_at": (NOW + timedelta(minutes=1)).isoformat()})
    assert "Individual assessment" in page(client)
    with acting(actor):
        clocks.close(case, Event.NEEDS_ASSESSED, actor=actor)
    assert "Nothing waits for you here" in page(client)
    assert "Individual assessment" in page(client, "?show=read")


def test_a_read_task_of_a_case_that_one_may_not_know_any_more_is_gone_at_once(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    client = cast.client(cast.ngo_caseworker)
    client.post("/inbox/", {"shown_at": (NOW + timedelta(minutes=1)).isoformat()})
    with acting(cast.ngo_supervisor.actor):
        ledger.unassign(case, Membership.objects.get(user=cast.ngo_caseworker.user))
    assert "Nothing waits for you here" in page(client)
    with reminders.as_worker():
        assert lost_tasks.finish_lost_tasks() == 1
        assert lost_tasks.finish_lost_tasks() == 0


def test_a_task_of_a_case_that_one_knows_is_not_lost(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    tell(cast.shelter_intake, case.pk, MIDNIGHT, kind="EU-ACK", path=f"/referrals/{case.pk}/")
    with reminders.as_worker():
        assert lost_tasks.finish_lost_tasks() == 0


@pytest.mark.parametrize("data", [{"shown_at": "yesterday"}, {"notice": "x' OR 1=1", "shown_at": NOW.isoformat()}])
def test_a_mangled_form_is_refused_and_changes_nothing(cast: Cast, case: Case, data: dict[str, str]) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    response = cast.client(cast.ngo_caseworker).post("/inbox/", data)
    assert response.status_code == 422
    assert Notice.objects.filter(read_at=None).count() == 1


def test_a_get_marks_nothing(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    page(cast.client(cast.ngo_caseworker))
    assert Notice.objects.filter(read_at=None).count() == 1


def test_tasks_are_in_the_language_of_the_reader(cast: Cast, case: Case) -> None:
    tell(cast.ngo_caseworker, case.pk, MIDNIGHT)
    with acting(cast.ngo_caseworker.actor), translation.override("nl"):
        (entry,) = inbox.inbox(cast.ngo_caseworker.actor).entries
    assert entry.task == "Individuele beoordeling van behoeften en risico’s"


def test_queries_do_not_grow_with_the_number_of_notices(
    cast: Cast, case: Case, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for _round in range(2):
        for days in range(10):
            tell(cast.ngo_caseworker, case.pk, MIDNIGHT + timedelta(days=days))
        with acting(cast.ngo_caseworker.actor), django_assert_max_num_queries(3) as captured:
            inbox.inbox(cast.ngo_caseworker.actor)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_from_the_clock_to_the_inbox(cast: Cast, case: Case) -> None:
    actor = cast.ngo_caseworker.actor
    with clock.travel(NOW - timedelta(days=7)), acting(actor):
        clocks.start(case, Event.CASE_REGISTERED, actor=actor)
    reminders.tick()
    with acting(actor):
        (entry,) = inbox.inbox(actor).entries
        assert (entry.task, entry.reference, str(entry.due_on)) == (
            "Individual assessment of needs and risks",
            case.reference,
            "2026-03-11",
        )


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_in_a_browser_a_notice_is_read_and_nothing_hinders(
    open_page: Callable[..., Page], cast: Cast, viewport: ViewportSize
) -> None:
    actor, now = cast.ngo_caseworker.actor, clock.moment()
    case = bare_case(cast)
    with acting(actor):
        clocks.start(case, Event.CASE_REGISTERED, actor=actor)
    for days, is_late in ((-2, True), (0, False), (3, False), (20, False)):
        notice = tell(cast.ngo_caseworker, case.pk, now + timedelta(days=days, hours=1))
        Notice.objects.filter(pk=notice.pk).update(is_late=is_late, is_escalation=is_late)
    page = open_page(cast.client(cast.ngo_caseworker), viewport=viewport)
    page.goto("/inbox/")
    assert_accessible(page)
    page.get_by_role("button", name="Mark as read").last.click()
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(3)
    page.get_by_role("link", name="Read", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(2)
