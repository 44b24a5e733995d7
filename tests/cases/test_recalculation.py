"""A new version of a rule: for new clocks by itself, for those that run only by an act that is recorded."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from accounts.context import acting
from audit.models import AuditChange
from cases.models import Case, CaseVisibility, Deadline, DeadlineChange, Reminder
from cases.operations import clocks
from cases.operations.conflicts import block_member
from cases.operations.recalculation import Outcome, recalculate
from cases.operations.suspension import extend_deadline, suspend_deadline
from core import clock
from core.db import role
from core.errors import Refused
from profiles.enums import Event
from tests.cases.countries import rule, written
from tests.cases.filing import at_work
from tests.cases.test_access import bare_case
from tests.cast import Cast

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # a Wednesday
NOW = START + timedelta(days=2)
OLD = rule(valid_to="2026-03-05")
NEW = rule(valid_from="2026-03-06", length=10)


@pytest.fixture
def cases(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[list[Case]]:
    """Three cases with a clock of the old version; it is Friday, and the new version is in force."""
    settings.COUNTRY_PROFILE = written(tmp_path, OLD, NEW)
    with clock.travel(START):
        made = [bare_case(cast) for _number in range(3)]
        with acting(cast.ngo_caseworker.actor):
            for case in made:
                clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    with clock.travel(NOW):
        yield made


def plans() -> list[tuple[date, int, date]]:
    with role("nrm_ledger"):
        rows = Deadline.objects.filter(rule="PT-PLAN").order_by("due_at", "pk")
        return [(row.due_on, row.version, row.rule_version) for row in rows]


def test_a_new_version_leaves_what_runs_alone(cast: Cast, cases: list[Case]) -> None:
    assert plans() == [(date(2026, 3, 11), 1, date(2020, 1, 1))] * 3
    new = bare_case(cast)
    with acting(cast.ngo_caseworker.actor):
        clocks.start(new, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    assert plans()[-1] == (date(2026, 3, 20), 1, date(2026, 3, 6))


def test_recalculating_moves_every_open_clock_with_its_reminders_and_records_each(cases: list[Case]) -> None:
    seen: list[tuple[int, int]] = []
    outcome = recalculate("PT-PLAN", batch=2, progress=lambda done, total: seen.append((done, total)))
    assert (+outcome.counts, outcome.days) == ({"moved": 3}, {7: 3})
    assert plans() == [(date(2026, 3, 18), 2, date(2026, 3, 6))] * 3
    assert seen == [(2, 3), (3, 3)]
    with role("nrm_ledger"):
        states = Reminder.objects.filter(deadline__rule="PT-PLAN").values_list("version", "state", "due_at__day")
        assert sorted(states) == [(1, "superseded", 10)] * 3 + [(2, "waiting", 17)] * 3
        assert set(CaseVisibility.objects.values_list("next_due_at__day", flat=True)) == {12}  # EU-NEEDS comes first
        assert DeadlineChange.objects.filter(kind="recalculated").count() == 3
    assert recalculate("PT-PLAN").counts["moved"] == 0


def test_a_dry_run_says_it_and_changes_nothing(cases: list[Case]) -> None:
    assert recalculate("PT-PLAN", is_dry_run=True).days == {7: 3}
    assert plans() == [(date(2026, 3, 11), 1, date(2020, 1, 1))] * 3


def test_what_was_extended_by_hand_is_never_made_shorter_and_what_stands_still_is_left(
    cast: Cast, cases: list[Case]
) -> None:
    extended, suspended, _plain = cases
    for case, operation, given in (
        (extended, extend_deadline, {"until": date(2026, 4, 1), "reason": "exceptional"}),
        (suspended, suspend_deadline, {"stopped_on": NOW.date(), "reason": "hospital"}),
    ):
        with at_work(cast, "ngo_supervisor", case) as (actor, access):
            deadline = Deadline.objects.get(case=case, rule="PT-PLAN")
            operation(actor, access=access, deadline=deadline, **given)
    outcome = recalculate("PT-PLAN")
    assert +outcome.counts == {"moved": 1, "same": 1, "suspended": 1}
    assert [due for due, _version, _rule in plans()] == [date(2026, 3, 11), date(2026, 3, 18), date(2026, 4, 1)]


def test_an_entitlement_is_never_made_shorter(cast: Cast, tmp_path: Path, settings: Any) -> None:
    entitlement = {
        "kind": "statutory_min",
        "unit": "calendar_days",
        "length": 30,
        "ends": "later",
        "ends_with": ["identification_positive"],
    }
    shorter = rule(valid_from="2026-03-06", **{**entitlement, "length": 20})
    settings.COUNTRY_PROFILE = written(tmp_path, rule(valid_to="2026-03-05", **entitlement), shorter)
    with clock.travel(START):
        case = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    with clock.travel(NOW):
        recalculate("PT-PLAN")
    assert [due for due, _version, _rule in plans()] == [date(2026, 4, 3)]


@pytest.mark.usefixtures("own_database")
def test_who_is_being_kept_away_stays_away_while_clocks_are_recalculated(cast: Cast, cases: list[Case]) -> None:
    """What is written about a case is written under its lock: not what stood before the other's transaction."""

    def recalculated() -> Outcome:
        try:
            with clock.travel(NOW):
                return recalculate("PT-PLAN")
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        with at_work(cast, "ngo_supervisor", cases[0]) as (actor, access):
            block_member(actor, access=access, member=cast.ngo_caseworker.membership, reason="A cousin is named.")
            beside = pool.submit(recalculated)
            wait([beside], timeout=3)
        outcome = beside.result(timeout=20)
    assert outcome.counts["held"] == 1
    assert outcome.counts["moved"] == len(cases) - 1
    with role("nrm_ledger"):
        whole = CaseVisibility.objects.get(case=cases[0], membership=None)
    assert whole.blocked == [cast.ngo_caseworker.user_id]


def test_without_a_stored_event_it_is_said_and_left(cases: list[Case]) -> None:
    with role("nrm_ledger"):
        Deadline.objects.update(counted_from=None)
    assert +recalculate("PT-PLAN").counts == {"unknown": 3}


@pytest.mark.parametrize("code", ["GONE-1", "EU-ACK"])
def test_what_cannot_be_recalculated_is_refused(cases: list[Case], code: str) -> None:
    with pytest.raises(Refused):
        recalculate(code)
    with pytest.raises(CommandError):
        call_command("deadlines", "recalculate", "--rule", code)


def said(*arguments: str) -> str:
    out = StringIO()
    with translation.override("en"):
        call_command("deadlines", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_says_what_it_did(cases: list[Case]) -> None:
    assert "3 by +7 days" in said("recalculate", "--rule", "PT-PLAN", "--dry-run")
    assert plans()[0][1] == 1
    assert "3 fall due on another day" in said("recalculate", "--rule", "PT-PLAN")
    assert plans()[0][1] == 2


def test_explain_says_why_each_date_is_what_it_is(cast: Cast, cases: list[Case]) -> None:
    case = cases[0]
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        given = {"stopped_on": NOW.date(), "reason": "hospital"}
        suspend_deadline(actor, access=access, deadline=Deadline.objects.get(case=case, rule="PT-PLAN"), **given)
    text = said("explain", case.shown_reference)
    for words in (
        "EU-NEEDS · Individual assessment of needs and risks · Open",
        "Counted: 5 working days after: the case is registered",
        "From Wednesday 4 March 2026, which is not counted itself",
        "Last day: Wednesday 11 March 2026, to its end in Europe/Lisbon",
        "Stands still since 2026-03-06 09:00",
        "Decree-Law 1/2020 Art. 2",
        "Reminder -2d 2026-03-09 08:00, assigned colleagues: waiting",
    ):
        assert words in text
    with at_work(cast, "ngo_caseworker", case):
        assert AuditChange.objects.filter(kind="explain_deadlines", case_id=case.pk).count() == 1


def test_explain_names_holidays_and_the_move_to_a_working_day(cast: Cast, tmp_path: Path, settings: Any) -> None:
    friday = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)
    rolling = rule(code="PT-ROLL", unit="calendar_days", rolls=True)
    settings.COUNTRY_PROFILE = written(tmp_path, rule(), rolling)
    with clock.travel(friday):
        case = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(case, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    text = said("explain", case.shown_reference)
    assert "Holidays, not counted: Wednesday 10 June 2026" in text
    assert "Wednesday 10 June 2026 is not worked: moved to the next working day" in text


@pytest.mark.parametrize("reference", ["nonsense", "0000-0000-0"])
def test_explaining_what_is_not_there(cast: Cast, reference: str) -> None:
    with pytest.raises(CommandError, match="There is no case"):
        said("explain", reference)
