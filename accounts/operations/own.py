"""What one does with one's own account."""

from uuid import UUID

from django.db import transaction

from accounts import access, policies
from accounts.actors import NO_KEY, Actor
from accounts.models import Membership, Session, User
from audit import trail
from core import clock
from core.errors import Missing


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
def choose_preferences(actor: Actor, *, language: str, time_zone: str = "") -> User:
    """The language of mails and screens; the zone in which it is morning for the daily mail (empty: the country's)."""
    policies.require(actor, "choose_preferences")
    user = User.objects.select_for_update().get(pk=actor.user_id or NO_KEY)
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=("language", "time_zone"))
    return user
