"""Pages on which somebody writes: when the session ends meanwhile, they find what they typed after signing in again."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils.datastructures import MultiValueDict

from accounts.http import Request
from cases.views import kept
from core.forms import NrmForm


def keeps_what_is_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Not behind the usual sign-in: what a visitor posts is kept, sealed, until the same person is back."""

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.actor.is_signed_in:
            return kept.keep(request, place=request.path)
        response = view(request, *args, **kwargs)
        is_saved = request.method == "POST" and response.status_code == HTTPStatus.FOUND
        return kept.forget(request, response, place=request.path) if is_saved else response

    return login_not_required(wrapped)


def typed(request: Request) -> MultiValueDict[str, Any] | None:
    """What was posted; on a page that is opened, what this person had typed there when the session ended."""
    if request.method == "POST":
        return request.POST
    waiting = kept.find(request, request.actor)
    return waiting.typed if waiting else None


def made_for(request: Request, form: NrmForm) -> NrmForm:
    """Sign the page for who opens it: only for them is it kept."""
    form.initial["writer"] = kept.new_writer(request.actor.user_id)
    return form


def is_waiting(request: Request, form: NrmForm) -> bool:
    """True when the page shows what was typed before the session ended, which has not been saved."""
    return form.is_bound and request.method != "POST"
