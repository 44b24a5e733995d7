"""What the pages of accounts share: what was posted, and the page that only asks."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.forms import ConfirmForm
from accounts.http import Request
from core.forms import render_form, submit

FORM: Final = ["GET", "HEAD", "POST"]


def posted(request: Request) -> QueryDict | None:
    """The data of a form that was sent, even when it is empty; nothing while it is only shown."""
    return request.POST if request.method == "POST" else None


@require_http_methods(FORM)
def confirm(
    request: Request, operation: Callable[..., Any], words: Mapping[str, str], back: str, **subject: Any
) -> HttpResponse:
    """Ask, do it, say that it is done and go back."""
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operation, request.actor, **subject):
        messages.success(request, words["done"])
        return redirect(back)
    return render_form(request, "accounts/confirm.html", form, {**words, "back": back})
