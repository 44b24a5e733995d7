"""Where the person stays: what one may know of it, the location for who may read it, writing, asking, deciding."""

from collections.abc import Callable
from datetime import date, datetime
from http import HTTPStatus
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from cases import hosting, places, policies
from cases.api.shared import ShownParty, case_of, shown_party
from cases.forms.location import APPROVE, AskReleaseForm, DecideForm, LocationForm, PlacementForm
from cases.hosting import Standing
from cases.models import LocationRelease, Placement, SafeLocation
from cases.operations import location as locations
from cases.operations import placement as placements
from cases.operations import releases as operations
from cases.policies import CaseAccess
from core import reference as references
from core.api import acts, carry_out, check, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class StayBody(TypedDict):
    """A placement, also one that lapsed and that the caller may still confirm or deny. ``standing``: confirmed,
    provisional, giving_way or lapsed; ``ends_at``: when it ends by itself."""

    id: UUID
    host: ShownParty | None
    since: date | None
    standing: str
    ends_at: datetime | None
    is_written: bool
    may_show: bool
    may_settle: bool
    may_end: bool


class PlaceBody(TypedDict):
    """What counts for the caller, and each placement that it is told of. ``host`` is null for whom it is “a shelter”.
    Never the location itself."""

    is_placed: bool
    host: ShownParty | None
    since: date | None
    is_written: bool
    may_show: bool
    placements: list[StayBody]


class PlaceOfStay(TypedDict):
    """What was written about one placement; nobody has confirmed yet that the person is there unless
    ``is_confirmed``."""

    address: str
    contact: str
    safety: str
    starts_on: date
    is_confirmed: bool


class LocationBody(PlaceOfStay):
    """The safe location, the confirmed one first; ``others``: what else the caller may see. Each look is recorded."""

    others: list[PlaceOfStay]


class ReleaseBody(TypedDict):
    """A release to one person; ``is_live`` while it opens the location."""

    id: UUID
    reference: str
    person: str
    hours: int
    state: str
    is_live: bool
    asked_at: datetime
    ends_at: datetime | None


@reads(PlaceBody)
def place(request: Request, reference: str) -> Response:
    """Whether somebody hosts the person, and who, for who may know which shelter it is."""
    access = case_of(request, reference)
    placement = places.current(access)
    host = access.names.of(placement.organisation) if placement else None
    is_told = host is not None and not host.is_masked
    is_written = placement is not None and places.written_by(placement) is not None
    body: PlaceBody = {
        "is_placed": placement is not None,
        "host": shown_party(host) if host and is_told else None,
        "since": placement.starts_on if placement and is_told else None,
        "is_written": is_written,
        "may_show": is_written and places.may_show(access, placement),
        "placements": [_stay(access, one) for one in (*placements.shown(access), *placements.lapsed(access))],
    }
    return Response(body)


def _stay(access: CaseAccess, placement: Placement) -> StayBody:
    host = access.names.of(placement.organisation)
    is_told = not host.is_masked
    is_written = places.written_by(placement) is not None
    standing = hosting.standing(placement)
    is_over = standing is Standing.LAPSED
    is_concerned = is_told or placements.may_end(access, placement)
    return {
        "id": placement.pk,
        "host": shown_party(host) if is_told else None,
        "since": placement.starts_on if is_told else None,
        "standing": standing.value,
        "ends_at": placement.ends_at if is_concerned else None,
        "is_written": is_written,
        "may_show": is_written and not is_over and places.may_show(access, placement),
        "may_settle": placement.confirmed_at is None and placements.may_settle(access, placement),
        "may_end": not is_over and placements.may_end(access, placement),
    }


@acts(LocationForm)
def write(request: Request, reference: str) -> Response:
    """Write where the person stays."""
    access = case_of(request, reference, "write_location")
    form = form_from_json(LocationForm, request.data)
    carry_out(form, locations.write_location, access.actor, access=access)
    return created("api:location", reference)


@reads(LocationBody)
def show(request: Request, reference: str) -> Response:
    """The safe location, for the four relations and for whom two custodians have let in."""
    first, *others = (_location(one) for one in places.show_locations(case_of(request, reference)))
    body: LocationBody = {**first, "others": others}
    return Response(body)


def _location(found: SafeLocation) -> PlaceOfStay:
    content = found.content  # type: ignore[attr-defined]
    return {
        "address": content["address"],
        "contact": content["contact"],
        "safety": content["safety"],
        "starts_on": found.starts_on,
        "is_confirmed": found.placement.confirmed_at is not None,
    }


@acts(PlacementForm)
def begin(request: Request, reference: str) -> Response:
    """The own shelter, which leads the case, hosts the person."""
    access = case_of(request, reference, "record_placement")
    form = form_from_json(PlacementForm, request.data)
    carry_out(form, placements.record_placement, access.actor, access=access)
    return created("api:location", reference)


@acts(None)
def leave(request: Request, reference: str, pk: UUID) -> Response:
    """The person has left the shelter, say host, lead or who placed the person."""
    return _settle(request, reference, pk, placements.end_placement)


@acts(None)
def confirm(request: Request, reference: str, pk: UUID) -> Response:
    """The person has arrived, say the sender of the referral or the lead: the shelter is the host."""
    return _settle(request, reference, pk, placements.confirm_arrival)


@acts(None)
def deny(request: Request, reference: str, pk: UUID) -> Response:
    """The person is not there, say the sender of the referral or the lead."""
    return _settle(request, reference, pk, placements.deny_arrival)


def _settle(request: Request, reference: str, pk: UUID, operation: Callable[..., Placement]) -> Response:
    access = case_of(request, reference, operation.__name__)
    placement = placements.get_placement(access, pk)
    carry_out(NrmForm({}), operation, access.actor, access=access, placement=placement)
    return created("api:location", reference)


@reads(list[ReleaseBody])
def own_releases(request: Request, reference: str) -> Response:
    """What the caller asked for in this case, or what was asked for the caller."""
    return Response([_body(one) for one in places.own_releases(case_of(request, reference))])


@acts(AskReleaseForm)
def ask(request: Request, reference: str) -> Response:
    """Ask two custodians to release the location to one person for hours."""
    access = case_of(request, reference, "ask_location_release")
    form = form_from_json(AskReleaseForm, request.data, access=access)
    made = carry_out(form, operations.ask_location_release, access.actor, access=access)
    return created("api:own_location_releases", reference, id=str(made.pk))


@reads(list[ReleaseBody])
def releases(request: Request) -> Response:
    """For custodians: what is asked of the own organisation, newest first."""
    return Response([_body(one) for one in places.releases(actor_of(request))])


@reads(ReleaseBody)
def release(request: Request, pk: UUID) -> Response:
    """One release of the own organisation's location."""
    return Response(_body(_release(request, pk)))


@acts(DecideForm)
def decide(request: Request, pk: UUID) -> Response:
    """Approve, as one of two custodians, or refuse."""
    found = _release(request, pk)
    form = form_from_json(DecideForm, request.data)
    check(form)
    is_approved = form.cleaned_data["decision"] == APPROVE
    act = operations.approve_location_release if is_approved else operations.refuse_location_release
    carry_out(NrmForm({}), act, actor_of(request), release=found)
    return created("api:location_release", pk, id=str(pk))


@acts(None, is_told=False)
def revoke(request: Request, pk: UUID) -> Response:
    """End a release before its hours are over."""
    carry_out(NrmForm({}), operations.revoke_location_release, actor_of(request), release=_release(request, pk))
    return Response(status=HTTPStatus.NO_CONTENT)


def _release(request: Request, pk: UUID) -> LocationRelease:
    actor = actor_of(request)
    policies.require(actor, "view_location_releases")
    return places.get_release(actor, pk)


def _body(release: LocationRelease) -> ReleaseBody:
    return {
        "id": release.pk,
        "reference": references.show(release.reference),
        "person": release.person.user.name,
        "hours": release.hours,
        "state": release.state,
        "is_live": places.is_live(release),
        "asked_at": release.asked_at,
        "ends_at": release.ends_at,
    }


urlpatterns = [
    path("cases/<str:reference>/location/", endpoint(place, write), name="location"),
    path("cases/<str:reference>/location/show/", endpoint(show), name="show_location"),
    path("cases/<str:reference>/location/placement/", endpoint(begin), name="record_placement"),
    path("cases/<str:reference>/location/<uuid:pk>/confirm/", endpoint(confirm), name="confirm_arrival"),
    path("cases/<str:reference>/location/<uuid:pk>/deny/", endpoint(deny), name="deny_arrival"),
    path("cases/<str:reference>/location/<uuid:pk>/leave/", endpoint(leave), name="end_placement"),
    path("cases/<str:reference>/location/releases/", endpoint(own_releases, ask), name="own_location_releases"),
    path("location-releases/", endpoint(releases), name="location_releases"),
    path("location-releases/<uuid:pk>/", endpoint(release), name="location_release"),
    path("location-releases/<uuid:pk>/decide/", endpoint(decide), name="decide_location_release"),
    path("location-releases/<uuid:pk>/revoke/", endpoint(revoke), name="revoke_location_release"),
]
