"""The consent register: reading, recording, withdrawing."""

from datetime import date, datetime
from typing import TypedDict, cast
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Named, Party, party
from accounts.models import Organisation
from cases import access as door
from cases import policies
from cases.api.shared import case_of, is_own
from cases.enums import Category
from cases.forms.work import RecordConsentForm, WithdrawForm
from cases.models import Consent
from cases.operations.consent import record_consent, withdraw_consent
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads


class ConsentBody(TypedDict):
    """What was agreed to: for which purpose, for whom (null: whoever serves the purpose), which categories."""

    id: UUID
    state: str
    owner: Named
    is_own: bool
    purpose: str
    legal_basis: str
    categories: list[str]
    recipient: Party | None
    form: str
    language: str
    has_interpreter: bool
    information_given: list[str]
    given_on: date | None
    valid_until: date | None
    withdrawn_at: datetime | None
    withdrawn_via: str


@reads(list[ConsentBody])
def consents(request: Request, reference: str) -> Response:
    """Own consents, and those that others share."""
    access = case_of(request, reference)
    found = cast("list[Consent]", door.read_rows(access, Category.CONSENT))
    recipients = Organisation.objects.in_bulk({row.recipient_id for row in found if row.recipient_id})
    return Response([_body(access, row, recipients.get(row.recipient_id)) for row in found])


@acts(RecordConsentForm)
def record(request: Request, reference: str) -> Response:
    """Record a consent."""
    access = case_of(request, reference, "record_consent")
    form = form_from_json(RecordConsentForm, request.data, actor=access.actor)
    row = carry_out(form, record_consent, access.actor, access=access)
    return created("api:consents", reference, id=str(row.pk))


@acts(WithdrawForm)
def withdraw(request: Request, reference: str, pk: UUID) -> Response:
    """Withdraw a consent: what rests on it ends at once, help goes on."""
    access = case_of(request, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(access.actor, "withdraw_consent", access)
    carry_out(form_from_json(WithdrawForm, request.data), withdraw_consent, access.actor, access=access, consent=row)
    return created("api:consents", reference, id=str(pk))


def _body(access: CaseAccess, row: Consent, recipient: Organisation | None) -> ConsentBody:
    return {
        "id": row.pk,
        "state": row.state,
        "owner": {"id": row.owner_organisation_id, "name": row.owner_organisation.name},
        "is_own": is_own(access, row.owner_organisation_id),
        "purpose": row.purpose,
        "legal_basis": row.legal_basis,
        "categories": row.categories,
        "recipient": party(recipient) if recipient else None,
        "form": row.form,
        "language": row.language,
        "has_interpreter": row.has_interpreter,
        "information_given": row.information_given,
        "given_on": row.given_on,
        "valid_until": row.valid_until,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_via": row.withdrawn_via,
    }


urlpatterns = [
    path("cases/<str:reference>/consents/", endpoint(consents, record), name="consents"),
    path("cases/<str:reference>/consents/<uuid:pk>/withdrawal/", endpoint(withdraw), name="withdraw_consent"),
]
