"""Shares from and to the own organisation: what is seen, until when, why; giving and ending."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Party, party
from cases import access as door
from cases.api.shared import case_of, is_own
from cases.forms.work import ReceiverForm, ShareForm
from cases.models import Share
from cases.operations import sharing
from cases.policies import CaseAccess
from core.api import acts, carry_out, check, created, endpoint, form_from_json, reads, serializer_of
from core.forms import NrmForm

TO = "to"


class ShareBody(TypedDict):
    """One share. ``ends_on`` is the last day on which it opens anything."""

    id: UUID
    sharing: Party
    receiving: Party
    is_given: bool
    is_live: bool
    categories: list[str]
    purpose: str
    legal_basis: str
    office: str
    starts_at: datetime
    ends_on: date
    ended_at: datetime | None
    end_reason: str
    may_end: bool


class ShareRequest(serializer_of(ShareForm)):  # type: ignore[misc]
    """With whom, and what, why and until when."""

    to = serializers.UUIDField()


@reads(list[ShareBody])
def shares(request: Request, reference: str) -> Response:
    """Shares from or to the own organisation, newest first."""
    access = case_of(request, reference)
    return Response([_body(access, share) for share in door.shares(access)])


@acts(ShareRequest)
def share(request: Request, reference: str) -> Response:
    """Let another organisation see categories of the own rows."""
    access = case_of(request, reference, "share")
    data: Mapping[str, Any] = request.data if isinstance(request.data, Mapping) else {}
    chooser = form_from_json(ReceiverForm, {TO: data.get(TO)}, actor=access.actor)
    check(chooser)
    to = chooser.cleaned_data[TO]
    rest = {name: value for name, value in data.items() if name != TO}
    form = form_from_json(ShareForm, rest, access=access, to=to)
    made = carry_out(form, sharing.share, access.actor, access=access, to=to)
    return created("api:share", reference, made.pk, id=str(made.pk))


@reads(ShareBody)
def one_share(request: Request, reference: str, pk: UUID) -> Response:
    """One share."""
    access = case_of(request, reference)
    return Response(_body(access, door.get_share(access, pk)))


@acts(None)
def end(request: Request, reference: str, pk: UUID) -> Response:
    """End a share of the own rows: it holds from the next request."""
    access = case_of(request, reference)
    found = door.get_share(access, pk)
    carry_out(NrmForm({}), sharing.end_share, access.actor, access=access, share=found)
    return created("api:share", reference, pk, id=str(pk))


def _body(access: CaseAccess, share: Share) -> ShareBody:
    return {
        "id": share.pk,
        "sharing": party(share.from_organisation),
        "receiving": party(share.to_organisation),
        "is_given": is_own(access, share.from_organisation_id),
        "is_live": sharing.is_live(share),
        "categories": share.categories,
        "purpose": share.purpose,
        "legal_basis": share.legal_basis,
        "office": share.office,
        "starts_at": share.starts_at,
        "ends_on": share.ends_on,
        "ended_at": share.ended_at,
        "end_reason": share.end_reason,
        "may_end": sharing.may_end(access, share),
    }


urlpatterns = [
    path("cases/<str:reference>/shares/", endpoint(shares, share), name="shares"),
    path("cases/<str:reference>/shares/<uuid:pk>/", endpoint(one_share), name="share"),
    path("cases/<str:reference>/shares/<uuid:pk>/end/", endpoint(end), name="end_share"),
]
