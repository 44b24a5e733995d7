"""Mail leaves through the outbox: a row in the transaction that causes it, sent later by the tick, then marked.

Sent at least once: ``Message-ID`` comes from the row, so a repetition after a crash can be recognised. Mails carry
nothing (``sharing.md`` rule 13): fixed subjects, numbers and a link. Secrets of links are made when the
mail is sent and stand in no table. The address is read when it is sent, too; only an invitation has a typed one.
"""

import logging
import smtplib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Count, F, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import absences
from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Invitation, MailPurpose, MailState, Membership, Notice, OutboxMail, User
from accounts.querysets import NoticeQuerySet
from accounts.tokens import invitation_token, password_path
from core import clock
from core.db import role
from profiles.profile import active

logger = logging.getLogger(__name__)

INBOX: Final = "/inbox/"
ATTEMPTS: Final = 14
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=4)
LEASE: Final = timedelta(minutes=15)
BATCH: Final = 50
BATCHES: Final = 40
# After so many faults of the server in a row the rest of the batch waits for the next try.
PATIENCE: Final = 2
CLAIM: Final = """
    UPDATE accounts_outboxmail SET attempts = attempts + 1, lease_until = nrm_now() + make_interval(secs => %(lease)s)
    WHERE id IN (
        SELECT id FROM accounts_outboxmail
        WHERE state = 'queued' AND next_try_at <= nrm_now() AND (lease_until IS NULL OR lease_until <= nrm_now())
        ORDER BY next_try_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    RETURNING next_try_at, id, attempts, nrm_now()
"""


@dataclass(frozen=True)
class Letter:
    """What is sent: one address, a fixed subject, a text."""

    to: str
    subject: str
    body: str


# The mail, the attempt, and the moment of the database at which it was claimed.
Claim: TypeAlias = tuple[UUID, int, datetime]
Writer: TypeAlias = Callable[[OutboxMail], Letter | None]


# -- into the outbox -------------------------------------------------------------------------------------------------


def post_tasks(notice: Notice, *, not_before: datetime | None = None) -> OutboxMail:
    """Tell the person of ``notice`` how many tasks wait; one mail for each notice."""
    person = notice.membership.user_id
    return _post(MailPurpose.TASKS, user_id=person, notice=notice, key=notice.pk, not_before=not_before)


def post_digest(user_id: UUID, *, not_before: datetime | None = None) -> OutboxMail:
    """The one mail of the day (``accounts.digest``)."""
    return _post(MailPurpose.TASKS, user_id=user_id, key=uuid4(), not_before=not_before)


def post_invitation(invitation: Invitation, *, language: str) -> OutboxMail:
    """Send the link of an invitation, in the language of who invites."""
    context = {"invitation": str(invitation.pk), "language": language}
    return _post(MailPurpose.INVITATION, to=invitation.email, context=context, key=invitation.pk)


def post_password_reset(user: User) -> OutboxMail:
    """Send a link to choose a new password."""
    return _post(MailPurpose.PASSWORD, user_id=user.pk, key=uuid4())


def _post(purpose: MailPurpose, *, key: UUID, not_before: datetime | None = None, **fields: Any) -> OutboxMail:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return OutboxMail.objects.create(
        purpose=purpose,
        message_id=f"<{purpose}.{key.hex}@{domain}>",
        next_try_at=not_before or clock.moment(),
        **fields,
    )


# -- out of the outbox -----------------------------------------------------------------------------------------------


def deliver_due(*, limit: int = BATCH, batches: int = BATCHES) -> Counter[str]:
    """Send what is due, batch by batch; returns what became of the mails, by state ("queued" will be tried again).

    Claims by one UPDATE on the database's clock, with a lease; the attempt is the fence, so that a worker that was
    slower than its lease marks nothing. Call it outside a transaction: the lease must stand before the first mail.
    """
    tally: Counter[str] = Counter()
    for _number in range(batches):
        claims = _claim(limit)
        states = _deliver_batch(claims) if claims else Counter()
        tally += states
        if len(claims) < limit or states[MailState.QUEUED]:
            break
    return tally


def _deliver_batch(claims: Sequence[Claim]) -> Counter[str]:
    """Over one connection."""
    server = get_connection()
    states: Counter[str] = Counter()
    faults = 0
    try:
        for claim in claims:
            state, is_server_fault = _deliver(claim, server, is_waiting=faults >= PATIENCE)
            faults = faults + 1 if is_server_fault else 0
            states[state] += 1
    finally:
        server.close()
    return states


def health() -> dict[str, Any]:
    """How many mails wait, since when the oldest is due, and how many could not be sent."""
    queued = OutboxMail.objects.filter(state=MailState.QUEUED, next_try_at__lte=clock.moment())
    return {
        "waiting": queued.count(),
        "oldest_due_at": queued.aggregate(oldest=Min("next_try_at"))["oldest"],
        "dead": OutboxMail.objects.filter(state=MailState.DEAD).count(),
    }


def counts() -> dict[str, int]:
    """How many mails are in which state."""
    return dict(OutboxMail.objects.values_list("state").annotate(count=Count("pk")).order_by("state"))


@contextmanager
def as_worker() -> Iterator[None]:
    """The system, with the rights of the worker's database role, whoever the process has connected as."""
    with acting(Actor.system()), role("nrm_worker"):
        yield


def _claim(limit: int) -> list[Claim]:
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"lease": LEASE.total_seconds(), "limit": limit})
        return [(pk, attempt, at) for _due, pk, attempt, at in sorted(cursor.fetchall())]


def _deliver(claim: Claim, server: BaseEmailBackend, *, is_waiting: bool) -> tuple[str, bool]:
    """Write, send, mark. True stands for a fault of the server, which says nothing about this mail."""
    if is_waiting:
        return _mark_fault(claim, "server"), True
    try:
        letter = _write(claim)
        if letter is None:
            return _mark(claim, MailState.DROPPED), False
        _send(letter, server)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as fault:
        return _mark_fault(claim, type(fault).__name__), False
    except OSError as fault:  # smtplib's exceptions are OSErrors: the server is away, refuses or hangs
        server.close()
        return _mark_fault(claim, type(fault).__name__), True
    except Exception as fault:  # whatever is wrong with this mail, the others must go out
        logger.exception("A mail could not be written")
        return _mark_fault(claim, type(fault).__name__), False
    return _mark(claim, MailState.SENT), False


def _write(claim: Claim) -> EmailMessage | None:
    pk, _attempt, at = claim
    with clock.travel(at), as_worker():
        mail = OutboxMail.objects.select_related("user").get(pk=pk)
        language = mail.user.language if mail.user else mail.context.get("language", settings.LANGUAGE_CODE)
        with override(language):
            letter = WRITERS[MailPurpose(mail.purpose)](mail)
    if letter is None:
        return None
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    return EmailMessage(letter.subject, letter.body, to=[letter.to], headers=headers)


def _send(message: EmailMessage, server: BaseEmailBackend) -> None:
    server.open()
    message.connection = server
    message.send()


def _mark(claim: Claim, state: MailState) -> str:
    """Sent or not needed. The link is of no use any more, so what it was made from goes too."""
    _pk, _attempt, at = claim
    return _finish(claim, state=state, sent_at=at if state == MailState.SENT else None, context={})


def _mark_fault(claim: Claim, fault: str) -> str:
    """Try again after a pause that doubles; after the last attempt the mail is dead, which the health page counts."""
    _pk, attempt, at = claim
    if attempt >= ATTEMPTS:
        return _finish(claim, state=MailState.DEAD, fault=fault[:40])
    pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return _finish(claim, state=MailState.QUEUED, fault=fault[:40], next_try_at=at + pause)


def _finish(claim: Claim, **values: Any) -> str:
    pk, attempt, at = claim
    with clock.travel(at), as_worker():
        mine = OutboxMail.objects.filter(pk=pk, attempts=attempt, state=MailState.QUEUED)
        mine.update(lease_until=None, **values)
    return str(values["state"])


# -- what the mails say ----------------------------------------------------------------------------------------------


def _tasks(mail: OutboxMail) -> Letter | None:
    """Three numbers and a link; nothing when the tasks are done or somebody else's, or the person is away."""
    if mail.user is None:
        return None
    away, now = absences.running(clock.today(active().zone)), clock.moment()
    live = Membership.objects.live().filter(user=mail.user).exclude(pk__in=away)
    waiting = Notice.objects.waiting(now).filter(membership__in=live)
    overdue, due_today = waiting.overdue(now), waiting.due_today(now)
    unread = waiting.filter(read_at__isnull=True)
    numbers = {
        "overdue": overdue.count(),
        "today": due_today.count(),
        "new": unread.exclude(pk__in=overdue.values("pk")).exclude(pk__in=due_today.values("pk")).count(),
    }
    if not any(numbers.values()):
        return None
    words = _("Overdue: %(overdue)d. Due today: %(today)d. New: %(new)d.") % numbers
    return Letter(mail.user.email, _("Your tasks"), _letter(words, _inbox_of(mail.user, waiting)))


def _inbox_of(user: User, waiting: NoticeQuerySet[Notice]) -> str:
    """The inbox; whoever belongs to several organisations is led to the one in which the most urgent waits."""
    if Membership.objects.live().filter(user=user).count() == 1:
        return INBOX
    first = waiting.order_by(F("due_at").asc(nulls_last=True), "created_at", "pk").values_list("membership", flat=True)
    return f"{INBOX}of/{first[0]}/"


def _invitation(mail: OutboxMail) -> Letter:
    path = reverse("accounts:accept_invitation", args=[invitation_token(UUID(mail.context["invitation"]))])
    words = _("You have been invited to work with us. Open this link within seven days:")
    return Letter(mail.to, _("Your invitation"), _letter(words, path))


def _password(mail: OutboxMail) -> Letter | None:
    user = mail.user
    if user is None or not user.is_active:
        return None
    words = _("You asked for a new password. If it was not you, you need not do anything. Otherwise open this link:")
    return Letter(user.email, _("Your password"), _letter(words, password_path(user)))


def _letter(words: str, path: str) -> str:
    return f"{words}\n\n{settings.BASE_URL}{path}\n"


WRITERS: Final[Mapping[MailPurpose, Writer]] = {
    MailPurpose.TASKS: _tasks,
    MailPurpose.INVITATION: _invitation,
    MailPurpose.PASSWORD: _password,
}
