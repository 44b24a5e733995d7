"""What one does with one's own account."""

from datetime import time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import access, policies
from accounts.actors import NO_KEY, Actor
from accounts.enums import DIGEST_AT
from accounts.models import MailWish, Membership, Session, User
from audit import trail
from core import clock
from core.errors import Missing, Refused


@transaction.atomic
def sign_out_everywhere(actor: Actor) -> User:
    """End every session of the person, on every device, at its next request."""
    policies.require(actor, "sign_out_everywhere")
    user = User.objects.select_for_update().get(pk=actor.user_id or NO_KEY)
    user.sessions_valid_from = clock.moment()
    user.save(update_fields=("sessions_valid_from",))
    Session.objects.filter(user_id=user.pk).delete()
    trail.record("sign_out_everywhere", actor=actor, object_kind="user", object_id=user.pk)
    return user


@transaction.atomic
def switch_organisation(actor: Actor, *, membership: UUID) -> Membership:
    """Work for another organisation from now on; raises ``Missing`` unless the membership is live and one's own."""
    policies.require(actor, "switch_organisation")
    chosen = access.own_memberships(actor).filter(pk=membership).first()
    if chosen is None:
        raise Missing
    trail.record("switch_organisation", actor=actor, object_kind="membership", object_id=chosen.pk)
    return chosen


@transaction.atomic
def choose_preferences(
    actor: Actor,
    *,
    language: str,
    time_zone: str = "",
    digest_at: time = DIGEST_AT,
    mails: str = MailWish.AT_ONCE,
) -> User:
    """The language of mails and screens; when the daily mail comes, in which zone (empty: the country's); of what one
    wants to be mailed. What the law demands is mailed whatever is chosen (``accounts.kinds``)."""
    policies.require(actor, "choose_preferences")
    if mails not in MailWish.values:
        raise Refused(_("Choose one of these."), field="mails")
    user = User.objects.select_for_update().get(pk=actor.user_id or NO_KEY)
    user.language, user.time_zone, user.digest_at, user.mails = language, time_zone, digest_at, mails
    user.save(update_fields=access.PREFERENCES)
    return user
