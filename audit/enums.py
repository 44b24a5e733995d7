"""The closed lists of the audit, beside its kinds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HintKind(models.TextChoices):
    """What is unusual about somebody's day."""

    OUT_OF_HOURS = "out_of_hours", _("Outside working hours")
    FAR_ABOVE_USUAL = "far_above_usual", _("Far more cases than is usual for the role")
    DAILY_CEILING = "daily_ceiling", _("More cases in a day than anybody needs")
    MANY_REFUSED = "many_refused", _("Many requests refused")
    SLOWED_DOWN = "slowed_down", _("Slowed down: too many pages in a short time")
