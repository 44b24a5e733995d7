"""Sending claimed reminders: what has changed meanwhile, who is told, what is written, for a whole batch at once.

The deadlines are locked first, in one statement and, for a batch, without waiting: whoever changes one just now goes
first, and two batches can never wait for each other. Everything is then judged at the moment of the claim. Source:
``deadlines.md`` 2.4 to 2.6.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from accounts import digest
from accounts.actors import Actor
from accounts.models import Membership, Notice
from audit import trail
from audit.models import AuditChange
from cases import audiences, notices
from cases.audiences import Finder
from cases.deadlines import is_told_again
from cases.enums import DeadlineState, ReminderState
from cases.models import Deadline, Reminder
from core import clock
from profiles.enums import Audience

ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LATE_AFTER: Final = timedelta(hours=1)
TAKEN, NOBODY, FAILED = "taken", "nobody", "failed"


@dataclass(frozen=True, slots=True)
class Claim:
    """One reminder that this process may send until its lease ends; ``at`` is the moment of the database."""

    reminder_id: UUID
    deadline_id: UUID
    attempt: int
    at: datetime


def send(claims: Sequence[Claim], *, is_patient: bool = True) -> dict[UUID, str]:
    """Send what is still valid, cancel or supersede the rest; what became of each, by reminder.

    In the transaction of the caller, as the worker. Without patience, clocks that somebody holds are left out.
    """
    deadlines = _lock({one.deadline_id for one in claims}, is_patient=is_patient)
    reachable = [one for one in claims if one.deadline_id in deadlines]
    held = _held(reachable, deadlines)
    outcomes: dict[UUID, str] = {one.reminder_id: TAKEN for one in reachable if one.reminder_id not in held}
    batch = Batch(deadlines, held, clock.moment())
    for one in sorted(reachable, key=lambda one: held[one.reminder_id].due_at if one.reminder_id in held else one.at):
        if one.reminder_id in held:
            batch.judge(held[one.reminder_id], one.attempt)
    batch.tell()
    return outcomes | batch.write()


def postpone(one: Claim, fault: str) -> str:
    """Try again later, each time after a longer pause; after the last attempt the reminder is dead."""
    deadlines = _lock({one.deadline_id}, is_patient=True)
    reminder = _held([one], deadlines).get(one.reminder_id)
    if reminder is None:
        return TAKEN
    if one.attempt >= ATTEMPTS:
        batch = Batch(deadlines, {reminder.pk: reminder}, clock.moment())
        batch.bury(reminder, fault[:40])
        return batch.write()[reminder.pk]
    reminder.fault = fault[:40]
    reminder.lease_until = one.at + min(FIRST_PAUSE * 2 ** (one.attempt - 1), LONGEST_PAUSE)
    reminder.save(update_fields=("fault", "lease_until"))
    return FAILED


class Batch:
    """Reminders whose clocks are locked: first every one is judged, then people are told, then all is written."""

    def __init__(self, deadlines: dict[UUID, Deadline], held: dict[UUID, Reminder], now: datetime) -> None:
        self.now = now
        self.finder = Finder(deadlines.values())
        self.latest: dict[tuple[UUID, int, str], datetime] = {}
        self.offsets: dict[tuple[UUID, int], set[str]] = defaultdict(set)
        self._load_due(deadlines)
        self.outcomes: dict[UUID, tuple[ReminderState, str]] = {}
        self.sent: list[tuple[Reminder, list[Membership]]] = []
        self.held = held

    def judge(self, reminder: Reminder, attempt: int) -> None:
        """Is the clock still open, is it the same version, is this the most urgent, is there anybody to tell?"""
        deadline, audience = reminder.deadline, Audience(reminder.audience)
        if deadline.state == DeadlineState.SUSPENDED or deadline.version != reminder.version:
            return self._finish(reminder, ReminderState.SUPERSEDED)
        if deadline.state != DeadlineState.OPEN:
            return self._finish(reminder, ReminderState.CANCELLED)
        if self._is_overtaken(reminder):
            return self._finish(reminder, ReminderState.SUPERSEDED)
        if attempt > ATTEMPTS:
            return self.bury(reminder, reminder.fault or "lease")
        people = self.finder.recipients(deadline, audience)
        if people:
            reminder.is_late = self.now - reminder.due_at > LATE_AFTER
            self.sent.append((reminder, people))
            return self._finish(reminder, ReminderState.SENT)
        if audience in audiences.MAY_BE_EMPTY:
            return self._finish(reminder, ReminderState.CANCELLED)
        return self.bury(reminder, NOBODY)

    def tell(self) -> None:
        """One notice per person that has not heard of the clock since, in place of older ones; urgent ones by mail.

        What is told again while it is overdue waits for the daily mail.
        """
        if not self.sent:
            return
        heard = self._heard()
        news: dict[tuple[UUID, UUID], tuple[Notice, Reminder]] = {}
        for reminder, people in reversed(self.sent):  # the most urgent first
            for person in people:
                if (person.pk, reminder.pk) not in heard:
                    news.setdefault((person.pk, reminder.deadline_id), (_notice(reminder, person), reminder))
        notices.replace(news)
        Notice.objects.bulk_create(notice for notice, _reminder in news.values())
        digest.tell_all([notice for notice, reminder in news.values() if not is_told_again(reminder.offset)])
        trail.append(_recorded(reminder, people) for reminder, people in self.sent)

    def bury(self, reminder: Reminder, fault: str) -> None:
        """Give up, and say so to those who answer for the organisation; the health page counts it."""
        deadline = reminder.deadline
        for person in self.finder.stand_ins(deadline, deadline.bound_organisation_id):
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
        self._finish(reminder, ReminderState.DEAD, fault)

    def write(self) -> dict[UUID, str]:
        """Mark every reminder, with one statement for each outcome."""
        groups: dict[tuple[ReminderState, str, bool], list[UUID]] = defaultdict(list)
        for pk, (state, fault) in self.outcomes.items():
            groups[state, fault, self.held[pk].is_late].append(pk)
        for (state, fault, is_late), keys in groups.items():
            sent_at = clock.moment() if state == ReminderState.SENT else None
            Reminder.objects.filter(pk__in=keys).update(state=state, fault=fault, is_late=is_late, sent_at=sent_at)
        return {pk: state.value for pk, (state, _fault) in self.outcomes.items()}

    def _load_due(self, deadlines: Collection[UUID]) -> None:
        """Of each clock and version: the most urgent that is due for each audience, and every offset that is due."""
        rows = Reminder.objects.filter(deadline__in=deadlines, due_at__lte=self.now).order_by("due_at")
        for deadline, version, audience, offset, due_at in rows.values_list(
            "deadline", "version", "audience", "offset", "due_at"
        ):
            self.latest[deadline, version, audience] = due_at
            self.offsets[deadline, version].add(offset)

    def _heard(self) -> set[tuple[UUID, UUID]]:
        """Who (membership) has heard of the clock of which reminder since it fell due: by another offset or role."""
        keys = {
            (person.pk, reminder.pk): [
                (person.pk, notices.key(reminder, offset))
                for offset in self.offsets[reminder.deadline_id, reminder.version]
            ]
            for reminder, people in self.sent
            for person in people
        }
        told = notices.told({one for asked in keys.values() for one in asked})
        since = {reminder.pk: reminder.due_at for reminder, _people in self.sent}
        return {
            (person, pk)
            for (person, pk), asked in keys.items()
            if any(told[one] >= since[pk] for one in asked if one in told)
        }

    def _is_overtaken(self, reminder: Reminder) -> bool:
        """After an outage several offsets are due at once: only the most urgent goes out."""
        return reminder.due_at < self.latest[reminder.deadline_id, reminder.version, reminder.audience]

    def _finish(self, reminder: Reminder, state: ReminderState, fault: str = "") -> None:
        self.outcomes[reminder.pk] = (state, fault)


def _lock(wanted: Collection[UUID], *, is_patient: bool) -> dict[UUID, Deadline]:
    rows = Deadline.objects.select_for_update(no_key=True, skip_locked=not is_patient)
    return {deadline.pk: deadline for deadline in rows.filter(pk__in=wanted).order_by("pk")}


def _held(claims: Sequence[Claim], deadlines: dict[UUID, Deadline]) -> dict[UUID, Reminder]:
    """The reminders, without those whose lease ran out and that somebody else has taken or finished."""
    attempts = {one.reminder_id: one.attempt for one in claims}
    rows = Reminder.objects.select_for_update(no_key=True).filter(pk__in=attempts, state=ReminderState.WAITING)
    found = {row.pk: row for row in rows.order_by("pk") if row.attempts == attempts[row.pk]}
    for row in found.values():
        row.deadline = deadlines[row.deadline_id]
    return found


def _notice(reminder: Reminder, person: Membership) -> Notice:
    deadline = reminder.deadline
    return Notice(
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


def _recorded(reminder: Reminder, people: Sequence[Membership]) -> AuditChange:
    deadline = reminder.deadline
    return trail.change(
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


def _path(deadline: Deadline) -> str:
    """Where to go when the case itself is not known yet; for a case the inbox makes the address from who is reading."""
    return f"/referrals/{deadline.subject_id}/" if audiences.is_of_referral(deadline) else ""
