"""Shares from and to the own organisation: what is seen, until when, why; giving and ending."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import actor_of
from cases import access as door
from cases import policies
from cases.api.shared import ShownParty, case_of, is_own, shown_party
from cases.forms.work import ReceiverForm, RenewForm, ShareForm
from cases.masking import Names
from cases.models import Share
from cases.operations import sharing
from cases.operations.reviewing import review_share
from cases.policies import CaseAccess
from core.api import acts, carry_out, check, created, endpoint, form_from_json, reads, serializer_of
from core.forms import NrmForm

TO = "to"


class ShareBody(TypedDict):
    """One share. ``ends_on`` is the last day on which it opens anything."""

    id: UUID
    sharing: ShownParty
    receiving: ShownParty
    is_given: bool
    is_live: bool
    categories: list[str]
    purpose: str
    legal_basis: str
    provision: str
    office: str
    level: str
    stage: str
    starts_at: datetime
    ends_on: date
    ended_at: datetime | None
    end_reason: str
    renewed_at: datetime | None
    renewal_reason: str
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
    access = case_of(request, reference)
    policies.require_to_share(access)
    data: Mapping[str, Any] = request.data if isinstance(request.data, Mapping) else {}
    chooser = form_from_json(ReceiverForm, {TO: data.get(TO)}, actor=access.actor)
    check(chooser)
    to = chooser.cleaned_data[TO]
    policies.require(access.actor, policies.sharing_act(access, to.pk), access)
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


@acts(RenewForm)
def renew(request: Request, reference: str, pk: UUID) -> Response:
    """Let a share go on, with a reason, until a day at most 90 days from today and never beyond its consent."""
    access = case_of(request, reference)
    found = door.get_share(access, pk)
    sharing.require_may_renew(access, found)
    carry_out(form_from_json(RenewForm, request.data), sharing.renew_share, access.actor, access=access, share=found)
    return created("api:share", reference, pk, id=str(pk))


@acts(None)
def review(request: Request, reference: str, pk: UUID) -> Response:
    """Say that what a party sees by office was looked at and is still right."""
    access = case_of(request, reference)
    found = door.get_share(access, pk)
    policies.require(access.actor, "review_share", access)
    sharing.require_given(access.actor, found)
    carry_out(NrmForm({}), review_share, access.actor, access=access, share=found)
    return created("api:share", reference, pk, id=str(pk))


class OwnShareBody(TypedDict):
    """One share of the own organisation, whether or not its case is known."""

    id: UUID
    reference: str
    receiving: ShownParty
    categories: list[str]
    purpose: str
    office: str
    stage: str
    ends_on: date
    may_end: bool


@reads(list[OwnShareBody])
def own_shares(request: Request) -> Response:
    """What the own organisation shares and that has not ended, soonest end first: supervisors and data protection."""
    actor = actor_of(request)
    found = door.given_shares(actor)
    names = Names(actor, [share.case_id for share in found])
    return Response([_own_body(actor, share, names) for share in found])


@acts(None)
def end_own(request: Request, pk: UUID) -> Response:
    """End a share of the own organisation, whether or not its case is known."""
    actor = actor_of(request)
    carry_out(NrmForm({}), sharing.end_unknown_share, actor, share=door.given_share(actor, pk))
    return created("api:own_shares", id=str(pk))


def _own_body(actor: Actor, share: Share, names: Names) -> OwnShareBody:
    return {
        "id": share.pk,
        "reference": share.case.shown_reference,
        "receiving": shown_party(names.receiver(share)),
        "categories": share.categories,
        "purpose": share.purpose,
        "office": share.office,
        "stage": sharing.stage(share),
        "ends_on": share.ends_on,
        "may_end": sharing.may_end_unknown(actor, share),
    }


def _body(access: CaseAccess, share: Share) -> ShareBody:
    return {
        "id": share.pk,
        "sharing": shown_party(access.names.giver(share)),
        "receiving": shown_party(access.names.receiver(share)),
        "is_given": is_own(access, share.from_organisation_id),
        "is_live": sharing.is_live(share),
        "categories": share.categories,
        "purpose": share.purpose,
        "legal_basis": share.legal_basis,
        "provision": share.provision,
        "office": share.office,
        "level": share.level,
        "stage": sharing.stage(share),
        "starts_at": share.starts_at,
        "ends_on": share.ends_on,
        "ended_at": share.ended_at,
        "end_reason": share.end_reason,
        "renewed_at": share.renewed_at,
        "renewal_reason": share.renewal_reason,
        "may_end": sharing.may_end(access, share),
    }


urlpatterns = [
    path("cases/<str:reference>/shares/", endpoint(shares, share), name="shares"),
    path("cases/<str:reference>/shares/<uuid:pk>/", endpoint(one_share), name="share"),
    path("cases/<str:reference>/shares/<uuid:pk>/end/", endpoint(end), name="end_share"),
    path("cases/<str:reference>/shares/<uuid:pk>/renew/", endpoint(renew), name="renew_share"),
    path("cases/<str:reference>/shares/<uuid:pk>/review/", endpoint(review), name="review_share"),
    path("shares/", endpoint(own_shares), name="own_shares"),
    path("shares/<uuid:pk>/end/", endpoint(end_own), name="end_own_share"),
]
