"""Whoever is shown cases faster than anybody reads waits, whatever the method of the request (decision 19).

``audit.throttle`` says which answers show something, and when there is room again. What only shows is refused before
it is carried out. An act is always carried out: when its answer would show something, that answer alone is withheld,
and everything typed stands on the page that says so.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.http import Request
from audit import throttle, trail
from core.api import problem
from core.forms import SECRETS, NrmForm, carried
from core.http import only_shows
from nrm.organisation_of_act import StandingRequest, is_api

WITH_CASE_DATA: Final = frozenset({"cases", "referrals", "reporting", "api"})
READS: Final = frozenset({"GET", "HEAD"})


def refuse(request: Request, view: Callable[..., Any]) -> HttpResponse | None:
    """Before the view: the answer to a request that only shows something and comes too early; that is recorded."""
    if request.method not in READS and not only_shows(view):
        return None
    seconds = _seconds_to_wait(request)
    if not seconds:
        return None
    trail.note()
    return too_many(request, seconds)


def withhold(request: StandingRequest, touched: trail.Touched, response: HttpResponseBase) -> HttpResponseBase:
    """After the view of an act: its answer, or the one that says how long to wait. Nothing that was written is undone.

    An API row that was replaced is answered without its content; all else that shows something was not done. What
    touched no case and was not refused shows none: it leaves no row, and is not counted either.
    """
    is_about_a_case = touched.is_touched or request.has_failed
    is_judged = request.method in READS or request.standing.is_refused or not is_about_a_case
    is_fault = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
    if is_judged or is_fault or not throttle.shows(response.status_code):
        return response
    seconds = _seconds_to_wait(request)
    if not seconds:
        return response
    trail.nothing_shown(touched)
    if request.method == "PUT" and response.status_code == HTTPStatus.OK:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return too_many(request, seconds)


def too_many(request: Request, seconds: int) -> HttpResponse:
    """429: say plainly that this was too fast, and when to go on; a page keeps everything typed, to be sent again."""
    status, headers = HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(seconds)}
    said = _("You opened more pages than anybody reads in this time. Wait a little, then go on.")
    if is_api(request):
        unsaved = "" if request.method in READS else " " + _("What you sent now was not saved: send it again then.")
        return problem(status, said + unsaved, headers=headers)
    if "X-Requested-With" in request.headers:
        return JsonResponse({}, status=status, headers=headers)
    context = {
        "seconds": seconds,
        "said": said,
        "is_typed": request.method == "POST",
        "address": request.get_full_path(),
        "fresh": NrmForm(),
        "carried": carried(request.POST),
        "has_secrets": bool(SECRETS & set(request.POST)),
    }
    response = render(request, "errors/429.html", context, status=status)
    response.headers["Retry-After"] = headers["Retry-After"]
    return response


def _seconds_to_wait(request: Request) -> int:
    """0 for an address without case data, and for whoever is no member."""
    match, member = request.resolver_match, request.actor.membership_id
    if member is None or match is None or not WITH_CASE_DATA & set(match.namespaces):
        return 0
    return throttle.seconds_to_wait(member)
