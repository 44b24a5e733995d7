"""Every way in which a referral ends, and with it what it opened (``sharing.md`` rule 4).

What ends by time has ended when it is read; ``write_down_past`` only writes it down, in the sender's next act on the
case or at night by the worker.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.actors import Actor
from cases import ledger
from cases.enums import CaseState
from cases.models import Case
from cases.operations import branches, clocks, placement, sharing, sources
from cases.operations.authorities import let_go
from cases.operations.reflection import ELAPSED
from cases.querysets import ShareHolds, in_force
from cases.reminders import as_worker
from core import clock
from profiles.enums import Event
from referrals.enums import ReferralState
from referrals.models import Referral
from referrals.operations.shared import begin, record
from referrals.operations.telling import follow_up_by, settle_questions, tell_receiver, tell_sender
from referrals.querysets import ReferralQuerySet, is_cut
from referrals.workflow import OPEN, WORKED

CLOCK: Final[Mapping[str, tuple[Event, ...]]] = {
    ReferralState.DECLINED: (Event.REFERRAL_ANSWERED, Event.REFERRAL_DECLINED),
    ReferralState.REVOKED: (Event.REFERRAL_REVOKED,),
    ReferralState.EXPIRED: (Event.REFERRAL_EXPIRED,),
    ReferralState.ENDED: (Event.REFERRAL_EXPIRED,),
}

# A foreseen end: what hung on the referral waits for the lead's answer (``sharing.md`` rule 18).
IDENTIFICATION: Final = "identification"
# The request is over, not only its last day: what an authority holds because of it ends, unless it has decided.
TAKEN_BACK: Final = frozenset({ReferralState.REVOKED, ReferralState.DONE})
WAITS_FOR_LEAD: Final = frozenset({ReferralState.DONE})


def revoke_referral(actor: Actor, *, referral: Referral) -> Referral:
    """Take a referral back: access ends at once, whatever became of consent, receiver or case."""
    door, case = begin(actor, "revoke_referral", referral)
    was_accepted = door.referral.state_now in WORKED
    if was_accepted and door.referral.share is not None:
        sources.check_may_end(actor, door.access, door.referral.share)
    placement.end(actor, case=case, reason="referral_revoked", referral_id=referral.pk)
    end(actor, case=case, referral=door.referral, state=ReferralState.REVOKED)
    record("revoke_referral", actor=actor, referral=door.referral)
    tell_receiver(door.referral, "referral_revoked", f"revoked:{referral.pk}")
    return door.referral


def end(actor: Actor, *, case: Case, referral: Referral, state: ReferralState) -> None:
    """Write the last state, end the share and the clocks; called by acts that hold the lock and have judged."""
    if referral.share is not None and referral.share.ended_at is None:
        if state in WAITS_FOR_LEAD:
            branches.keep_for_the_lead(actor, case=case, share=referral.share)
        is_past = state is ReferralState.ENDED and referral.share.ends_at <= clock.moment()
        reason = ELAPSED if is_past else f"referral_{state.value}"
        sharing.end_shares(actor, case=case, shares=[referral.share], reason=reason)
    if state in TAKEN_BACK and referral.service == IDENTIFICATION:
        let_go(actor, case=case, authority=referral.to_organisation)
    for event in CLOCK.get(state, ()):
        clocks.close(case, event, actor=actor, subject_id=referral.pk)
    referral.state = referral.state_now = state
    referral.ended_at = clock.moment()
    referral.save(update_fields=("state", "ended_at"))
    settle_questions(referral)


def write_down_past(case: Case) -> int:
    """Write down what has expired or ended in one case, for the own organisation; inside an act that has locked it."""
    rows = Referral.objects.with_state_now().filter(case=case, state__in=OPEN).select_related("share")
    return sum(_write_down(case, referral) for referral in rows)


def write_down_all(limit: int = 500) -> int:
    """Write down every referral that is over, as the worker, each in a transaction of its own; returns how many."""
    with as_worker():
        ids = list(over().values_list("pk", flat=True)[:limit])
    return sum(_end_one(pk) for pk in ids)


def _end_one(pk: UUID) -> bool:
    with as_worker():
        case = ledger.lock(Referral.objects.values_list("case_id", flat=True).get(pk=pk))
        referral = over().filter(pk=pk).with_state_now().select_related("share").first()
        return referral is not None and end_over(case, referral)


def end_over(case: Case, referral: Referral) -> bool:
    """Write down that a referral of ``over`` has ended, by a worker that holds the lock of the case."""
    if referral.state_now == referral.state:
        referral.state_now = ReferralState.ENDED
    return _write_down(case, referral)


def _write_down(case: Case, referral: Referral) -> bool:
    if referral.state_now == referral.state:
        return False
    actor, state = Actor.system(), ReferralState(referral.state_now)
    end(actor, case=case, referral=referral, state=state)
    kind = "expire_referral" if state is ReferralState.EXPIRED else "end_referral"
    record(kind, actor=actor, referral=referral, state=state.value)
    _tell_of_end(referral, state)
    return True


def _tell_of_end(referral: Referral, state: ReferralState) -> None:
    """What ended without an act on it: who sent it looks for somebody else, who worked on it stops."""
    if state is ReferralState.EXPIRED:
        tell_sender(referral, "referral_expired", f"expired:{referral.pk}", due_at=follow_up_by(referral))
    else:
        tell_sender(referral, "referral_ended", f"ended:{referral.pk}")
        tell_receiver(referral, "referral_ended", f"ended:{referral.pk}")


def over() -> ReferralQuerySet[Referral]:
    """Open rows that are over: not answered in time, share ended, cut by a suspension, consent no longer in force, case
    closed."""
    now = clock.moment()
    is_sent = Q(state=ReferralState.SENT)
    has_lost_consent = Q(consent__isnull=False) & ~in_force("consent__")
    over = (
        Q(share__ended_at__isnull=False)
        | Q(share__ends_at__lte=now)
        | ~Q(ShareHolds("share")) & ~is_sent
        | is_cut()
        | is_sent & (Q(expires_at__lte=now) | has_lost_consent | Q(case__state=CaseState.CLOSED))
    )
    return Referral.objects.filter(over, state__in=OPEN).order_by("sent_at", "pk")
