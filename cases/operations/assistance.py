"""The beginning of assistance: the case becomes active, the clock towards the first service ends."""

from datetime import date

from accounts.actors import Actor
from cases import workflow
from cases.enums import CaseState
from cases.models import Case
from cases.operations import clocks
from profiles.enums import Event


def activate(case: Case) -> None:
    """A registered case becomes active with the first accepted referral or service (``domain.md`` 3.1)."""
    if case.state == CaseState.REGISTERED:
        case.state = workflow.step(workflow.CASE, case.state, CaseState.ACTIVE)
        case.save(update_fields=("state",))


def start_assistance(actor: Actor, *, case: Case, on: date) -> None:
    """Note the day of the first service; called inside an operation that holds the lock and has judged."""
    activate(case)
    if case.assistance_started_on is None or on < case.assistance_started_on:
        case.assistance_started_on = on
        case.save(update_fields=("assistance_started_on",))
    clocks.close(case, Event.SERVICE_STARTED, actor=actor)
