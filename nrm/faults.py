"""The answer when everything else has failed: while the database is away *not available for a moment*, else a fault."""

import sys
from http import HTTPStatus
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error as broken

AGAIN_AFTER_SECONDS: Final = "5"


def server_error(request: HttpRequest) -> HttpResponse:
    """503 where the database cannot be reached, for whom that mends itself; 500 for a fault of ours."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return broken(request)
    if request.path.startswith("/api/"):
        words = {"detail": _("The service cannot do this now. Try again in a moment.")}
        answer: HttpResponse = JsonResponse(words, status=HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        # Without request: no context processor asks the database again.
        answer = render(None, "errors/503.html", status=HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Retry-After"] = AGAIN_AFTER_SECONDS
    return answer
