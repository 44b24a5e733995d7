"""The audit for data-protection officers and auditors, and hints at unusual use; never content."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.enums import Role
from accounts.http import Request
from audit.kinds import KINDS
from audit.models import AuditHint
from cases import policies
from cases.masking import Names
from cases.operations.members import INTERNAL
from cases.places import LOCATION
from core import reference as references
from core.ui import Column, Tab
from profiles import codes
from reporting import keyset, trail
from reporting.trail import OUTCOMES, Found
from reporting.trail_forms import BY_ACTS, BY_LOOKS, BY_REQUESTS, OUTCOME_WORDS, TrailFilter

TABS: Final[dict[str, Promise]] = {
    "audit_requests": gettext_lazy("Requests"),
    "audit_acts": gettext_lazy("Acts"),
    "audit_looks": gettext_lazy("Looks at our rows"),
}

READING: Final = ("GET", "HEAD")
OPENED: Final = gettext_lazy("Opened")
SENT: Final = gettext_lazy("Sent")
# What the audit notes in the place of a category of case data.
NO_CATEGORIES: Final[dict[str, Promise]] = {
    INTERNAL: gettext_lazy("Work within the organisation"),
    LOCATION: gettext_lazy("Safe location"),
}
NOTHING: Final = Found((), {}, Names(Actor.nobody(), ()), {}, None)


@dataclass(frozen=True)
class Line:
    """One row of the audit in words."""

    at: datetime
    who: str
    organisation: str
    reference: str
    what: Promise | str
    categories: str
    outcome: Promise | str = ""
    page: str = ""


@dataclass(frozen=True)
class Hint:
    """Something unusual in words."""

    on: date
    who: str
    organisation: str
    what: str
    count: int
    usual: int


@require_safe
def requests(request: Request) -> HttpResponse:
    """Which pages with case data were opened or refused."""
    return _search(request, "audit_requests", trail.requests, BY_REQUESTS, _request)


@require_safe
def acts(request: Request) -> HttpResponse:
    """What was done."""
    return _search(request, "audit_acts", trail.acts, BY_ACTS, _act)


@require_safe
def looks(request: Request) -> HttpResponse:
    """Who was shown rows of the own organisation."""
    return _search(request, "audit_looks", trail.looks, BY_LOOKS, _look)


@require_safe
def hints(request: Request) -> HttpResponse:
    """What is unusual about somebody's day; a hint is no accusation."""
    policies.require(request.actor, "view_hints")
    found = trail.hints(request.actor)
    context = {
        "hints": [_hint(row, found) for row in found.rows],
        "columns": [
            _("Day"),
            _("Who"),
            _("What"),
            Column(label=_("Number"), numeric=True),
            Column(label=_("Usual"), numeric=True),
        ],
    }
    return render(request, "reporting/hints.html", context)


def _search(
    request: Request,
    name: str,
    read: Callable[..., Found],
    fields: Sequence[str],
    line: Callable[[Any, Found], Line],
) -> HttpResponse:
    policies.require(request.actor, "read_audit")
    form = TrailFilter(request.GET, actor=request.actor, of=fields)
    cursor = keyset.Cursor.decode(request.GET.get("at", ""))
    # Nothing under a filter that is not understood: not everything.
    found = NOTHING if form.errors else read(request.actor, form.question, cursor)
    has_outcome = "outcome" in fields
    context = {
        "form": form,
        "tabs": [
            Tab(label=str(label), url=reverse(f"reporting:{key}"), current=key == name) for key, label in TABS.items()
        ],
        "lines": [line(row, found) for row in found.rows],
        "columns": [
            *(_("When"), _("Who"), _("Reference"), _("What"), _("Categories")),
            *([_("Outcome")] if has_outcome else []),
        ],
        "has_outcome": has_outcome,
        "next_url": _address(request.GET, at=found.next.encode()) if found.next else "",
        "newest_url": _address(request.GET, at="") if request.GET.get("at") else "",
        "is_everybody": policies.may(request.actor, "oversee_audit"),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "reporting/audit.html", context, status=status)


def _request(row: Any, found: Found) -> Line:
    what = OPENED if row.method in READING else SENT
    return replace(_line(row, found, row.reference, what, row.categories, _outcome(row.outcome)), page=row.route)


def _act(row: Any, found: Found) -> Line:
    shown = found.references.get(row.case_id, "")
    return _line(row, found, shown, KINDS.get(row.kind, row.kind), [row.category])


def _look(row: Any, found: Found) -> Line:
    roles = ", ".join(str(Role(one).label) for one in row.roles if one in Role.values)
    return _line(row, found, row.reference, _("Looked"), row.categories, who=found.person_of(row) or roles)


def _line(
    row: Any,
    found: Found,
    shown: str,
    what: Promise | str,
    categories: Sequence[str],
    outcome: Promise | str = "",
    who: str = "",
) -> Line:
    names, organisation = codes.get("category"), found.organisation_of(row)
    known = [str(names.label(one)) if one in names else str(NO_CATEGORIES.get(one, one)) for one in categories]
    return Line(
        at=row.at,
        who=who or found.person_of(row) or ("" if organisation else _("The system")),
        organisation=organisation.name if organisation else "",
        reference=references.show(shown) if shown else "",
        what=what,
        categories=", ".join(known),
        outcome=outcome,
    )


def _outcome(status: int) -> Promise | str:
    found = next((name for name, (low, high) in OUTCOMES.items() if low <= status <= high), None)
    return OUTCOME_WORDS[found] if found else str(status)


def _hint(row: AuditHint, found: Found) -> Hint:
    organisation = found.organisation_of(row)
    name = organisation.name if organisation else ""
    return Hint(row.on, row.actor_label, name, row.get_kind_display(), row.count, row.usual)


def _address(current: QueryDict, **changes: str) -> str:
    query = current.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
