"""Two append-only tables: one row per request that touched case data, one per change."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models


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
        )
