"""The words of referrals that the code decides on."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReferralState(TextChoices):
    """``domain.md`` 3.4. A referral is made and sent in one act; what is being typed is no referral yet.

    ``ended``: its share, its consent or its case ended without an act on the referral itself.
    """

    SENT = "sent", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Not answered in time")
    ENDED = "ended", _("Ended")


class StepKind(TextChoices):
    CONTACT_MADE = "contact_made", _("Contact made")
    APPOINTMENT = "appointment", _("Appointment")
    PLACED = "placed", _("Placed")
    SERVICE_STARTED = "service_started", _("Service started")
    SERVICE_ENDED = "service_ended", _("Service ended")


class Urgency(TextChoices):
    NORMAL = "normal", _("Normal: answer within 2 working days")
    URGENT = "urgent", _("Urgent: answer within 4 hours")
