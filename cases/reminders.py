"""``tick``: claim the reminders that are due, tell who has to know, mark them. Source: ``deadlines.md`` 2.3 to 2.8.

Celery beat and cron are two alarm clocks for the same function; any number may run at once. A claim is a lease with the
attempt as its fence, by the clock of the database; the worker's own clock is never asked. Runs as ``nrm_worker``.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from accounts import mail
from accounts.actors import Actor
from accounts.context import acting
from accounts.models import MailPurpose, MailState, Membership, Notice, OutboxMail
from audit import trail
from cases import audiences, notices
from cases.enums import DeadlineState, ReminderState
from cases.models import Deadline, Reminder, Tick, TickSource
from core import clock
from core.db import role
from profiles.enums import Audience

logger = logging.getLogger(__name__)

WORKER: Final = "nrm_worker"
BATCH: Final = 100
LEASE: Final = timedelta(minutes=2)
ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LATE_AFTER: Final = timedelta(hours=1)
PAUSE: Final = timedelta(minutes=10)

TAKEN, NOBODY, FAILED = "taken", "nobody", "failed"

# An array, so that the rows are chosen once: a plan that runs the sub-select per row would claim more than the limit.
CLAIM: Final = """
UPDATE cases_reminder SET attempts = attempts + 1, lease_until = nrm_now() + %(lease)s * interval '1 second'
 WHERE id = ANY (ARRAY(
    SELECT id FROM cases_reminder
     WHERE state = 'waiting' AND due_at <= nrm_now() AND (lease_until IS NULL OR lease_until <= nrm_now())
     ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING id, deadline_id, attempts, nrm_now()
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One reminder that this process may send until its lease ends; ``at`` is the moment of the database."""

    reminder_id: UUID
    deadline_id: UUID
    attempt: int
    at: datetime


@contextmanager
def as_worker() -> Iterator[None]:
    """One transaction as the system and as the database role of the worker, whoever the process has connected as."""
    with acting(Actor.system()), role(WORKER):
        yield


def begin(source: TickSource) -> bool:
    """Note that an alarm clock rings; true when it is the first time, or again after a pause: time to reconcile."""
    with as_worker():
        before = Tick.objects.filter(source=source).values_list("at", flat=True).first()
        Tick.objects.update_or_create(source=source, defaults={"at": clock.moment()})
    return before is None or clock.moment() - before > PAUSE


def tick(*, limit: int = BATCH, batches: int = 200) -> Counter[str]:
    """Send everything that is due, batch by batch; returns what became of the reminders, by state."""
    tally: Counter[str] = Counter()
    for _number in range(batches):
        claims = claim(limit)
        tally.update(_handle(one) for one in claims)
        if len(claims) < limit:
            break
    return tally


def claim(limit: int) -> list[Claim]:
    """Take a lease on the most overdue reminders that nobody holds."""
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"lease": LEASE.total_seconds(), "limit": limit})
        return [Claim(*row) for row in cursor.fetchall()]


def _handle(one: Claim) -> str:
    """Send in one transaction; a fault is noted in the next, so that one poisoned row does not stop the others."""
    with clock.travel(one.at):
        try:
            with as_worker():
                return _send(one)
        except Exception as fault:  # whatever is wrong with this row, the others must go out
            logger.exception("A reminder could not be sent")
            return _after_fault(one, type(fault).__name__)


def _after_fault(one: Claim, fault: str) -> str:
    try:
        with as_worker():
            return _postpone(one, fault)
    except (OperationalError, InterfaceError):
        raise  # the database itself: leases end by themselves, the next tick goes on
    except Exception:  # the lease ends by itself
        logger.exception("A fault could not be noted")
        return FAILED


def _send(one: Claim) -> str:
    deadline = Deadline.objects.select_for_update(no_key=True).get(pk=one.deadline_id)
    reminder = _held(one, deadline)
    if reminder is None:
        return TAKEN
    if deadline.state != DeadlineState.OPEN:
        return _finish(reminder, ReminderState.CANCELLED)
    if deadline.version != reminder.version or _is_overtaken(reminder, one.at):
        return _finish(reminder, ReminderState.SUPERSEDED)
    if one.attempt > ATTEMPTS:
        return _bury(reminder, deadline, reminder.fault or "lease")
    audience = Audience(reminder.audience)
    people = audiences.recipients(deadline, audience)
    if not people:
        is_normal = audience in audiences.MAY_BE_EMPTY
        return _finish(reminder, ReminderState.CANCELLED) if is_normal else _bury(reminder, deadline, NOBODY)
    reminder.is_late = one.at - reminder.due_at > LATE_AFTER
    _tell(reminder, deadline, people)
    return _finish(reminder, ReminderState.SENT)


def _held(one: Claim, deadline: Deadline) -> Reminder | None:
    """The reminder, unless the lease ran out and somebody else has taken or finished it."""
    held = Reminder.objects.select_for_update(no_key=True).filter(
        pk=one.reminder_id, attempts=one.attempt, state=ReminderState.WAITING
    )
    reminder = held.first()
    if reminder is not None:
        reminder.deadline = deadline
    return reminder


def _is_overtaken(reminder: Reminder, now: datetime) -> bool:
    """After an outage several offsets are due at once: only the most urgent goes out."""
    later = Reminder.objects.filter(
        deadline=reminder.deadline_id,
        version=reminder.version,
        audience=reminder.audience,
        due_at__gt=reminder.due_at,
        due_at__lte=now,
    )
    return later.exists()


def _tell(reminder: Reminder, deadline: Deadline, people: Sequence[Membership]) -> None:
    """One notice per person that has not heard since, in place of older ones; the mail hangs on the notice."""
    told = notices.told_since(reminder, (person.pk for person in people))
    untold = [person for person in people if person.pk not in told]
    notices.replace(deadline, untold)
    for person in untold:
        notice = Notice.objects.create(
            membership=person,
            key=notices.key(reminder),
            kind=deadline.rule,
            case_id=deadline.case_id,
            object_path=_path(deadline),
            due_at=deadline.due_at,
            created_at=clock.moment(),
            is_late=reminder.is_late,
            is_escalation=reminder.is_escalation,
        )
        _post_mail(notice)
    trail.record(
        "send_reminder",
        actor=Actor.system(),
        case_id=deadline.case_id,
        category=deadline.category,
        owner_organisation_id=deadline.bound_organisation_id,
        object_kind="deadline",
        object_id=deadline.pk,
        rule=deadline.rule,
        offset=reminder.offset,
        audience=reminder.audience,
        people=len(people),
    )


def _post_mail(notice: Notice) -> None:
    """One mail for all that a person is told before it leaves: the number in it is counted when it is sent."""
    waiting = OutboxMail.objects.filter(
        user_id=notice.membership.user_id, purpose=MailPurpose.TASKS, state=MailState.QUEUED, attempts=0
    )
    if not waiting.exists():
        mail.post_tasks(notice)


def _path(deadline: Deadline) -> str:
    """Where to go when the case itself is not known yet; for a case the inbox makes the address from who is reading."""
    return f"/referrals/{deadline.subject_id}/" if audiences.is_of_referral(deadline) else ""


def _finish(reminder: Reminder, state: ReminderState, fault: str = "") -> str:
    reminder.state, reminder.fault = state, fault
    reminder.sent_at = clock.moment() if state == ReminderState.SENT else None
    reminder.save(update_fields=("state", "fault", "sent_at", "is_late"))
    return state.value


def _postpone(one: Claim, fault: str) -> str:
    """Try again later, each time after a longer pause; after the last attempt the reminder is dead."""
    deadline = Deadline.objects.select_for_update(no_key=True).get(pk=one.deadline_id)
    reminder = _held(one, deadline)
    if reminder is None:
        return TAKEN
    if one.attempt >= ATTEMPTS:
        return _bury(reminder, deadline, fault[:40])
    reminder.fault = fault[:40]
    reminder.lease_until = one.at + min(FIRST_PAUSE * 2 ** (one.attempt - 1), LONGEST_PAUSE)
    reminder.save(update_fields=("fault", "lease_until"))
    return FAILED


def _bury(reminder: Reminder, deadline: Deadline, fault: str) -> str:
    """Give up, and say so to those who answer for the organisation; the health page counts it."""
    for person in audiences.stand_ins(deadline, deadline.bound_organisation_id):
        Notice.objects.get_or_create(
            membership=person,
            key=notices.dead_key(reminder),
            defaults={
                "kind": notices.DEAD,
                "case_id": deadline.case_id,
                "object_path": _path(deadline),
                "due_at": deadline.due_at,
                "created_at": clock.moment(),
                "is_escalation": True,
            },
        )
    return _finish(reminder, ReminderState.DEAD, fault)
