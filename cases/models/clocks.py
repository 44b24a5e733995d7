"""Deadlines and the reminder rows that hang on them (``deadlines.md`` section 2)."""

import uuid

from django.db import models

from accounts.models import Organisation
from cases.enums import DeadlineState, ReminderState
from cases.models.case import Case


class Deadline(models.Model):
    """One clock of one case: ``due_at`` is the instant after which it is overdue, ``due_on`` its civil day in the zone.

    Knows its case, rule and category only. ``bound_organisation`` is whom the rule binds. ``version`` rises with each
    extension or suspension and supersedes the reminders of the version before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    rule = models.CharField(max_length=24)
    rule_version = models.DateField()
    category = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    bound_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    subject_id = models.UUIDField(null=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=12, choices=DeadlineState, default=DeadlineState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by_event = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("case", "due_at", condition=models.Q(state="open"), name="deadline_open_of_case"),
            models.Index("due_at", condition=models.Q(state="open"), name="deadline_open_when"),
        )


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
