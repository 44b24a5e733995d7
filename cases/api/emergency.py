"""Cases opened in an emergency: opening, ending, reviewing."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import actor_of
from cases import emergencies as door
from cases import policies
from cases.api.shared import ShownParty, shown_party
from cases.forms.emergency import EmergencyForm, ReviewForm
from cases.masking import Names, ShownOrganisation
from cases.models import BreakGlass
from cases.operations import emergency as operations
from core import reference
from core.api import acts, carry_out, check, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class EmergencyBody(TypedDict):
    """One opening. ``outcome`` is empty until it is reviewed, ``opened_by`` where the organisation is not named."""

    id: UUID
    reference: str
    organisation: ShownParty
    opened_by: str
    colleague: str
    reason: str
    categories: list[str]
    opened_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    is_live: bool
    review_due_at: datetime
    reviewed_at: datetime | None
    outcome: str


@reads(list[EmergencyBody])
def emergencies(request: Request) -> Response:
    """What was opened by the own organisation or with its rows, newest first."""
    return Response(_bodies(actor_of(request), door.emergencies(actor_of(request))))


@acts(EmergencyForm)
def break_glass(request: Request) -> Response:
    """Open the case with exactly this reference for 60 minutes. ``proof``: the password, or the code of the second
    factor. A wrong reference is recorded and told, as an opening is."""
    actor = actor_of(request)
    policies.require(actor, "break_glass")
    form = form_from_json(EmergencyForm, request.data, actor=actor)
    attempt = carry_out(form, operations.break_glass, actor)
    if attempt.opened is None:
        form.tell(attempt.outcome)
        check(form)
    return created("api:emergency", attempt.opened.pk, id=str(attempt.opened.pk))


@reads(EmergencyBody)
def emergency(request: Request, pk: UUID) -> Response:
    """One opening."""
    return Response(_bodies(actor_of(request), [_found(request, pk, "view_break_glass")])[0])


@acts(ReviewForm)
def review(request: Request, pk: UUID) -> Response:
    """Say within 72 hours whether it was justified."""
    found = _found(request, pk, "review_break_glass")
    form = form_from_json(ReviewForm, request.data)
    carry_out(form, operations.review_break_glass, actor_of(request), opened=found)
    return created("api:emergency", pk, id=str(pk))


@acts(None)
def end(request: Request, pk: UUID) -> Response:
    """End it before its hour is over."""
    found = _found(request, pk, "end_break_glass")
    carry_out(NrmForm({}), operations.end_break_glass, actor_of(request), opened=found)
    return created("api:emergency", pk, id=str(pk))


def _found(request: Request, pk: UUID, action: str) -> BreakGlass:
    actor = actor_of(request)
    policies.require(actor, action)
    return door.get_emergency(actor, pk)


def _bodies(actor: Actor, openings: Sequence[BreakGlass]) -> list[EmergencyBody]:
    names = Names(actor, [one.case_id for one in openings])
    return [_body(one, names.of(one.organisation, one.case_id)) for one in openings]


def _body(opened: BreakGlass, organisation: ShownOrganisation) -> EmergencyBody:
    return {
        "id": opened.pk,
        "reference": reference.show(opened.reference),
        "organisation": shown_party(organisation),
        "opened_by": "" if organisation.is_masked else opened.opened_by_user.name,
        "colleague": "" if organisation.is_masked or not opened.colleague_user else opened.colleague_user.name,
        "reason": opened.reason,
        "categories": opened.categories,
        "opened_at": opened.opened_at,
        "ends_at": opened.ends_at,
        "ended_at": opened.ended_at,
        "is_live": operations.is_live(opened),
        "review_due_at": opened.review_due_at,
        "reviewed_at": opened.reviewed_at,
        "outcome": opened.outcome,
    }


urlpatterns = [
    path("emergencies/", endpoint(emergencies, break_glass), name="emergencies"),
    path("emergencies/<uuid:pk>/", endpoint(emergency), name="emergency"),
    path("emergencies/<uuid:pk>/review/", endpoint(review), name="review_break_glass"),
    path("emergencies/<uuid:pk>/end/", endpoint(end), name="end_break_glass"),
]
