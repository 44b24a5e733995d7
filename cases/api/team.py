"""The team of a supervisor: who has how many open cases, and handing a colleague's cases to somebody else."""

from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from audit import trail
from cases.enums import Category
from cases.forms.work import HandoverForm
from cases.operations import handover
from core.api import acts, carry_out, created, endpoint, form_from_json, reads


class ColleagueBody(TypedDict):
    """A colleague; ``is_away``: suspended, or no longer here, with ``open_cases`` that somebody must take over."""

    id: UUID
    name: str
    is_away: bool
    open_cases: int


class LoadBody(TypedDict):
    """One open case of a colleague; ``obstacle`` says why it cannot be handed over here."""

    id: UUID
    reference: str
    obstacle: str


@reads(list[ColleagueBody])
def team(request: Request) -> Response:
    """Everybody who works cases here; who left some behind comes first."""
    people: list[ColleagueBody] = [
        {"id": one.membership.pk, "name": one.membership.user.name, "is_away": one.is_away, "open_cases": one.cases}
        for one in handover.team(actor_of(request))
    ]
    return Response(people)


@reads(list[LoadBody])
def caseload(request: Request, pk: UUID) -> Response:
    """The open cases of a colleague that the caller may know, soonest deadline first."""
    actor = actor_of(request)
    loads = handover.caseload(actor, colleague=handover.colleague(actor, pk))
    trail.note(categories=(Category.STATUS,), cases_shown=len(loads))
    found: list[LoadBody] = [
        {"id": load.case.pk, "reference": load.case.shown_reference, "obstacle": load.obstacle} for load in loads
    ]
    return Response(found)


@acts(HandoverForm)
def hand_over(request: Request, pk: UUID) -> Response:
    """Give ``cases`` of a colleague to ``successor``. What is still listed afterwards could not be handed over."""
    actor = actor_of(request)
    colleague = handover.colleague(actor, pk)
    loads = handover.caseload(actor, colleague=colleague)
    form = form_from_json(HandoverForm, request.data, actor=actor, colleague=colleague, loads=loads, labels={})
    carry_out(form, handover.reassign, actor, colleague=colleague)
    return created("api:caseload", pk)


urlpatterns = [
    path("team/", endpoint(team), name="team"),
    path("team/<uuid:pk>/cases/", endpoint(caseload, hand_over), name="caseload"),
]
