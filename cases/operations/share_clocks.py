"""The clocks of shares: a review of what follows from an office, a reminder before an end would cut a service.

Both bind the organisation that shares and are rules of the country profile (``EU-OFFICE-REV``, ``EU-SHARE-END``).
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from accounts.actors import Actor
from cases import ledger
from cases.enums import DeadlineState, Office
from cases.models import Case, Deadline, Service, Share
from cases.operations import clocks
from cases.policies import CaseAccess
from core.db import role
from profiles.enums import Event, Party

RUNNING: Final = "started"


def has_own_service(access: CaseAccess) -> bool:
    """True while the own organisation has a service running for this person."""
    own = Service.objects.filter(case=access.case, owner_organisation_id=access.actor.organisation_id)
    return own.filter(status=RUNNING, ended_on__isnull=True).exists()


def watch(actor: Actor, case: Case, share: Share, *, has_service: bool) -> None:
    """Remind who shares before the end, as long as a service runs that needs the share."""
    if has_service:
        clocks.start(
            case,
            Event.SHARE_MADE,
            actor=actor,
            on=share.ends_on,
            subject_id=share.pk,
            bound={Party.SHARER: share.from_organisation},
        )


def follow_services(actor: Actor, access: CaseAccess) -> None:
    """A service of the own organisation began or ended: its shares are watched, or not any more.

    What an accepted referral opened is watched for the referral's own service, whatever becomes of the others.
    """
    own = Share.objects.live().filter(case=access.case, from_organisation=actor.organisation_id, office=Office.NONE)
    found = list(own.select_related("from_organisation"))
    if has_own_service(access):
        for share in found:
            watch(actor, access.case, share, has_service=True)
        return
    for pk in _watched(access.case, found):
        clocks.close(access.case, Event.SERVICE_ENDED, actor=actor, subject_id=pk)


def review_later(actor: Actor, case: Case, share: Share) -> None:
    """A party by office keeps its share as long as the office; a supervisor looks at it every ninety days (rule 2a)."""
    clocks.start(
        case, Event.OFFICE_OPENED, actor=actor, subject_id=share.pk, bound={Party.SHARER: share.from_organisation}
    )


def reviewed(actor: Actor, case: Case, share: Share) -> None:
    """The review was done: the next is due in ninety days."""
    clocks.close(case, Event.OFFICE_REVIEWED, actor=actor, subject_id=share.pk)
    review_later(actor, case, share)


def moved(actor: Actor, case: Case, share: Share) -> None:
    """The end has moved: so has the reminder, if there was one."""
    if _watched(case, [share]):
        watch(actor, case, share, has_service=True)


def ended(actor: Actor, case: Case, shares: Iterable[Share]) -> None:
    """Nothing is left to review or to remind of."""
    for pk in _watched(case, shares):
        clocks.close(case, Event.SHARE_ENDED, actor=actor, subject_id=pk)


def _watched(case: Case, shares: Iterable[Share]) -> list[UUID]:
    keys = [share.pk for share in shares]
    if not keys:
        return []
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(case=case, subject_id__in=keys, state=DeadlineState.OPEN)
        found = running.order_by("due_at").values_list("subject_id", flat=True)
        return list(dict.fromkeys(key for key in found if key is not None))
