"""The versions of a row: what it said, since when, by whom. Read through the same door as the row itself.

A version is visible exactly when its row is: by ``access.scope`` here, by the event table's own policy in the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from accounts.actors import NO_KEY
from accounts.models import Membership, Organisation
from audit import trail
from cases.access import open_rows, scope
from cases.masking import ShownOrganisation, named
from cases.models import EVENTS, ROWS, CategoryRow
from cases.policies import CaseAccess
from core.errors import Missing

# The column of a consent that holds the key of an organisation.
RECIPIENT: Final = "recipient_id"


@dataclass(frozen=True)
class Version:
    """A row as it stood from ``at`` on, opened; ``person`` is empty for rows of other organisations."""

    row: CategoryRow
    at: datetime
    owner: ShownOrganisation
    person: str
    previous: CategoryRow | None


def versions(access: CaseAccess, category: str, pk: UUID) -> list[Version]:
    """Every version of a row that the actor may read, oldest first; raises ``Missing`` for any other row."""
    row = _visible(access, category, pk)
    model = type(row)
    events = list(EVENTS[model]._default_manager.filter(pgh_obj_id=row.pk, case=access.case).order_by("pgh_id"))
    rows = open_rows(access, [_as_row(model, row, event) for event in events])
    names = _names(access, events) if row.owner_organisation_id == access.actor.organisation_id else {}
    trail.note(case_id=access.case.pk, categories=(category,), owners=(row.owner_organisation_id,))
    return [
        Version(
            row=one,
            at=one.updated_at,
            owner=access.names.of(row.owner_organisation),
            person=names.get(_membership(event), ""),
            previous=previous,
        )
        for one, event, previous in zip(rows, events, [None, *rows], strict=False)
    ]


def told(access: CaseAccess, row: CategoryRow, field: str, value: Any) -> Any:
    """The value of a field as the reader may see it: an organisation that somebody else named may be the host."""
    if field != RECIPIENT or not value or row.owner_organisation_id == access.actor.organisation_id:
        return value
    found = access.names.by_key([value]).get(value)
    return found.key if found else None


def recipient_name(access: CaseAccess, row: CategoryRow) -> str:
    """For whom a version of a consent was asked, in words; nothing for no organisation."""
    key: UUID | None = getattr(row, RECIPIENT, None)
    if key is None:
        return ""
    if row.owner_organisation_id == access.actor.organisation_id:
        return named(Organisation.objects.get(pk=key)).name
    return access.names.by_key([key])[key].name


def _visible(access: CaseAccess, category: str, pk: UUID) -> CategoryRow:
    for model in ROWS[category]:
        found = model._default_manager.filter(scope(access, category), pk=pk).select_related("owner_organisation")
        row = found.first()
        if row is not None:
            return row
    raise Missing


def _as_row(model: type[CategoryRow], row: CategoryRow, event: Any) -> CategoryRow:
    """The row as the event kept it; its ciphertext is bound to table, key and owner, which never change."""
    kept = model(**{field.attname: getattr(event, field.attname) for field in model._meta.concrete_fields})
    kept.owner_organisation = row.owner_organisation
    return kept


def _membership(event: Any) -> str:
    """The key of the member that wrote it; of the first version also when no context was kept."""
    kept: Mapping[str, str] = event.pgh_context or {}
    first = str(event.created_by_id) if event.pgh_label == "insert" else ""
    return kept.get("membership", first)


def _names(access: CaseAccess, events: Sequence[Any]) -> dict[str, str]:
    """The colleagues that wrote the versions, by key."""
    keys = {key for event in events if (key := _membership(event))}
    own = Membership.objects.filter(pk__in=keys, organisation_id=access.actor.organisation_id or NO_KEY)
    return {str(pk): name for pk, name in own.values_list("pk", "user__name")}
