"""The two middlewares of the house: headers outside everything, and the transaction of a request inside everything.

``OuterMiddleware`` stands last in the list. It says for which organisation a request acts, opens the transaction, sets
the context of row-level security, keeps a repeated POST from acting twice, rolls back exactly when the view raised, and
writes the request's one audit row.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from accounts import operations
from accounts.actors import NO_KEY, SESSION_MEMBERSHIP
from accounts.context import acting
from accounts.http import Request
from audit import trail
from cases.views import kept
from core.errors import NrmError
from nrm import organisation_of_act, reading_limit, repetition
from nrm.organisation_of_act import StandingRequest

logger = logging.getLogger(__name__)
View: TypeAlias = Callable[[Any], HttpResponseBase]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
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

    def __call__(self, request: StandingRequest) -> HttpResponseBase:
        request.standing = organisation_of_act.standing(request)
        request.actor, request.has_failed, request.submission = request.standing.actor, False, None
        request.has_switched = False
        if self._lacks_second_factor(request):
            return redirect("mfa_index")
        with trail.request_trail() as touched:
            with acting(request.actor):
                response = self.get_response(request)
                if request.has_failed:
                    transaction.set_rollback(True)
                else:
                    response = reading_limit.withhold(request, touched, response)
                    self._complete(request, response)
                    if touched.is_touched:
                        self._write(request, touched, response.status_code)
            if request.has_failed and request.actor.user_id:
                return self._record_denial(request, touched, response)
        return response

    def process_view(self, request: StandingRequest, view: View, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Before the view: is it for the organisation of the page; was it too fast; was it sent before."""
        return self._ask_for_whom(request) or reading_limit.refuse(request, view) or repetition.begin(request)

    @staticmethod
    def _ask_for_whom(request: StandingRequest) -> HttpResponse | None:
        """Nothing is done for another organisation than that of the page; that it was tried is recorded."""
        found = request.standing
        request.has_switched = found.is_switched
        if not found.is_refused or organisation_of_act.is_of_a_person(request.resolver_match):
            return None
        trail.note()
        return organisation_of_act.choice(request, found)

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

    @staticmethod
    def _complete(request: StandingRequest, response: HttpResponseBase) -> None:
        """What belongs to the answer and commits with it: the key of the request, and the organisation it chose."""
        repetition.settle(request, response)
        if request.has_switched:
            chosen = request.actor.membership_id or NO_KEY
            operations.switch_organisation(request.actor, membership=chosen)
            request.session[SESSION_MEMBERSHIP] = str(chosen)

    def _record_denial(
        self, request: StandingRequest, touched: trail.Touched, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Every refusal leaves a row, written after the rollback and before the answer; without it no answer."""
        trail.nothing_shown(touched)
        try:
            with acting(request.actor):
                response = reading_limit.withhold(request, touched, response)
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
