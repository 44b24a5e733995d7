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
from cases.masking import HOST, Names, ShownOrganisation, hiding, named
from core.db import role
from core.fields import civil_zone
from reporting.keyset import Cursor

AUDITOR: Final = "nrm_auditor"
# Under which the rest of the request is read: what the reader may know of a case is asked as anywhere else.
READER: Final = "nrm_app"
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
    organisations: Mapping[UUID | None, Organisation]
    names: Names
    references: Mapping[UUID | None, str]
    next: Cursor | None

    def organisation_of(self, row: Any) -> ShownOrganisation | None:
        """Whose member it was, as the reader may see it: a row names a case beside it (rule 6). None for the system."""
        found = self.organisations.get(row.organisation_id)
        if found is None:
            return None
        case = getattr(row, "case_id", None)
        return self.names.of(found, case) if case else named(found)

    def person_of(self, row: Any) -> str:
        """Who it was; of an organisation that is not named its people are not either."""
        organisation = self.organisation_of(row)
        return "" if organisation and organisation.is_masked else row.actor_label


def requests(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """Requests that touched case data, and refusals."""
    with role(AUDITOR):
        rows = _within(actor, AuditRequest.objects.filter(_of_case(asked, "reference")), asked)
        rows = rows.filter(_own(actor, "organisation_id"), **_set(membership_id=asked.member))
        if asked.outcome:
            rows = rows.filter(outcome__range=OUTCOMES[asked.outcome])
        return _page(actor, rows, cursor)


def acts(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """What was done: the kind of act, on whose row of which category."""
    with role(AUDITOR):
        rows = AuditChange.objects.defer("detail", "object_id")
        if asked.reference:
            # A change carries no reference; the request that it was made in does.
            known = AuditRequest.objects.filter(reference=asked.reference, case_id__isnull=False)
            rows = rows.filter(case_id__in=known.values("case_id"))
        own = _own(actor, "organisation_id") | _own(actor, "owner_organisation_id")
        rows = _within(actor, rows, asked).filter(own, **_set(membership_id=asked.member, kind=asked.kind))
        return _page(actor, rows, cursor)


def looks(actor: Actor, asked: Question, cursor: Cursor | None) -> Found:
    """Looks at rows of the own organisation."""
    with role(AUDITOR):
        rows = _within(actor, AuditLook.objects.filter(_of_case(asked, "reference")), asked)
        rows = rows.filter(_own(actor, "owner_organisation_id"))
        if asked.category:
            rows = rows.filter(categories__contains=[asked.category])
        return _page(actor, rows, cursor)


def hints(actor: Actor, limit: int = SIZE) -> Found:
    """What is unusual about somebody's day, newest first."""
    with role(AUDITOR):
        found = list(AuditHint.objects.filter(_own(actor, "organisation_id")).order_by("-on", "kind", "pk")[:limit])
    return Found(found, _organisations(found), _names(actor, ()), {}, None)


def _own(actor: Actor, column: str) -> Q:
    """Of the own organisation, unless the actor oversees all of them."""
    everybody = policies.may(actor, "oversee_audit")
    return Q() if everybody else Q(**{column: actor.organisation_id})


def _of_case(asked: Question, column: str) -> Q:
    return Q(**{column: asked.reference}) if asked.reference else Q()


def _set(**wanted: Any) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value}


def _within(actor: Actor, rows: QuerySet[Row], asked: Question) -> QuerySet[Row]:
    """Of this organisation's people, in these civil days."""
    if asked.organisation:
        rows = _of_organisation(actor, rows, asked.organisation)
    if asked.start:
        rows = rows.filter(at__gte=_midnight(asked.start))
    if asked.end:
        rows = rows.filter(at__lt=_midnight(asked.end + timedelta(days=1)))
    return rows


def _of_organisation(actor: Actor, rows: QuerySet[Row], key: UUID) -> QuerySet[Row]:
    """Without the cases in which this shelter must not be named to the reader: the filter would name it (rule 6)."""
    rows = rows.filter(organisation_id=key)
    with role(READER):
        is_named = key == actor.organisation_id or not Organisation.objects.filter(pk=key, kind=HOST).exists()
    if is_named:
        return rows
    cases = set(rows.filter(case_id__isnull=False).values_list("case_id", flat=True).distinct())
    with role(READER):
        hidden = [case for case, known in hiding(actor, cases).items() if key not in known]
    return rows.exclude(case_id__in=hidden)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, civil_zone())


def _page(actor: Actor, rows: QuerySet[Any], cursor: Cursor | None) -> Found:
    """The newest rows, or those older than ``cursor``."""
    if cursor is not None and cursor.value is not None:
        older = Q(at__lt=cursor.value) | Q(at=cursor.value, pk__lt=cursor.case_id)
        rows = rows.filter(older, at__lte=cursor.value)
    found = list(rows.order_by("-at", "-pk")[: SIZE + 1])
    shown, more = found[:SIZE], len(found) > SIZE
    references = _references(shown)
    trail.note(cases_shown=len({row.case_id for row in shown if row.case_id}))
    return Found(
        shown,
        _organisations(shown),
        _names(actor, shown),
        references,
        Cursor(shown[-1].at, shown[-1].pk) if more else None,
    )


def _references(rows: Iterable[Any]) -> Mapping[UUID | None, str]:
    """The references of changes, by case, from requests about the same case."""
    keys = {row.case_id for row in rows if isinstance(row, AuditChange) and row.case_id}
    known = AuditRequest.objects.filter(case_id__in=keys).exclude(reference="").order_by("case_id", "at")
    return dict(known.distinct("case_id").values_list("case_id", "reference"))


def _organisations(rows: Iterable[Any]) -> Mapping[UUID | None, Organisation]:
    keys = {row.organisation_id for row in rows if row.organisation_id}
    with role(READER):
        return {one.pk: one for one in Organisation.objects.filter(pk__in=keys)}


def _names(actor: Actor, rows: Iterable[Any]) -> Names:
    return Names(actor, [row.case_id for row in rows if row.case_id])
