"""Identification: reasonable grounds, the decision, and a person who declines it. Dated rows, never overwritten.

Whom the profile names decides. Status follows from these rows alone, never from a statement to the police
(Directive 2011/36/EU, Article 9(1); ``sharing.md`` rule 15). Source: ``domain.md`` 3.2.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import ledger, policies, workflow
from cases.enums import Category, DecisionOutcome, DecisionStep, Identification
from cases.models import Case, IdentificationDecision
from cases.operations import clocks
from cases.operations.authorities import follow_decision
from cases.operations.contest import contest
from cases.operations.reflection import begin_with_grounds
from cases.operations.reflection import follow_decision as follow_decision_of_period
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused
from profiles import codes
from profiles.enums import Event, Party
from profiles.profile import active

# Decisions are often entered later than made; a year before registration is a slip of the pen.
EARLIEST_BEFORE_REGISTRATION: Final = timedelta(days=365)
# Status (None: as it was) and event of each outcome; the profile says which of them its steps have.
Outcomes = Mapping[str, tuple[Identification | None, Event]]
ASIDE: Final[Outcomes] = {
    DecisionOutcome.SUSPENDED: (None, Event.IDENTIFICATION_SUSPENDED),
    DecisionOutcome.WITHDRAWN: (Identification.WITHDRAWN, Event.IDENTIFICATION_WITHDRAWN),
}
GROUNDS: Final[Outcomes] = {
    DecisionOutcome.POSITIVE: (Identification.REASONABLE_GROUNDS, Event.REASONABLE_GROUNDS_POSITIVE),
    DecisionOutcome.NEGATIVE: (Identification.NO_REASONABLE_GROUNDS, Event.REASONABLE_GROUNDS_NEGATIVE),
    **ASIDE,
}
DECISION: Final[Outcomes] = {
    DecisionOutcome.POSITIVE: (Identification.IDENTIFIED, Event.IDENTIFICATION_POSITIVE),
    DecisionOutcome.NEGATIVE: (Identification.NOT_IDENTIFIED, Event.IDENTIFICATION_NEGATIVE),
    DecisionOutcome.DISQUALIFIED: (Identification.DISQUALIFIED, Event.DISQUALIFIED),
    **ASIDE,
}
# Against the person, so that they need their reasons.
WITH_REASONS: Final = frozenset({DecisionOutcome.NEGATIVE, DecisionOutcome.DISQUALIFIED})
# Nothing is decided yet: whoever decides goes on knowing the case.
UNDECIDED: Final = frozenset({DecisionOutcome.SUSPENDED})


def record_reasonable_grounds(
    actor: Actor, *, access: CaseAccess, outcome: str, decided_on: date, basis: str, reasons: str = ""
) -> IdentificationDecision:
    """Record whether there are reasonable grounds to believe that the person is a victim.

    A positive outcome opens assistance and reflection and starts their clocks on the day of the decision (Directive
    2011/36/EU, Article 11(2)). ``Refused`` for a day that cannot be, or a negative outcome without reasons.
    """
    access = relock_running(access)
    policies.require(actor, "record_reasonable_grounds", access)
    _check_unasked(access.case)
    target, event = _outcome(DecisionStep.REASONABLE_GROUNDS, GROUNDS, outcome)
    _check(access.case, decided_on, basis, outcome, reasons)
    days = {"reasonable_grounds_on": decided_on} if outcome == DecisionOutcome.POSITIVE else {}
    _move(access.case, Identification.REASONABLE_GROUNDS, target, **days)
    row = take(
        actor,
        access.case,
        "record_reasonable_grounds",
        step=DecisionStep.REASONABLE_GROUNDS,
        outcome=outcome,
        on=decided_on,
        basis=basis,
        content={"reasons": reasons},
        event=event,
    )
    if outcome == DecisionOutcome.POSITIVE:
        begin_with_grounds(actor, case=access.case, on=decided_on)
    if not _decides_further(actor, outcome):
        follow_decision(actor, case=access.case, authority=Organisation.objects.get(pk=organisation_of(actor)))
    return row


def record_identification_decision(
    actor: Actor, *, access: CaseAccess, outcome: str, decided_on: date, basis: str, reasons: str = ""
) -> IdentificationDecision:
    """Record the competent authority's decision whether the person is a victim (Directive 2011/36/EU, Article 11(4)).

    ``Conflict`` while the step that the profile puts before it is missing. Support never depends on the outcome.
    """
    access = relock_running(access)
    policies.require(actor, "record_identification_decision", access)
    _check_unasked(access.case)
    target, event = _outcome(DecisionStep.IDENTIFICATION, DECISION, outcome)
    _check_order(access.case)
    _check(access.case, decided_on, basis, outcome, reasons)
    _move(access.case, Identification.IDENTIFIED, target)
    if outcome not in UNDECIDED:
        follow_decision(actor, case=access.case, authority=Organisation.objects.get(pk=organisation_of(actor)))
    return take(
        actor,
        access.case,
        "record_identification_decision",
        step=DecisionStep.IDENTIFICATION,
        outcome=outcome,
        on=decided_on,
        basis=basis,
        content={"reasons": reasons},
        event=event,
    )


def decline_identification(
    actor: Actor, *, access: CaseAccess, declined_on: date, reason: str, remarks: str = ""
) -> IdentificationDecision:
    """Record, on the person's behalf, that identification is not wanted: presumed all the same, with all support.

    The lead records it. No reason needs to be given: "not given" is one of the codes (``domain.md`` 3.2).
    """
    access = relock_running(access)
    policies.require(actor, "decline_identification", access)
    if reason not in codes.get("identification_decline_reason"):
        raise Refused(_("Choose a reason, or “No reason given”."), field="reason")
    check_day(access.case, declined_on, field="declined_on")
    move(access.case, Identification.DECLINED)
    return take(
        actor,
        access.case,
        "decline_identification",
        step=DecisionStep.DECLINED,
        outcome=DecisionOutcome.DECLINED,
        on=declined_on,
        basis=reason,
        content={"reasons": remarks},
        event=Event.IDENTIFICATION_DECLINED,
    )


# -- parts -----------------------------------------------------------------------------------------------------------


def _outcome(step: DecisionStep, table: Outcomes, outcome: str) -> tuple[Identification | None, Event]:
    if outcome not in active().steps[step].outcomes or outcome not in table:
        raise Refused(_("Choose what was decided."), field="outcome")
    return table[outcome]


def _decides_further(actor: Actor, outcome: str) -> bool:
    """True after positive grounds, where organisations of the same kind take the identification decision too, and while
    the decision is suspended."""
    decides = active().who_may("record_identification_decision").kinds
    return outcome in UNDECIDED or (outcome == DecisionOutcome.POSITIVE and actor.organisation_kind in decides)


def _check_order(case: Case) -> None:
    before = active().steps[DecisionStep.IDENTIFICATION].after
    if before == DecisionStep.REASONABLE_GROUNDS and case.reasonable_grounds_on is None:
        raise Conflict(_("A positive decision on reasonable grounds has to come first."))


def _check_unasked(case: Case) -> None:
    standing = contest(case)
    if standing is not None and standing.request is not None:
        raise Conflict(_("Reconsideration of this decision was asked for. Answer the request instead."))


def _check(case: Case, decided_on: date, basis: str, outcome: str, reasons: str) -> None:
    check_day(case, decided_on, field="decided_on")
    if basis not in codes.get("decision_basis"):
        raise Refused(_("Choose what the decision rests on."), field="basis")
    if outcome in WITH_REASONS and not reasons.strip():
        raise Refused(_("A negative decision needs its reasons. Write them down."), field="reasons")


def check_day(case: Case, day: date, *, field: str) -> None:
    """Not in the future, not absurdly early, not before the decision that it follows."""
    if day > clock.today(active().zone):
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field=field)
    if day < case.registered_on - EARLIEST_BEFORE_REGISTRATION:
        raise Refused(_("This day lies more than a year before the registration. Check the year."), field=field)
    former = IdentificationDecision.objects.filter(case=case).order_by("-decided_on").first()
    if former is not None and day < former.decided_on:
        raise Refused(_("An earlier step of this case was taken on a later day. Check the day."), field=field)


def _move(case: Case, positive: Identification, target: Identification | None, **days: date) -> None:
    """To the status of the outcome. What is suspended keeps its status, and only a step that is still open is."""
    if target is not None:
        move(case, target, **days)
    else:
        workflow.step(workflow.IDENTIFICATION, case.identification, positive)


def move(case: Case, target: Identification, **days: date) -> None:
    """Compare and set: only from the status in which it was judged."""
    workflow.step(workflow.IDENTIFICATION, case.identification, target)
    rows = Case.objects.filter(pk=case.pk, identification=case.identification)
    changed: dict[str, Any] = {"identification": target, **days}
    if not rows.update(**changed):
        raise Conflict
    for name, value in changed.items():
        setattr(case, name, value)


def take(
    actor: Actor,
    case: Case,
    kind: str,
    *,
    step: DecisionStep,
    outcome: str,
    on: date,
    basis: str,
    content: Mapping[str, str],
    event: Event,
    addressed_to: Organisation | None = None,
) -> IdentificationDecision:
    """The dated row of a step that was judged, its audit, and the clocks that end and begin with it.

    What is empty of ``content`` is not sealed. ``addressed_to`` is the authority that a request is put to, and bound.
    """
    row = IdentificationDecision(
        case=case,
        owner_organisation_id=organisation_of(actor),
        step=step,
        outcome=outcome,
        basis=basis,
        decided_on=on,
        recorded_at=clock.moment(),
        recorded_by_id=membership_of(actor),
        addressed_to=addressed_to,
    )
    told = {name: text for name, text in content.items() if text.strip()}
    if told:
        row.seal(told)
    row.save(force_insert=True)
    trail.record(
        kind,
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="identificationdecision",
        object_id=row.pk,
        step=step,
        outcome=outcome,
        basis=basis,
        on=on.isoformat(),
    )
    clocks.close(case, event, actor=actor, on=on)
    follow_decision_of_period(actor, case, event, on)
    bound = {Party.DECIDING_AUTHORITY: addressed_to} if addressed_to else {}
    clocks.start(case, event, actor=actor, on=on, bound=bound)
    ledger.touch(case.pk, owner=row.owner_organisation_id, category=Category.STATUS)
    return row
