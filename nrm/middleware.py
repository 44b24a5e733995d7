"""The two middlewares of the house: headers outside everything, and the transaction of a request inside everything.

``OuterMiddleware`` stands last in the list. It opens the transaction, sets the context of row-level security, keeps a
repeated POST from acting twice, rolls back exactly when the view raised, and writes the request's one audit row.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor, load_actor
from accounts.context import acting
from accounts.http import Request
from accounts.models import Submission
from audit import throttle, trail
from cases.views import kept
from core import clock
from core.api import PROBLEM
from core.errors import NrmError

logger = logging.getLogger(__name__)
View: TypeAlias = Callable[[Any], HttpResponseBase]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
# What is read here is case data; reading it faster than a person can is slowed down. What is posted never is.
WITH_CASE_DATA: Final = frozenset({"cases", "referrals", "reporting", "api"})
OPEN_WITHOUT_SECOND_FACTOR: Final = ("/account/", "/static/", "/healthz", "/i18n/", "/lock/", "/locked/")


class HeadersMiddleware:
    """Strict content policy on every answer; nothing that a signed-in person sees is kept by browser or proxy."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store"
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Django's; what somebody posts whose session has ended waits until they are back (decision 0010)."""

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponse:  # type: ignore[override]
        if request.method == "POST" and "writer" in request.POST:
            return kept.keep(request, place=request.path)
        return super().handle_no_permission(request, view_func)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Once it has been saved it waits no longer."""
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND and request.user.is_authenticated:
            waiting = request.session.get(kept.SESSION, {})
            if waiting.get("path") == request.path:
                return kept.forget(request, response, place=request.path)
        return response


class OuterMiddleware:
    """One request, one transaction, one actor, one audit row."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        actor = load_actor(request.user, request.session) if request.user.is_authenticated else None
        request.actor = actor or Actor.nobody()
        request.has_failed = False
        if self._lacks_second_factor(request):
            return redirect("mfa_index")
        with trail.request_trail() as touched:
            with acting(request.actor):
                response = self._answer_once(request)
                if request.has_failed:
                    transaction.set_rollback(True)
                elif touched.is_touched:
                    self._write(request, touched, response.status_code)
            if request.has_failed and request.actor.user_id:
                return self._record_denial(request, touched, response)
        return response

    def process_view(self, request: Request, _view: View, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Whoever opens pages of cases faster than anybody reads waits; that they had to wait is recorded."""
        match, member = request.resolver_match, request.actor.membership_id
        if member is None or request.method != "GET" or match is None or not WITH_CASE_DATA & set(match.namespaces):
            return None
        seconds = throttle.seconds_to_wait(member)
        if not seconds:
            return None
        trail.note()
        return too_many(request, seconds, is_api="api" in match.namespaces)

    def process_exception(self, request: Request, error: Exception) -> HttpResponse | None:
        """Mark the transaction for rollback; say what an operation refused."""
        request.has_failed = True
        if not isinstance(error, NrmError):
            return None
        if error.status == HTTPStatus.NOT_FOUND:
            raise Http404
        if error.status == HTTPStatus.FORBIDDEN:
            raise PermissionDenied
        return render(request, "errors/refused.html", {"message": error.message}, status=error.status)

    def _answer_once(self, request: Request) -> HttpResponseBase:
        key = submission_key(request)
        if key is None or request.actor.user_id is None:
            return self.get_response(request)
        submission, is_first = Submission.objects.get_or_create(
            user_id=request.actor.user_id,
            key=key,
            defaults={"path": request.path, "created_at": clock.moment()},
        )
        if not is_first:
            return repeated(submission)
        response = self.get_response(request)
        if request.has_failed:
            return response
        if response.status_code in (HTTPStatus.FOUND, HTTPStatus.CREATED) and "Location" in response.headers:
            submission.location, submission.status = response.headers["Location"], response.status_code
            submission.body = getattr(response, "data", None)
            submission.save(update_fields=("location", "status", "body"))
        else:
            submission.delete()
        return response

    def _record_denial(self, request: Request, touched: trail.Touched, response: HttpResponseBase) -> HttpResponseBase:
        """Every refusal leaves a row, written after the rollback and before the answer; without it no answer."""
        trail.nothing_shown(touched)
        try:
            with acting(request.actor):
                self._write(request, touched, response.status_code)
        except DatabaseError:
            logger.exception("A denial could not be recorded")
            return render(request, "errors/503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
        return response

    def _write(self, request: Request, touched: trail.Touched, outcome: int) -> None:
        match = request.resolver_match
        route = match.view_name or match.route if match else ""
        trail.write_request(
            touched, actor=request.actor, method=request.method or "", route=route[:120], outcome=outcome
        )

    @staticmethod
    def _lacks_second_factor(request: Request) -> bool:
        """The gate for a required second factor; shut once ``REQUIRE_SECOND_FACTOR`` is set."""
        if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_authenticated:
            return False
        return not request.path.startswith(OPEN_WITHOUT_SECOND_FACTOR) and not is_mfa_enabled(request.user)


def too_many(request: Request, seconds: int, *, is_api: bool) -> HttpResponse:
    """Say plainly that this was too fast, and when to go on."""
    headers = {"Retry-After": str(seconds)}
    said = _("You opened more pages than anybody reads in this time. Wait a little, then go on.")
    status = HTTPStatus.TOO_MANY_REQUESTS
    if is_api:
        body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": said}
        return JsonResponse(body, status=status, headers=headers, content_type=PROBLEM)
    response = render(request, "errors/429.html", {"seconds": seconds, "said": said}, status=status)
    response.headers["Retry-After"] = headers["Retry-After"]
    return response


def submission_key(request: Request) -> UUID | None:
    """The key that makes a POST repeatable without effect: a hidden form field, or the API's ``Idempotency-Key``."""
    if request.method != "POST":
        return None
    given = request.headers.get("Idempotency-Key") or request.POST.get("submission_key", "")
    try:
        return UUID(given)
    except ValueError:
        return None


def repeated(submission: Submission) -> HttpResponse:
    """The answer that the first POST with this key got."""
    if submission.status == HTTPStatus.CREATED:
        return JsonResponse(submission.body, status=submission.status, headers={"Location": submission.location})
    return redirect(submission.location or reverse("home"))
