"""Decisions, reflection period, guardianship, acts of others: dated rows, never overwritten."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation
from cases.enums import Category, DecisionOutcome, DecisionStep, GuardianshipState, RecordedActKind, ReflectionState
from cases.models.case import Person
from cases.models.sealed import SealedModel


class IdentificationDecision(SealedModel):
    """One step of identification. Step, outcome, day and authority are status; the reasons are sealed and its own.

    ``addressed_to`` is the authority that a request is put to: it reads the reasons of the request too.
    """

    step = models.CharField(max_length=24, choices=DecisionStep)
    outcome = models.CharField(max_length=12, choices=DecisionOutcome)
    basis = models.CharField(max_length=40, blank=True)
    decided_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    addressed_to = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")

    class Meta(SealedModel.Meta):
        indexes = (models.Index("case", "decided_on", name="decision_history"),)


class ReflectionPeriod(SealedModel):
    """Recovery and reflection period: offered, granted or declined, running, ended. One per person (NL: not extended).

    Days are calendar days; ``ends_on`` is the last day of the period, empty while its end is open. ``minimum_until`` is
    the last day of a minimum, which never ends alone. State and dates are status: all that know the case must know that
    the person may not be expelled (CETS 197, Article 13).
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=ReflectionState)
    decides = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    length_rule = models.CharField(max_length=24, blank=True)
    offered_on = models.DateField(null=True)
    decided_on = models.DateField(null=True)
    starts_on = models.DateField(null=True)
    minimum_until = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    offered_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    # Two cases turned out to be of one person, and each had a period: the first is the one that the law gives.
    is_second = models.BooleanField(default=False)

    class Meta(SealedModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("person",),
                condition=models.Q(
                    state__in=(ReflectionState.OFFERED, ReflectionState.RUNNING, ReflectionState.ENDED),
                    is_second=False,
                ),
                name="reflectionperiod_one_per_person",
                violation_error_message=_("This person has had the one reflection period that the law gives."),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="reflectionperiod_ends_after_start",
                violation_error_message=_("The reflection period cannot end before it starts."),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("starts_on")),
                name="reflectionperiod_ended_after_start",
                violation_error_message=_("The reflection period cannot have ended before it started."),
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_until__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("minimum_until")),
                name="reflectionperiod_keeps_its_minimum",
                violation_error_message=_("The reflection period cannot end before its minimum is over."),
            ),
        )


class Guardianship(SealedModel):
    """The guardian of a child: requested, provisional, appointed, replaced, ended. A natural person at an organisation.

    The owner is the child-protection service that answers the request. Source: Directive 2011/36/EU, Articles 14, 16;
    Regulation (EU) 2024/1348, Article 23.
    """

    state = models.CharField(max_length=12, choices=GuardianshipState, default=GuardianshipState.REQUESTED)
    requested_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    guardian = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="guardianships")
    provisional_at = models.DateTimeField(null=True)
    appointed_at = models.DateTimeField(null=True)
    child_informed_on = models.DateField(null=True)
    has_no_conflict = models.BooleanField(null=True)
    is_screened = models.BooleanField(null=True)
    conflict_flagged_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta(SealedModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(
                    state__in=(
                        GuardianshipState.REQUESTED,
                        GuardianshipState.PROVISIONAL,
                        GuardianshipState.APPOINTED,
                    )
                ),
                name="guardianship_one_at_a_time",
                violation_error_message=_("This child already has a guardian or an open request for one."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=(GuardianshipState.PROVISIONAL, GuardianshipState.APPOINTED))
                | models.Q(guardian__isnull=False),
                name="guardianship_is_a_natural_person",
                violation_error_message=_("Name the person who is the guardian, not only the organisation."),
            ),
        )
        indexes = (
            models.Index("guardian", condition=models.Q(ended_at__isnull=True), name="guardianship_caseload"),
            models.Index(
                "requested_at",
                condition=models.Q(appointed_at__isnull=True, ended_at__isnull=True),
                name="guardianship_queue",
            ),
        )


class RecordedAct(SealedModel):
    """Something that happened outside this application and starts or ends clocks: a report, an asylum application.

    Dated rows, never overwritten. Read by the organisation that recorded it and by whom it shares the category with;
    an act of the category *status* by all that know the case. Sealed: remarks, for who wrote them.
    """

    act = models.CharField(max_length=24, choices=RecordedActKind)
    category = models.CharField(max_length=20, choices=Category)
    # Of a report: signed, or other cooperation (code list ``cooperation``).
    manner = models.CharField(max_length=40, blank=True)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta(SealedModel.Meta):
        indexes = (models.Index("case", "happened_on", name="recordedact_history"),)
