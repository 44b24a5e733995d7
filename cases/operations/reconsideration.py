"""A negative decision is contested on the person's behalf, and the authority looks at it again (``domain.md`` 3.8).

Both are dated rows beside the decision, which stays in the history. Until the answer the decision stands; support never
depends on it (Directive 2011/36/EU, Article 11(3)).
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from cases import access as door
from cases import policies
from cases.enums import DecisionOutcome, DecisionStep, Identification, ReflectionState
from cases.models import Case, IdentificationDecision
from cases.operations import clocks
from cases.operations.authorities import hold_office
from cases.operations.contest import Contest, contest, is_late
from cases.operations.decisions import check_day, move, take
from cases.operations.reflection import begin_with_grounds, state_today
from cases.operations.running import relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, NotAllowed, Refused
from profiles import codes
from profiles.enums import Event, Party
from profiles.profile import active

NEW_EVIDENCE: Final = "additional_evidence"
IN_FAVOUR: Final[Mapping[DecisionStep, tuple[Identification, Event]]] = {
    DecisionStep.REASONABLE_GROUNDS: (Identification.REASONABLE_GROUNDS, Event.REASONABLE_GROUNDS_POSITIVE),
    DecisionStep.IDENTIFICATION: (Identification.IDENTIFIED, Event.IDENTIFICATION_POSITIVE),
}


def request_reconsideration(
    actor: Actor, *, access: CaseAccess, ground: str, requested_on: date, reasons: str, why_late: str = ""
) -> IdentificationDecision:
    """Ask the authority that decided to look again; it reads ``reasons`` and becomes a party until it has answered.

    ``Conflict`` without a negative decision or while a request waits; ``Refused`` for a second request without new
    evidence, or one after the country's term (calendar days) that does not say why.
    """
    access = relock_running(access)
    policies.require(actor, "request_reconsideration", access)
    standing = _contested(access.case)
    _check_request(access.case, standing, ground, requested_on, reasons, why_late)
    authority = standing.decision.owner_organisation
    hold_office(actor, case=access.case, authority=authority)
    return take(
        actor,
        access.case,
        "request_reconsideration",
        step=DecisionStep.RECONSIDERATION_REQUEST,
        outcome=DecisionOutcome.REQUESTED,
        on=requested_on,
        basis=ground,
        content={"reasons": reasons, "why_late": why_late},
        event=Event.RECONSIDERATION_REQUESTED,
        addressed_to=authority,
    )


def reconsider(
    actor: Actor, *, access: CaseAccess, outcome: str, decided_on: date, basis: str, reasons: str = ""
) -> IdentificationDecision:
    """Answer the request: the decision stands, or the case goes on as if it had been decided in favour on that day.

    ``NotAllowed`` for another authority than the one that decided and, where the profile asks for a second reader, for
    the person who decided.
    """
    access = relock_running(access)
    policies.require(actor, "reconsider", access)
    standing = contest(access.case)
    if standing is None or standing.request is None:
        raise Conflict(_("No request for reconsideration waits. Look at the case again."))
    if not may_answer(actor, standing):
        raise NotAllowed(_("Somebody else of the authority that decided has to answer this."))
    _check_answer(access.case, outcome, decided_on, basis, reasons)
    event = Event.RECONSIDERATION_DECIDED
    if outcome == DecisionOutcome.OVERTURNED:
        event = _overturn(actor, access.case, standing, decided_on)
    authority = standing.decision.owner_organisation
    hold_office(actor, case=access.case, authority=authority, from_day=_needed_until(access, authority))
    return take(
        actor,
        access.case,
        "reconsider",
        step=DecisionStep.RECONSIDERATION,
        outcome=outcome,
        on=decided_on,
        basis=basis,
        content={"reasons": reasons},
        event=event,
    )


def put_again(actor: Actor, case: Case) -> None:
    """Part of reopening a case: the authority is a party again to a request that waits, with the days that it had."""
    standing = contest(case)
    if standing is None or standing.request is None:
        return
    authority = standing.decision.owner_organisation
    hold_office(actor, case=case, authority=authority)
    event, bound = Event.RECONSIDERATION_REQUESTED, {Party.DECIDING_AUTHORITY: authority}
    clocks.start(case, event, actor=actor, on=standing.request.decided_on, bound=bound)


def may_answer(actor: Actor, standing: Contest) -> bool:
    """True for the authority that decided, and there for somebody else where the profile asks for a second reader."""
    if standing.decision.owner_organisation_id != actor.organisation_id:
        return False
    return not active().reconsideration.second_reader or standing.decision.recorded_by.user_id != actor.user_id


# -- parts -----------------------------------------------------------------------------------------------------------


def _contested(case: Case) -> Contest:
    standing = contest(case)
    if standing is None:
        raise Conflict(_("There is no negative decision that can be reconsidered. Look at the case again."))
    if standing.request is not None:
        raise Conflict(_("Reconsideration was asked for already. The authority has yet to answer."))
    if not Organisation.objects.active().filter(pk=standing.decision.owner_organisation_id).exists():
        raise Conflict(_("The authority that decided takes no requests at the moment. Ask the coordinator who does."))
    return standing


def _check_request(case: Case, standing: Contest, ground: str, on: date, reasons: str, why_late: str) -> None:
    if ground not in codes.get("reconsideration_ground"):
        raise Refused(_("Choose why the decision should be looked at again."), field="ground")
    if standing.is_upheld and ground != NEW_EVIDENCE:
        raise Refused(_("A request was turned down before: another one needs new evidence."), field="ground")
    check_day(case, on, field="requested_on")
    if not reasons.strip():
        raise Refused(_("Write down what the authority should look at."), field="reasons")
    if is_late(case, on) and not why_late.strip():
        raise Refused(
            _("The term for a request was over on this day. Say why it could not be asked in time."), field="why_late"
        )


def _check_answer(case: Case, outcome: str, decided_on: date, basis: str, reasons: str) -> None:
    if outcome not in {DecisionOutcome.OVERTURNED, DecisionOutcome.UPHELD}:
        raise Refused(_("Choose what was decided."), field="outcome")
    check_day(case, decided_on, field="decided_on")
    if basis not in codes.get("decision_basis"):
        raise Refused(_("Choose what the decision rests on."), field="basis")
    if outcome == DecisionOutcome.UPHELD and not reasons.strip():
        raise Refused(_("A negative decision needs its reasons. Write them down."), field="reasons")


def _overturn(actor: Actor, case: Case, standing: Contest, on: date) -> Event:
    """The status, the clocks and the period of a positive decision of that step."""
    clocks.close(case, Event.RECONSIDERATION_DECIDED, actor=actor)
    target, event = IN_FAVOUR[DecisionStep(standing.decision.step)]
    if standing.decision.step == DecisionStep.REASONABLE_GROUNDS:
        move(case, target, reasonable_grounds_on=on)
        begin_with_grounds(actor, case=case, on=on)
    else:
        move(case, target)
    return event


def _needed_until(access: CaseAccess, authority: Organisation) -> date | None:
    """The last day on which the authority has something to decide; None while identification is still ahead."""
    if access.case.identification == Identification.REASONABLE_GROUNDS:
        return None
    today = clock.today(active().zone)
    period = door.reflection_period(access)
    if period is None or period.decides_id != authority.pk or state_today(period) != ReflectionState.RUNNING:
        return today
    return period.ends_on and max(today, period.ends_on)
