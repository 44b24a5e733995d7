"""What the addresses of a case share: the case by its reference, permitted to know and to do."""

from typing import TypedDict
from uuid import UUID

from rest_framework.request import Request

from accounts.api import actor_of
from cases import access as door
from cases import policies
from cases.masking import ShownOrganisation
from cases.policies import CaseAccess


class ShownNamed(TypedDict):
    """An organisation as the caller may see it; ``id`` is null for “a shelter” that must not be known."""

    id: UUID | None
    name: str


class ShownParty(ShownNamed):
    """The same with its kind."""

    kind: str


def shown(organisation: ShownOrganisation) -> ShownNamed:
    """Key and name."""
    return {"id": organisation.key, "name": organisation.name}


def shown_party(organisation: ShownOrganisation) -> ShownParty:
    """Key, name and kind."""
    return {"id": organisation.key, "name": organisation.name, "kind": organisation.kind}


def case_of(request: Request, reference: str, act: str = "") -> CaseAccess:
    """The case, to read or for ``act``: 404 for who may not know it, 403 for who may not do it."""
    access = door.get_case(actor_of(request), reference)
    if act:
        policies.require(access.actor, act, access)
    return access


def is_own(access: CaseAccess, owner: UUID | None) -> bool:
    """Whether the actor's own organisation wrote it."""
    return owner is not None and owner == access.actor.organisation_id
