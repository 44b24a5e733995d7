"""Deadlines and the reminder rows that hang on them (``deadlines.md`` section 2)."""

import uuid

from django.db import models

from accounts.models import Membership, Organisation
from cases.enums import DeadlineMove, DeadlineState, ReminderState
from cases.models.case import Case


class Deadline(models.Model):
    """One clock of one case: ``due_at`` is the instant after which it is overdue, ``due_on`` its civil day in the zone.

    Knows its case, rule and category only. ``bound_organisation`` is whom the rule binds. ``counted_from`` is the event
    (for day rules the start of its civil day), ``occurrence`` the n-th time of a rule of each month. Where a holiday
    moves the day, ``calendar_version`` names the holidays that it was counted by (``Profile.calendar_version``).
    ``version`` rises with each extension, suspension or recalculation and supersedes the reminders of the version
    before; it holds since ``version_at``, empty for the first. ``acted_on``: of a minimum, the day of the act with
    which it ends at the earliest on ``due_on``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    rule = models.CharField(max_length=24)
    rule_version = models.DateField()
    calendar_version = models.CharField(max_length=12, blank=True)
    category = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    bound_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    subject_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    counted_from = models.DateTimeField(null=True)
    occurrence = models.PositiveSmallIntegerField(default=1)
    due_at = models.DateTimeField()
    due_on = models.DateField()
    acted_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    version_at = models.DateTimeField(null=True)
    suspended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=DeadlineState, default=DeadlineState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by_event = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("case", "due_at", condition=models.Q(state="open"), name="deadline_open_of_case"),
            models.Index("due_at", condition=models.Q(state="open"), name="deadline_open_when"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=DeadlineState.SUSPENDED, suspended_at__isnull=False)
                | (~models.Q(state=DeadlineState.SUSPENDED) & models.Q(suspended_at__isnull=True)),
                name="deadline_suspended_since",
            ),
        )


class DeadlineChange(models.Model):
    """One change of a clock, for everybody who may see it: what, why (a code), by whom, from which day to which.

    ``at`` is the instant that counts: since when the clock stands still, or from when it goes on. Append-only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="changes")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=DeadlineMove)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    due_before = models.DateField()
    due_after = models.DateField(null=True)
    rule_version = models.DateField()
    reason = models.CharField(max_length=40, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("deadline", "version"), name="deadlinechange_once_per_version"),)


class Reminder(models.Model):
    """One reminder to one audience. Claimed with a lease; ``attempts`` is the fence. Without personal data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="reminders")
    version = models.PositiveIntegerField()
    offset = models.CharField(max_length=12)
    audience = models.CharField(max_length=24)
    is_escalation = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ReminderState, default=ReminderState.WAITING)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("deadline", "version", "offset", "audience"), name="reminder_once"),
        )
        indexes = (models.Index("due_at", condition=models.Q(state="waiting"), name="reminder_due"),)
