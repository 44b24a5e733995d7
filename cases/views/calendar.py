"""The calendar feed: its page, the feed that a calendar program reads with the secret address, and what a day holds."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, operations, policies
from accounts.context import acting
from accounts.http import Request
from accounts.tokens import calendar_token
from accounts.views.shared import FORM, confirm
from audit import trail
from cases.calendar import as_icalendar, count_due, own_clocks
from cases.deadlines import INSTANTS
from cases.models import Deadline
from cases.views.next import rule_of
from core.errors import Missing


@require_http_methods(FORM)
def calendar(request: Request) -> HttpResponse:
    """The address of one's own feed; opening it, or a new one in its place."""
    policies.require(request.actor, "open_calendar")
    if request.method == "POST":
        operations.open_calendar(request.actor)
        messages.success(request, _("The feed is open. An earlier address no longer works."))
        return redirect("cases:calendar")
    feed = access.calendar_feeds(request.actor).first()
    address = settings.BASE_URL + reverse("cases:calendar_feed", args=[calendar_token(feed.pk)]) if feed else ""
    return render(request, "cases/calendar.html", {"feed": feed, "address": address})


def close(request: Request) -> HttpResponse:
    """Nobody reads it any more."""
    policies.require(request.actor, "close_calendar")
    words = {
        "heading": _("Close the calendar feed?"),
        "text": _("Calendars that have its address read nothing more. You can open a new one at any time."),
        "button": _("Close the feed"),
        "done": _("The feed is closed."),
    }
    return confirm(request, operations.close_calendar, words, "cases:calendar")


@login_not_required
@require_safe
def feed(request: Request, token: str) -> HttpResponse:
    """Days and numbers, for whoever has the address, as long as its owner may see them."""
    request.actor = access.actor_of_calendar(token)
    with acting(request.actor):
        content = as_icalendar(request.actor)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


@dataclass(frozen=True)
class Line:
    """One clock of the day: what it is, of which case, and its page there."""

    name: str
    reference: str
    due_at: date | datetime
    url: str


@require_safe
def calendar_day(request: Request, day: str) -> HttpResponse:
    """What falls due on one day, in the active organisation; of the person's others only that they have something."""
    policies.require(request.actor, "open_calendar")
    on = _day(day)
    lines, others = [], []
    for membership in access.own_memberships(request.actor).select_related("user"):
        if membership.pk == request.actor.membership_id:
            lines = [_line(one) for one in own_clocks(membership, on, on)]
        else:
            others.append(membership)
    trail.note(cases_shown=len(lines))
    counted = [(one, count_due(one, on)) for one in others]
    context = {
        "day": on,
        "lines": lines,
        "columns": [_("What falls due"), _("Case"), _("Due")],
        "elsewhere": [(one, number) for one, number in counted if number],
        "back_to": request.path,
    }
    return render(request, "cases/calendar_day.html", context)


def _line(deadline: Deadline) -> Line:
    rule = rule_of(deadline)
    at = deadline.due_at if rule.unit in INSTANTS else deadline.due_on
    return Line(
        rule.name.label(), deadline.case.reference, at, reverse("cases:case", args=[deadline.case.shown_reference])
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Missing from None


urlpatterns = [
    path("calendar/", calendar, name="calendar"),
    path("calendar/day/<str:day>/", calendar_day, name="calendar_day"),
    path("calendar/close/", close, name="close_calendar"),
    path("calendar/<str:token>.ics", feed, name="calendar_feed"),
]
