"""The reflection period: where it stands, offering, granting, declining and ending it."""

from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Party, party
from cases import access as door
from cases.api.shared import ShownNamed, ShownParty, case_of, shown, shown_party
from cases.forms.reflection import (
    DeclineReflectionForm,
    EndReflectionForm,
    GrantReflectionForm,
    OfferReflectionForm,
)
from cases.models import ReflectionPeriod
from cases.operations.reflection import (
    authorities,
    decline_reflection_period,
    end_reflection_period,
    grant_reflection_period,
    offer_reflection_period,
    state_today,
)
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class ReflectionBody(TypedDict):
    """The one period of a person. ``ends_on`` is its last day, null while its end is open; ``minimum_until`` the last
    day of a minimum, which never ends alone. ``remarks`` only for who wrote them."""

    id: UUID
    state: str
    owner: ShownNamed
    decides: ShownParty | None
    offered_on: date | None
    decided_on: date | None
    starts_on: date | None
    minimum_until: date | None
    ends_on: date | None
    ended_on: date | None
    end_reason: str
    remarks: str


class Reflection(TypedDict):
    """The period, null while none was offered, and who may decide on one."""

    period: ReflectionBody | None
    authorities: list[Party]


@reads(Reflection)
def reflection(request: Request, reference: str) -> Response:
    """Where the reflection period stands today."""
    access = case_of(request, reference)
    period = door.reflection_period(access)
    body: Reflection = {
        "period": _body(access, period) if period else None,
        "authorities": [party(one) for one in authorities(access.case)],
    }
    return Response(body)


@acts(OfferReflectionForm)
def offer(request: Request, reference: str) -> Response:
    """Offer the period, and record the person's answer or that it does not apply."""
    access = case_of(request, reference, "offer_reflection_period")
    form = form_from_json(
        OfferReflectionForm, request.data, authorities=authorities(access.case), is_child=access.case.is_child_branch
    )
    period = carry_out(form, offer_reflection_period, access.actor, access=access)
    return created("api:reflection", reference, id=str(period.pk))


@acts(GrantReflectionForm)
def grant(request: Request, reference: str) -> Response:
    """Grant the period; its last day is counted by the rule of the profile."""
    case = case_of(request, reference).case
    of_case = {"region": case.region, "is_child": case.is_child_branch}
    return _decide(request, reference, GrantReflectionForm, grant_reflection_period, **of_case)


@acts(DeclineReflectionForm)
def decline(request: Request, reference: str) -> Response:
    """Decline the period that was offered."""
    return _decide(request, reference, DeclineReflectionForm, decline_reflection_period)


@acts(EndReflectionForm)
def end(request: Request, reference: str) -> Response:
    """End a running period before its last day."""
    return _decide(request, reference, EndReflectionForm, end_reflection_period)


def _decide(request: Request, reference: str, form_class: type[NrmForm], operation: Any, **given: Any) -> Response:
    access = case_of(request, reference, operation.__name__)
    period = carry_out(form_from_json(form_class, request.data, **given), operation, access.actor, access=access)
    return created("api:reflection", reference, id=str(period.pk))


def _body(access: CaseAccess, period: ReflectionPeriod) -> ReflectionBody:
    return {
        "id": period.pk,
        "state": state_today(period),
        "owner": shown(access.names.of(period.owner_organisation)),
        "decides": shown_party(access.names.of(period.decides)) if period.decides else None,
        "offered_on": period.offered_on,
        "decided_on": period.decided_on,
        "starts_on": period.starts_on,
        "minimum_until": period.minimum_until,
        "ends_on": period.ends_on,
        "ended_on": period.ended_on,
        "end_reason": period.end_reason,
        "remarks": period.content.get("remarks", ""),  # type: ignore[attr-defined]
    }


urlpatterns = [
    path("cases/<str:reference>/reflection/", endpoint(reflection), name="reflection"),
    path("cases/<str:reference>/reflection/offer/", endpoint(offer), name="offer_reflection"),
    path("cases/<str:reference>/reflection/grant/", endpoint(grant), name="grant_reflection"),
    path("cases/<str:reference>/reflection/decline/", endpoint(decline), name="decline_reflection"),
    path("cases/<str:reference>/reflection/end/", endpoint(end), name="end_reflection"),
]
