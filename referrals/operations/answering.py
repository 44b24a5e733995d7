"""The receiver answers: accepts and names who will work on it, declines with a reason, or asks first."""

from typing import Final

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership
from cases import access as cases
from cases import ledger
from cases.enums import Identification, Office, ShareLevel
from cases.models import Case, Consent, Share
from cases.operations import clocks, members, proposals, share_clocks, sharing, sources
from cases.operations.assistance import activate
from cases.operations.authorities import hold_as_referred
from cases.operations.lead import transfer_lead
from cases.operations.running import OVER
from core import clock
from core.db import role
from core.errors import Conflict, Refused
from profiles import codes
from profiles.enums import Event
from profiles.profile import active
from referrals.access import get_question
from referrals.enums import ReferralState
from referrals.models import Referral, ReferralQuestion
from referrals.operations.ending import end
from referrals.operations.shared import begin, record, seat
from referrals.operations.telling import (
    QUESTION,
    REPLY,
    follow_up_by,
    settle_question,
    settle_questions,
    tell_receiver,
    tell_sender,
)
from referrals.operations.terms import moves_lead

IDENTIFICATION: Final = "identification"
UNDECIDED: Final = (Identification.PRESUMED, Identification.REASONABLE_GROUNDS)


def accept_referral(actor: Actor, *, referral: Referral, member: Membership) -> Referral:
    """Accept and name the colleague who will work on it: what was granted opens until the end date, no more.

    A referral for case management transfers the lead; the sender's rows stay the sender's. Raises ``Conflict`` when
    what the referral rests on has ended meanwhile, ``Refused`` for a colleague who may not be assigned.
    """
    door, case = begin(actor, "accept_referral", referral)
    stored = door.referral
    if not members.assignable(actor).filter(pk=member.pk).exists():
        raise Refused(_("This colleague cannot be assigned: choose somebody from the list."), field="member")
    opening = _share(case, stored)
    _check_still_stands(case, stored, opening)
    sharing.follow_sources(actor, case)
    stored.share = ledger.write_share(opening)
    share_clocks.watch(actor, case, stored.share, has_service=True)
    ledger.assign(case, member)
    known = cases.get_case_by_id(actor, case.pk).case
    members.tell_of_own_assignment(actor, known, member)
    activate(known)
    if moves_lead(stored.service):
        transfer_lead(actor, case=known, to=stored.to_organisation, key=stored.pk)
    _answer(actor, stored, ReferralState.ACCEPTED, assigned_to=member)
    clocks.close(case, Event.REFERRAL_ANSWERED, actor=actor, subject_id=stored.pk)
    _open_office(actor, known, stored)
    record("accept_referral", actor=actor, referral=stored)
    tell_sender(stored, "referral_accepted", f"accepted:{stored.pk}")
    sources.tell_of_new_line(case, stored.share)
    return stored


def _open_office(actor: Actor, case: Case, referral: Referral) -> None:
    """Asked for identification, an authority is a party by office until it has decided."""
    kind, may = referral.to_organisation.kind, active().who_may
    decides = {*may("record_reasonable_grounds").kinds, *may("record_identification_decision").kinds}
    if referral.service == IDENTIFICATION and kind in decides and case.identification in UNDECIDED and referral.share:
        hold_as_referred(actor, case=case, referred=referral.share)


def decline_referral(actor: Actor, *, referral: Referral, reason: str, explanation: str = "") -> Referral:
    """Decline with a reason of the list, and words where the list has none. Nothing ever opened."""
    door, case = begin(actor, "decline_referral", referral)
    stored = door.referral
    if reason not in codes.get("referral_decline_reason"):
        raise Refused(_("Say why the referral is declined."), field="reason")
    if reason == "other" and not explanation.strip():
        raise Refused(_("Say in a few words what the reason is."), field="explanation")
    stored.seal({**stored.open(), "explanation": explanation})
    stored.decline_reason = reason
    stored.save(update_fields=("sealed", "decline_reason"))
    _answer(actor, stored, ReferralState.DECLINED)
    end(actor, case=case, referral=stored, state=ReferralState.DECLINED)
    record("decline_referral", actor=actor, referral=stored, reason=reason)
    tell_sender(stored, "referral_declined", f"declined:{stored.pk}", due_at=follow_up_by(stored))
    return stored


def ask_question(actor: Actor, *, referral: Referral, question: str) -> ReferralQuestion:
    """Ask the sender something before answering; the clock of the answer runs on."""
    door, _case = begin(actor, "ask_question", referral)
    if not question.strip():
        raise Refused(_("Write your question."), field="question")
    asked = ReferralQuestion(referral=door.referral, asked_at=clock.moment(), asked_by_id=seat(actor)[1])
    asked.seal({"question": question})
    asked.save(force_insert=True)
    record("ask_question", actor=actor, referral=door.referral)
    tell_sender(door.referral, QUESTION, f"question:{asked.pk}", due_at=door.referral.answer_due_at)
    return asked


def answer_question(actor: Actor, *, referral: Referral, question: ReferralQuestion, answer: str) -> ReferralQuestion:
    """Answer a question of the receiver, once; it reads the answer before it accepts."""
    door, _case = begin(actor, "answer_question", referral)
    asked = get_question(door, question.pk)
    if asked.answered_at is not None:
        raise Conflict(_("This question has been answered already."))
    if not answer.strip():
        raise Refused(_("Write your answer."), field="answer")
    asked.seal({**asked.open(), "answer": answer})
    asked.answered_at, asked.answered_by_id = clock.moment(), actor.membership_id
    asked.save(update_fields=("sealed", "answered_at", "answered_by"))
    record("answer_question", actor=actor, referral=door.referral)
    settle_question(door.referral)
    tell_receiver(door.referral, REPLY, f"answer:{asked.pk}", due_at=door.referral.answer_due_at)
    return asked


def _answer(actor: Actor, referral: Referral, state: ReferralState, assigned_to: Membership | None = None) -> None:
    referral.state = referral.state_now = state
    referral.answered_at, referral.answered_by_id = clock.moment(), actor.membership_id
    referral.assigned_to = assigned_to
    referral.save(update_fields=("state", "answered_at", "answered_by", "assigned_to", "share"))
    settle_questions(referral)


def _share(case: Case, referral: Referral) -> Share:
    """What acceptance opens; it hangs on what the sender knew the case by when it sent (``sharing.md`` rule 18)."""
    resting = None
    if referral.consent_id:
        with role(ledger.LEDGER):
            resting = Consent.objects.only("valid_until", "unconfirmed_until").get(pk=referral.consent_id)
    return Share(
        case=case,
        from_organisation=referral.from_organisation,
        to_organisation=referral.to_organisation,
        categories=referral.categories,
        purpose=referral.purpose,
        legal_basis=referral.legal_basis,
        provision=referral.provision,
        consent_id=referral.consent_id,
        consent_valid_until=resting.valid_until if resting else None,
        level=ShareLevel.CONTRIBUTE,
        office=Office.REFERRAL,
        starts_at=clock.moment(),
        ends_at=proposals.last_moment(referral.ends_on, resting),
        ends_on=referral.ends_on,
        made_by_id=referral.sent_by_id,
        roots=referral.roots,
        sources=referral.sources,
    )


def _check_still_stands(case: Case, referral: Referral, opening: Share) -> None:
    """The case runs, what the sender knew it by still stands, basis and consent stand and the person has not said no
    meanwhile, the lead is still the sender's."""
    today = clock.today(active().zone)
    stands = case.state not in OVER and referral.from_organisation.is_active and sources.still_reaches(case, opening)
    stands = stands and proposals.still_stands(
        case, referral.from_organisation, _offered(referral), referral.consent_id
    )
    if moves_lead(referral.service):
        stands = stands and ledger.lead_of(case.pk).pk == referral.from_organisation_id
    if not stands or referral.ends_on < today:
        raise Conflict(_("What this referral rests on has ended. It cannot be accepted any more."))


def _offered(referral: Referral) -> proposals.Proposal:
    """What the sender offered, as it would be asked today."""
    return proposals.Proposal(
        to=referral.to_organisation,
        categories=referral.categories,
        purpose=referral.purpose,
        legal_basis=referral.legal_basis,
        ends_on=referral.ends_on,
        provision=referral.provision,
    )
