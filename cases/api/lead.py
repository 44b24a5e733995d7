"""The coordinator's desk for cases that nobody leads, and the answer of who is asked, by REST."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from cases.forms.lead import AcceptLeadForm, ProposeLeadForm
from cases.models import LeadOffer, LeadVacancy
from cases.operations import lead_offers as operations
from cases.operations.lead_candidates import Candidates
from core import reference as references
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class Offered(TypedDict):
    """What everybody at the desk, and who is asked, knows of a case: reference, region, child or adult."""

    id: UUID
    reference: str
    region: str
    is_child: bool


class Offer(TypedDict):
    """To whom the lead was offered, and how that stands now."""

    id: UUID
    organisation: str
    state: str
    answer_due_at: datetime | None


class Next(TypedDict):
    """Whom to ask next; two members of the office ask."""

    id: UUID
    organisation: str


class Vacancy(Offered):
    """A case that nobody leads, since when, its offers, and whom to ask next: nobody when everybody was asked."""

    found_at: datetime
    offers: list[Offer]
    next: Next | None


class Received(Offered):
    """An offer to the own organisation."""

    answer_due_at: datetime | None


@reads(list[Vacancy])
def desk(request: Request) -> Response:
    """Cases that nobody leads, the longest first; at most 100."""
    found = operations.desk(actor_of(request))
    known = Candidates(found)
    return Response([_vacancy(one, known) for one in found])


@reads(Vacancy)
def vacancy(request: Request, pk: UUID) -> Response:
    """One of them."""
    found = operations.get_vacancy(actor_of(request), pk)
    return Response(_vacancy(found, Candidates([found])))


@acts(ProposeLeadForm)
def propose(request: Request, pk: UUID) -> Response:
    """Propose who could lead it; another member of the office confirms."""
    actor = actor_of(request)
    found = operations.get_vacancy(actor, pk)
    form = form_from_json(ProposeLeadForm, request.data or {}, vacancy=found)
    offer = carry_out(form, operations.propose_lead, actor, vacancy=found)
    return created("api:lead_vacancy", pk, id=str(offer.pk))


@acts(None)
def confirm(request: Request, pk: UUID) -> Response:
    """Confirm what a colleague proposed: the organisation is asked."""
    return _at_the_desk(request, pk, operations.confirm_lead)


@acts(None)
def withdraw(request: Request, pk: UUID) -> Response:
    """Take a proposal or an offer back."""
    return _at_the_desk(request, pk, operations.withdraw_lead)


@reads(Received)
def offer(request: Request, pk: UUID) -> Response:
    """An offer to the own organisation that can still be answered."""
    found = operations.received(actor_of(request), pk)
    body: Received = {**_offered(found.vacancy), "id": found.pk, "answer_due_at": found.answer_due_at}
    return Response(body)


@acts(AcceptLeadForm)
def accept(request: Request, pk: UUID) -> Response:
    """Take the case and name who will work on it."""
    actor = actor_of(request)
    found = operations.received(actor, pk)
    form = form_from_json(AcceptLeadForm, request.data or {}, actor=actor)
    case = carry_out(form, operations.accept_lead, actor, offer=found)
    return created("api:case", case.shown_reference, id=str(pk))


@acts(None, is_told=False)
def decline(request: Request, pk: UUID) -> Response:
    """Do not take it; the coordinator asks another organisation."""
    actor = actor_of(request)
    carry_out(NrmForm({}), operations.decline_lead, actor, offer=operations.received(actor, pk))
    return Response(status=204)


def _at_the_desk(request: Request, pk: UUID, operation: Any) -> Response:
    actor = actor_of(request)
    found = operations.get_offer(actor, pk)
    carry_out(NrmForm({}), operation, actor, offer=found)
    return created("api:lead_vacancy", found.vacancy_id, id=str(pk))


def _offered(one: LeadVacancy) -> Offered:
    return {
        "id": one.pk,
        "reference": references.show(one.reference),
        "region": one.region,
        "is_child": one.is_child,
    }


def _vacancy(one: LeadVacancy, known: Candidates) -> Vacancy:
    following = known.next(one)
    return {
        **_offered(one),
        "found_at": one.found_at,
        "offers": [_offer(offer) for offer in one.offers.all()],
        "next": {"id": following.pk, "organisation": following.name} if following else None,
    }


def _offer(one: LeadOffer) -> Offer:
    return {
        "id": one.pk,
        "organisation": one.organisation.name,
        "state": operations.state_now(one),
        "answer_due_at": one.answer_due_at,
    }


urlpatterns = [
    path("lead/", endpoint(desk), name="lead_desk"),
    path("lead/<uuid:pk>/", endpoint(vacancy), name="lead_vacancy"),
    path("lead/<uuid:pk>/propose/", endpoint(propose), name="propose_lead"),
    path("lead/offers/<uuid:pk>/confirm/", endpoint(confirm), name="confirm_lead"),
    path("lead/offers/<uuid:pk>/withdraw/", endpoint(withdraw), name="withdraw_lead"),
    path("lead-offers/<uuid:pk>/", endpoint(offer), name="lead_offer"),
    path("lead-offers/<uuid:pk>/accept/", endpoint(accept), name="accept_lead"),
    path("lead-offers/<uuid:pk>/decline/", endpoint(decline), name="decline_lead"),
]
