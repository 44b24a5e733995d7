"""Asking whoever gave to share with another organisation, and answering it."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import masking, policies
from cases.api.shared import ShownParty, case_of, shown_party
from cases.forms.asking import AskTheGiverForm
from cases.forms.work import ShareForm
from cases.models import SharingRequest
from cases.operations import asking
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class SharingRequestBody(TypedDict):
    """What was asked of whom, and the answer. Read by the two sides."""

    id: UUID
    asking: str
    giver: str
    receiver: ShownParty
    categories: list[str]
    purpose: str
    legal_basis: str
    why: str
    asked_at: datetime
    answer: str
    may_answer: bool


@reads(list[SharingRequestBody])
def requests(request: Request, reference: str) -> Response:
    """What the own organisation asked and was asked, newest first."""
    access = case_of(request, reference)
    return Response([_body(access, asked) for asked in asking.requests(access)])


@acts(AskTheGiverForm)
def ask(request: Request, reference: str) -> Response:
    """Ask an organisation that shares with the own one to share with another."""
    access = case_of(request, reference, "ask_the_giver")
    form = form_from_json(AskTheGiverForm, request.data, access=access)
    asked = carry_out(form, asking.ask_the_giver, access.actor, access=access)
    return created("api:sharing_request", reference, asked.pk, id=str(asked.pk))


@reads(SharingRequestBody)
def one_request(request: Request, reference: str, pk: UUID) -> Response:
    """One request."""
    access = case_of(request, reference)
    return Response(_body(access, asking.get_request(access, pk)))


@acts(ShareForm)
def answer(request: Request, reference: str, pk: UUID) -> Response:
    """Share with the organisation that was asked for, on terms of one's own."""
    access, asked = _to_answer(request, reference, pk)
    form = form_from_json(ShareForm, request.data, access=access, to=asked.receiver)
    made = carry_out(form, asking.share_as_asked, access.actor, access=access, request=asked)
    return created("api:share", reference, made.pk, id=str(made.pk))


@acts(None)
def decline(request: Request, reference: str, pk: UUID) -> Response:
    """Say that the own organisation does not share."""
    access, asked = _to_answer(request, reference, pk)
    carry_out(NrmForm({}), asking.decline_to_share, access.actor, access=access, request=asked)
    return created("api:sharing_request", reference, pk, id=str(pk))


def _to_answer(request: Request, reference: str, pk: UUID) -> tuple[CaseAccess, SharingRequest]:
    access = case_of(request, reference)
    asked = asking.get_request(access, pk)
    policies.require(access.actor, "answer_the_asker", access)
    asking.require_asked(access.actor, asked)
    return access, asked


def _body(access: CaseAccess, asked: Any) -> SharingRequestBody:
    return {
        "id": asked.pk,
        "asking": access.names.of(asked.owner_organisation).name,
        "giver": access.names.of(asked.giver).name,
        "receiver": shown_party(masking.named(asked.receiver)),
        "categories": asked.categories,
        "purpose": asked.purpose,
        "legal_basis": asked.legal_basis,
        "why": asked.content["why"],
        "asked_at": asked.asked_at,
        "answer": asked.answer,
        "may_answer": asking.may_answer(access, asked),
    }


urlpatterns = [
    path("cases/<str:reference>/sharing-requests/", endpoint(requests, ask), name="sharing_requests"),
    path("cases/<str:reference>/sharing-requests/<uuid:pk>/", endpoint(one_request), name="sharing_request"),
    path("cases/<str:reference>/sharing-requests/<uuid:pk>/share/", endpoint(answer), name="share_as_asked"),
    path("cases/<str:reference>/sharing-requests/<uuid:pk>/decline/", endpoint(decline), name="decline_to_share"),
]
