"""Writing down what the suspension of an organisation has ended: its chosen shares, and its referrals.

Reading never waits for it (``cases.querysets.ShareHolds``): from the next request on nothing is open any more, and
nothing comes back when the organisation is reinstated. This writes it into the rows, with their audit and clocks. Case
by case, each in a transaction of its own that also notes how far it came: a worker that is killed goes on where it was.
"""

from datetime import timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from django.db.models import Q

from accounts.actors import Actor
from accounts.context import database_time
from accounts.models import OrganisationSuspension
from cases import ledger
from cases.enums import Office
from cases.models import Case, Share
from cases.operations import sharing
from cases.querysets import ShareHolds
from cases.reminders import as_worker
from core import clock
from core.db import role
from referrals.models import Referral
from referrals.operations.ending import end_over, over
from referrals.workflow import OPEN

REASON: Final = "organisation_suspended"
# A request that had begun before the suspension may still write: look once more when none can be running.
SETTLED_AFTER: Final = timedelta(minutes=15)
FIRST: Final = UUID(int=0)
CHOSEN: Final = (Office.NONE, Office.REFERRAL, Office.BREAK_GLASS)


def write_suspensions(*, seconds: float = 50, cases: int | None = None) -> int:
    """Write the ends of every suspension, for at most ``seconds``, and of at most ``cases`` cases; returns how many.

    May run any number of times, also twice at once: one worker at a time has a suspension.
    """
    until, done = monotonic() + seconds, 0
    with database_time(), as_worker():
        waiting = list(OrganisationSuspension.objects.filter(written_at=None).order_by("suspended_at", "pk"))
    for suspension in waiting:
        while monotonic() < until and (cases is None or done < cases) and write_next_case(suspension.pk):
            done += 1
    return done


def write_next_case(suspension_id: UUID) -> bool:
    """Write the ends in the next case of a suspension; false when none is left, or another worker has it.

    After the last case the suspension is written, unless a request that began before it could still be running: then
    its cases are looked at once more.
    """
    with database_time() as now, as_worker():
        rows = OrganisationSuspension.objects.select_for_update(skip_locked=True).filter(written_at=None)
        suspension = rows.filter(pk=suspension_id).first()
        if suspension is None:
            return False
        case_id = _next_case(suspension)
        if case_id is None:
            suspension.after_case = None
            suspension.written_at = now if now - suspension.suspended_at > SETTLED_AFTER else None
            suspension.save(update_fields=("after_case", "written_at"))
            return False
        case = ledger.lock(case_id)
        suspension.referrals_ended += _end_referrals(case)
        suspension.shares_ended += _end_shares(case)
        suspension.after_case = case_id
        suspension.save(update_fields=("after_case", "shares_ended", "referrals_ended"))
        return True


def _next_case(suspension: OrganisationSuspension) -> UUID | None:
    """The next case in which the organisation gives or receives something that was made before it was reinstated."""
    party = Q(from_organisation=suspension.organisation_id) | Q(to_organisation=suspension.organisation_id)
    shares = Share.objects.filter(party, office__in=CHOSEN, ended_at=None)
    referrals = Referral.objects.filter(party, state__in=OPEN)
    if suspension.reinstated_at:
        shares = shares.filter(made_at__lt=suspension.reinstated_at)
        referrals = referrals.filter(sent_at__lt=suspension.reinstated_at)
    after = suspension.after_case or FIRST
    with role(ledger.LEDGER):
        by_share = shares.filter(case__gt=after).order_by("case_id").values_list("case_id", flat=True).first()
    by_referral = referrals.filter(case__gt=after).order_by("case_id").values_list("case_id", flat=True).first()
    return min((one for one in (by_share, by_referral) if one is not None), default=None)


def _end_referrals(case: Case) -> int:
    """End what waits for an answer, and what is worked on a share that was cut; both sides are told, in no words."""
    rows = over().filter(case=case).with_state_now().select_related("share", "from_organisation", "to_organisation")
    return sum(end_over(case, one) for one in rows)


def _end_shares(case: Case) -> int:
    """End what was cut, and what hung on it."""
    with role(ledger.LEDGER):
        live = Share.objects.filter(case=case, ended_at=None, ends_at__gt=clock.moment())
        cut = list(live.exclude(ShareHolds("pk")).order_by("pk"))
    return sharing.end_shares(Actor.system(), case=case, shares=cut, reason=REASON)
