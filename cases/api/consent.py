"""The consent register: reading, recording, answering, going against a refusal."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import access as door
from cases import policies
from cases.api.shared import ShownNamed, ShownParty, case_of, is_own, shown, shown_party
from cases.forms.consent import AnswerForm, OverrideForm, RecordConsentForm
from cases.models import Consent
from cases.operations.consent import answer_consent, override_consent, record_consent, state_today
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads


class ConsentBody(TypedDict):
    """What was asked or agreed to: for which purpose, whom (null: whoever serves it), which categories.

    ``state`` is that of today; ``superseded_by`` the consent that took its place.
    """

    id: UUID
    state: str
    owner: ShownNamed
    is_own: bool
    purpose: str
    legal_basis: str
    categories: list[str]
    recipient: ShownParty | None
    form: str
    language: str
    has_interpreter: bool
    information_given: list[str]
    given_on: date | None
    valid_until: date | None
    withdrawn_at: datetime | None
    withdrawn_via: str
    superseded_by: UUID | None


@reads(list[ConsentBody])
def consents(request: Request, reference: str) -> Response:
    """Own consents, those that others share, and those that a share to the own organisation rests on."""
    access = case_of(request, reference)
    return Response([_body(access, row) for row in door.consents(access)])


@acts(RecordConsentForm)
def record(request: Request, reference: str) -> Response:
    """Record a consent, a refusal, a question that waits for its answer, or another legal basis."""
    access = case_of(request, reference, "record_consent")
    form = form_from_json(RecordConsentForm, request.data, access=access)
    row = carry_out(form, record_consent, access.actor, access=access)
    return created("api:consents", reference, id=str(row.pk))


@acts(AnswerForm)
def answer(request: Request, reference: str, pk: UUID) -> Response:
    """Record the answer to what was asked."""
    access = case_of(request, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(access.actor, "record_consent", access)
    carry_out(form_from_json(AnswerForm, request.data), answer_consent, access.actor, access=access, consent=row)
    return created("api:consents", reference, id=str(pk))


@acts(OverrideForm)
def override(request: Request, reference: str) -> Response:
    """Go against a refusal, or without an answer: a child or a life is at risk. Data protection is told."""
    access = case_of(request, reference, "override_consent")
    form = form_from_json(OverrideForm, request.data, access=access)
    row = carry_out(form, override_consent, access.actor, access=access)
    return created("api:consents", reference, id=str(row.pk))


def _body(access: CaseAccess, row: Consent) -> ConsentBody:
    return {
        "id": row.pk,
        "state": state_today(row),
        "owner": shown(access.names.of(row.owner_organisation)),
        "is_own": is_own(access, row.owner_organisation_id),
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "categories": row.categories,
        "recipient": shown_party(access.names.recipient(row)) if row.recipient else None,
        "form": row.form,
        "language": row.language,
        "has_interpreter": row.has_interpreter,
        "information_given": row.information_given,
        "given_on": row.given_on,
        "valid_until": row.valid_until,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_via": row.withdrawn_via,
        "superseded_by": row.superseded_by_id,
    }


urlpatterns = [
    path("cases/<str:reference>/consents/", endpoint(consents, record), name="consents"),
    path("cases/<str:reference>/consents/override/", endpoint(override), name="override_consent"),
    path("cases/<str:reference>/consents/<uuid:pk>/answer/", endpoint(answer), name="answer_consent"),
]
