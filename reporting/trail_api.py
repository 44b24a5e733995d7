"""The audit by REST: the same searches, scope and filters as the pages for auditors, in codes; never content."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypedDict

from django.http import QueryDict
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from audit.models import AuditHint
from cases import policies
from core import reference as references
from core.api import check, endpoint, reads
from reporting import keyset, trail
from reporting.trail import Found
from reporting.trail_forms import BY_ACTS, BY_LOOKS, BY_REQUESTS, TrailFilter


class RequestLine(TypedDict):
    """A request that touched case data, or was refused. ``outcome``: its HTTP status. ``route``: page or act."""

    at: datetime
    person: str
    organisation: str
    reference: str
    method: str
    route: str
    categories: list[str]
    outcome: int


class ActLine(TypedDict):
    """Something that was done. ``person`` is empty for the system."""

    at: datetime
    person: str
    organisation: str
    reference: str
    kind: str
    category: str


class LookLine(TypedDict):
    """A look at rows of the own organisation; of people of other organisations the ``roles`` alone."""

    at: datetime
    person: str
    organisation: str
    roles: list[str]
    reference: str
    categories: list[str]


class RequestsBody(TypedDict):
    """Newest first. ``next`` goes into ``at``; null: nothing older. ``is_everybody``: of all organisations."""

    rows: list[RequestLine]
    next: str | None
    is_everybody: bool


class ActsBody(TypedDict):
    """As ``RequestsBody``."""

    rows: list[ActLine]
    next: str | None
    is_everybody: bool


class LooksBody(TypedDict):
    """As ``RequestsBody``."""

    rows: list[LookLine]
    next: str | None
    is_everybody: bool


class HintLine(TypedDict):
    """Something unusual about somebody's day: a number, and what is usual (0: not compared). No accusation."""

    on: date
    kind: str
    person: str
    organisation: str
    count: int
    usual: int


@reads(RequestsBody, "reference", *BY_REQUESTS, "start", "end", "at")
def audit_requests(request: Request) -> Response:
    """Which pages with case data were opened or refused."""
    return _search(request, trail.requests, BY_REQUESTS, _request)


@reads(ActsBody, "reference", *BY_ACTS, "start", "end", "at")
def audit_acts(request: Request) -> Response:
    """What was done."""
    return _search(request, trail.acts, BY_ACTS, _act)


@reads(LooksBody, "reference", *BY_LOOKS, "start", "end", "at")
def audit_looks(request: Request) -> Response:
    """Who was shown rows of the own organisation."""
    return _search(request, trail.looks, BY_LOOKS, _look)


@reads(list[HintLine])
def audit_hints(request: Request) -> Response:
    """What is unusual about somebody's day, newest first."""
    actor = actor_of(request)
    policies.require(actor, "view_hints")
    found = trail.hints(actor)
    return Response([_hint(row, found) for row in found.rows])


def _search(
    request: Request, read: Callable[..., Found], fields: Sequence[str], line: Callable[[Any, Found], Any]
) -> Response:
    actor = actor_of(request)
    policies.require(actor, "read_audit")
    query: QueryDict = request._request.GET
    form = TrailFilter(query, actor=actor, of=fields)
    check(form)
    found = read(actor, form.question, keyset.Cursor.decode(query.get("at", "")))
    return Response(
        {
            "rows": [line(row, found) for row in found.rows],
            "next": found.next.encode() if found.next else None,
            "is_everybody": policies.may(actor, "oversee_audit"),
        }
    )


def _request(row: Any, found: Found) -> RequestLine:
    return {
        "at": row.at,
        "person": found.person_of(row),
        "organisation": _organisation(row, found),
        "reference": _shown(row.reference),
        "method": row.method,
        "route": row.route,
        "categories": row.categories,
        "outcome": row.outcome,
    }


def _act(row: Any, found: Found) -> ActLine:
    return {
        "at": row.at,
        "person": found.person_of(row),
        "organisation": _organisation(row, found),
        "reference": _shown(found.references.get(row.case_id, "")),
        "kind": row.kind,
        "category": row.category,
    }


def _look(row: Any, found: Found) -> LookLine:
    return {
        "at": row.at,
        "person": found.person_of(row),
        "organisation": _organisation(row, found),
        "roles": row.roles,
        "reference": _shown(row.reference),
        "categories": row.categories,
    }


def _hint(row: AuditHint, found: Found) -> HintLine:
    return {
        "on": row.on,
        "kind": row.kind,
        "person": found.person_of(row),
        "organisation": _organisation(row, found),
        "count": row.count,
        "usual": row.usual,
    }


def _organisation(row: Any, found: Found) -> str:
    organisation = found.organisation_of(row)
    return organisation.name if organisation else ""


def _shown(stored: str) -> str:
    return references.show(stored) if stored else ""


urlpatterns = [
    path("audit/", endpoint(audit_requests), name="audit_requests"),
    path("audit/acts/", endpoint(audit_acts), name="audit_acts"),
    path("audit/looks/", endpoint(audit_looks), name="audit_looks"),
    path("audit/hints/", endpoint(audit_hints), name="audit_hints"),
]
