"""*Hide*: the screen lock. The session is locked on the server; until it is opened again every address leads here.

The page that one lands on says nothing of what this is: no name of the application, no organisation, no navigation.
"""

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import operations
from accounts.forms import SecretForm
from accounts.http import Request
from accounts.models import User
from accounts.operations.lock import may_try
from accounts.sessions import SessionStore
from cases.views import kept
from core.api import PROBLEM
from core.forms import NrmForm, render_form
from core.http import local_path
from nrm.organisation_of_act import API

View: TypeAlias = Callable[[Any], HttpResponseBase]
OPEN_WHILE_HIDDEN: Final = frozenset({"/lock/", "/locked/", "/i18n/setlang/"})
# Changes with every hiding: a browser that keeps pages in memory drops those whose cookies changed.
COOKIE: Final = "screen"


class ScreenLockMiddleware:
    """Every address of somebody whose screen is hidden leads to the neutral page; the API answers 423."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in OPEN_WHILE_HIDDEN or not request.user.is_authenticated or not session_of(request).is_locked:
            return self.get_response(request)
        if request.path.startswith(API):
            return JsonResponse(_problem(), status=HTTPStatus.LOCKED, content_type=PROBLEM)
        return kept.wait(request, redirect("locked"), path=request.path)


# Open without sign-in: whoever presses it sees the neutral page, also when the session has just ended. Without the
# check against forgery: hiding a screen harms nobody, and must not fail for a token that is out of date.
@login_not_required
@csrf_exempt
@require_POST
def hide(request: Request) -> HttpResponse:
    """Hide everything at once; what was typed and not saved waits, sealed, for the same person."""
    response = redirect("locked")
    if not request.actor.is_signed_in:
        return response
    path = local_path(request.POST.get("hide_from", ""))
    operations.lock_screen(request.actor, session_key=session_of(request).session_key or "", path=path)
    _mark(response)
    return kept.wait(request, response, path=urlsplit(path).path)


@login_not_required
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def locked(request: Request) -> HttpResponse:
    """The neutral page: PIN or password opens, for a quarter of an hour; after that one signs in anew."""
    session = session_of(request)
    row = session.row
    if not request.actor.is_signed_in or row is None:
        return _neutral(request, NrmForm())
    if row.locked_at is None:
        return redirect("home")
    if not may_try(row):
        return _sign_in_anew(request, row.locked_path) if request.method == "POST" else _neutral(request, NrmForm())
    form = SecretForm(request.POST if request.method == "POST" else None, has_pin=bool(cast(User, request.user).pin))
    if request.method == "POST" and form.is_valid():
        key, secret = session.session_key or "", form.cleaned_data["secret"]
        if operations.unlock_screen(request.actor, session_key=key, secret=secret):
            response = redirect(row.locked_path or "home")
            response.delete_cookie(COOKIE, samesite="Lax")
            return response
        row.refresh_from_db()
        if not may_try(row):
            return _neutral(request, NrmForm())
        form.add_error("secret", _("That is not right. Try again."))
    return _neutral(request, form)


def session_of(request: HttpRequest) -> SessionStore:
    """The session, as the class that knows of the lock."""
    return cast(SessionStore, request.session)


def _neutral(request: Request, form: NrmForm) -> HttpResponse:
    return render_form(request, "locked.html", form)


def _sign_in_anew(request: Request, path: str) -> HttpResponse:
    """End the session; what waits sealed stays for the same person to come back to."""
    waiting = request.session.get(kept.SESSION)
    get_adapter(request).logout(request)
    if waiting:
        request.session[kept.SESSION] = waiting
    response = redirect_to_login(path or "/")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _mark(response: HttpResponse) -> None:
    response.set_cookie(
        COOKIE,
        secrets.token_urlsafe(9),
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )


def _problem() -> dict[str, Any]:
    status = HTTPStatus.LOCKED
    return {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": _("The screen is hidden.")}
