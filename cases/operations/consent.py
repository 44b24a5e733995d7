"""The consent register: a dated, scoped row for each consent, withdrawn as easily as given (``sharing.md`` rule 14).

What was agreed to is never changed: states move by ``workflow.CONSENT``, a changed agreement is a new row that takes
the place of the former. To go against a refusal is an act of its own (``overriding``).
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation, Role
from audit import trail
from cases import ledger, policies, workflow
from cases.access import get_consent, relock
from cases.enums import IN_FORCE, Category, ConsentState
from cases.models import Consent, Share
from cases.operations import clocks, former_lead, legal_bases, refusals
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.proposals import BY_CONSENT, CHILD, LIFE_AT_RISK
from cases.operations.running import relock_running
from cases.operations.sharing import BASIS_ENDED, end_shares, live_shares
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles import codes
from profiles.enums import Event
from profiles.profile import active

# What a person can be recorded to have said, or what stands in its place.
RECORDED: Final = (ConsentState.GIVEN, ConsentState.REFUSED, ConsentState.REQUESTED, ConsentState.OTHER_BASIS)
# What a last day ends.
ENDING: Final = frozenset({*IN_FORCE, ConsentState.OTHER_BASIS, ConsentState.PROPOSED})
ANSWERING: Final = (Role.SUPERVISOR, Role.INTAKE)


def record_consent(
    actor: Actor,
    *,
    access: CaseAccess,
    purpose: str,
    categories: Collection[str],
    form: str = "",
    given_on: date | None = None,
    recipient: Organisation | None = None,
    language: str = "",
    has_interpreter: bool = False,
    information_given: Collection[str] = (),
    valid_until: date | None = None,
    state: str = ConsentState.GIVEN,
    legal_basis: str = "",
    provision: str = "",
    replaces: Consent | None = None,
) -> Consent:
    """Record what the person said: for which purpose, whom (None: whoever serves the purpose), which categories.

    ``state``: given, refused, asked and not answered yet, or another legal basis in its place. A refusal ends at once
    what it bars, whoever shares it and on whichever chosen basis (``sharing.md`` rule 21). ``replaces``: a consent that
    this one takes the place of; what rests on it goes on only as far as the new one covers it.
    Raises ``Refused`` without the information that makes a consent one, for the own organisation as recipient, and
    for a consent that has already ended.
    """
    access = relock_running(access)
    policies.require(actor, "record_consent", access)
    if state not in RECORDED:
        raise Refused(_("Say what the person answered."), field="state")
    check_scope(actor, recipient, valid_until)
    if state == ConsentState.OTHER_BASIS:
        _check_other_basis(access, recipient, purpose, categories, legal_basis, provision)
    else:
        _check_answer(state, form, given_on, information_given)
    former = _to_be_replaced(access, replaces, state)
    consent = write_row(
        access,
        state=state,
        purpose=purpose,
        legal_basis=legal_basis if state == ConsentState.OTHER_BASIS else "consent",
        provision=provision if state == ConsentState.OTHER_BASIS else "",
        categories=list(categories),
        recipient=recipient,
        form=form,
        language=language,
        has_interpreter=has_interpreter,
        information_given=list(information_given),
        given_on=None if state == ConsentState.REQUESTED else given_on,
        valid_until=valid_until,
    )
    record_act("record_consent", actor, consent, state=state)
    if state == ConsentState.GIVEN:
        clocks.start(access.case, Event.CONSENT_GIVEN, actor=actor, on=given_on, subject_id=consent.pk)
    if state == ConsentState.REFUSED:
        _end_what_is_barred(actor, access, consent)
    # Before the former consent ends: what rests on it goes on as far as the new one covers it.
    former_lead.follow_consent(actor, consent)
    if former is not None:
        _supersede(actor, access, former, consent)
    return consent


def answer_consent(
    actor: Actor,
    *,
    access: CaseAccess,
    consent: Consent,
    state: str,
    form: str,
    given_on: date | None,
    language: str = "",
    has_interpreter: bool = False,
    information_given: Collection[str] = (),
    valid_until: date | None = None,
) -> Consent:
    """Record the answer to what was asked: given, or refused, which ends what it bars. Raises ``Conflict`` when it was
    answered meanwhile."""
    access = relock_running(access)
    policies.require(actor, "record_consent", access)
    stored = _own(access, consent)
    workflow.step(workflow.CONSENT, stored.state, state)
    check_scope(actor, stored.recipient, valid_until)
    _check_answer(state, form, given_on, information_given)
    values = {
        "given_on": given_on,
        "form": form,
        "language": language,
        "has_interpreter": has_interpreter,
        "information_given": list(information_given),
        "valid_until": valid_until,
    }
    _move(stored, ConsentState(state), **values)
    record_act("answer_consent", actor, stored, state=state)
    if state == ConsentState.GIVEN:
        clocks.start(access.case, Event.CONSENT_GIVEN, actor=actor, on=given_on, subject_id=stored.pk)
    answered = _own(access, consent)
    if state == ConsentState.REFUSED:
        _end_what_is_barred(actor, access, answered)
    former_lead.follow_consent(actor, answered)
    return answered


def withdraw_consent(actor: Actor, *, access: CaseAccess, consent: Consent, withdrawn_via: str) -> Consent:
    """Withdraw: every share that rests on it ends in the same transaction, its receivers are told so and no more.

    By the organisation that took it, or the one that leads the case and may read it; an override ends the same way.
    Assistance goes on. Raises ``Conflict`` when it is no longer in force. What was counted in statistics stays.
    """
    access = relock(access)
    policies.require(actor, "withdraw_consent", access)
    stored = to_withdraw(access, consent)
    if withdrawn_via not in codes.get("consent_form"):
        raise Refused(_("Choose how the person withdrew."), field="withdrawn_via")
    if not is_in_force(stored):
        raise Conflict(_("This consent is not in force any more."))
    ending = dependent_shares(access, stored)
    _move(stored, ConsentState.WITHDRAWN, withdrawn_at=clock.moment(), withdrawn_via=withdrawn_via)
    end_shares(actor, case=access.case, shares=ending, reason="consent_withdrawn")
    record_act("withdraw_consent", actor, stored)
    clocks.close(access.case, Event.CONSENT_WITHDRAWN, actor=actor, subject_id=stored.pk)
    return get_consent(access, stored.pk)


def dependent_shares(access: CaseAccess, consent: Consent) -> list[Share]:
    """The shares that rest on a consent and have not ended: what a withdrawal ends."""
    return [share for share in live_shares(access.case) if share.consent_id == consent.pk]


def own_consents(access: CaseAccess) -> list[Consent]:
    """The consents that the own organisation has recorded, oldest first: what its shares can rest on."""
    own = access.actor.organisation_id
    return list(Consent.objects.filter(case=access.case, owner_organisation_id=own).order_by("given_on", "created_at"))


def is_in_force(consent: Consent) -> bool:
    """True while something may rest on it."""
    return state_today(consent) in IN_FORCE


def state_today(consent: Consent) -> ConsentState:
    """The state that holds now: a last day, or a time to confirm, that has passed ends a consent when it is read."""
    state = ConsentState(consent.state)
    if state is ConsentState.OVERRIDDEN and has_lapsed(consent):
        return ConsentState.UNCONFIRMED
    has_passed = consent.valid_until is not None and consent.valid_until < clock.today(active().zone)
    return ConsentState.EXPIRED if has_passed and state in ENDING else state


def has_lapsed(consent: Consent) -> bool:
    """True for an override that no second person has confirmed in time."""
    return consent.unconfirmed_until is not None and consent.unconfirmed_until <= clock.moment()


def to_withdraw(access: CaseAccess, consent: Consent) -> Consent:
    """The consent that may be withdrawn here: taken by the own organisation, or read by the one that leads.

    Raises ``Missing`` for any other.
    """
    stored = get_consent(access, consent.pk)
    if stored.owner_organisation_id != access.actor.organisation_id and not access.is_lead:
        raise Missing
    return stored


# -- parts -----------------------------------------------------------------------------------------------------------


def _own(access: CaseAccess, consent: Consent) -> Consent:
    stored = get_consent(access, consent.pk)
    if stored.owner_organisation_id != access.actor.organisation_id:
        raise NotAllowed
    return stored


def write_row(access: CaseAccess, *, content: dict[str, Any] | None = None, **columns: Any) -> Consent:
    """A new row of the register; called by operations that have judged."""
    actor, now = access.actor, clock.moment()
    consent = Consent(
        case=access.case,
        owner_organisation_id=organisation_of(actor),
        created_by_id=membership_of(actor),
        created_at=now,
        updated_at=now,
        **columns,
    )
    consent.seal(content or {})
    consent.save(force_insert=True)
    return consent


def _move(consent: Consent, state: ConsentState, **values: Any) -> None:
    workflow.step(workflow.CONSENT, consent.state, state)
    if not ledger.move_consent(consent, state, **values):
        raise Conflict(_("This consent is not in force any more."))


def _to_be_replaced(access: CaseAccess, replaces: Consent | None, state: str) -> Consent | None:
    if replaces is None:
        return None
    stored = _own(access, replaces)
    if state != ConsentState.GIVEN or stored.state != ConsentState.GIVEN or not is_in_force(stored):
        raise Refused(_("Only a consent that is given takes the place of one that is in force."), field="replaces")
    return stored


def _supersede(actor: Actor, access: CaseAccess, former: Consent, new: Consent) -> None:
    """What the new consent covers rests on it from now on; the rest ends, as by a withdrawal."""
    resting = dependent_shares(access, former)
    kept = [share for share in resting if covers(new, share)]
    over = [share for share in resting if share not in kept]
    _move(former, ConsentState.SUPERSEDED, superseded_by=new)
    ledger.rest_on(access.case, kept, new)
    end_shares(actor, case=access.case, shares=over, reason="consent_superseded")
    record_act("supersede_consent", actor, former, by=str(new.pk))
    clocks.close(access.case, Event.CONSENT_WITHDRAWN, actor=actor, subject_id=former.pk)


def _end_what_is_barred(actor: Actor, access: CaseAccess, refusal: Consent) -> None:
    """What the person has just said no to ends now."""
    barred = refusals.barred_by(refusal, live_shares(access.case))
    end_shares(actor, case=access.case, shares=barred, reason=BASIS_ENDED)


def covers(consent: Consent, share: Share) -> bool:
    """True when a share keeps within a consent: purpose, receiver, categories and last day."""
    return (
        consent.purpose == share.purpose
        and consent.recipient_id in {None, share.to_organisation_id}
        and set(share.categories) <= set(consent.categories)
        and (consent.valid_until is None or share.ends_on <= consent.valid_until)
    )


def check_scope(actor: Actor, recipient: Organisation | None, valid_until: date | None) -> None:
    """Not for the own organisation, and not ended already."""
    if recipient is not None and recipient.pk == actor.organisation_id:
        raise Refused(_("Your own organisation needs no consent to see its own rows."), field="recipient")
    if valid_until is not None and valid_until < clock.today(active().zone):
        raise Refused(_("This consent has already ended. Correct the last day."), field="valid_until")


def _check_answer(state: str, form: str, given_on: date | None, information_given: Collection[str]) -> None:
    if state == ConsentState.REQUESTED:
        return
    if form not in codes.get("consent_form"):
        raise Refused(_("Choose in which form the person answered."), field="form")
    if given_on is None:
        raise Refused(_("Say on which day the person answered."), field="given_on")
    if given_on > clock.today(active().zone):
        raise Refused(_("Enter a date that is today or in the past."), field="given_on")
    if state == ConsentState.GIVEN and not information_given:
        raise Refused(
            _("Choose what was explained. Without information there is no consent."), field="information_given"
        )


def _check_other_basis(
    access: CaseAccess,
    recipient: Organisation | None,
    purpose: str,
    categories: Collection[str],
    legal_basis: str,
    provision: str,
) -> None:
    """The table allows it, and the person has not said no: then only an override, with a second person, goes on."""
    if legal_basis not in codes.get("legal_basis") or legal_basis in {BY_CONSENT, CHILD, LIFE_AT_RISK}:
        raise Refused(_("Say on which other legal basis."), field="legal_basis")
    asked = legal_bases.asked_by(
        legal_bases.giver_of(access.actor),
        is_child=legal_bases.is_child(access.case),
        to=recipient,
        purpose=purpose,
        categories=categories,
    )
    legal_bases.require_basis(asked, legal_basis, provision)
    if refusals.is_refused(access.case.pk, purpose=purpose, to=recipient, categories=categories):
        words = refusals.words(access, purpose=purpose, to=recipient, categories=categories)
        raise Refused(words, field="legal_basis")


def record_act(kind: str, actor: Actor, consent: Consent, **details: str) -> None:
    """One change row, which who reads the register sees."""
    trail.record(
        kind,
        actor=actor,
        case_id=consent.case_id,
        owner_organisation_id=consent.owner_organisation_id,
        category=Category.CONSENT,
        object_kind="consent",
        object_id=consent.pk,
        purpose=consent.purpose,
        categories=consent.categories,
        recipient=str(consent.recipient_id or ""),
        **details,
    )
    ledger.touch(consent.case_id, owner=consent.owner_organisation_id, category=Category.CONSENT)
