"""The age of a person: who says what, what follows from it; child protection settles it."""

from datetime import date
from typing import TypedDict

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases.age_shown import ShownClaim, shown_age
from cases.api.shared import ShownNamed, case_of, shown
from cases.forms.age import SettleAgeForm
from cases.operations.age_settlement import settle_age
from core.api import acts, carry_out, created, endpoint, form_from_json, reads


class ClaimBody(TypedDict):
    """What one organisation says. ``birth_date``: empty, 2010, 2010-05 or 2010-05-17. ``counts``: it is counted by now;
    ``is_disputed``: it contradicts what counts; ``is_settlement``: child protection has settled the age."""

    organisation: ShownNamed
    said_on: date
    age_group: str
    birth_date: str
    basis: str
    is_settlement: bool
    counts: bool
    is_disputed: bool


class AgeBody(TypedDict):
    """What is known of the age. ``child_until``: the last day on which the person is treated as a child;
    ``majority_for_reminders``: the earliest 18th birthday that is possible. Both are null where nobody knows, and for
    whoever is not bound by them. ``hidden``: claims that the caller may not read."""

    claims: list[ClaimBody]
    hidden: int
    is_disputed: bool
    child_until: date | None
    majority_for_reminders: date | None
    reason: str


@reads(AgeBody)
def age(request: Request, reference: str) -> Response:
    """What is known of the age, as far as the caller may know it."""
    found = shown_age(case_of(request, reference))
    body: AgeBody = {
        "claims": [_claim(one) for one in found.claims],
        "hidden": found.hidden,
        "is_disputed": found.is_disputed,
        "child_until": found.child_until,
        "majority_for_reminders": found.reminders_until,
        "reason": found.reason,
    }
    return Response(body)


@acts(SettleAgeForm)
def settle(request: Request, reference: str) -> Response:
    """Settle the age: child protection that answers for the person, on a basis and for a reason."""
    access = case_of(request, reference, "settle_age")
    settlement = carry_out(form_from_json(SettleAgeForm, request.data), settle_age, access.actor, access=access)
    return created("api:age", access.case.shown_reference, id=str(settlement.pk))


def _claim(one: ShownClaim) -> ClaimBody:
    return {
        "organisation": shown(one.owner),
        "said_on": one.claim.said_on,
        "age_group": one.claim.group,
        "birth_date": one.claim.born,
        "basis": one.claim.basis,
        "is_settlement": one.claim.is_settlement,
        "counts": one.counts,
        "is_disputed": one.is_disputed,
    }


urlpatterns = [
    path("cases/<str:reference>/age/", endpoint(age), name="age"),
    path("cases/<str:reference>/age/settle/", endpoint(settle), name="settle_age"),
]
