"""The receiver works on an accepted referral: steps, and at the end an outcome with feedback to the sender."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.actors import Actor
from cases.models import Case, Placement
from cases.operations import placement
from cases.operations.assistance import start_assistance
from core import clock
from core.dates import civil_day
from core.errors import Conflict, Refused
from profiles import codes
from profiles.profile import active
from referrals.enums import ReferralState, StepKind
from referrals.models import Referral, ReferralStep
from referrals.operations.ending import end
from referrals.operations.shared import begin, own_case, record, seat
from referrals.operations.telling import tell_receiver, tell_sender

SUCCESS = "success"
FAILED = "failed"


def record_step(actor: Actor, *, referral: Referral, kind: str, happened_on: date, note: str = "") -> ReferralStep:
    """Record a step on the way to done. A service that has started is the start of assistance for the whole case; who
    was placed stays at the receiver until the service has ended, once sender or lead have confirmed the arrival.

    Raises ``Refused`` for a day before the referral was sent or in the future, and for a service that ends before it
    started.
    """
    door, _case = begin(actor, "record_step", referral)
    stored = door.referral
    if kind not in StepKind.values:
        raise Refused(_("Choose a step from the list."), field="kind")
    _check_day(stored, kind, happened_on)
    step = ReferralStep(
        referral=stored,
        kind=kind,
        happened_on=happened_on,
        recorded_at=clock.moment(),
        recorded_by_id=seat(actor)[1],
    )
    step.seal({"note": note})
    step.save(force_insert=True)
    if kind == StepKind.PLACED:
        _place(actor, own_case(door), stored, happened_on)
    if kind == StepKind.SERVICE_ENDED:
        placement.end(actor, case=own_case(door), reason="left", referral_id=stored.pk)
    if kind == StepKind.SERVICE_STARTED:
        start_assistance(actor, case=own_case(door), on=happened_on)
    stored.state = stored.state_now = ReferralState.IN_PROGRESS
    stored.save(update_fields=("state",))
    record("record_step", actor=actor, referral=stored, kind_of_step=kind, on=happened_on.isoformat())
    return step


def bring_person(actor: Actor, *, referral: Referral, happened_on: date) -> Referral:
    """Police who sent the referral have brought the person to the shelter that accepted it: a provisional placement,
    as by the shelter's own word, until sender or lead confirm the arrival.

    Raises ``Refused`` for a day before the referral was sent or in the future, and for a referral by which nobody is
    hosted; ``Conflict`` when the shelter is host already.
    """
    door, case = begin(actor, "bring_person", referral)
    stored = door.referral
    if not placement.is_hosting(stored.service, stored.to_organisation):
        raise Refused(_("This referral is not for accommodation in a shelter."), field="happened_on")
    _check_day(stored, StepKind.PLACED, happened_on)
    made = _place(actor, case, stored, happened_on)
    if made is None:
        raise Conflict(_("It is recorded already that the person is in this shelter."))
    record("bring_person", actor=actor, referral=stored, on=happened_on.isoformat())
    tell_receiver(stored, "person_brought", f"brought:{made.pk}")
    return stored


def complete_referral(
    actor: Actor, *, referral: Referral, outcome: str, failure_reason: str = "", feedback: str = ""
) -> Referral:
    """Close it with an outcome, the reason when it did not succeed, and feedback: access ends at once."""
    door, case = begin(actor, "complete_referral", referral)
    stored = door.referral
    if outcome not in codes.get("referral_outcome"):
        raise Refused(_("Say how it went."), field="outcome")
    if outcome != SUCCESS and failure_reason not in codes.get("referral_failure_reason"):
        raise Refused(_("Say why it did not, or not wholly, succeed."), field="failure_reason")
    stored.outcome, stored.failure_reason = outcome, failure_reason if outcome != SUCCESS else ""
    stored.seal({**stored.open(), "feedback": feedback})
    if outcome == FAILED:
        placement.end(actor, case=case, reason="referral_failed", referral_id=stored.pk)
    stored.save(update_fields=("sealed", "outcome", "failure_reason"))
    end(actor, case=case, referral=stored, state=ReferralState.DONE)
    record("complete_referral", actor=actor, referral=stored, outcome=outcome, failure_reason=stored.failure_reason)
    tell_sender(stored, "referral_done", f"done:{stored.pk}")
    return stored


def fits(action: str, referral: Referral) -> bool:
    """True unless ``action`` is for another kind of referral: people are brought to a shelter alone."""
    return action != "bring_person" or placement.is_hosting(referral.service, referral.to_organisation)


def _place(actor: Actor, case: Case, referral: Referral, day: date) -> Placement | None:
    return placement.begin(
        actor,
        case=case,
        host=referral.to_organisation,
        placed_by=referral.from_organisation,
        starts_on=day,
        service=referral.service,
        referral_id=referral.pk,
    )


def _check_day(referral: Referral, kind: str, happened_on: date) -> None:
    zone = active().zone
    if happened_on > clock.today(zone):
        raise Refused(_("Enter a date that is today or in the past."), field="happened_on")
    if happened_on < civil_day(referral.sent_at, zone):
        raise Refused(_("Enter a day after the referral was sent."), field="happened_on")
    if kind == StepKind.SERVICE_ENDED:
        started = referral.steps.filter(kind=StepKind.SERVICE_STARTED).order_by("happened_on").first()
        if started is not None and happened_on < started.happened_on:
            raise Refused(_("The service cannot end before it started."), field="happened_on")
