"""What may be one person in two cases, and what links cases. No row names the other case to who may not know it."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.enums import DoubleState, LinkAnswer, LinkKind
from cases.models.case import Case
from cases.models.sealed import SealedModel, once_per_owner


class MatchingRecord(SealedModel):
    """What is compared of one identity row: keyed tokens, and sealed the facts of ``cases.matching.blocking.Person``.

    Written with the identity by its organisation, which can never read it back; read by ``nrm_matcher`` alone.
    """

    tokens = ArrayField(models.CharField(max_length=24), default=list)
    compared_at = models.DateTimeField(null=True)

    class Meta(SealedModel.Meta):
        constraints = (once_per_owner("matchingrecord"),)
        indexes = (
            GinIndex(fields=("tokens",), name="matchingrecord_tokens"),
            models.Index("id", condition=models.Q(compared_at__isnull=True), name="matchingrecord_waiting"),
        )


class PossibleDouble(models.Model):
    """Two cases and a score, for the coordinator's desk: once for each pair, so that what is kept apart stays so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Case, models.PROTECT, related_name="+")
    second = models.ForeignKey(Case, models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=DoubleState, default=DoubleState.FOUND)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="possibledouble_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="possibledouble_in_order"),
            models.CheckConstraint(
                condition=models.Q(state__in=DoubleState.values),
                name="possibledouble_state_known",
                violation_error_message=_("Unknown state of a possible double."),
            ),
        )
        indexes = (models.Index("state", "score", name="possibledouble_desk"),)


class DoubleSide(models.Model):
    """One of the two cases, as its lead is asked about it: it names the other by the shared ``double`` alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    double = models.ForeignKey(PossibleDouble, models.PROTECT, related_name="sides")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=9)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True)
    is_open = models.BooleanField(default=False)
    answer = models.CharField(max_length=8, choices=LinkAnswer, blank=True, default=LinkAnswer.NONE)
    basis = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    told_on = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=("double", "case"), name="doubleside_once"),
            models.CheckConstraint(
                condition=~models.Q(answer=LinkAnswer.AGREED) | ~models.Q(basis=""),
                name="doubleside_agreed_has_basis",
                violation_error_message=_("Say on what the agreement rests."),
            ),
            models.CheckConstraint(
                condition=~models.Q(answer=LinkAnswer.REFUSED) | ~models.Q(reason=""),
                name="doubleside_refused_has_reason",
                violation_error_message=_("Say why the cases must not be linked."),
            ),
        )


class CaseLink(models.Model):
    """One row for each case of a group: which other cases are in it is known to who may know those cases too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.UUIDField()
    case = models.ForeignKey(Case, models.PROTECT, related_name="links")
    kind = models.CharField(max_length=16, choices=LinkKind)
    made_at = models.DateTimeField()
    made_by_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=("group", "case"), name="caselink_once"),)
        indexes = (models.Index("case", condition=models.Q(ended_at__isnull=True), name="caselink_of_case"),)
