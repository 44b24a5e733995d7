"""An organisation's own short working label for a case: "not a name"."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from cases.models.sealed import SealedModel


class CaseLabel(SealedModel):
    """Sealed: ``label``. Found by ``tokens``, keyed hashes of its words that differ between organisations."""

    tokens = ArrayField(models.CharField(max_length=24), default=list)
    changed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    class Meta(SealedModel.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("owner_organisation", "case"),
                name="caselabel_one_per_organisation",
                violation_error_message=_("Your organisation already has a label for this case."),
            ),
        )
