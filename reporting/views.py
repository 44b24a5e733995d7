"""My work, the dashboards, and where one lands."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.http import Request
from cases import policies
from core.errors import Refused
from core.ui import Column, Tab
from reporting import counts, dashboard, keyset, landing, overdue, statistics, worklist
from reporting.forms import DashboardFilter, PlaceFilter, WorklistFilter
from reporting.worklist import Filters, Worklist

LATE_SHOWN: Final = 10


@require_safe
def home(request: Request) -> HttpResponse:
    """The page where this person's work is."""
    return redirect(landing.landing(request.actor))


@require_safe
def my_work(request: Request) -> HttpResponse:
    """The list of cases: tab, filters, order and place all stand in the address."""
    actor: Actor = request.actor
    policies.require(actor, "view_worklist")
    tab = request.GET.get("tab", "")
    tab = tab if tab in worklist.tabs_of(actor) else worklist.starting_tab(actor)
    form = WorklistFilter(request.GET)
    filters = form.filters(tab) if form.is_valid() else Filters(tab=tab)
    try:
        found = worklist.read(actor, filters, keyset.Cursor.decode(request.GET.get("at", "")))
    except Refused as refusal:
        form.add_error("q", str(refusal.message))
        found = worklist.read(actor, Filters(tab=tab), None)
    return render(request, "reporting/worklist.html", _context(request, form, filters, found), status=_status(form))


@require_safe
def national_dashboard(request: Request) -> HttpResponse:
    """The referral mechanism of the country, in process figures."""
    policies.require(request.actor, "view_national_dashboard")
    return _dashboard(request, None)


@require_safe
def own_dashboard(request: Request) -> HttpResponse:
    """The same figures for the actor's own organisation."""
    policies.require(request.actor, "view_own_dashboard")
    return _dashboard(request, request.actor.organisation_id)


@require_safe
def national_overdue(request: Request) -> HttpResponse:
    """Every overdue step of the country: reference, step, organisation, since when."""
    policies.require(request.actor, "view_national_dashboard")
    return _overdue(request, None)


@require_safe
def own_overdue(request: Request) -> HttpResponse:
    """The overdue steps that bind the actor's own organisation."""
    policies.require(request.actor, "view_own_dashboard")
    return _overdue(request, request.actor.organisation_id)


def _overdue(request: Request, organisation: UUID | None) -> HttpResponse:
    form = PlaceFilter(request.GET)
    scope = form.scope(organisation)
    found = overdue.page(request.actor, scope, keyset.Cursor.decode(request.GET.get("at", "")))
    total = overdue.count(scope)
    context = {
        "form": form,
        "scope": scope,
        "late": found.rows,
        "late_total": total,
        "late_columns": _late_columns(),
        "dashboard_url": reverse("reporting:own_dashboard" if organisation else "reporting:dashboard"),
        "region_words": dashboard.region_label(scope.region) if scope.region else "",
        "next_url": _address(request.GET, at=found.next.encode()) if found.next else "",
        "previous_url": _address(request.GET, at=found.previous.encode()) if found.previous else "",
    }
    return render(request, "reporting/overdue.html", context, status=_status(form))


def _dashboard(request: Request, organisation: UUID | None) -> HttpResponse:
    form = DashboardFilter(request.GET)
    scope = form.scope(organisation)
    figures = statistics.figures(scope)
    late_total = overdue.count(scope)
    context = {
        "form": form,
        "scope": scope,
        "tiles": dashboard.tiles(figures, late_total),
        "charts": dashboard.charts(figures),
        "waits": dashboard.waits(figures),
        "late": overdue.page(request.actor, scope, None, LATE_SHOWN).rows,
        "late_total": late_total,
        "late_url": reverse("reporting:own_overdue" if organisation else "reporting:overdue"),
        "wait_columns": [
            _("Step"),
            Column(label=_("Number"), numeric=True),
            Column(label=_("Median, days"), numeric=True),
            Column(label=_("90th percentile, days"), numeric=True),
        ],
        "late_columns": _late_columns(),
        "region_words": dashboard.region_label(scope.region) if scope.region else "",
    }
    return render(request, "reporting/dashboard.html", context, status=_status(form))


def _late_columns() -> list[str]:
    return [_("Reference"), _("Step"), _("Organisation"), _("Due")]


def _status(form: Form) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _context(request: Request, form: WorklistFilter, filters: Filters, found: Worklist) -> dict[str, Any]:
    return {
        "form": form,
        "filters": filters,
        "worklist": found,
        "tabs": _tabs(request.actor, filters.tab, found.counts),
        "columns": [_("Case"), _("Do next"), _("Due"), _("Stage"), _("Lead")],
        "found_words": counts.shown(found.counts["found"]),
        "next_url": _address(request.GET, at=found.page.next.encode()) if found.page.next else "",
        "previous_url": _address(request.GET, at=found.page.previous.encode()) if found.page.previous else "",
        "clear_url": f"?tab={filters.tab}",
        "due_url": _address(request.GET, order=keyset.DUE, at=""),
        "activity_url": _address(request.GET, order=keyset.ACTIVITY, at=""),
        "is_by_activity": filters.order == keyset.ACTIVITY,
        "may_register": policies.may(request.actor, "register_presumed_victim"),
    }


def _tabs(actor: Actor, current: str, counted: Mapping[str, int]) -> list[Tab]:
    tabs = [
        Tab(label=worklist.CASE_TABS[tab], url=f"?tab={tab}", current=tab == current, count=counts.shown(counted[tab]))
        for tab in worklist.tabs_of(actor)
    ]
    beside = (
        ("to_answer", _("Referrals to answer"), "answer", policies.may(actor, "accept_referral")),
        ("waiting", _("Waiting for others"), "waiting", True),
    )
    return tabs + [
        Tab(label=label, url=f"{reverse('referrals:list')}?tab={tab}", count=counts.shown(counted[name]))
        for name, label, tab, is_shown in beside
        if is_shown
    ]


def _address(current: QueryDict, **changes: str) -> str:
    query = current.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
