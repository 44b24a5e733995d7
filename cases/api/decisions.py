"""Identification: the history of decisions, and recording one."""

from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import access as door
from cases.api.shared import ShownNamed, case_of, is_own, shown
from cases.forms.decisions import (
    DeclineIdentificationForm,
    IdentificationForm,
    ReasonableGroundsForm,
    ReconsiderForm,
    RequestReconsiderationForm,
)
from cases.models import IdentificationDecision
from cases.operations.decisions import (
    decline_identification,
    record_identification_decision,
    record_reasonable_grounds,
)
from cases.operations.reconsideration import reconsider, request_reconsideration
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class DecisionBody(TypedDict):
    """One dated row. ``reasons`` and ``why_late`` are empty for all but who wrote them and whom they are put to."""

    id: UUID
    step: str
    outcome: str
    basis: str
    decided_on: date
    owner: ShownNamed
    is_own: bool
    reasons: str
    why_late: str


@reads(list[DecisionBody])
def decisions(request: Request, reference: str) -> Response:
    """What was decided on identification, oldest first."""
    access = case_of(request, reference)
    return Response([_body(access, row) for row in door.decisions(access)])


@acts(ReasonableGroundsForm)
def reasonable_grounds(request: Request, reference: str) -> Response:
    """Record whether there are reasonable grounds to believe that the person is a victim."""
    return _record(request, reference, ReasonableGroundsForm, record_reasonable_grounds)


@acts(IdentificationForm)
def identification(request: Request, reference: str) -> Response:
    """Record whether the competent authority identifies the person as a victim."""
    return _record(request, reference, IdentificationForm, record_identification_decision)


@acts(DeclineIdentificationForm)
def decline(request: Request, reference: str) -> Response:
    """Record that the person does not want to be identified formally."""
    return _record(request, reference, DeclineIdentificationForm, decline_identification)


@acts(RequestReconsiderationForm)
def ask_again(request: Request, reference: str) -> Response:
    """Ask the authority that decided to look at its negative decision again."""
    return _record(request, reference, RequestReconsiderationForm, request_reconsideration)


@acts(ReconsiderForm)
def answer(request: Request, reference: str) -> Response:
    """Answer a request for reconsideration: the decision stands, or is changed in favour of the person."""
    return _record(request, reference, ReconsiderForm, reconsider)


def _record(request: Request, reference: str, form_class: type[NrmForm], operation: Any) -> Response:
    access = case_of(request, reference, operation.__name__)
    row = carry_out(form_from_json(form_class, request.data), operation, access.actor, access=access)
    return created("api:decisions", reference, id=str(row.pk))


def _body(access: CaseAccess, row: IdentificationDecision) -> DecisionBody:
    return {
        "id": row.pk,
        "step": row.step,
        "outcome": row.outcome,
        "basis": row.basis,
        "decided_on": row.decided_on,
        "owner": shown(access.names.of(row.owner_organisation)),
        "is_own": is_own(access, row.owner_organisation_id),
        "reasons": row.content.get("reasons", ""),  # type: ignore[attr-defined]
        "why_late": row.content.get("why_late", ""),  # type: ignore[attr-defined]
    }


urlpatterns = [
    path("cases/<str:reference>/decisions/", endpoint(decisions), name="decisions"),
    path(
        "cases/<str:reference>/decisions/reasonable-grounds/", endpoint(reasonable_grounds), name="reasonable_grounds"
    ),
    path("cases/<str:reference>/decisions/identification/", endpoint(identification), name="identification"),
    path("cases/<str:reference>/decisions/declined/", endpoint(decline), name="decline_identification"),
    path("cases/<str:reference>/decisions/reconsideration/ask/", endpoint(ask_again), name="request_reconsideration"),
    path("cases/<str:reference>/decisions/reconsideration/", endpoint(answer), name="reconsider"),
]
