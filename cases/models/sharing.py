"""Who may know, what is shared, and the projection of both that access and row-level security read."""

import uuid
from datetime import timedelta
from functools import cached_property
from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from accounts.models import Membership, Organisation
from cases.enums import SHAREABLE, Office, ShareLevel, SharingAnswer, VisibilityReason
from cases.knowledge import ROOTS
from cases.models.case import Case
from cases.models.sealed import SealedModel
from cases.querysets import LiveQuerySet, share_holds
from core import clock

# The end of a share is at most this many calendar days away (``sharing.md`` rule 2).
LONGEST_DAYS: Final = 90


class CaseVisibility(models.Model):
    """Who may know that a case exists: one row per organisation, one per assigned member. Worklists read it alone.

    ``ends_at`` follows the live shares (null for the lead and for who registered). ``next_due_at`` and
    ``last_activity_at`` hold only what this organisation may see; ``is_child`` repeats the case's child branch, so that
    a list of children joins nothing; ``is_unattended``, in the row of a whole organisation, says that nobody there
    works on the case (``access.unattended``). Written only through ``cases.ledger``; when a colleague changes, by a
    trigger.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="visibility", db_index=False)
    # No index of its own: beside a case it would tempt the planner to read all rows of a large organisation.
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    membership = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=12, choices=VisibilityReason)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    is_child = models.BooleanField(default=False)
    is_unattended = models.BooleanField(default=False)
    # Persons for whom this row does not count: with a conflict of interest (``CaseBlock``), or not named when the case
    # was opened in an emergency. Null for nobody.
    blocked = ArrayField(models.UUIDField(), null=True)

    objects = LiveQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "case"),
                condition=models.Q(membership__isnull=True),
                name="casevisibility_one_per_organisation",
            ),
            models.UniqueConstraint(
                fields=("membership", "case"),
                condition=models.Q(membership__isnull=False),
                name="casevisibility_one_per_member",
            ),
            models.CheckConstraint(
                condition=models.Q(is_unattended=False) | models.Q(membership__isnull=True),
                name="casevisibility_unattended_by_all",
            ),
        )
        indexes = (
            # The question of row-level security, asked for each row of each table: is this case known?
            models.Index(
                fields=("case", "organisation"),
                include=("membership", "ends_at", "blocked"),
                name="casevisibility_knows",
            ),
            models.Index(
                "organisation",
                models.F("next_due_at").asc(nulls_last=True),
                "case",
                condition=models.Q(membership__isnull=True),
                # Counts are read from the index alone.
                include=("membership", "ends_at", "is_child", "blocked"),
                name="casevisibility_org_due",
            ),
            # A list of children, and its count, reads children only.
            models.Index(
                "organisation",
                models.F("next_due_at").asc(nulls_last=True),
                "case",
                condition=models.Q(membership__isnull=True, is_child=True),
                include=("membership", "ends_at", "blocked"),
                name="casevisibility_org_children",
            ),
            # So does a list of those that nobody works on.
            models.Index(
                "organisation",
                models.F("next_due_at").asc(nulls_last=True),
                "case",
                condition=models.Q(membership__isnull=True, is_unattended=True),
                include=("membership", "ends_at", "blocked"),
                name="casevisibility_org_unattended",
            ),
            models.Index(
                "organisation",
                models.F("last_activity_at").desc(),
                "case",
                condition=models.Q(membership__isnull=True),
                name="casevisibility_org_activity",
            ),
            models.Index(
                "membership",
                models.F("next_due_at").asc(nulls_last=True),
                "case",
                condition=models.Q(membership__isnull=False),
                include=("organisation", "ends_at", "is_child", "blocked"),
                name="casevisibility_member_due",
            ),
            models.Index(
                "membership",
                models.F("last_activity_at").desc(),
                "case",
                condition=models.Q(membership__isnull=False),
                name="casevisibility_member_activity",
            ),
        )


class Share(models.Model):
    """(from, to, purpose, categories, until): one organisation's rows to another (``sharing.md`` rule 2).

    ``opened_at``: when its grants were written; a share whose start lies ahead has none before ``starts_at``.
    ``roots`` and ``sources`` name what the giver knew the case by when it gave: roots of ``cases.knowledge``, and the
    shares to it. ``kept_until``: for how long its receiver reads on after the last source was completed (rule 18).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="shares")
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=40)
    # Of a legal obligation that was chosen: which provision of the profile obliges. Offices follow from the profile.
    provision = models.CharField(max_length=40, blank=True)
    consent = models.ForeignKey("cases.Consent", models.PROTECT, null=True, related_name="shares")
    consent_valid_until = models.DateField(null=True)
    level = models.CharField(max_length=10, choices=ShareLevel, default=ShareLevel.READ)
    office = models.CharField(max_length=24, choices=Office, blank=True, default=Office.NONE)
    starts_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=24, blank=True)
    renewed_at = models.DateTimeField(null=True)
    renewal_reason = models.CharField(max_length=40, blank=True)
    made_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    roots = ArrayField(models.CharField(max_length=24), default=list)
    sources = ArrayField(models.UUIDField(), default=list)
    kept_until = models.DateTimeField(null=True)
    # Beside the start, which may lie ahead: a suspension cuts what was made before it was lifted.
    made_at = models.DateTimeField(default=clock.moment, editable=False)

    objects = LiveQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(from_organisation=models.F("to_organisation")),
                name="share_to_another",
                violation_error_message=_("An organisation cannot share with itself."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="share_ends_after_start",
                violation_error_message=_("The end must lie after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(consent_valid_until__isnull=True)
                | models.Q(ends_on__lte=models.F("consent_valid_until")),
                name="share_within_consent",
                violation_error_message=_("Sharing cannot last longer than the consent that it rests on."),
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose="") & ~models.Q(legal_basis=""),
                name="share_has_purpose_and_basis",
                violation_error_message=_("Sharing needs a purpose and a legal basis."),
            ),
            models.CheckConstraint(
                condition=models.Q(categories__len__gt=0),
                name="share_has_categories",
                violation_error_message=_("Choose at least one category to share."),
            ),
            models.CheckConstraint(
                condition=models.Q(categories__contained_by=list(SHAREABLE)),
                name="share_categories_known",
                violation_error_message=_("Choose categories from the list."),
            ),
            models.CheckConstraint(
                condition=models.Q(level__in=ShareLevel.values),
                name="share_level_known",
                violation_error_message=_("Choose whether they only read, or add rows of their own."),
            ),
            models.CheckConstraint(
                condition=~models.Q(legal_basis="consent") | models.Q(consent__isnull=False),
                name="share_on_consent_names_it",
                violation_error_message=_("Choose the consent that this rests on."),
            ),
            models.CheckConstraint(
                condition=models.Q(provision="") & ~models.Q(legal_basis="legal_obligation")
                | models.Q(legal_basis="legal_obligation") & ~models.Q(provision="")
                | models.Q(provision="") & ~models.Q(office__in=("", Office.REFERRAL)),
                name="share_obligation_names_provision",
                violation_error_message=_("Choose the provision of law that obliges you."),
            ),
            models.CheckConstraint(
                condition=~models.Q(legal_basis="vital_interests", office__in=("", Office.REFERRAL))
                | models.Q(consent__isnull=False),
                name="share_for_a_life_rests_on_override",
                violation_error_message=_("Record in the consent register first why it is necessary."),
            ),
            models.CheckConstraint(
                # One day more than ninety, for the zone and the last day that counts.
                condition=~models.Q(office__in=("", Office.REFERRAL))
                | models.Q(ends_at__lte=Greatest("starts_at", "renewed_at") + timedelta(days=LONGEST_DAYS + 1)),
                name="share_within_ninety_days",
                violation_error_message=_("Choose a day at most 90 days from today."),
            ),
            models.CheckConstraint(
                condition=models.Q(renewed_at__isnull=True, renewal_reason="")
                | models.Q(renewed_at__isnull=False) & ~models.Q(renewal_reason=""),
                name="share_renewed_with_reason",
                violation_error_message=_("Say why it goes on."),
            ),
            models.CheckConstraint(
                condition=models.Q(roots__contained_by=list(ROOTS)),
                name="share_roots_known",
                violation_error_message=_("An organisation knows a case by leading it, by an office, or by a share."),
            ),
        )
        indexes = (
            models.Index("case", "to_organisation", name="share_of_case"),
            models.Index(
                "starts_at",
                condition=models.Q(opened_at__isnull=True, ended_at__isnull=True),
                name="share_to_open",
            ),
            models.Index("ends_at", condition=models.Q(ended_at__isnull=True), name="share_to_end"),
            models.Index(
                "kept_until",
                condition=models.Q(ended_at__isnull=True, kept_until__isnull=False),
                name="share_kept",
            ),
            models.Index("from_organisation", condition=models.Q(ended_at__isnull=True), name="share_given"),
            models.Index("consent", condition=models.Q(consent__isnull=False), name="share_resting"),
        )

    @cached_property
    def holds(self) -> bool:
        """False for what a suspension has cut. Lists ask it of all rows at once: ``LiveQuerySet.with_holds``."""
        return share_holds(self.pk)


class SharingRequest(SealedModel):
    """An organisation that knows the case by a share asks who gave it to share with another one (rule 18).

    ``owner_organisation`` asks ``giver``, which answers with a share of its own to ``receiver``, or not at all. Sealed:
    ``why``. Read by those two alone.
    """

    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    giver = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=20))
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=40)
    answer = models.CharField(max_length=8, choices=SharingAnswer, blank=True, default=SharingAnswer.NONE)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta(SealedModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("case", "owner_organisation", "giver", "receiver", "purpose"),
                condition=models.Q(answer=""),
                name="sharingrequest_once",
                violation_error_message=_("This was asked already and has not been answered yet."),
            ),
            models.CheckConstraint(
                condition=~models.Q(giver=models.F("owner_organisation"))
                & ~models.Q(receiver=models.F("owner_organisation"))
                & ~models.Q(receiver=models.F("giver")),
                name="sharingrequest_three_parties",
                violation_error_message=_("Choose an organisation that neither asks nor is asked."),
            ),
            models.CheckConstraint(
                condition=models.Q(categories__len__gt=0) & models.Q(categories__contained_by=list(SHAREABLE)),
                name="sharingrequest_categories_known",
                violation_error_message=_("Choose at least one category to share."),
            ),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | ~models.Q(answer="") & models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="sharingrequest_answered_by_somebody",
                violation_error_message=_("Say who answered."),
            ),
        )
        indexes = (models.Index("giver", condition=models.Q(answer=""), name="sharingrequest_waiting"),)


class CaseGroupObjectPermission(GroupObjectPermissionBase):
    """django-guardian's direct foreign key: which category of whose rows the group of an organisation may see.

    Only shares make these rows; one's own rows need none. ``purpose`` is empty for a party by office, which may hold
    the same category by two offices. ``expires_at`` and ``contributes_until`` (null: it only reads) are those of the
    share or of what it hangs on, whichever is earlier. Written only through ``cases.ledger``.
    """

    content_object = models.ForeignKey(Case, models.CASCADE, related_name="grants")
    share = models.ForeignKey(Share, models.CASCADE, related_name="grants")
    from_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    purpose = models.CharField(max_length=40, blank=True)
    contributes_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("share", "category"), name="grant_once_per_share"),
            models.UniqueConstraint(
                fields=("content_object", "from_organisation", "to_organisation", "category", "purpose"),
                condition=~models.Q(purpose=""),
                name="grant_once_per_purpose",
                violation_error_message=_("This is already shared for this purpose. End that first."),
            ),
        )
        indexes = (
            models.Index("content_object", "to_organisation", "category", "from_organisation", name="grant_lookup"),
        )
