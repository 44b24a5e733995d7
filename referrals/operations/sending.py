"""Sending a referral: checked, shown as a preview, then frozen. Nothing opens before the receiver accepts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from accounts.actors import Actor
from cases import policies
from cases.access import relock
from cases.enums import SHAREABLE, Category, Identification
from cases.models import Case, Deadline
from cases.operations import clocks, proposals, sources
from cases.policies import CaseAccess
from core import clock, crypto
from core.dates import civil_day, end_of_day
from profiles import codes
from profiles.enums import Event, Kind, Party
from profiles.parts import Rule
from profiles.profile import active
from referrals.enums import Urgency
from referrals.models import Referral
from referrals.operations.ending import IDENTIFICATION, write_down_past
from referrals.operations.shared import record, seat
from referrals.operations.terms import Terms, card, check_terms

EVENTS = {Urgency.NORMAL: Event.REFERRAL_SENT, Urgency.URGENT: Event.REFERRAL_SENT_URGENT}


@dataclass(frozen=True)
class Preview:
    """What the receiver will see now, what opens when it accepts, and what stays closed."""

    terms: Terms
    card: dict[str, str]
    opens: tuple[Category, ...]
    stays_closed: tuple[Category, ...]


def preview_referral(actor: Actor, *, access: CaseAccess, terms: Terms) -> Preview:
    """Check as ``send_referral`` does and show what it would freeze; writes nothing."""
    policies.require(actor, "send_referral", access)
    check_terms(access, terms)
    opens = tuple(category for category in SHAREABLE if category in terms.categories)
    closed = tuple(category for category in SHAREABLE if category not in terms.categories)
    return Preview(terms, card(access, terms), opens, closed)


def send_referral(actor: Actor, *, access: CaseAccess, terms: Terms) -> Referral:
    """Send it: the card is frozen, the receiver's and the sender's clocks start.

    Raises ``Refused`` at the field that breaks a rule of ``check_terms``; a second open referral for the same service
    to the same organisation is refused by the database.
    """
    access = relock(access)
    policies.require(actor, "send_referral", access)
    resting = check_terms(access, terms)
    write_down_past(access.case)
    (organisation_id, membership_id), pk = seat(actor), uuid4()
    ends_on = proposals.check_end(terms.ends_on, resting)
    started = clocks.start(
        access.case,
        EVENTS[Urgency(terms.urgency)],
        actor=actor,
        subject_id=pk,
        bound={Party.REFERRAL_RECEIVER: terms.to},
    )
    response = _of(started, Party.REFERRAL_RECEIVER)
    last = end_of_day(ends_on, active().zone)
    known_by = sources.named_for(access.case, organisation_id)
    referral = Referral(
        id=pk,
        case=access.case,
        from_organisation_id=organisation_id,
        to_organisation=terms.to,
        service=terms.service,
        phase=codes.get("service")[terms.service].extra["referral_phase"],
        purpose=terms.purpose,
        legal_basis=terms.legal_basis,
        provision=terms.provision,
        transfer_reason=terms.transfer_reason,
        consent=resting,
        categories=[category for category in SHAREABLE if category in terms.categories],
        urgency=terms.urgency,
        region=terms.region,
        card=card(access, terms),
        ends_on=ends_on,
        wrapped_key=crypto.wrap(crypto.new_key()),
        sent_at=clock.moment(),
        sent_by_id=membership_id,
        response_deadline=response,
        answer_due_at=response.due_at if response else last,
        expires_at=min(last, _expiry(started, last)),
        roots=list(known_by.roots),
        sources=list(known_by.shares),
    )
    referral.seal({"message": terms.message})
    referral.save(force_insert=True)
    _start_decision(actor, access.case, referral)
    record(
        "send_referral",
        actor=actor,
        referral=referral,
        purpose=referral.purpose,
        legal_basis=referral.legal_basis,
        provision=referral.provision,
        urgency=referral.urgency,
        ends_on=referral.ends_on.isoformat(),
        categories=" ".join(referral.categories),
    )
    return referral


def answer_rule(referral: Referral) -> Rule | None:
    """The rule that says by when the receiver answers, in the version of the day on which it was sent."""
    sent_on = civil_day(referral.sent_at, active().zone)
    rules = active().triggered_by(EVENTS[Urgency(referral.urgency)], sent_on)
    return next((rule for rule in rules if rule.bound is Party.REFERRAL_RECEIVER), None)


def _of(started: Iterable[Deadline], party: Party) -> Deadline | None:
    return next((one for one in started if _rule(one).bound is party), None)


def _expiry(started: Iterable[Deadline], otherwise: datetime) -> datetime:
    """When an unanswered referral lapses: the limitation among the sender's clocks."""
    lapsing = (one.due_at for one in started if _rule(one).kind is Kind.LIMITATION)
    return min(lapsing, default=otherwise)


def _rule(deadline: Deadline) -> Rule:
    return active().rule_version(deadline.rule, deadline.rule_version)


def _start_decision(actor: Actor, case: Case, referral: Referral) -> None:
    """Sent for identification is received: whoever records reasonable grounds owes the decision from then on, accepted
    or not, unless there is one already."""
    is_owed = referral.to_organisation.kind in active().who_may("record_reasonable_grounds").kinds
    if referral.service == IDENTIFICATION and is_owed and case.identification == Identification.PRESUMED:
        bound = {Party.REFERRAL_RECEIVER: referral.to_organisation}
        clocks.start(
            case, Event.GROUNDS_REQUESTED, actor=actor, at=referral.sent_at, subject_id=referral.pk, bound=bound
        )
