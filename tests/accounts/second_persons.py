"""What the tests of the second person share: somebody joins, somebody is asked, somebody answers."""

from typing import Any

from django.test import Client

from accounts.actors import Actor, actor_for, load_actor
from accounts.context import acting
from accounts.models import Invitation, Membership, Notice, Organisation, RoleGrant, User
from accounts.operations import (
    change_roles,
    confirm_roles,
    create_organisation,
    invite_first_administrator,
    invite_member,
    refuse_roles,
)
from accounts.tokens import invitation_token
from core import clock
from tests.cast import Cast

WORDS = "violet harbour ladder"
PERSON = {"name": "Somebody New", "language": "en", "password": WORDS, "password_again": WORDS}


def accept(invitation: Invitation) -> Membership:
    """The person behind the address opens the link of the mail."""
    response = Client().post(f"/invitation/{invitation_token(invitation.pk)}/", PERSON)
    assert response.status_code == 302
    joined = Membership.objects.select_related("user", "organisation")
    return joined.get(user__email=invitation.email, organisation=invitation.organisation, ended_at=None)


def join(administrator: Actor, email: str, *roles: str) -> Membership:
    """An administrator invites somebody, who accepts."""
    with acting(administrator):
        invitation = invite_member(administrator, email=email, roles=roles)
    return accept(invitation)


def asked(cast: Cast, who: str, *roles: str) -> RoleGrant:
    """The administrator of the NGO gives a colleague more roles; the grant that waits."""
    administrator, membership = cast.organisation_administrator.actor, getattr(cast, who).membership
    with acting(administrator):
        change_roles(administrator, membership=membership, roles=[*membership.roles, *roles])
    return RoleGrant.objects.get(membership=membership, state="waiting")


def confirm(actor: Actor, grant: RoleGrant) -> RoleGrant:
    with acting(actor):
        return confirm_roles(actor, grant=grant)


def refuse(actor: Actor, grant: RoleGrant) -> RoleGrant:
    with acting(actor):
        return refuse_roles(actor, grant=grant)


def roles_of(membership: Membership) -> set[str]:
    """The roles that count on the next request."""
    return set(load_actor(membership.user, {"membership": str(membership.pk)}).roles)


def new_organisation(cast: Cast) -> tuple[Organisation, Actor]:
    """An organisation that the platform has just added, and its first administrator."""
    platform = cast.platform_administrator.actor
    with acting(platform):
        organisation = create_organisation(platform, name="Harbour Light", kind="ngo")
        invitation = invite_first_administrator(platform, organisation=organisation, email="first@example.test")
    return organisation, actor_for(accept(invitation))


def leave(cast: Cast, *names: str) -> None:
    """They are gone, without anybody having been asked."""
    keys = [getattr(cast, name).membership_id for name in names]
    Membership.objects.filter(pk__in=keys).update(ended_at=clock.moment())


def member(organisation: Organisation, email: str, *roles: str) -> Actor:
    """Somebody who is there, whatever brought them."""
    user = User.objects.create_user(email, WORDS, name=email.partition("@")[0].capitalize())
    return actor_for(Membership.objects.create(user=user, organisation=organisation, roles=list(roles)))


def platform_administrator(email: str = "second.platform@example.test") -> Actor:
    user = User.objects.create_user(email, WORDS, name="Second platform", is_platform_administrator=True)
    return Actor(user_id=user.pk, label=user.name, is_platform_administrator=True)


def told(kind: str) -> set[Any]:
    """Who heard of it, by membership."""
    return set(Notice.objects.filter(kind=kind).values_list("membership_id", flat=True))
