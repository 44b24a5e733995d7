"""Where a person stays: the placement, the sealed location, and its release to one person for hours (rule 6).

No category: nothing here is part of a share, an export, a figure, a history, a list or a mail.
"""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organisation, User
from cases.enums import ReleaseState
from cases.models.case import Case
from cases.models.sealed import SelfSealed
from cases.querysets import LiveQuerySet
from core import crypto

LONGEST_HOURS = 48


class Placement(models.Model):
    """Which organisation hosts the person, since when. ``placed_by`` sent the referral, or is the host itself, which
    leads the case.

    Provisional until sender or lead has confirmed that the person arrived (``confirmed_at``). ``ends_at`` is when it
    ends by itself: not confirmed by then, or another placement was confirmed and this one gives way to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    placed_by = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    referral_id = models.UUIDField(null=True)
    starts_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=24, blank=True)

    objects = LiveQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("case",),
                condition=models.Q(ended_at__isnull=True, confirmed_at__isnull=False, ends_at__isnull=True),
                name="placement_one_confirmed",
                violation_error_message=_("The person already stays somewhere. End that first."),
            ),
            models.UniqueConstraint(
                fields=("case", "organisation"),
                condition=models.Q(ended_at__isnull=True, confirmed_at__isnull=True),
                name="placement_one_unconfirmed",
                violation_error_message=_("This shelter has said already that the person arrived."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                | models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True, ends_at__isnull=False),
                name="placement_provisional_ends",
                violation_error_message=_("A placement that nobody has confirmed needs an end."),
            ),
        )
        indexes = (models.Index("ends_at", condition=models.Q(ended_at__isnull=True), name="placement_to_end"),)


class SafeLocation(SelfSealed):
    """Where the host is, as one organisation wrote it: never changed, a later row takes its place.

    Sealed with a key of its own, wrapped by ``LOCATION_MASTER_KEY``: address, contact at the place, safety notes.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    owner_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", editable=False)
    starts_on = models.DateField()
    written_at = models.DateTimeField(editable=False)
    written_by = models.ForeignKey(Membership, models.PROTECT, related_name="+", editable=False)

    class Meta(SelfSealed.Meta):
        indexes = (models.Index(fields=("placement", "-written_at"), name="safelocation_newest"),)

    @staticmethod
    def _wrap(key: bytes) -> bytes:
        return crypto.wrap_location(key)

    @staticmethod
    def _unwrap(wrapped: crypto.Stored) -> bytes:
        return crypto.unwrap_location(wrapped)

    @property
    def _additional_data(self) -> str:
        return f"{self._meta.db_table}:{self.pk}:{self.owner_organisation_id}"


class LocationRelease(SelfSealed):
    """One person may read the location of one placement for some hours, once two custodians have agreed.

    Sealed: why it is asked, why it was refused. ``reference`` repeats that of the case, which custodians cannot read.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    placement = models.ForeignKey(Placement, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=9)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    asked_by_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    person = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    person_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    hours = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ReleaseState, default=ReleaseState.ASKED)
    first_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    second_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta(SelfSealed.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(hours__gte=1, hours__lte=LONGEST_HOURS),
                name="locationrelease_for_hours",
                violation_error_message=_("Choose between 1 and 48 hours."),
            ),
            models.CheckConstraint(
                condition=models.Q(second_by_user__isnull=True)
                | (models.Q(first_by_user__isnull=False) & ~models.Q(first_by_user=models.F("second_by_user"))),
                name="locationrelease_two_people",
                violation_error_message=_("Two different custodians must approve."),
            ),
            models.CheckConstraint(
                condition=~models.Q(first_by_user=models.F("asked_by_user"))
                & ~models.Q(second_by_user=models.F("asked_by_user"))
                & ~models.Q(first_by_user=models.F("person_user"))
                & ~models.Q(second_by_user=models.F("person_user")),
                name="locationrelease_by_others",
                violation_error_message=_("Whoever asks, or would read it, cannot approve."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ReleaseState.GIVEN)
                | models.Q(second_by_user__isnull=False, starts_at__isnull=False, ends_at__isnull=False),
                name="locationrelease_given_by_two",
                violation_error_message=_("Two different custodians must approve."),
            ),
        )
        indexes = (models.Index(fields=("organisation", "state", "-asked_at"), name="locationrelease_queue"),)
