"""Suspending, resuming and extending a clock: who, where the law allows it, what follows, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases import access as door
from cases import reminders
from cases.enums import DeadlineState, ReflectionState, ReminderState
from cases.models import Case, Deadline, DeadlineChange, ReflectionPeriod, Reminder, Share
from cases.operations import clocks, suspension
from cases.operations.suspension import extend_deadline, preview, resume_deadline, suspend_deadline
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles.enums import Event
from profiles.profile import active, named
from tests.cases.files import in_reflection, inside
from tests.cases.filing import at_work, filed_case
from tests.cast import Cast

# A Wednesday; needs are to be assessed by Wednesday the 11th.
START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
FRIDAY = START + timedelta(days=2)
NEXT_TUESDAY = START + timedelta(days=6)
ACTS = {
    "suspend": (suspend_deadline, {"stopped_on": date(2026, 3, 6), "reason": "hospital"}),
    "resume": (resume_deadline, {"goes_on_on": date(2026, 3, 6)}),
    "extend": (extend_deadline, {"until": date(2026, 3, 20), "reason": "exceptional"}),
}


@pytest.fixture
def case(cast: Cast) -> Iterator[Case]:
    """A case of the NGO, registered on Wednesday; it is Friday."""
    with clock.travel(START):
        made = filed_case(cast)
    with clock.travel(FRIDAY):
        yield made


def needs(case: Case) -> Deadline:
    with role("nrm_ledger"):
        return Deadline.objects.get(case=case, rule="EU-NEEDS")


def act(cast: Cast, case: Case, name: str, who: str = "ngo_supervisor", **changed: Any) -> Deadline:
    operation, given = ACTS[name]
    with at_work(cast, who, case) as (actor, access):
        return operation(actor, access=access, deadline=needs(case), **{**given, **changed})


def rows(deadline: Deadline) -> set[tuple[int, str, str]]:
    with role("nrm_ledger"):
        return set(Reminder.objects.filter(deadline=deadline).values_list("version", "offset", "state"))


def test_while_a_clock_stands_still_it_is_not_overdue_and_nobody_is_reminded(cast: Cast, case: Case) -> None:
    suspended = act(cast, case, "suspend")
    assert (suspended.state, suspended.version) == (DeadlineState.SUSPENDED, 2)
    assert {state for _version, _offset, state in rows(suspended)} == {ReminderState.SUPERSEDED}
    with clock.travel(START + timedelta(days=40)):
        assert dict(reminders.tick()) == {}
    with at_work(cast, "ngo_supervisor", case) as (_actor, access):
        assert suspended not in door.open_deadlines(access)
        assert door.suspended_deadlines(access) == [suspended]


def test_what_was_left_is_left_when_it_goes_on(cast: Cast, case: Case) -> None:
    act(cast, case, "suspend")
    with clock.travel(NEXT_TUESDAY):
        resumed = act(cast, case, "resume", goes_on_on=NEXT_TUESDAY.date())
    assert (resumed.state, resumed.due_on, resumed.version) == (DeadlineState.OPEN, date(2026, 3, 16), 3)
    waiting = {offset for version, offset, state in rows(resumed) if (version, state) == (3, ReminderState.WAITING)}
    assert waiting == {"-2d", "0d", "+2d"}


def test_an_extension_sets_a_later_day_and_new_reminders(cast: Cast, case: Case) -> None:
    extended = act(cast, case, "extend")
    assert (extended.due_on, extended.version) == (date(2026, 3, 20), 2)
    assert {row[2] for row in rows(extended) if row[0] == 1} == {ReminderState.SUPERSEDED}
    with clock.travel(datetime(2026, 3, 11, 12, tzinfo=UTC)):
        assert dict(reminders.tick()) == {}
    with clock.travel(datetime(2026, 3, 18, 12, tzinfo=UTC)):
        assert dict(reminders.tick()) == {"sent": 1}


def test_a_reminder_that_an_earlier_version_has_sent_is_not_sent_again(cast: Cast, case: Case) -> None:
    with clock.travel(datetime(2026, 3, 11, 12, tzinfo=UTC)):
        reminders.tick()
        extended = act(cast, case, "extend", until=date(2026, 3, 12))
        assert {offset for version, offset, _state in rows(extended) if version == 2} == {"0d", "+2d"}
        with acting(cast.ngo_caseworker.actor):
            assert Notice.objects.get(kind="EU-NEEDS").read_at is not None


def test_every_change_is_written_down_with_reason_and_shown_in_the_timeline(cast: Cast, case: Case) -> None:
    act(cast, case, "suspend")
    act(cast, case, "resume")
    act(cast, case, "extend")
    with at_work(cast, "ngo_caseworker", case) as (_actor, access):
        changes = [(row.kind, row.version, row.reason) for row in reversed(door.changes_of(needs(case)))]
        kinds = {change.kind: change.detail for change in door.timeline(access)}
    assert changes == [("suspended", 2, "hospital"), ("resumed", 3, ""), ("extended", 4, "exceptional")]
    assert {"suspend_deadline", "resume_deadline", "extend_deadline"} <= set(kinds)
    assert kinds["extend_deadline"]["before"] == "2026-03-11"
    assert kinds["extend_deadline"]["after"] == "2026-03-20"


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake"])
def test_only_a_supervisor_may(cast: Cast, case: Case, name: str, who: str) -> None:
    with pytest.raises(NotAllowed):
        act(cast, case, name, who)


def test_only_of_the_organisation_that_the_rule_binds(cast: Cast, extendable: None) -> None:
    with clock.travel(START):
        case = in_reflection(cast)
        given = {"deadline": _period_clock(case), "stopped_on": START.date(), "reason": "hospital"}
        with inside(cast.police_supervisor, case) as (actor, access), pytest.raises(NotAllowed):
            suspend_deadline(actor, access=access, **given)
        with inside(cast.immigration_supervisor, case) as (actor, access):
            assert suspend_deadline(actor, access=access, **given).state == DeadlineState.SUSPENDED


def test_a_clock_that_may_not_be_seen_does_not_exist(cast: Cast) -> None:
    with clock.travel(START):
        case = filed_case(cast, age_group="child")
        with role("nrm_ledger"):
            hidden = Deadline.objects.get(case=case, rule="EU-GUA-0")
        with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Missing):
            suspend_deadline(actor, access=access, deadline=hidden, stopped_on=START.date(), reason="hospital")


@pytest.mark.parametrize(
    ("name", "changed", "field", "told"),
    [
        ("extend", {"until": date(2026, 3, 11)}, "until", "The last day is 11 March 2026"),
        ("extend", {"until": date(2026, 3, 7)}, "until", "An extension sets a later one"),
        ("extend", {"reason": "because"}, "reason", "Choose why."),
        ("suspend", {"stopped_on": date(2026, 3, 7)}, "stopped_on", "in the future"),
        ("suspend", {"stopped_on": date(2026, 3, 3)}, "stopped_on", "Enter 4 March 2026 or a later day"),
        ("suspend", {"reason": ""}, "reason", "Choose why."),
        ("resume", {}, "goes_on_on", "does not stand still"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(
    cast: Cast, case: Case, name: str, changed: dict[str, Any], field: str, told: str
) -> None:
    with pytest.raises(Refused, match=told) as refused:
        act(cast, case, name, **changed)
    assert refused.value.field == field
    assert not DeadlineChange.objects.exists()


@pytest.mark.parametrize(("name", "field"), [("suspend", "stopped_on"), ("resume", "goes_on_on"), ("extend", "until")])
def test_what_has_ended_is_not_changed_any_more(cast: Cast, case: Case, name: str, field: str) -> None:
    with acting(cast.ngo_caseworker.actor):
        clocks.close(case, Event.NEEDS_ASSESSED, actor=cast.ngo_caseworker.actor)
    with pytest.raises(Refused, match="This clock ended on 6 March 2026") as refused:
        act(cast, case, name)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "allows", "told"),
    [
        ("suspend", "may_suspend", "let this deadline be suspended"),
        ("extend", "may_extend", "let this deadline be ext"),
    ],
)
def test_where_the_profile_does_not_allow_it(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch, name: str, allows: str, told: str
) -> None:
    strict = tuple(replace(rule, **{allows: False, "extend_by": 0}) for rule in active().rules)
    monkeypatch.setattr(suspension, "active", lambda: replace(named("nl"), rules=strict))
    with pytest.raises(Refused, match=told):
        act(cast, case, name)


def test_a_clock_stands_still_once_and_pauses_do_not_overlap(cast: Cast, case: Case) -> None:
    act(cast, case, "suspend", stopped_on=date(2026, 3, 5))
    with pytest.raises(Refused, match="stands still already"):
        act(cast, case, "suspend")
    with pytest.raises(Refused, match="Let it go on first"):
        act(cast, case, "extend")
    with pytest.raises(Refused, match="Enter 5 March 2026 or a later day"):
        act(cast, case, "resume", goes_on_on=date(2026, 3, 4))
    act(cast, case, "resume")
    with pytest.raises(Refused, match="Enter 6 March 2026 or a later day"):
        act(cast, case, "suspend", stopped_on=date(2026, 3, 5))


def test_a_deadline_that_has_passed_can_be_extended_but_not_suspended(cast: Cast, case: Case) -> None:
    with clock.travel(START + timedelta(days=10)):
        with pytest.raises(Refused, match="cannot be suspended any more"):
            act(cast, case, "suspend")
        with pytest.raises(Refused, match="This day has passed"):
            act(cast, case, "extend", until=date(2026, 3, 13))
        assert act(cast, case, "extend").due_on == date(2026, 3, 20)


def test_a_legal_limit_of_extensions_is_counted_from_the_day_without_any(cast: Cast) -> None:
    monday = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
    with clock.travel(monday):
        case = filed_case(cast, age_group="child")
        actor = cast.child_protection_supervisor.actor
        with acting(actor):
            clocks.start(case, Event.ASYLUM_APPLIED, actor=actor)
            first = Deadline.objects.get(case=case, rule="EU-GUA-1")
        assert first.due_on == date(2026, 7, 27)
    with clock.travel(monday + timedelta(days=9)), inside(cast.child_protection_supervisor, case) as (actor, access):
        given = {"access": access, "deadline": first, "reason": "many_applications"}
        with pytest.raises(Refused, match="until 10 August 2026 at the latest"):
            extend_deadline(actor, **given, until=date(2026, 8, 11))
        extend_deadline(actor, **given, until=date(2026, 8, 5))
        with pytest.raises(Refused, match="until 10 August 2026 at the latest"):
            extend_deadline(actor, **given, until=date(2026, 8, 11))


def test_closing_the_case_ends_what_stands_still(cast: Cast, case: Case) -> None:
    act(cast, case, "suspend")
    with acting(cast.ngo_supervisor.actor):
        clocks.close(case, Event.CASE_CLOSED, actor=cast.ngo_supervisor.actor)
    assert (needs(case).state, needs(case).suspended_at) == (DeadlineState.MET, None)


def test_nothing_is_decided_in_a_closed_case(cast: Cast, case: Case) -> None:
    with acting(cast.ngo_supervisor.actor):
        Case.objects.filter(pk=case.pk).update(state="closed")
    with pytest.raises(Conflict):
        act(cast, case, "extend")


def test_a_preview_shows_exactly_what_would_change_and_changes_nothing(cast: Cast, case: Case) -> None:
    before = rows(needs(case))
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        given = {"access": access, "deadline": needs(case)}
        effect = preview(actor, operation=extend_deadline, **given, until=date(2026, 3, 20), reason="exceptional")
        still = preview(actor, operation=suspend_deadline, **given, stopped_on=date(2026, 3, 6), reason="hospital")
        assert not AuditChange.objects.filter(kind="extend_deadline").exists()
    assert (effect.before, effect.after) == (date(2026, 3, 11), date(2026, 3, 20))
    assert [row.due_at.date() for row in effect.reminders] == [date(2026, 3, day) for day in (18, 20, 22)]
    assert (still.after, still.reminders) == (None, ())
    assert rows(needs(case)) == before
    extended = act(cast, case, "extend")
    planned = sorted(offset for version, offset, _state in rows(extended) if version == 2)
    assert planned == sorted(row.offset for row in effect.reminders)


# -- the reflection period follows its clock -------------------------------------------------------------------------


@pytest.fixture
def extendable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A country whose reflection period may be suspended and extended."""
    profile = named("nl")
    rules = tuple(
        replace(rule, may_extend=True, may_suspend=True) if rule.code == "NL-BT" else rule for rule in profile.rules
    )
    monkeypatch.setattr(suspension, "active", lambda: replace(profile, rules=rules))


def _period_clock(case: Case) -> Deadline:
    with role("nrm_ledger"):
        return Deadline.objects.get(case=case, rule="NL-BT")


def test_a_suspended_reflection_period_is_not_over_and_an_extended_one_lasts(cast: Cast, extendable: None) -> None:
    with clock.travel(START):
        case = in_reflection(cast)
    with clock.travel(FRIDAY), inside(cast.immigration_supervisor, case) as (actor, access):
        given = {"access": access, "deadline": _period_clock(case)}
        suspend_deadline(actor, **given, stopped_on=FRIDAY.date(), reason="detained")
        assert ReflectionPeriod.objects.get(case=case).ends_on is None
    with clock.travel(START + timedelta(days=9)), inside(cast.immigration_supervisor, case) as (actor, access):
        resume_deadline(actor, access=access, deadline=_period_clock(case), goes_on_on=date(2026, 3, 13))
        period = ReflectionPeriod.objects.get(case=case)
        assert (period.state, period.ends_on) == (ReflectionState.RUNNING, date(2026, 6, 11))
        until = date(2026, 7, 31)
        extended = extend_deadline(
            actor, access=access, deadline=_period_clock(case), until=until, reason="more_time_needed"
        )
        assert ReflectionPeriod.objects.get(case=case).ends_on == extended.due_on == until
        held = Share.objects.live().filter(case=case, office="deciding_authority").order_by("-ends_on").first()
        assert held is not None
        assert held.ends_on > until


def test_an_event_that_the_profile_names_stops_a_clock_and_another_lets_it_go_on(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a country may say it in its file: nobody needs to remember to suspend."""
    profile = active()
    stopping = {"suspend_on": frozenset({Event.CONSENT_WITHDRAWN}), "resume_on": frozenset({Event.CONSENT_GIVEN})}
    changed = replace(
        profile, rules=tuple(replace(rule, **stopping) if rule.code == "EU-NEEDS" else rule for rule in profile.rules)
    )
    monkeypatch.setattr("cases.operations.clocks.active", lambda: changed)
    actor = cast.ngo_supervisor.actor
    with acting(actor):
        clocks.close(case, Event.CONSENT_WITHDRAWN, actor=actor)
    assert needs(case).state == DeadlineState.SUSPENDED
    with clock.travel(NEXT_TUESDAY), acting(actor):
        clocks.close(case, Event.CONSENT_GIVEN, actor=actor)
    # It stood still for four days; Sunday the 15th rolls to Monday.
    assert (needs(case).state, needs(case).due_on) == (DeadlineState.OPEN, date(2026, 3, 16))
