"""“Not known” and “does not want to say”: answers to any question (acceptance point 22 of the screens)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Answer(models.TextChoices):
    """What stands in place of a value."""

    UNKNOWN = "unknown", _("Not known")
    WITHHELD = "withheld", _("Does not want to say")
