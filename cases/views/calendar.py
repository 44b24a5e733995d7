"""The calendar feed: its page for the person, and the feed that a calendar program reads with the secret address."""

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
from cases.calendar import as_icalendar


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


urlpatterns = [
    path("calendar/", calendar, name="calendar"),
    path("calendar/close/", close, name="close_calendar"),
    path("calendar/<str:token>.ics", feed, name="calendar_feed"),
]
