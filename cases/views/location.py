"""Where the person stays: what one may know of it, the location for the four relations, writing it, asking for it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import places, policies
from cases.enums import ReleaseStage
from cases.forms.location import AskReleaseForm, LocationForm, PlacementForm
from cases.forms.work import ConfirmForm
from cases.masking import a_shelter
from cases.models import LocationRelease
from cases.operations import location as locations
from cases.operations import placement as placements
from cases.operations import releases
from cases.views.shared import case_context
from core.errors import NotAllowed
from core.forms import render_form, submit

# What is typed here is not kept for after a session that has ended: nobody signed this page.
NOT_KEPT = {"writer": ""}


def location(request: Request, reference: str) -> HttpResponse:
    """“A shelter”, or which one; who may see where it is; what the reader may do about it. Never the location."""
    access = door.get_case(request.actor, reference)
    placement = places.current(access.case.pk)
    host = access.names.of(placement.organisation) if placement else a_shelter()
    is_written = placement is not None and places.written_by(placement) is not None
    may_show = is_written and places.may_show(access, placement)
    may_ask = is_written and not may_show and policies.may(request.actor, "ask_location_release", access)
    context = {
        **case_context(access, tab="location"),
        "placement": placement,
        "host": host.name,
        "knows_which": not host.is_masked,
        "is_written": is_written,
        "may_show": may_show,
        "may_ask": may_ask,
        "may_write": locations.may_write(access, placement),
        "may_place": placement is None and policies.may(request.actor, "record_placement", access),
        "may_end": placements.may_end(access, placement),
        "releases": [_asked(one) for one in places.own_releases(access)],
    }
    return render(request, "cases/location/location.html", context)


def show(request: Request, reference: str) -> HttpResponse:
    """The safe location itself. Each look is recorded, and shown to the organisation that wrote it."""
    access = door.get_case(request.actor, reference)
    found = places.show_location(access)
    return render(request, "cases/location/show.html", {**case_context(access, tab="location"), "location": found})


def write(request: Request, reference: str) -> HttpResponse:
    """Write where the person stays; the page never shows what was written before."""
    access = door.get_case(request.actor, reference)
    if not locations.may_write(access, places.current(access.case.pk)):
        raise NotAllowed
    form = LocationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, locations.write_location, request.actor, access=access):
        messages.success(request, _("The safe location is saved."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/write.html", form, {**case_context(access, tab="location"), **NOT_KEPT})


def place(request: Request, reference: str) -> HttpResponse:
    """The own shelter hosts the person, without a referral."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "record_placement", access)
    form = PlacementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, placements.record_placement, request.actor, access=access):
        messages.success(request, _("The placement is recorded."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/place.html", form, case_context(access, tab="location"))


def leave(request: Request, reference: str) -> HttpResponse:
    """The person has left the shelter."""
    access = door.get_case(request.actor, reference)
    if not placements.may_end(access, places.current(access.case.pk)):
        raise NotAllowed
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, placements.end_placement, request.actor, access=access):
        messages.success(request, _("The placement has ended. Nobody can see the safe location any more."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/leave.html", form, case_context(access, tab="location"))


def ask(request: Request, reference: str) -> HttpResponse:
    """Ask two custodians to release the location to one person."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "ask_location_release", access)
    form = AskReleaseForm(request.POST if request.method == "POST" else None, access=access)
    if request.method == "POST" and submit(form, releases.ask_location_release, request.actor, access=access):
        messages.success(request, _("Two custodians are asked. You will be told what they decide."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/ask.html", form, case_context(access, tab="location"))


def _asked(release: LocationRelease) -> tuple[LocationRelease, ReleaseStage, datetime | None]:
    """What one asked for, where it stands, and until when it opens the location where it does."""
    stage = releases.stage(release)
    return release, stage, release.ends_at if stage is ReleaseStage.LIVE else None


urlpatterns = [
    path("cases/<str:reference>/location/", location, name="location"),
    path("cases/<str:reference>/location/show/", show, name="show_location"),
    path("cases/<str:reference>/location/write/", write, name="write_location"),
    path("cases/<str:reference>/location/placement/", place, name="record_placement"),
    path("cases/<str:reference>/location/leave/", leave, name="end_placement"),
    path("cases/<str:reference>/location/release/", ask, name="ask_location_release"),
]
