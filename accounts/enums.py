"""The closed lists of accounts."""

from datetime import time
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

# Half an hour after the reminders of the morning, unless the person chooses another hour.
DIGEST_AT: Final = time(8, 30)


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


class MailWish(models.TextChoices):
    """Of what a person wants to be mailed. What the law demands is mailed in any case."""

    AT_ONCE = "at_once", _("Once a day, and at once for what falls due within 24 hours")
    DAILY = "daily", _("Once a day")
    IN_APP = "in_app", _("Not at all: I look at the inbox")


class GrantState(models.TextChoices):
    """What became of roles that a second person confirms."""

    WAITING = "waiting", _("Waits for confirmation")
    GRANTED = "granted", _("Given")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GrantWay(models.TextChoices):
    """By whose word such roles were given, beside the administrator who asked."""

    COLLEAGUE = "colleague", _("Confirmed by a colleague")
    DATA_PROTECTION = "data_protection", _("Confirmed by the data-protection officer: no colleague could")
    PLATFORM = "platform", _("Confirmed by two platform administrators: nobody in the organisation could")
    FIRST = "first", _("Given by the administrator alone: the first, and no case yet")
    EARLIER = "earlier", _("Given before a second person had to confirm")
