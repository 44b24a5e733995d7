"""A guardian hears of the appointment the same minute, with a first duty and its day: to meet the child."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.context import acting
from cases import inbox, reminders
from cases.models import Case, Deadline
from core import clock
from core.db import role
from tests.cases.test_guardianship import a_child, appoint, end, provisional, replace
from tests.cast import Cast

# A Wednesday; three working days later it is Monday.
NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)
MEETING = "First meeting of the guardian and the child"


@pytest.fixture
def child(cast: Cast) -> Case:
    with clock.travel(NOW):
        return a_child(cast)


def todo(cast: Cast, who: str) -> list[tuple[str, str, str]]:
    actor = getattr(cast, who).actor
    reminders.tick()
    with acting(actor):
        return [(one.task, one.path, str(one.due_on)) for one in inbox.inbox(actor).entries]


def meetings(case: Case) -> list[tuple[str, str, str]]:
    with role("nrm_ledger"):
        rows = Deadline.objects.filter(case=case, rule="EU-GUA-MEET").order_by("started_at", "pk")
        return list(rows.values_list("bound_organisation__kind", "state", "closed_by_event"))


@pytest.mark.parametrize("act", [provisional, appoint])
def test_the_guardian_has_a_task_with_a_day(cast: Cast, child: Case, act) -> None:
    with clock.travel(NOW):
        act(cast, child)
        assert todo(cast, "guardian") == [(MEETING, f"/cases/{child.shown_reference}/", "2026-11-09")]
        assert todo(cast, "other_guardian") == []


def test_who_was_provisional_and_is_appointed_does_not_meet_the_child_a_second_time(cast: Cast, child: Case) -> None:
    with clock.travel(NOW):
        provisional(cast, child)
    with clock.travel(NOW + timedelta(days=1)):
        appoint(cast, child)
    assert meetings(child) == [("guardian_organisation", "open", "")]


def test_the_task_passes_to_whoever_takes_the_place(cast: Cast, child: Case) -> None:
    with clock.travel(NOW):
        provisional(cast, child)
        assert len(todo(cast, "guardian")) == 1
    with clock.travel(NOW + timedelta(days=1)):
        replace(cast, child)
        assert todo(cast, "guardian") == []
        assert [task for task, _path, _day in todo(cast, "other_guardian")] == [MEETING]
    assert [(state, event) for _kind, state, event in meetings(child)] == [("met", "guardian_left"), ("open", "")]


def test_replacing_a_provisional_guardian_ends_no_other_clock(cast: Cast, child: Case) -> None:
    with clock.travel(NOW):
        provisional(cast, child)
        replace(cast, child)
    with role("nrm_ledger"):
        running = set(Deadline.objects.filter(case=child, state="open").values_list("rule", flat=True))
    assert {"EU-GUA-2", "NL-VOOGD"} <= running


def test_it_ends_when_they_have_met_and_with_the_guardianship(cast: Cast, child: Case) -> None:
    with clock.travel(NOW):
        appoint(cast, child)
        with role("nrm_ledger"):
            (meeting,) = Deadline.objects.filter(case=child, rule="EU-GUA-MEET")
        page = f"/cases/{child.shown_reference}/duties/{meeting.pk}/"
        assert cast.client("guardian").get(page).status_code == 200
        assert cast.client("guardian").post(page, {}).status_code == 302
    assert meetings(child) == [("guardian_organisation", "met", "child_met")]
    with clock.travel(NOW):
        other = a_child(cast)
        appoint(cast, other)
        end(cast, other)
    assert meetings(other) == [("guardian_organisation", "met", "guardian_left")]


def test_the_supervisor_hears_when_nobody_has_met_the_child(cast: Cast, child: Case) -> None:
    with clock.travel(NOW):
        appoint(cast, child)
    with clock.travel(NOW + timedelta(days=6)):
        assert [task for task, _path, _day in todo(cast, "guardian_supervisor")] == [MEETING]
