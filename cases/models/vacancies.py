"""Cases whose lead has nobody left who can act, and to whom the coordinator's office offers them. No content."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.enums import LeadOfferState, VacancyOutcome
from cases.models.case import Case

OPEN_OFFERS = (LeadOfferState.PROPOSED, LeadOfferState.OFFERED)


class LeadVacancy(models.Model):
    """An open case whose lead has nobody left: all that the coordinator's office sees of it, and for how long so.

    Who led it stands in ``CaseLead`` alone; the office does not learn it here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=9)
    region = models.CharField(max_length=32, blank=True)
    is_child = models.BooleanField(default=False)
    # Child protection of the child, and the clocks of the lead that it keeps meanwhile.
    keeper = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    kept_clocks = ArrayField(models.UUIDField(), default=list)
    found_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=VacancyOutcome, blank=True, default=VacancyOutcome.NONE)

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=models.Q(ended_at__isnull=True), name="leadvacancy_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, outcome="")
                | models.Q(ended_at__isnull=False) & ~models.Q(outcome=""),
                name="leadvacancy_ended_has_outcome",
            ),
        )
        indexes = (models.Index("found_at", "id", condition=models.Q(ended_at__isnull=True), name="leadvacancy_desk"),)


class LeadOffer(models.Model):
    """The lead of one case, offered to one organisation: proposed by one member of the office, confirmed by another.

    ``state`` is what was written; an offer whose ``answer_due_at`` has passed has lapsed when it is read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    vacancy = models.ForeignKey(LeadVacancy, models.PROTECT, related_name="offers")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=LeadOfferState, default=LeadOfferState.PROPOSED)
    proposed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    answer_due_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ("proposed_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("vacancy",),
                condition=models.Q(state__in=("proposed", "offered")),
                name="leadoffer_one_open",
                violation_error_message=_("This case is offered to an organisation already."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by__isnull=True) | ~models.Q(confirmed_by=models.F("proposed_by")),
                name="leadoffer_two_people",
                violation_error_message=_("A colleague confirms what you have proposed."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="offered")
                | models.Q(confirmed_by__isnull=False, answer_due_at__isnull=False),
                name="leadoffer_offered_was_confirmed",
            ),
        )
