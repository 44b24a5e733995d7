"""The reminder rows of deadlines, each once (``deadlines.md`` 2.2)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from cases import deadlines
from cases.deadlines import Due, PlannedReminder
from cases.models import Deadline, Reminder
from core import clock
from profiles.parts import Profile


def plan_reminders(profile: Profile, wanted: Iterable[Deadline]) -> None:
    """Write the reminder rows of the present version of deadlines.

    Repeatable: the key (deadline, version, offset, audience) keeps a row from being written twice.
    """
    rows = [row for deadline in wanted for row in _rows(profile, deadline)]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def complete_reminders(profile: Profile, wanted: Sequence[Deadline]) -> int:
    """Write the reminder rows that deadlines lack, of their present version; returns how many those were.

    What is told again while a deadline is overdue is written here each time that the one before has its day, and is
    not counted as lacking.
    """
    present = Reminder.objects.filter(deadline__in=wanted)
    known = set(present.values_list("deadline_id", "version", "offset", "audience"))
    rows = [row for deadline in wanted for row in _rows(profile, deadline) if _key(row) not in known]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return sum(not deadlines.is_told_again(row.offset) for row in rows)


def planned(profile: Profile, deadline: Deadline) -> list[PlannedReminder]:
    """The reminders of the present version, and the next of those that come while it is overdue.

    What an earlier version has told already is not told again, unless the deadline has passed by then: that it is
    overdue must be told in any case.
    """
    rule = profile.rule_version(deadline.rule, deadline.rule_version)
    due, calendar = Due(deadline.due_at, deadline.due_on), profile.calendar(deadline.case.region)
    found = deadlines.reminders(
        rule, due, started_at=deadline.started_at, zone=profile.zone, at=profile.reminder_time, calendar=calendar
    )
    since = deadline.version_at
    if since is not None and deadline.due_at > since:
        found = [one for one in found if one.due_at >= since]
    return found + deadlines.while_overdue(
        rule,
        due,
        profile.overdue,
        now=clock.moment(),
        zone=profile.zone,
        at=profile.reminder_time,
        calendar=calendar,
    )


def _rows(profile: Profile, deadline: Deadline) -> list[Reminder]:
    return [
        Reminder(
            deadline=deadline,
            version=deadline.version,
            offset=one.offset,
            audience=one.audience,
            is_escalation=one.is_escalation,
            due_at=one.due_at,
        )
        for one in planned(profile, deadline)
    ]


def _key(row: Reminder) -> tuple[UUID, int, str, str]:
    return row.deadline_id, row.version, row.offset, row.audience
