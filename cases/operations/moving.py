"""What changes a running clock: another day, an extension, a pause and its end, a new version of its rule.

Each makes a new version of the deadline, writes down what changed, and puts its reminders in the place of those of the
version before, in the transaction of the caller, who has judged, holds the lock and acts as ``nrm_ledger``.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import F, Q

from accounts.actors import Actor
from cases import deadlines
from cases.deadlines import Change, Due, Extension, Pause
from cases.enums import DeadlineMove, DeadlineState, ReminderState
from cases.models import Deadline, DeadlineChange, Reminder
from cases.operations.planning import plan_reminders
from core import clock
from profiles.parts import Profile, Rule


def move(
    profile: Profile,
    deadline: Deadline,
    due: Due,
    kind: DeadlineMove,
    *,
    actor: Actor,
    reason: str = "",
    at: datetime | None = None,
) -> Deadline:
    """Another due time."""
    before = deadline.due_on
    deadline.due_at, deadline.due_on = due.due_at, due.due_on
    if kind is not DeadlineMove.EXTENDED:
        deadline.calendar_version = profile.calendar_version(rule_of(profile, deadline))
    deadline.state, deadline.suspended_at = DeadlineState.OPEN, None
    _new_version(deadline)
    _write_down(deadline, kind, actor=actor, reason=reason, at=at, before=before)
    plan_reminders(profile, [deadline])
    return deadline


def stop(deadline: Deadline, at: datetime, *, reason: str, actor: Actor) -> Deadline:
    """Let the clock stand still since ``at``: it is not overdue and nothing is sent until it goes on."""
    deadline.state, deadline.suspended_at = DeadlineState.SUSPENDED, at
    _new_version(deadline)
    _write_down(deadline, DeadlineMove.SUSPENDED, actor=actor, reason=reason, at=at, before=deadline.due_on)
    return deadline


def go_on(
    profile: Profile, deadline: Deadline, at: datetime, *, region: str, actor: Actor, reason: str = ""
) -> Deadline:
    """Let a suspended clock go on from ``at``, with what was left of its period."""
    pause, rule = Pause(deadline.suspended_at or at, at), rule_of(profile, deadline)
    due = recounted(profile, rule, deadline, region, pause) or deadlines.changed(
        rule, Due(deadline.due_at, deadline.due_on), [pause], profile.zone, profile.calendar(region)
    )
    return move(profile, deadline, due, DeadlineMove.RESUMED, actor=actor, reason=reason, at=at)


def recounted(
    profile: Profile, rule: Rule, deadline: Deadline, region: str, *more: Change, is_extended: bool = True
) -> Due | None:
    """The due time counted anew from the event by ``rule``, with every pause and (``is_extended``) extension since.

    None for a clock of which the event is not known any more.
    """
    if deadline.counted_from is None:
        return None
    found = [change for change in changes(deadline) if is_extended or isinstance(change, Pause)]
    return deadlines.due_after(
        rule,
        deadline.counted_from,
        [*found, *more],
        profile.zone,
        profile.calendar(region),
        occurrence=deadline.occurrence,
    )


def changes(deadline: Deadline) -> list[Change]:
    """The pauses that have ended and the extensions of a clock, in their order."""
    found: list[Change] = []
    stopped_at: datetime | None = None
    for row in deadline.changes.order_by("version"):
        if row.kind == DeadlineMove.SUSPENDED:
            stopped_at = row.at
        elif row.kind == DeadlineMove.RESUMED and stopped_at is not None:
            found.append(Pause(stopped_at, row.at))
        elif row.kind == DeadlineMove.EXTENDED and row.due_after is not None:
            found.append(Extension(row.due_after))
    return found


def rule_of(profile: Profile, deadline: Deadline) -> Rule:
    """The rule of the profile in the version that the clock counts by."""
    return profile.rule_version(deadline.rule, deadline.rule_version)


def supersede(ended: Iterable[Deadline]) -> None:
    """Nothing more is sent for versions that do not hold any more."""
    waiting = Reminder.objects.filter(deadline__in=[row.pk for row in ended], state=ReminderState.WAITING)
    still_valid = Q(deadline__state=DeadlineState.OPEN, version=F("deadline__version"))
    waiting.exclude(still_valid).update(state=ReminderState.SUPERSEDED)


def _new_version(deadline: Deadline) -> None:
    deadline.version += 1
    deadline.version_at = clock.moment()
    moved = ("due_at", "due_on", "counted_from", "rule_version", "calendar_version")
    deadline.save(update_fields=(*moved, "state", "suspended_at", "version", "version_at"))
    supersede([deadline])


def _write_down(
    deadline: Deadline, kind: DeadlineMove, *, actor: Actor, reason: str, at: datetime | None, before: date
) -> None:
    DeadlineChange.objects.create(
        deadline=deadline,
        case_id=deadline.case_id,
        kind=kind,
        version=deadline.version,
        at=at or clock.moment(),
        recorded_at=clock.moment(),
        due_before=before,
        due_after=None if deadline.state == DeadlineState.SUSPENDED else deadline.due_on,
        rule_version=deadline.rule_version,
        reason=reason,
        organisation_id=actor.organisation_id,
        made_by_id=actor.membership_id,
    )
