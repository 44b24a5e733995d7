"""Which events something can raise: the table of the profiles against the operations that name the events."""

import re
from pathlib import Path

import pytest

from cases import plain
from cases.operations.duties import DUTIES
from profiles.enums import Event
from profiles.profile import named
from profiles.raised import DONE_ON_A_CLOCK, RAISED, dead_rules

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"Event\.([A-Z_]+)")


def named_by_operations() -> set[Event]:
    folders = [*(ROOT / "cases" / "operations").glob("*.py"), *(ROOT / "referrals" / "operations").glob("*.py")]
    return {Event[name] for path in folders for name in NAMED.findall(path.read_text(encoding="utf-8"))}


def test_every_event_is_raised_by_an_operation_or_done_on_a_clock():
    assert set(RAISED) | DONE_ON_A_CLOCK == set(Event)
    assert not set(RAISED) & DONE_ON_A_CLOCK


def test_what_is_said_to_be_raised_is_named_by_an_operation():
    # The trigger of the rule that gives a period its length is raised as the profile names it.
    by_the_profile = {Event.REFLECTION_GRANTED, Event.REFLECTION_GRANTED_DUBLIN}
    assert set(RAISED) - by_the_profile <= named_by_operations()


def test_what_is_done_on_a_clock_are_the_duties():
    assert set(DUTIES) == DONE_ON_A_CLOCK


@pytest.mark.parametrize("code", ["eu", "nl", "uk"])
def test_no_country_has_a_rule_that_can_never_run(code):
    assert list(dead_rules(named(code))) == []


def test_every_event_has_words():
    assert set(plain.EVENTS) == set(Event)
