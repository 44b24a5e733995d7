"""The caller: who one is, for which organisation, and the token that every other method than GET needs."""

from typing import TypedDict
from uuid import UUID

from django.middleware.csrf import get_token
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import own_memberships
from accounts.actors import Actor
from accounts.models import Organisation
from core.api import NamedMembership, endpoint, reads


class Named(TypedDict):
    """An organisation or a person."""

    id: UUID
    name: str


class Party(Named):
    """An organisation with its kind."""

    kind: str


class Me(TypedDict):
    """``csrf_token`` goes into the header ``X-CSRFToken``, one of ``memberships`` into the header ``Membership``."""

    id: UUID | None
    name: str
    language: str
    membership: UUID | None
    organisation: Party | None
    memberships: list[NamedMembership]
    roles: list[str]
    is_platform_administrator: bool
    csrf_token: str


def actor_of(request: Request) -> Actor:
    """The actor that the outer middleware has put on the request."""
    actor: Actor = request._request.actor  # type: ignore[attr-defined]
    return actor


def party(organisation: Organisation) -> Party:
    """An organisation as every answer names it."""
    return {"id": organisation.pk, "name": organisation.name, "kind": organisation.kind}


@reads(Me)
def me(request: Request) -> Response:
    """Who is signed in, in the active organisation."""
    actor = actor_of(request)
    own: Party | None = None
    if actor.organisation_id is not None:
        own = {"id": actor.organisation_id, "name": actor.organisation_name, "kind": actor.organisation_kind}
    found: Me = {
        "id": actor.user_id,
        "name": actor.label,
        "language": actor.language,
        "membership": actor.membership_id,
        "organisation": own,
        "memberships": [{"id": str(one.pk), "organisation": one.organisation.name} for one in own_memberships(actor)],
        "roles": sorted(actor.roles),
        "is_platform_administrator": actor.is_platform_administrator,
        "csrf_token": get_token(request._request),
    }
    return Response(found)


urlpatterns = [path("me/", endpoint(me), name="me")]
