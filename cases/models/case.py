"""The case, its key and its lead. No personal data in the clear."""

import uuid
from functools import cached_property

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cases.enums import SHAREABLE, CaseState, Identification
from cases.querysets import CaseQuerySet
from core import crypto, reference


class Person(models.Model):
    """A bare key. Only a consented link or a new episode puts two cases under one person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        default_permissions = ()


class Case(models.Model):
    """One episode of one person. Its columns are the category ``status``: what all that may know the case see."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=9, unique=True, default=reference.new, editable=False)
    profile = models.CharField(max_length=8)
    state = models.CharField(max_length=12, choices=CaseState, default=CaseState.REGISTERED)
    identification = models.CharField(max_length=24, choices=Identification, default=Identification.PRESUMED)
    is_child_branch = models.BooleanField(default=False)
    language = models.CharField(max_length=12, blank=True)
    do_not_contact = models.BooleanField(default=True)
    region = models.CharField(max_length=32, blank=True)
    registered_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    registered_on = models.DateField()
    reasonable_grounds_on = models.DateField(null=True)
    assistance_started_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    closing_outcome = models.CharField(max_length=40, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [(f"view_{category}", f"May see {category}") for category in SHAREABLE]
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=CaseState.values),
                name="case_state_known",
                violation_error_message=_("Unknown state of a case."),
            ),
            models.CheckConstraint(
                condition=models.Q(identification__in=Identification.values),
                name="case_identification_known",
                violation_error_message=_("Unknown identification status."),
            ),
        )
        indexes = (models.Index("registered_on", name="case_registered_when"),)

    def __str__(self) -> str:
        return self.shown_reference

    @property
    def shown_reference(self) -> str:
        return reference.show(self.reference)

    @cached_property
    def data_key(self) -> bytes:
        """The case's key, unwrapped once per loaded case."""
        return crypto.unwrap(self.key.wrapped)


class CaseKey(models.Model):
    """The wrapped key of one case. Deleting the row erases everything that was sealed with it."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="key")
    wrapped = models.BinaryField()

    class Meta:
        default_permissions = ()


class CaseLead(models.Model):
    """Which organisation leads the case, as dated rows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="leads")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(ends_at__isnull=True),
                name="caselead_one_at_a_time",
                violation_error_message=_("A case has one lead at a time."),
            ),
        )
