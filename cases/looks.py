"""Who looked at the own organisation's rows of a case: when, who, and at which categories; never at what.

The database shows looks at rows of the own organisation, in cases that the actor knows, and no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from accounts.actors import NO_KEY
from audit import trail
from audit.models import AuditLook
from cases.enums import Category
from cases.masking import ShownOrganisation
from cases.policies import CaseAccess

PAGE: Final = 50


@dataclass(frozen=True)
class Look:
    """One look; ``person`` is empty for people of other organisations, of whom only the function is told."""

    key: UUID
    at: datetime
    organisation: str
    roles: Sequence[str]
    person: str
    categories: Sequence[str]
    is_own: bool


@dataclass(frozen=True)
class Looker:
    """How often an organisation looked, and when last."""

    organisation: str
    looks: int
    last_at: datetime
    is_own: bool


def looks(access: CaseAccess, before: UUID | None = None, limit: int = PAGE) -> list[Look]:
    """At most ``limit`` looks, newest first; ``before``: only what is older than this look."""
    rows = _own(access)
    last = rows.filter(pk=before).first() if before else None
    if last is not None:
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    found = list(rows.order_by("-at", "-pk")[:limit])
    names = access.names.by_key(row.organisation_id for row in found)
    trail.note(case_id=access.case.pk, categories=(Category.STATUS,))
    return [_look(access, row, names) for row in found]


def lookers(access: CaseAccess) -> list[Looker]:
    """The organisations that looked, the last one first."""
    counted = _own(access).values("organisation_id").annotate(n=Count("pk"), last=Max("at")).order_by("-last")
    found = list(counted.values_list("organisation_id", "n", "last"))
    names = access.names.by_key(key for key, _count, _last in found)
    own = access.actor.organisation_id
    return [Looker(_name(names, key), count, last, key == own) for key, count, last in found]


@dataclass(frozen=True)
class Reader:
    """What an organisation looked at, from when to when, and on how many days."""

    organisation_id: UUID | None
    categories: Sequence[str]
    first_at: datetime
    last_at: datetime
    days: int


def by_organisation(access: CaseAccess) -> list[Reader]:
    """What each organisation looked at, for the person concerned; the first one first."""
    found: dict[UUID | None, list[AuditLook]] = {}
    for look in _own(access).order_by("at", "pk"):
        found.setdefault(look.organisation_id, []).append(look)
    return [
        Reader(
            organisation_id=key,
            categories=[one for one in Category if any(one in look.categories for look in seen)],
            first_at=seen[0].at,
            last_at=seen[-1].at,
            days=len({timezone.localtime(look.at).date() for look in seen}),
        )
        for key, seen in found.items()
    ]


def _name(names: Mapping[UUID | None, ShownOrganisation], key: UUID | None) -> str:
    return names[key].name if key in names else ""


def _own(access: CaseAccess) -> QuerySet[AuditLook]:
    return AuditLook.objects.filter(
        case_id=access.case.pk, owner_organisation_id=access.actor.organisation_id or NO_KEY
    )


def _look(access: CaseAccess, row: AuditLook, names: Mapping[UUID | None, ShownOrganisation]) -> Look:
    return Look(
        key=row.pk,
        at=row.at,
        organisation=_name(names, row.organisation_id),
        roles=row.roles,
        person=row.actor_label,
        categories=row.categories,
        is_own=row.organisation_id == access.actor.organisation_id,
    )
