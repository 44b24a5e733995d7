"""What is overdue in the country reaches the coordinator as counts, once a day, in the morning, without a case."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases import inbox, reminders
from cases.models import Case
from cases.operations import clocks, overdue
from core import clock
from core.dates import instant_at
from profiles.enums import Event
from profiles.profile import active
from tests.cases.test_access import bare_case
from tests.cases.test_guardianship import a_child, appoint, provisional
from tests.cast import Cast

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 6, 30, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case with one clock of the law and targets that are overdue at AFTER, and a reflection period that is over."""
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
            # Three months, Burgerlijk Wetboek 1:241; a reflection period that is over is nobody's delay.
            clocks.start(made, Event.PROVISIONAL_GUARDIAN_ASSIGNED, actor=cast.ngo_caseworker.actor)
            clocks.start(made, Event.REFLECTION_GRANTED, actor=cast.ngo_caseworker.actor)
    return made


def tell(at: datetime) -> int:
    with clock.travel(at), reminders.as_worker():
        return overdue.tell_coordinators()


def entries(cast: Cast) -> list[str]:
    with acting(cast.coordinator.actor):
        return sorted(entry.task for entry in inbox.inbox(cast.coordinator.actor).entries)


def test_the_coordinator_hears_a_number_once_a_day(cast: Cast, case: Case) -> None:
    assert [tell(at) for at in (AFTER, AFTER + timedelta(hours=5))] == [1, 0]
    assert entries(cast) == [
        "1 deadline of the law is overdue in the country",
        "4 steps have been overdue for two weeks or longer",
    ]


def test_what_is_overdue_for_less_than_two_weeks_is_no_second_escalation(cast: Cast, case: Case) -> None:
    tell(datetime(2026, 3, 24, 9, tzinfo=UTC))
    assert entries(cast) == []
    tell(datetime(2026, 3, 25, 9, tzinfo=UTC))
    assert entries(cast) == ["1 step has been overdue for two weeks or longer"]


def test_children_without_a_guardian_are_always_a_count(cast: Cast) -> None:
    """From the first day on, before anything is overdue, and until somebody is appointed."""
    child = a_child(cast)
    tomorrow = instant_at(clock.today(active().zone) + DAY, active().reminder_time, active().zone)
    assert tell(tomorrow) == 1
    assert entries(cast) == ["1 child has no appointed guardian"]
    a_child(cast)
    provisional(cast, child)
    assert tell(tomorrow + DAY) == 1
    assert entries(cast) == ["2 children have no appointed guardian"]
    appoint(cast, child)
    assert tell(tomorrow + 2 * DAY) == 1
    assert "1 child has no appointed guardian" in entries(cast)


def test_a_number_that_is_nil_today_takes_yesterdays_away(cast: Cast) -> None:
    child = a_child(cast)
    tomorrow = instant_at(clock.today(active().zone) + DAY, active().reminder_time, active().zone)
    tell(tomorrow)
    appoint(cast, child)
    tell(tomorrow + DAY)
    assert entries(cast) == []


def test_news_of_the_next_day_takes_its_place(cast: Cast, case: Case) -> None:
    assert [tell(AFTER), tell(AFTER + DAY)] == [1, 1]
    assert len(entries(cast)) == 2


def test_before_the_morning_and_with_nothing_overdue_nobody_is_told(cast: Cast, case: Case) -> None:
    assert tell(AFTER - timedelta(minutes=1)) == 0
    assert tell(START + DAY) == 0


def test_the_notice_leads_to_the_dashboard_and_names_no_case(cast: Cast, case: Case) -> None:
    tell(AFTER)
    html = cast.client(cast.coordinator).get("/inbox/").content.decode()
    assert 'href="/dashboard/overdue/"' in html
    assert case.shown_reference not in html
    assert Notice.objects.get(kind="overdue_in_country").case_id is None
