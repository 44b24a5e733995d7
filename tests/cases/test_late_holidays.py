"""The calendar belongs to the version of a rule: a holiday announced late moves what runs, when somebody says so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.context import acting
from cases.models import Case, Deadline
from cases.operations import clocks
from cases.operations.recalculation import recalculate
from core import clock
from core.db import role
from profiles.enums import Event
from profiles.parts import DayChange
from profiles.profile import active
from tests.cases.test_access import bare_case
from tests.cast import Cast

# A Friday. Fifteen working days later, with King's Day on Monday 27 April, it is Monday 11 May.
START = datetime(2026, 4, 17, 9, 0, tzinfo=UTC)
LATE = DayChange(4, 30, 2026, "A day of mourning, announced on 20 April")


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """A provisional guardian was named: the appointment is due in fifteen working days (EU-GUA-2)."""
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.PROVISIONAL_GUARDIAN_ASSIGNED, actor=cast.ngo_caseworker.actor)
        yield made


def announced(monkeypatch: pytest.MonkeyPatch, *days: DayChange) -> None:
    """The profile with more holidays, as after an edit of its file and a restart."""
    before = active()
    profile = replace(before, holidays=replace(before.holidays, extra=(*before.holidays.extra, *days)))
    for module in ("clocks", "recalculation"):
        monkeypatch.setattr(f"cases.operations.{module}.active", lambda: profile)


def due(rule: str = "EU-GUA-2") -> date:
    with role("nrm_ledger"):
        return Deadline.objects.get(rule=rule).due_on


def test_a_holiday_announced_late_moves_a_running_clock(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    before = due()
    assert recalculate("EU-GUA-2").counts.total() == 0
    announced(monkeypatch, LATE)
    outcome = recalculate("EU-GUA-2")
    assert (+outcome.counts, outcome.days) == ({"moved": 1}, {1: 1})
    assert (due() - before).days == 1
    assert recalculate("EU-GUA-2").counts.total() == 0


def test_a_holiday_that_lies_elsewhere_leaves_the_day_and_is_noted(case: Case, monkeypatch: Any) -> None:
    announced(monkeypatch, DayChange(9, 17, 2026, "Of no matter here"))
    assert +recalculate("EU-GUA-2").counts == {"same": 1}
    assert recalculate("EU-GUA-2").counts.total() == 0


def test_what_no_holiday_moves_names_none(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    announced(monkeypatch, LATE)
    assert recalculate("NL-VOOGD").counts.total() == 0
    with role("nrm_ledger"):
        assert Deadline.objects.get(rule="NL-VOOGD").calendar_version == ""
        assert Deadline.objects.get(rule="EU-GUA-2").calendar_version != ""


def test_all_rules_at_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    announced(monkeypatch, LATE)
    monkeypatch.setattr("cases.management.commands.deadlines.active", lambda: active())
    out = StringIO()
    call_command("deadlines", "recalculate", "--all", stdout=out, stderr=StringIO())
    assert "EU-GUA-2: recalculated\n         1 fall due on another day" in out.getvalue()
    assert "EU-ACK" not in out.getvalue()


def test_the_name_of_a_calendar_differs_with_every_day() -> None:
    profile = active()
    rule = profile.rule("EU-GUA-2", date(2026, 7, 1))
    found = {
        replace(profile, holidays=replace(profile.holidays, **changed)).calendar_version(rule)
        for changed in ({}, {"extra": (LATE,)}, {"dropped": (LATE,)}, {"weekend": frozenset({4, 5})})
    }
    assert len(found) == 4
