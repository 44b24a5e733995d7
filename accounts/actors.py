"""Who acts: one person in one organisation, as an immutable value that every operation takes first."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self
from uuid import UUID

from accounts.models import Membership, Role, User

SESSION_MEMBERSHIP: Final = "membership"
# The key that no row has: what an actor without organisation or account looks for.
NO_KEY: Final = UUID(int=0)
WHOLE_ORGANISATION: Final = frozenset({Role.SUPERVISOR, Role.INTAKE})
CASEWORK: Final = frozenset({Role.CASEWORKER, Role.DECISION_MAKER, Role.GUARDIAN})


@dataclass(frozen=True)
class Actor:
    """A person in the active organisation; without organisation a platform administrator, the system, or nobody."""

    user_id: UUID | None = None
    label: str = ""
    language: str = "en"
    membership_id: UUID | None = None
    organisation_id: UUID | None = None
    organisation_name: str = ""
    organisation_kind: str = ""
    regions: frozenset[str] = frozenset()
    region: str = ""
    roles: frozenset[str] = frozenset()
    group_id: int | None = None
    is_platform_administrator: bool = False
    is_system: bool = False
    has_several_organisations: bool = False

    @property
    def scope(self) -> str:
        """Which rows of the own organisation may be known: all of them, the assigned ones, none."""
        if self.roles & WHOLE_ORGANISATION:
            return "organisation"
        return "assigned" if self.roles & CASEWORK else "none"

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @classmethod
    def system(cls) -> Self:
        """The system itself, allowed only what the policies list for it."""
        return cls(label="system", is_system=True)

    @classmethod
    def nobody(cls) -> Self:
        """Nobody signed in."""
        return cls()


def actor_for(membership: Membership) -> Actor:
    """The actor of a membership; the caller has made sure that it is live."""
    user, organisation = membership.user, membership.organisation
    return Actor(
        user_id=user.pk,
        label=user.name,
        language=user.language,
        membership_id=membership.pk,
        organisation_id=organisation.pk,
        organisation_name=organisation.name,
        organisation_kind=organisation.kind,
        regions=frozenset(organisation.serves_regions),
        region=organisation.region,
        roles=frozenset(membership.roles),
        group_id=organisation.group_id,
        is_platform_administrator=user.is_platform_administrator,
    )


def load_actor(user: User, session: MutableMapping[str, Any]) -> Actor:
    """The actor of a session, loaded live, so that a suspension holds on the next request.

    Without a live membership the actor has no organisation.
    """
    live = live_memberships(user)
    return actor_among(live, user, chosen_membership(live, session))


def live_memberships(user: User) -> list[Membership]:
    """The memberships of the person that count now, the oldest first."""
    live = Membership.objects.live().filter(user=user).select_related("organisation").order_by("created_at", "pk")
    return list(live)


def chosen_membership(live: list[Membership], session: MutableMapping[str, Any]) -> Membership | None:
    """The one of ``live`` that was chosen in this session, else the oldest."""
    chosen = session.get(SESSION_MEMBERSHIP)
    return next((row for row in live if str(row.pk) == chosen), live[0] if live else None)


def actor_among(live: list[Membership], user: User, membership: Membership | None) -> Actor:
    """The actor of ``membership``, one of the ``live`` ones of the person; for None, of the person alone."""
    if membership is None:
        return Actor(
            user_id=user.pk,
            label=user.name,
            language=user.language,
            is_platform_administrator=user.is_platform_administrator,
        )
    membership.user = user
    return replace(actor_for(membership), has_several_organisations=len(live) > 1)
