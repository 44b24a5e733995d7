"""Views that exist only to try the middleware."""

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from accounts.actors import NO_KEY
from accounts.http import Request
from accounts.models import Notice
from audit import trail
from core import clock
from core.errors import Conflict, Missing, NotAllowed
from nrm.urls import urlpatterns as house

FAULTS = {
    "missing": Missing(),
    "forbidden": NotAllowed(),
    "conflict": Conflict(),
    "http404": Http404(),
    "denied": PermissionDenied(),
    "broken": RuntimeError("somebody's name"),
}


def write(request: Request, then: str = "") -> HttpResponse:
    """Write a row and note that case data was touched, then answer or fail."""
    Notice.objects.create(
        membership_id=request.actor.membership_id or NO_KEY,
        key=request.POST.get("text", "x") + str(clock.moment()),
        kind="probe",
        created_at=clock.moment(),
    )
    trail.note(reference="K7QF2M9XT", categories=("status",))
    if then == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT broken")
    if then in FAULTS:
        raise FAULTS[then]
    if then == "422":
        return HttpResponse(status=422)
    return redirect("/done/")


urlpatterns = [path("write/", write, name="write"), path("write/<str:then>/", write, name="write"), *house]
