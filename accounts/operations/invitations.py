"""Invitations: the only way in. The link goes to the invited address and to no screen."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import access, mail, policies
from accounts.actors import NO_KEY, Actor, actor_for
from accounts.models import Invitation, Membership, Organisation, Role, User
from accounts.operations.role_grants import ask_roles, check_roles
from accounts.tokens import invitation_token, token_hash
from audit import trail
from core import clock
from core.errors import Conflict, Refused

LIFE: Final = timedelta(days=7)


@transaction.atomic
def invite_member(actor: Actor, *, email: str, roles: Collection[str]) -> Invitation:
    """Invite somebody to the own organisation. Open for seven days.

    Raises ``Refused`` when the person belongs to it or is invited already, or for roles that do not go together.
    """
    policies.require(actor, "invite_member")
    organisation = access.lock_organisation(actor.organisation_id)
    return _invite("invite_member", actor, organisation, email, roles)


@transaction.atomic
def invite_first_administrator(actor: Actor, *, organisation: Organisation, email: str) -> Invitation:
    """The platform invites the administrator of an organisation that has none; the rest is the organisation's own."""
    policies.require(actor, "invite_first_administrator")
    organisation = access.lock_organisation(organisation.pk)
    administrators = Membership.objects.live().with_role(Role.ORGANISATION_ADMINISTRATOR)
    if not organisation.is_active or administrators.filter(organisation=organisation).exists():
        raise Conflict(_("This organisation is suspended or has an administrator, who invites colleagues."))
    return _invite("invite_first_administrator", actor, organisation, email, [Role.ORGANISATION_ADMINISTRATOR])


@transaction.atomic
def revoke_invitation(actor: Actor, *, invitation: Invitation) -> Invitation:
    """Take an invitation back: its link is dead at once."""
    policies.require(actor, "revoke_invitation", invitation.organisation_id)
    open_ones = Invitation.objects.open(clock.moment()).filter(pk=invitation.pk)
    if not open_ones.update(revoked_at=clock.moment()):
        raise Conflict(_("This invitation was accepted or revoked meanwhile."))
    _record("revoke_invitation", actor, invitation)
    return invitation


@transaction.atomic
def accept_invitation(
    actor: Actor, *, token: str, name: str = "", password: str = "", language: str = "en"
) -> Membership:
    """Join the organisation: a new person with name and password, a known one signed in as the invited address.

    Roles that open cases without an assignment wait for a second person, but for the first of an organisation.
    Raises ``Missing`` for a link that no longer counts, ``Refused`` when somebody else is signed in.
    """
    invitation = access.invitation_for(token)
    organisation = access.lock_organisation(invitation.organisation_id)
    if not Invitation.objects.open(clock.moment()).filter(pk=invitation.pk).update(accepted_at=clock.moment()):
        raise Conflict(_("This invitation was accepted or revoked meanwhile."))
    user = User.objects.filter(email=invitation.email).first()
    if (user.pk if user else None) != actor.user_id:
        raise Refused(_("Sign in as the person who was invited, then open the link again."))
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name, language=language)
    membership = _join(user, organisation)
    joined = actor_for(membership)
    ask_roles(joined, membership=membership, wanted=invitation.roles, kept=(), asked_by=invitation.invited_by)
    _record("accept_invitation", joined, invitation)
    return membership


def _join(user: User, organisation: Organisation) -> Membership:
    """A new membership without roles, also for who was here before: what was assigned to them then stays behind."""
    if Membership.objects.filter(user=user, organisation=organisation, ended_at__isnull=True).exists():
        raise Refused(_("You already belong to this organisation."))
    return Membership.objects.create(user=user, organisation=organisation, roles=[])


def _invite(kind: str, actor: Actor, organisation: Organisation, email: str, roles: Collection[str]) -> Invitation:
    email, now = email.strip().lower(), clock.moment()
    check_roles(Membership(roles=sorted(roles)))
    if Membership.objects.filter(organisation=organisation, user__email=email, ended_at__isnull=True).exists():
        raise Refused(_("This person already belongs to the organisation."), field="email")
    if Invitation.objects.open(now).filter(organisation=organisation, email=email).exists():
        raise Refused(_("This person has already been invited. Revoke that invitation first."), field="email")
    _clear_expired(organisation, email)
    pk, inviter = uuid4(), User.objects.get(pk=actor.user_id or NO_KEY)
    invitation = Invitation.objects.create(
        id=pk,
        email=email,
        organisation=organisation,
        roles=sorted(roles),
        token_hash=token_hash(invitation_token(pk)),
        invited_by=inviter,
        created_at=now,
        expires_at=now + LIFE,
    )
    mail.post_invitation(invitation, language=actor.language)
    _record(kind, actor, invitation, roles=invitation.roles)
    return invitation


def _clear_expired(organisation: Organisation, email: str) -> None:
    """An invitation that ran out makes room for the next."""
    past = Invitation.objects.filter(
        organisation=organisation, email=email, accepted_at__isnull=True, revoked_at__isnull=True
    )
    past.update(revoked_at=clock.moment())


def _record(kind: str, actor: Actor, invitation: Invitation, **codes: Any) -> None:
    trail.record(
        kind,
        actor=actor,
        owner_organisation_id=invitation.organisation_id,
        object_kind="invitation",
        object_id=invitation.pk,
        **codes,
    )
