"""Telling the other side what happened to a referral: what it was and by when to act, without content (rule 13).

Each happening has words of its own in ``cases.notices.ALERTS``. A question, and the answer to it, wait until somebody
acts; the others are news that is done when it was read.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from accounts import digest
from accounts.models import Membership, Notice, Organisation, Role
from cases import ledger
from cases.models import Deadline
from cases.notices import ALERTS
from core import clock
from core.dates import end_of_day
from core.db import role
from profiles.enums import Kind
from profiles.profile import active
from referrals.models import Referral

ANSWERING: Final = (Role.INTAKE, Role.SUPERVISOR)
QUESTION: Final = "referral_question"
REPLY: Final = "referral_reply"


def tell_sender(referral: Referral, kind: str, key: str, *, due_at: datetime | None = None) -> None:
    """Tell who sent it; when that person has left, the sender's intake and supervisors."""
    live = Membership.objects.live().filter(pk=referral.sent_by_id)
    _tell(referral, list(live) or _answering(referral.from_organisation), kind, key, due_at)


def tell_receiver(referral: Referral, kind: str, key: str, *, due_at: datetime | None = None) -> None:
    """Tell who works on it; before somebody does, the receiver's intake and supervisors."""
    live = Membership.objects.live().filter(pk=referral.assigned_to_id) if referral.assigned_to_id else ()
    _tell(referral, list(live) or _answering(referral.to_organisation), kind, key, due_at)


def settle_questions(referral: Referral) -> None:
    """The referral was answered or is over: no question about it waits for anybody."""
    path = _path(referral)
    Notice.objects.filter(kind__in=(QUESTION, REPLY), object_path=path).finish(clock.moment())


def settle_question(referral: Referral) -> None:
    """The sender has answered what was asked."""
    Notice.objects.filter(kind=QUESTION, object_path=_path(referral)).finish(clock.moment())


def follow_up_by(referral: Referral) -> datetime:
    """By when the sender, left without this organisation, looks for another: the day on which it would have followed up
    anyway, at the earliest the end of today."""
    with role(ledger.LEDGER):
        own = Deadline.objects.filter(case=referral.case_id, subject_id=referral.pk, kind=Kind.REVIEW)
        review = own.filter(bound_organisation=referral.from_organisation_id).order_by("due_at").first()
    zone = active().zone
    today = end_of_day(clock.today(zone), zone)
    return max(review.due_at, today) if review is not None else today


def _answering(organisation: Organisation) -> list[Membership]:
    return list(Membership.objects.live().filter(organisation=organisation).with_role(*ANSWERING))


def _tell(
    referral: Referral, people: Iterable[Membership], kind: str, key: str, due_at: datetime | None = None
) -> None:
    ALERTS[kind]
    news = [
        Notice(
            membership=person,
            key=key,
            kind=kind,
            case_id=referral.case_id,
            object_path=_path(referral),
            due_at=due_at,
            created_at=clock.moment(),
        )
        for person in people
    ]
    digest.post(news)


def _path(referral: Referral) -> str:
    return f"/referrals/{referral.pk}/"
