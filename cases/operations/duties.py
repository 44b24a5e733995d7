"""Duties that no other act fulfils: somebody says that they were done, and the clock ends."""

from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies
from cases.enums import DeadlineState
from cases.models import Case, Deadline
from cases.operations import clocks
from cases.operations.authorities import hold_office
from cases.operations.authorship import organisation_of
from cases.operations.reflection import running_period
from cases.operations.report_duties import PURPOSE
from cases.operations.running import relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, NotAllowed, Refused
from profiles.enums import Event
from profiles.parts import Rule
from profiles.profile import active

# What is recorded when the duty is done; every other clock ends with the act that it waits for.
DUTIES: Final[dict[Event, str]] = {
    Event.INFORMATION_GIVEN: "record_information_given",
    **dict.fromkeys(
        (
            Event.NEEDS_ASSESSED,
            Event.MONTHLY_REPORT_MADE,
            Event.TRANSITION_PLANNED,
            Event.CONSENT_RECONFIRMED,
            Event.COORDINATOR_NOTIFIED,
            Event.RESIDENCE_REQUEST_SENT,
            Event.RESIDENCE_DECIDED,
            Event.LEADS_ASSESSED,
            Event.AUTHORITY_REQUESTED,
            Event.ALERT_REVIEWED,
            Event.ADULT_CONSENT_RECORDED,
            Event.ADVOCATE_REFERRED,
            Event.CHILD_MET,
            Event.RECONSIDERATION_SETTLED,
            Event.MOVE_ON_PLANNED,
            Event.EXIT_PLANNED,
        ),
        "complete_deadline",
    ),
}
# A consent that was reconfirmed is reviewed again as if it had been given today.
BEGINS_AGAIN: Final = {Event.CONSENT_RECONFIRMED: Event.CONSENT_GIVEN}


def complete_deadline(actor: Actor, *, access: CaseAccess, deadline: Deadline) -> Deadline:
    """Say that a duty of the own organisation is done: its clock ends, a review that follows from it begins.

    Raises ``NotAllowed`` for a clock that binds another organisation, ``Conflict`` for one that has ended, ``Refused``
    for one that ends with an act of its own.
    """
    access = relock_running(access)
    policies.require(actor, "complete_deadline", access)
    stored = Deadline.objects.get(pk=deadline.pk)
    if stored.bound_organisation_id != actor.organisation_id:
        raise NotAllowed
    if stored.state != DeadlineState.OPEN or stored.acted_on is not None:
        raise Conflict(_("This was already done. Look at the case again."))
    event = duty_of(active().rule_version(stored.rule, stored.rule_version))
    if event is None:
        raise Refused(_("This ends by itself when the act that it waits for is recorded."))
    clocks.close(access.case, event, actor=actor, subject_id=stored.subject_id)
    clocks.start(access.case, BEGINS_AGAIN.get(event, event), actor=actor, subject_id=stored.subject_id)
    if event is Event.RESIDENCE_DECIDED:
        _let_authority_go(actor, access.case)
    trail.record(
        DUTIES[event],
        actor=actor,
        case_id=stored.case_id,
        category=stored.category,
        object_kind="deadline",
        object_id=stored.pk,
        rule=stored.rule,
    )
    ledger.touch(stored.case_id, owner=organisation_of(actor), category=stored.category)
    return stored


def _let_authority_go(actor: Actor, case: Case) -> None:
    """Residence is decided: the authority stays a party for the review, unless a period keeps it longer."""
    period = running_period(case)
    if period is None or period.decides_id != actor.organisation_id:
        authority = Organisation.objects.get(pk=organisation_of(actor))
        hold_office(actor, case=case, authority=authority, purpose=PURPOSE, from_day=clock.today(active().zone))


def duty_of(rule: Rule) -> Event | None:
    """The duty that ends a clock of this rule, or lets a minimum end; None when an act of its own does."""
    return next((event for event in DUTIES if event in rule.end_on | rule.ends_with), None)
