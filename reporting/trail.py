"""The audit without content, for data-protection officers and auditors: requests, acts, looks at own rows, hints.

Read as ``nrm_auditor``: its policies show what the own organisation did and who looked at its rows, to an auditor of
the national coordinator what everybody did. Details of a change are not granted to that role at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from audit.models import AuditChange, AuditHint, AuditLook, AuditRequest
from cases import policies
from core.db import role
from core.fields import civil_zone
from reporting.keyset import Cursor

AUDITOR: Final = "nrm_auditor"
SIZE: Final = 50
# Outcomes as one asks for them; an HTTP status belongs to one of them.
OUTCOMES: Final[Mapping[str, tuple[int, int]]] = {
    "shown": (200, 399),
    "refused": (401, 404),
    "not_saved": (405, 428),
    "slowed_down": (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.TOO_MANY_REQUESTS),
    "failed": (500, 599),
}
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Question:
    """What the address asks for; empty: everything."""

    reference: str = ""
    member: UUID | None = None
    organisation: UUID | None = None
    kind: str = ""
    category: str = ""
    outcome: str = ""
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Found:
    """A page of rows, newest first, with names for the keys in it."""

    rows: Sequence[Any]
    organisations: Mapping[UUID | None, str]
    references: Mapping[UUID | None, str]
    next: Cursor | None


def requests(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """Requests that touched case data, and refusals."""
    with role(AUDITOR):
        rows = _within(AuditRequest.objects.filter(_of_case(asked, "reference")), asked)
        rows = rows.filter(_own(actor, "organisation_id"), **_set(membership_id=asked.member))
        if asked.outcome:
            rows = rows.filter(outcome__range=OUTCOMES[asked.outcome])
        return _page(rows, cursor)


def acts(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """What was done: the kind of act, on whose row of which category."""
    with role(AUDITOR):
        rows = AuditChange.objects.defer("detail", "object_id")
        if asked.reference:
            # A change carries no reference; the request that it was made in does.
            known = AuditRequest.objects.filter(reference=asked.reference, case_id__isnull=False)
            rows = rows.filter(case_id__in=known.values("case_id"))
        own = _own(actor, "organisation_id") | _own(actor, "owner_organisation_id")
        rows = _within(rows, asked).filter(own, **_set(membership_id=asked.member, kind=asked.kind))
        return _page(rows, cursor)


def looks(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """Looks at rows of the own organisation."""
    with role(AUDITOR):
        rows = _within(AuditLook.objects.filter(_of_case(asked, "reference")), asked)
        rows = rows.filter(_own(actor, "owner_organisation_id"))
        if asked.category:
            rows = rows.filter(categories__contains=[asked.category])
        return _page(rows, cursor)


def hints(actor: Actor, limit: int = SIZE) -> Found:
    """What is unusual about somebody's day, newest first."""
    with role(AUDITOR):
        found = list(AuditHint.objects.filter(_own(actor, "organisation_id")).order_by("-on", "kind", "pk")[:limit])
    return Found(found, _names(found), {}, None)


def _own(actor: Actor, column: str) -> Q:
    """Of the own organisation, unless the actor oversees all of them."""
    everybody = policies.may(actor, "oversee_audit")
    return Q() if everybody else Q(**{column: actor.organisation_id})


def _of_case(asked: Question, column: str) -> Q:
    return Q(**{column: asked.reference}) if asked.reference else Q()


def _set(**wanted: Any) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value}


def _within(rows: QuerySet[Row], asked: Question) -> QuerySet[Row]:
    """Of this organisation's people, in these civil days."""
    if asked.organisation:
        rows = rows.filter(organisation_id=asked.organisation)
    if asked.start:
        rows = rows.filter(at__gte=_midnight(asked.start))
    if asked.end:
        rows = rows.filter(at__lt=_midnight(asked.end + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, civil_zone())


def _page(rows: QuerySet[Any], cursor: Cursor | None) -> Found:
    """The newest rows, or those older than ``cursor``."""
    if cursor is not None and cursor.value is not None:
        older = Q(at__lt=cursor.value) | Q(at=cursor.value, pk__lt=cursor.case_id)
        rows = rows.filter(older, at__lte=cursor.value)
    found = list(rows.order_by("-at", "-pk")[: SIZE + 1])
    shown, more = found[:SIZE], len(found) > SIZE
    references = _references(shown)
    trail.note(cases_shown=len({row.case_id for row in shown if row.case_id}))
    return Found(shown, _names(shown), references, Cursor(shown[-1].at, shown[-1].pk) if more else None)


def _references(rows: Iterable[Any]) -> Mapping[UUID | None, str]:
    """The references of changes, by case, from requests about the same case."""
    keys = {row.case_id for row in rows if isinstance(row, AuditChange) and row.case_id}
    known = AuditRequest.objects.filter(case_id__in=keys).exclude(reference="").order_by("case_id", "at")
    return dict(known.distinct("case_id").values_list("case_id", "reference"))


def _names(rows: Iterable[Any]) -> Mapping[UUID | None, str]:
    keys = {row.organisation_id for row in rows if row.organisation_id}
    return dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name"))
