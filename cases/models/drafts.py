"""What is not yet, or never becomes, a case."""

import uuid
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Membership, Organisation
from core import crypto


class Draft(models.Model):
    """A registration that is being written: answers by page, sealed with the draft's own key.

    Warned about 21 calendar days after the last save and erased after 28 (profile; practice of the UK Home Office).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    author = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    wrapped_key = models.BinaryField(editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("organisation", "-saved_at"), name="draft_of_organisation"),)

    @cached_property
    def data_key(self) -> bytes:
        return crypto.unwrap(self.wrapped_key)

    @property
    def _additional_data(self) -> str:
        return f"{self._meta.db_table}:{self.pk}:{self.organisation_id}"

    def open(self) -> dict[str, Any]:
        """The answers, by page of the form."""
        return crypto.open_sealed(self.data_key, self.sealed, self._additional_data) if self.sealed else {}

    def seal(self, answers: dict[str, Any]) -> None:
        """Replace the answers; the caller saves."""
        self.sealed = crypto.seal(self.data_key, answers, self._additional_data)


class AnonymousNotification(models.Model):
    """A victim counted without consent: codes only, linked to no person, case or draft (``domain.md`` 3.1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notified_on = models.DateField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    region = models.CharField(max_length=32, blank=True)
    sex = models.CharField(max_length=40, blank=True)
    age_group = models.CharField(max_length=12)
    citizenship_group = models.CharField(max_length=20, blank=True)
    forms = ArrayField(models.CharField(max_length=40), default=list)
    refusal_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index("notified_on", name="notification_when"),)
