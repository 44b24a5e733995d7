"""Telling the other side that something happened: a neutral notice, without content (``sharing.md`` rule 13)."""

from collections.abc import Iterable
from typing import Final

from accounts import digest
from accounts.models import Membership, Notice, Organisation, Role
from core import clock
from profiles.enums import Event, Party
from profiles.profile import active
from referrals.models import Referral

ANSWERING: Final = (Role.INTAKE, Role.SUPERVISOR)


def tell_sender(referral: Referral, key: str) -> None:
    """Tell who sent it; when that person has left, the sender's intake and supervisors."""
    live = Membership.objects.live().filter(pk=referral.sent_by_id)
    _tell(referral, list(live) or _answering(referral.from_organisation), key, Party.REFERRAL_SENDER)


def tell_receiver(referral: Referral, key: str) -> None:
    """Tell who works on it; before somebody does, the receiver's intake and supervisors."""
    live = Membership.objects.live().filter(pk=referral.assigned_to_id) if referral.assigned_to_id else ()
    _tell(referral, list(live) or _answering(referral.to_organisation), key, Party.REFERRAL_RECEIVER)


def _answering(organisation: Organisation) -> list[Membership]:
    return list(Membership.objects.live().filter(organisation=organisation).with_role(*ANSWERING))


def _tell(referral: Referral, people: Iterable[Membership], key: str, side: Party) -> None:
    news = [
        Notice(
            membership=person,
            key=key,
            kind=_task_of(side),
            case_id=referral.case_id,
            object_path=f"/referrals/{referral.pk}/",
            created_at=clock.moment(),
        )
        for person in people
    ]
    digest.post(news)


def _task_of(side: Party) -> str:
    """The rule whose neutral task the notice shows: “Answer a referral”, “Follow up a referral”."""
    today = clock.today(active().zone)
    rules = active().triggered_by(Event.REFERRAL_SENT, today)
    return next((rule.code for rule in rules if rule.bound is side), "")
