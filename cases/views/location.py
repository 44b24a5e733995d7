"""Where the person stays: what one may know of it, the location for the four relations, writing it, asking for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import hosting, places, policies
from cases.enums import ReleaseStage
from cases.forms.location import AskReleaseForm, LocationForm, PlacementForm
from cases.forms.work import ConfirmForm
from cases.hosting import Standing
from cases.models import LocationRelease, Placement
from cases.operations import location as locations
from cases.operations import placement as placements
from cases.operations import releases
from cases.policies import CaseAccess
from cases.views.shared import case_context
from core.errors import NotAllowed
from core.forms import render_form, submit
from core.http import shows_when_asked

# What is typed here is not kept for after a session that has ended: nobody signed this page.
NOT_KEPT = {"writer": ""}


@dataclass(frozen=True)
class Stay:
    """A placement on the page: where it stands, what the reader may know of it, and may do about it."""

    placement: Placement
    host: str
    is_told: bool
    is_written: bool
    may_show: bool
    may_end: bool
    may_settle: bool
    standing: Standing


def location(request: Request, reference: str) -> HttpResponse:
    """“A shelter”, or which one; who may see where it is; what the reader may do about it. Never the location."""
    access = door.get_case(request.actor, reference)
    placement = places.current(access)
    is_written = placement is not None and places.written_by(placement) is not None
    may_show = is_written and places.may_show(access, placement)
    is_confirmed = placement is not None and hosting.standing(placement) is Standing.CONFIRMED
    context = {
        **case_context(access, tab="location"),
        "stays": [_stay(access, one) for one in placements.shown(access)],
        "lapsed": [_stay(access, one) for one in placements.lapsed(access)],
        "may_ask": is_written and not may_show and policies.may(request.actor, "ask_location_release", access),
        "may_write": locations.may_write(access, placement),
        "may_place": not is_confirmed and policies.may(request.actor, "record_placement", access),
        "releases": [_asked(one) for one in places.own_releases(access)],
    }
    return render(request, "cases/location/location.html", context)


@shows_when_asked
def show(request: Request, reference: str) -> HttpResponse:
    """The safe location itself. Each look is recorded, and shown to the organisation that wrote it."""
    access = door.get_case(request.actor, reference)
    found = [(one, one.placement.confirmed_at is not None) for one in places.show_locations(access)]
    return render(request, "cases/location/show.html", {**case_context(access, tab="location"), "locations": found})


def write(request: Request, reference: str) -> HttpResponse:
    """Write where the person stays; the page never shows what was written before."""
    access = door.get_case(request.actor, reference)
    if not locations.may_write(access, places.current(access)):
        raise NotAllowed
    form = LocationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, locations.write_location, request.actor, access=access):
        messages.success(request, _("The safe location is saved."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/write.html", form, {**case_context(access, tab="location"), **NOT_KEPT})


def place(request: Request, reference: str) -> HttpResponse:
    """The own shelter, which leads the case, hosts the person."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "record_placement", access)
    form = PlacementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, placements.record_placement, request.actor, access=access):
        messages.success(request, _("The placement is recorded."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/place.html", form, case_context(access, tab="location"))


def leave(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """The person has left the shelter."""
    done = _("The placement has ended. Nobody can see this safe location any more.")
    return _settle(request, reference, pk, placements.end_placement, placements.may_end, "leave", done)


def confirm(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """The person has arrived, say sender or lead."""
    done = _("The arrival is confirmed. The shelter is the host now.")
    return _settle(request, reference, pk, placements.confirm_arrival, placements.may_settle, "confirm", done)


def deny(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """The person is not there, say sender or lead."""
    done = _("It is recorded that the person did not arrive. What the shelter saw for this reason is closed.")
    return _settle(request, reference, pk, placements.deny_arrival, placements.may_settle, "deny", done)


def _settle(
    request: Request,
    reference: str,
    pk: UUID,
    operation: Callable[..., Placement],
    may: Callable[[CaseAccess, Placement], bool],
    page: str,
    done: str,
) -> HttpResponse:
    """One page that asks once more: 404 for a placement of another case, 403 for who may not, then the act."""
    access = door.get_case(request.actor, reference)
    placement = placements.get_placement(access, pk)
    if not may(access, placement):
        raise NotAllowed
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, operation, request.actor, access=access, placement=placement):
        messages.success(request, done)
        return redirect("cases:location", reference)
    context = {**case_context(access, tab="location"), "stay": _stay(access, placement)}
    return render_form(request, f"cases/location/{page}.html", form, context)


def ask(request: Request, reference: str) -> HttpResponse:
    """Ask two custodians to release the location to one person."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "ask_location_release", access)
    form = AskReleaseForm(request.POST if request.method == "POST" else None, access=access)
    if request.method == "POST" and submit(form, releases.ask_location_release, request.actor, access=access):
        messages.success(request, _("Two custodians are asked. You will be told what they decide."))
        return redirect("cases:location", reference)
    return render_form(request, "cases/location/ask.html", form, case_context(access, tab="location"))


def _stay(access: CaseAccess, placement: Placement) -> Stay:
    """One placement, as the reader may know it."""
    host = access.names.of(placement.organisation)
    is_written = places.written_by(placement) is not None
    standing = hosting.standing(placement)
    return Stay(
        placement,
        host=host.name,
        is_told=not host.is_masked,
        is_written=is_written,
        may_show=is_written and standing is not Standing.LAPSED and places.may_show(access, placement),
        may_end=standing is not Standing.LAPSED and placements.may_end(access, placement),
        may_settle=placement.confirmed_at is None and placements.may_settle(access, placement),
        standing=standing,
    )


def _asked(release: LocationRelease) -> tuple[LocationRelease, ReleaseStage, datetime | None]:
    """What one asked for, where it stands, and until when it opens the location where it does."""
    stage = releases.stage(release)
    return release, stage, release.ends_at if stage is ReleaseStage.LIVE else None


urlpatterns = [
    path("cases/<str:reference>/location/", location, name="location"),
    path("cases/<str:reference>/location/show/", show, name="show_location"),
    path("cases/<str:reference>/location/write/", write, name="write_location"),
    path("cases/<str:reference>/location/placement/", place, name="record_placement"),
    path("cases/<str:reference>/location/<uuid:pk>/confirm/", confirm, name="confirm_arrival"),
    path("cases/<str:reference>/location/<uuid:pk>/deny/", deny, name="deny_arrival"),
    path("cases/<str:reference>/location/<uuid:pk>/leave/", leave, name="end_placement"),
    path("cases/<str:reference>/location/release/", ask, name="ask_location_release"),
]
