"""Anonymous notification: a victim who does not consent is counted, and never linked (``domain.md`` 3.1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import policies
from cases.enums import AgeGroup
from cases.models import AnonymousNotification, Draft
from cases.operations import drafts
from cases.operations.authorship import organisation_of
from core import clock
from core.errors import Refused
from profiles import codes
from profiles.profile import active
from profiles.regions import require_regions


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The coded values that are kept, and nothing else."""

    sex: str = ""
    citizenship_group: str = ""
    forms: Sequence[str] = ()
    region: str = ""
    age_group: str = AgeGroup.ADULT


def file_anonymous_notification(
    actor: Actor, *, counted: Counted, refusal_reason: str, draft: Draft | None = None
) -> AnonymousNotification:
    """Count an adult who does not consent; the draft is erased in the same transaction.

    No key, name, text or draft leads from the notification to a person, and the audit row names no object. Raises
    ``Refused`` for a child (who is registered) or an unknown reason, ``Missing`` for a draft that is gone.
    """
    policies.require(actor, "file_anonymous_notification")
    if counted.age_group != AgeGroup.ADULT:
        raise Refused(_("A child, or a person who may be one, is registered and protected, never only counted."))
    if refusal_reason not in codes.get("refusal_reason"):
        raise Refused(_("Choose a reason, or “No reason given”."), field="refusal_reason")
    require_regions([counted.region])
    locked = drafts.get_draft(actor, draft.pk, is_locked=True) if draft else None
    notification = AnonymousNotification(
        notified_on=clock.today(active().zone),
        organisation_id=organisation_of(actor),
        region=counted.region,
        sex=counted.sex,
        age_group=counted.age_group,
        citizenship_group=counted.citizenship_group,
        forms=list(counted.forms),
        refusal_reason=refusal_reason,
    )
    notification.save(force_insert=True)
    trail.record("file_anonymous_notification", actor=actor, object_kind="anonymousnotification")
    if locked:
        drafts.erase(locked)
    return notification
