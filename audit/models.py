"""Append-only tables: one row per request that touched case data, what it showed of whom, one row per change; and the
seals over them. Two columns that no model knows, ``cluster`` and ``xid``, say in which transaction a row was written.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.enums import HintKind


class Recorded(models.Model):
    """Who acted, for which organisation, when. Labels stay readable when the account is gone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=120, blank=True)
    membership_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)

    class Meta:
        abstract = True
        default_permissions = ()


class AuditRequest(Recorded):
    """One request that touched case data, or was denied it: what was shown, and with what outcome (HTTP status)."""

    method = models.CharField(max_length=8)
    route = models.CharField(max_length=120)
    reference = models.CharField(max_length=16, blank=True)
    categories = ArrayField(models.CharField(max_length=20), default=list)
    owners = ArrayField(models.UUIDField(), default=list)
    cases_shown = models.PositiveIntegerField(default=0)
    outcome = models.PositiveSmallIntegerField()

    class Meta(Recorded.Meta):
        indexes = (
            models.Index("case_id", "at", name="auditrequest_who_looked"),
            models.Index("organisation_id", "at", name="auditrequest_by_organisation"),
            models.Index(fields=("membership_id", "-at"), include=("method", "outcome"), name="auditrequest_by_member"),
            models.Index("at", name="auditrequest_newest"),
        )


class AuditChange(Recorded):
    """One change: which act, on whose row of which category. Details are codes, dates and ids only."""

    request_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    category = models.CharField(max_length=20)
    owner_organisation_id = models.UUIDField(null=True)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta(Recorded.Meta):
        indexes = (
            models.Index("case_id", "at", name="auditchange_timeline"),
            models.Index("kind", "at", name="auditchange_kind"),
            models.Index("organisation_id", "at", name="auditchange_by_organisation"),
        )


class AuditLook(models.Model):
    """One organisation's rows of one case, shown by one request: what their owner may know of the look, and no more.

    ``actor_label`` stands in looks at rows of the own organisation only; of others the owner learns organisation and
    function (docs/decisions/0017-who-looked.md).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request_id = models.UUIDField()
    at = models.DateTimeField()
    case_id = models.UUIDField()
    reference = models.CharField(max_length=16)
    owner_organisation_id = models.UUIDField()
    categories = ArrayField(models.CharField(max_length=20))
    organisation_id = models.UUIDField(null=True)
    roles = ArrayField(models.CharField(max_length=32), default=list)
    actor_label = models.CharField(max_length=120, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("owner_organisation_id", "case_id", "at", name="auditlook_of_case"),
            models.Index("owner_organisation_id", "at", name="auditlook_of_owner"),
        )


class AuditSeal(models.Model):
    """A batch of audit rows under one signed root, chained to the batch before.

    It holds every row whose transaction lies in ``from_xid`` (included) to ``to_xid`` (excluded) of one ``cluster``.
    ``leaves`` name the rows, so that a verification can say which one is not as it was.
    """

    number = models.BigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    form = models.PositiveSmallIntegerField()
    cluster = models.BigIntegerField()
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    leaves = models.BinaryField()
    root = models.BinaryField()
    previous = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        default_permissions = ()


class AuditHint(models.Model):
    """Something about a person's day at work that a supervisor should look at: numbers, never content."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField()
    kind = models.CharField(max_length=24, choices=HintKind)
    on = models.DateField()
    organisation_id = models.UUIDField()
    membership_id = models.UUIDField()
    actor_label = models.CharField(max_length=120)
    count = models.PositiveIntegerField()
    usual = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("membership_id", "kind", "on"), name="audithint_once_a_day"),)
        indexes = (models.Index(fields=("organisation_id", "-on"), name="audithint_newest"),)
