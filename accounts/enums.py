"""The closed lists of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Membership roles (``sharing.md`` section 5)."""

    CASEWORKER = "caseworker", _("Caseworker")
    INTAKE = "intake", _("Intake")
    SUPERVISOR = "supervisor", _("Supervisor")
    DECISION_MAKER = "decision_maker", _("Decision-maker")
    GUARDIAN = "guardian", _("Guardian")
    CUSTODIAN = "custodian", _("Custodian")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("Data-protection officer")
    AUDITOR = "auditor", _("Auditor")
    ORGANISATION_ADMINISTRATOR = "organisation_administrator", _("Organisation administrator")


class MailState(models.TextChoices):
    """What became of a mail."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Could not be sent")
    DROPPED = "dropped", _("No longer needed")


class MailPurpose(models.TextChoices):
    """Why a mail is sent; each has its own fixed words."""

    TASKS = "tasks", _("Tasks waiting")
    INVITATION = "invitation", _("Invitation")
    PASSWORD = "password", _("New password")
