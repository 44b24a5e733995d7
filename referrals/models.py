"""A referral, its steps and its questions. The card is frozen when it is sent; free text is sealed with its own key."""

import uuid
from functools import cached_property
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.models import Case, Consent, Deadline, Share
from core import crypto, reference
from referrals.enums import ReferralState, StepKind, Urgency
from referrals.querysets import ReferralQuerySet


class Referral(models.Model):
    """One organisation asks another for a service for one case.

    ``card`` holds codes only: reference, adult or child, sex, language, urgency, region, service; it is all that the
    receiver sees before accepting and after the end. ``share`` is null until it is accepted. ``state`` is what was
    written; ``state_now`` of the queryset is what holds at this moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="referrals_sent")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="referrals_received")
    state = models.CharField(max_length=12, choices=ReferralState, default=ReferralState.SENT)
    service = models.CharField(max_length=40)
    phase = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=40)
    provision = models.CharField(max_length=40, blank=True)
    transfer_reason = models.CharField(max_length=40, blank=True)
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.NORMAL)
    region = models.CharField(max_length=32, blank=True)
    card = models.JSONField()
    ends_on = models.DateField()
    wrapped_key = models.BinaryField(editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    response_deadline = models.OneToOneField(Deadline, models.PROTECT, null=True, related_name="referral")
    answer_due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    assigned_to = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    decline_reason = models.CharField(max_length=40, blank=True)
    share = models.OneToOneField(Share, models.PROTECT, null=True, related_name="referral")
    # What the sender knew the case by when it sent: what the share hangs on, once it is accepted (``Share.roots``).
    roots = ArrayField(models.CharField(max_length=24), default=list)
    sources = ArrayField(models.UUIDField(), default=list)
    outcome = models.CharField(max_length=40, blank=True)
    failure_reason = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = ReferralQuerySet.as_manager()
    state_now: str

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(from_organisation=models.F("to_organisation")),
                name="referral_to_another",
                violation_error_message=_("A referral goes to another organisation."),
            ),
            models.CheckConstraint(
                condition=models.Q(categories__len__gt=0),
                name="referral_has_categories",
                violation_error_message=_("Choose at least one category to share."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ReferralState.DECLINED) | ~models.Q(decline_reason=""),
                name="referral_declined_has_reason",
                violation_error_message=_("Say why the referral is declined."),
            ),
            models.CheckConstraint(
                condition=models.Q(legal_basis="legal_obligation") & ~models.Q(provision="")
                | ~models.Q(legal_basis="legal_obligation") & models.Q(provision=""),
                name="referral_obligation_names_provision",
                violation_error_message=_("Choose the provision of law that obliges you."),
            ),
            models.UniqueConstraint(
                fields=("case", "from_organisation", "to_organisation", "service"),
                condition=models.Q(state__in=("sent", "accepted", "in_progress")),
                name="referral_one_open_per_service",
                violation_error_message=_("This organisation already has an open referral for this service."),
            ),
        )
        indexes = (
            models.Index(
                "to_organisation",
                "answer_due_at",
                condition=models.Q(state="sent"),
                name="referral_to_answer",
            ),
            models.Index("from_organisation", "state", "answer_due_at", name="referral_sent_by"),
            models.Index("case", "sent_at", name="referral_of_case"),
            models.Index("sent_at", name="referral_when"),
            models.Index("expires_at", condition=models.Q(state="sent"), name="referral_to_expire"),
        )

    @property
    def shown_reference(self) -> str:
        """The reference of the case, from the card: the case itself may not be readable."""
        return reference.show(self.card["reference"])

    @cached_property
    def data_key(self) -> bytes:
        return crypto.unwrap(self.wrapped_key)

    def open(self) -> dict[str, Any]:
        """The sealed free text: ``message`` (after acceptance), ``feedback``."""
        return crypto.open_sealed(self.data_key, self.sealed, f"referral:{self.pk}") if self.sealed else {}

    def seal(self, content: dict[str, Any]) -> None:
        """Replace the sealed free text; the caller saves."""
        self.sealed = crypto.seal(self.data_key, content, f"referral:{self.pk}")


class SealedPart(models.Model):
    """Something said about a referral, sealed with the referral's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField(null=True, editable=False)
    referral: models.ForeignKey[Referral, Referral]

    class Meta:
        abstract = True
        default_permissions = ()

    def open(self) -> dict[str, Any]:
        aad = f"{self._meta.db_table}:{self.pk}"
        return crypto.open_sealed(self.referral.data_key, self.sealed, aad) if self.sealed else {}

    def seal(self, content: dict[str, Any]) -> None:
        self.sealed = crypto.seal(self.referral.data_key, content, f"{self._meta.db_table}:{self.pk}")


class ReferralStep(SealedPart):
    """One step that the receiver records on the way to done. Sealed: a note."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=StepKind)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta(SealedPart.Meta):
        pass


class ReferralQuestion(SealedPart):
    """A question of the receiver before it answers. Sealed: question and answer."""

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="questions")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta(SealedPart.Meta):
        pass
