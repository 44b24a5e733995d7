"""My work and the dashboards by REST: the same lists and figures as the pages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.http import QueryDict
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import actor_of
from cases import policies
from core import reference
from core.api import check, endpoint, reads
from reporting import keyset, overdue, statistics, worklist
from reporting.forms import DashboardFilter, WorklistFilter
from reporting.statistics import Cut, Figures, Scope
from reporting.worklist import Row

LATE_SHOWN = 25


class WorkRow(TypedDict):
    """One case on the list. ``task`` is the neutral word of its soonest clock."""

    reference: str
    label: str
    lead: str
    state: str
    identification: str
    is_child_branch: bool
    next_due_at: datetime | None
    task: str


class WorklistBody(TypedDict):
    """A page of the list. ``counts`` stop at 1,001. ``next`` and ``previous`` go into ``at``; null: nothing more."""

    tab: str
    order: str
    counts: dict[str, int]
    rows: list[WorkRow]
    next: str | None
    previous: str | None


class Count(TypedDict):
    """How many of one state, under one label."""

    label: str
    states: dict[str, int]


class Flow(TypedDict):
    """Referrals from one kind of organisation to another."""

    sender_kind: str
    receiver_kind: str
    states: dict[str, int]


class Month(TypedDict):
    """The first day of a month, with its counts. Registrations and notifications are never added up."""

    month: date
    referrals: int
    registrations: int
    notifications: int


class Wait(TypedDict):
    """Calendar days between two steps."""

    step: str
    count: int
    median: float | None
    ninetieth: float | None


class LateBody(TypedDict):
    """An overdue step: reference, step and organisation, nothing about the person."""

    reference: str
    step: str
    organisation: str
    due_at: datetime


class Dashboard(TypedDict):
    """Process figures only. ``overdue`` holds the first 25 of ``overdue_total``, the longest overdue first."""

    start: date
    end: date
    region: str
    kind: str
    states: dict[str, int]
    by_phase: list[Count]
    by_receiver: list[Count]
    by_kind: list[Count]
    by_region: list[Count]
    flow: list[Flow]
    months: list[Month]
    waits: list[Wait]
    reflection: dict[str, int]
    children: dict[str, int]
    longest_wait_days: float | None
    overdue_total: int
    overdue: list[LateBody]


@reads(WorklistBody, "tab", "q", "due", "state", "identification", "order", "at")
def work(request: Request) -> Response:
    """What the caller must do next; ``tab``, filters, order and place as in the address of the page."""
    actor = actor_of(request)
    policies.require(actor, "view_worklist")
    tab = request.query_params.get("tab", "")
    tab = tab if tab in worklist.tabs_of(actor) else worklist.starting_tab(actor)
    form = WorklistFilter(_query(request))
    check(form)
    filters = form.filters(tab)
    found = worklist.read(actor, filters, keyset.Cursor.decode(request.query_params.get("at", "")))
    body: WorklistBody = {
        "tab": tab,
        "order": filters.order,
        "counts": dict(found.counts),
        "rows": [_row(row) for row in found.rows],
        "next": found.page.next.encode() if found.page.next else None,
        "previous": found.page.previous.encode() if found.page.previous else None,
    }
    return Response(body)


@reads(Dashboard, "start", "end", "region", "kind")
def national(request: Request) -> Response:
    """The referral mechanism of the country, in process figures."""
    policies.require(actor_of(request), "view_national_dashboard")
    return _dashboard(request, None)


@reads(Dashboard, "start", "end", "region", "kind")
def own(request: Request) -> Response:
    """The same figures for the own organisation."""
    actor = actor_of(request)
    policies.require(actor, "view_own_dashboard")
    return _dashboard(request, actor.organisation_id)


def _dashboard(request: Request, organisation: UUID | None) -> Response:
    form = DashboardFilter(_query(request))
    check(form)
    scope = form.scope(organisation)
    return Response(_figures(actor_of(request), scope, statistics.figures(scope)))


def _figures(actor: Actor, scope: Scope, figures: Figures) -> Dashboard:
    return {
        "start": scope.start,
        "end": scope.end,
        "region": scope.region,
        "kind": scope.kind,
        "states": dict(figures.states),
        "by_phase": _counts(figures.by_phase),
        "by_receiver": _counts(figures.by_receiver),
        "by_kind": _counts(figures.by_kind),
        "by_region": _counts(figures.by_region),
        "flow": [
            {"sender_kind": giver, "receiver_kind": taker, "states": dict(states)}
            for (giver, taker), states in figures.flow.items()
        ],
        "months": _months(figures.by_month, figures.registrations),
        "waits": [
            {"step": step, "count": wait.count, "median": wait.median, "ninetieth": wait.ninetieth}
            for step, wait in figures.waits.items()
        ],
        "reflection": dict(figures.reflection),
        "children": dict(figures.children),
        "longest_wait_days": figures.longest_wait_days,
        "overdue_total": overdue.count(scope),
        "overdue": [
            {
                "reference": reference.show(one.reference),
                "step": one.step,
                "organisation": one.organisation,
                "due_at": one.due_at,
            }
            for one in overdue.page(actor, scope, None, LATE_SHOWN).rows
        ],
    }


def _counts(cut: Cut) -> list[Count]:
    return [{"label": str(label), "states": dict(states)} for label, states in cut.items()]


def _months(referrals: Mapping[date, int], registered: Mapping[date, tuple[int, int]]) -> list[Month]:
    return [
        {
            "month": month,
            "referrals": referrals.get(month, 0),
            "registrations": registered.get(month, (0, 0))[0],
            "notifications": registered.get(month, (0, 0))[1],
        }
        for month in sorted({*referrals, *registered})
    ]


def _row(row: Row) -> WorkRow:
    case: Any = row.case
    return {
        "reference": case.shown_reference,
        "label": row.label,
        "lead": row.lead_name,
        "state": case.state,
        "identification": case.identification,
        "is_child_branch": case.is_child_branch,
        "next_due_at": row.next_due_at,
        "task": row.task,
    }


def _query(request: Request) -> QueryDict:
    query: QueryDict = request._request.GET
    return query


urlpatterns = [
    path("my-work/", endpoint(work), name="worklist"),
    path("dashboard/", endpoint(national), name="dashboard"),
    path("dashboard/own/", endpoint(own), name="own_dashboard"),
]
