"""The page of operations: what waits, what was given up and why, for platform administrators; no case."""

from datetime import UTC, datetime

import pytest

from accounts.context import acting
from accounts.models import Membership
from cases import reminders
from cases.models import Case, TickSource
from cases.operations import clocks
from core import clock
from profiles.enums import Event
from profiles.profile import active
from tests.cases.test_access import bare_case
from tests.cast import Cast

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast) -> Case:
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    return made


def page(cast: Cast) -> str:
    return cast.client(cast.platform_administrator).get("/operations/").content.decode()


def test_silence_is_said_and_a_ring_ends_it(cast: Cast) -> None:
    assert "No alarm clock has rung for ten minutes" in page(cast)
    reminders.begin(TickSource.CRON)
    assert "Nothing waits too long" in page(cast)


def test_what_was_given_up_is_named_by_rule_and_fault_and_not_by_case(cast: Cast, case: Case) -> None:
    Membership.objects.filter(organisation=cast.organisations.ngo).update(ended_at=START)
    with clock.travel(LATER):
        reminders.tick()
    html = page(cast)
    assert active().rule("EU-NEEDS", START.date()).name.label("en") in html
    assert "Nobody is left to tell" in html
    assert case.shown_reference not in html
    assert cast.organisations.ngo.name not in html


@pytest.mark.parametrize("who", ["organisation_administrator", "ngo_supervisor", "coordinator"])
def test_nobody_else_opens_it(cast: Cast, who: str) -> None:
    assert cast.client(who).get("/operations/").status_code == 403
