"""A case opened in an emergency, without referral or share, and every attempt to do so (rule 11)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from cases.enums import TryOutcome
from cases.models.case import Case
from cases.models.sealed import SelfSealed


class BreakGlass(SelfSealed):
    """Who opened which case, why and until when, and what the review found. The shares hold what it opened.

    It opens to ``opened_by`` and to one ``colleague`` named with it, and to nobody else of their organisation.
    ``concerned`` are the organisations whose rows were opened. Sealed: the reason in words, the remarks of the review.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=9)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    opened_by_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    colleague = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    colleague_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=40)
    concerned = ArrayField(models.UUIDField())
    categories = ArrayField(models.CharField(max_length=20))
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    reviewed_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=40, blank=True)

    class Meta(SelfSealed.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("opened_at")),
                name="breakglass_ends",
                violation_error_message=_("The end must lie after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(reviewed_at__isnull=True)
                | (models.Q(reviewed_by_user__isnull=False) & ~models.Q(outcome="")),
                name="breakglass_review_has_outcome",
                violation_error_message=_("Say what the review found."),
            ),
            models.CheckConstraint(
                condition=~models.Q(reviewed_by_user=models.F("opened_by_user")),
                name="breakglass_reviewed_by_another",
                violation_error_message=_("Whoever opened the case cannot review it."),
            ),
            models.CheckConstraint(
                condition=models.Q(colleague_user__isnull=True)
                | ~models.Q(colleague_user=models.F("opened_by_user"))
                & (models.Q(reviewed_by_user__isnull=True) | ~models.Q(reviewed_by_user=models.F("colleague_user"))),
                name="breakglass_colleague_is_another",
                violation_error_message=_("Choose somebody else: not yourself, and not who reviews it."),
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "-opened_at"), name="breakglass_by_organisation"),
            models.Index(fields=("opened_by_user", "-opened_at"), name="breakglass_by_person"),
        )


class BreakGlassTry(models.Model):
    """One attempt, whatever became of it: attempts are limited, and misses are told to data protection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=TryOutcome)

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=("user", "-at"), name="breakglasstry_by_person"),)
