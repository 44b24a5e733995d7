"""When the clocks were last looked at, by which alarm clock."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TickSource(models.TextChoices):
    BEAT = "beat", _("Celery beat")
    CRON = "cron", _("Cron")


class Tick(models.Model):
    """The last tick of one source, for the health page. Without case data."""

    source = models.CharField(max_length=8, choices=TickSource, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()


class NightlyCount(models.Model):
    """What a check of the night has found, as a number: 0 where everything is as it must be."""

    name = models.CharField(max_length=32, primary_key=True)
    count = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
