"""The consent register: reading, recording, answering, going against a refusal."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from cases import access as door
from cases import masking, policies
from cases.api.shared import ShownNamed, ShownParty, case_of, is_own, shown, shown_party
from cases.forms.consent import AnswerForm, AnswerOverrideForm, OverrideForm, RecordConsentForm
from cases.models import Consent
from cases.operations.consent import answer_consent, record_consent, state_today
from cases.operations.overrides import (
    answer_override,
    answer_unknown_override,
    get_unknown_override,
    is_waiting,
    override_consent,
    unknown_overrides,
)
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads


class ConsentBody(TypedDict):
    """What was asked or agreed to: for which purpose, whom (null: whoever serves it), which categories.

    ``state`` is that of today; ``superseded_by`` the consent that took its place. Of an override: ``is_waiting`` for a
    second person, and the instant at which it ends without one.
    """

    id: UUID
    state: str
    owner: ShownNamed
    is_own: bool
    purpose: str
    legal_basis: str
    provision: str
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
    is_waiting: bool
    unconfirmed_until: datetime | None


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


@acts(AnswerOverrideForm)
def confirm(request: Request, reference: str, pk: UUID) -> Response:
    """The second person confirms that the person's answer is gone against, or says no."""
    access = case_of(request, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(access.actor, "answer_override", access)
    form = form_from_json(AnswerOverrideForm, request.data)
    carry_out(form, answer_override, access.actor, access=access, consent=row)
    return created("api:consents", reference, id=str(pk))


def _body(access: CaseAccess, row: Consent) -> ConsentBody:
    return {
        "id": row.pk,
        "state": state_today(row),
        "owner": shown(access.names.of(row.owner_organisation)),
        "is_own": is_own(access, row.owner_organisation_id),
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "provision": row.provision,
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
        "is_waiting": is_waiting(row),
        "unconfirmed_until": row.unconfirmed_until,
    }


class UnknownOverride(TypedDict):
    """An override that waits for data protection, which knows no case. ``legal_basis`` is its ground."""

    id: UUID
    reference: str
    recipient: ShownParty
    purpose: str
    legal_basis: str
    provision: str
    categories: list[str]
    valid_until: date
    unconfirmed_until: datetime | None


@reads(list[UnknownOverride])
def unknown(request: Request) -> Response:
    """What waits for data protection, because nobody else of the organisation can be the second person."""
    rows = unknown_overrides(actor_of(request))
    return Response([_unknown_body(row) for row in rows])


@acts(AnswerOverrideForm)
def confirm_unknown(request: Request, pk: UUID) -> Response:
    """Data protection confirms or says no, without seeing the case."""
    actor = actor_of(request)
    policies.require(actor, "answer_unknown_override")
    row = get_unknown_override(actor, pk)
    carry_out(form_from_json(AnswerOverrideForm, request.data), answer_unknown_override, actor, consent=row)
    return created("api:unknown_overrides", id=str(pk))


def _unknown_body(row: Consent) -> UnknownOverride:
    if row.recipient is None or row.valid_until is None:
        raise ValueError("an override names a receiver and a last day")
    return {
        "id": row.pk,
        "reference": row.case.shown_reference,
        "recipient": shown_party(masking.named(row.recipient)),
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "provision": row.provision,
        "categories": row.categories,
        "valid_until": row.valid_until,
        "unconfirmed_until": row.unconfirmed_until,
    }


urlpatterns = [
    path("cases/<str:reference>/consents/", endpoint(consents, record), name="consents"),
    path("cases/<str:reference>/consents/override/", endpoint(override), name="override_consent"),
    path("cases/<str:reference>/consents/<uuid:pk>/answer/", endpoint(answer), name="answer_consent"),
    path("cases/<str:reference>/consents/<uuid:pk>/confirmation/", endpoint(confirm), name="answer_override"),
    path("overrides/", endpoint(unknown), name="unknown_overrides"),
    path("overrides/<uuid:pk>/", endpoint(confirm_unknown), name="answer_unknown_override"),
]
