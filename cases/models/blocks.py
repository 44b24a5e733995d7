"""A conflict of interest: a colleague who is kept away from one case, by a supervisor, with a reason."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from cases.models.sealed import SealedModel


class CaseBlock(SealedModel):
    """While it lasts the case does not exist for this person in this organisation, whatever they are or were given.

    Of the person, not of the membership: leaving and coming back ends nothing. Sealed: ``reason``, ``lift_reason``.
    ``CaseVisibility.blocked`` repeats who is blocked; written through ``cases.ledger``.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    blocked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    blocked_at = models.DateTimeField()
    lifted_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta(SealedModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("case", "owner_organisation", "person"),
                condition=models.Q(lifted_at__isnull=True),
                name="caseblock_one_at_a_time",
                violation_error_message=_("This colleague is kept away from the case already."),
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="caseblock_lifted_by_somebody",
                violation_error_message=_("Say who lets the colleague back in."),
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_by__isnull=True) | ~models.Q(lifted_by=models.F("blocked_by")),
                name="caseblock_lifted_by_another",
                violation_error_message=_("Another supervisor than the one who kept the colleague away must do this."),
            ),
        )
