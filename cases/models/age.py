"""The age of a person as child protection has settled it, and until when the person is treated as a child."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from cases.enums import AgeGroup
from cases.models.case import Case
from cases.models.sealed import SealedModel

SETTLED = (AgeGroup.ADULT, AgeGroup.CHILD)


class AgeSettlement(SealedModel):
    """Child protection has settled the age (``sharing.md`` rule 24). The newest counts; none is ever changed.

    ``basis`` is a code of ``age_basis``. Sealed: ``birth_date``, as exact as it is known, and ``reason``. Read by the
    lead and by whoever may read identity in the case; the reason by the service that settled it.
    """

    age_group = models.CharField(max_length=12, choices=AgeGroup)
    basis = models.CharField(max_length=40)
    settled_at = models.DateTimeField()
    settled_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta(SealedModel.Meta):
        constraints = (
            models.CheckConstraint(
                condition=models.Q(age_group__in=SETTLED),
                name="agesettlement_adult_or_child",
                violation_error_message=_("Choose whether the person is an adult or a child."),
            ),
            models.CheckConstraint(
                condition=~models.Q(basis=""),
                name="agesettlement_has_basis",
                violation_error_message=_("Say on what the age is based."),
            ),
        )
        indexes = (models.Index("case", "settled_at", name="agesettlement_of_case"),)


class Minority(models.Model):
    """Until when the person of a child's case is treated as a child: ``child_until``, null while nobody knows.

    A projection of what is known of the age (``cases.age``), written by ``cases.operations.age`` with every change, so
    that the hourly job finds who has come of age without opening anything. Read by the ledger alone.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="+")
    child_until = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (models.Index("child_until", name="minority_ends"),)
