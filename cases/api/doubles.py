"""The duplicate desk, the answers of the leads, and links between cases, by REST."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import actor_of
from cases import policies
from cases.api.shared import case_of
from cases.forms.doubles import LinkAnswerForm, LinkForm
from cases.masking import Names
from cases.models import CaseLink, PossibleDouble
from cases.operations import doubles as operations
from cases.operations.links import OF_ONE_PERSON, get_link, link_cases, links_of, unlink_case
from core import reference as references
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class Side(TypedDict):
    """One case of a pair, and who leads it."""

    reference: str
    organisation: str


class Double(TypedDict):
    """Two cases that may be about one person."""

    id: UUID
    score: int
    state: str
    found_at: datetime
    sides: list[Side]


class Question(TypedDict):
    """A question about one's own case. Nothing in it tells of the other."""

    id: UUID
    reference: str
    is_open: bool
    asked_at: datetime | None
    answer: str


class Link(TypedDict):
    """A link; ``known`` holds references of cases that the reader knows too."""

    id: UUID
    kind: str
    made_at: datetime
    known: list[str]


@reads(list[Double], "tab")
def doubles(request: Request) -> Response:
    """``tab``: ``waiting`` (the most alike first) or ``settled``; at most 100."""
    is_settled = request.query_params.get("tab") == "settled"
    return Response(_doubles(actor_of(request), operations.desk(actor_of(request), is_settled=is_settled)))


@reads(Double)
def double(request: Request, pk: UUID) -> Response:
    """One pair."""
    return Response(_doubles(actor_of(request), [operations.get_double(actor_of(request), pk)])[0])


@acts(None)
def ask(request: Request, pk: UUID) -> Response:
    """Ask both leads whether their cases may be linked."""
    return _act(request, pk, operations.ask_to_link)


@acts(None)
def keep_apart(request: Request, pk: UUID) -> Response:
    """Two persons: never proposed again."""
    return _act(request, pk, operations.keep_apart)


@reads(Question)
def question(request: Request, pk: UUID) -> Response:
    """The question about one's own case."""
    access, side = operations.get_question(actor_of(request), pk)
    policies.require(access.actor, "answer_link_question", access)
    body: Question = {
        "id": side.pk,
        "reference": access.case.shown_reference,
        "is_open": side.is_open,
        "asked_at": side.asked_at,
        "answer": side.answer,
    }
    return Response(body)


@acts(LinkAnswerForm)
def answer(request: Request, pk: UUID) -> Response:
    """Agree, on what the person wants, or refuse with a reason."""
    access, side = operations.get_question(actor_of(request), pk)
    policies.require(access.actor, "answer_link_question", access)
    form = form_from_json(LinkAnswerForm, request.data or {}, access=access)
    carry_out(form, operations.answer_link_question, access.actor, access=access, side=side)
    return created("api:link_question", pk, id=str(pk))


@reads(list[Link])
def links(request: Request, reference: str) -> Response:
    """The links of a case."""
    access = case_of(request, reference)
    return Response([_link(link, [case.shown_reference for case in known]) for link, known in links_of(access)])


@acts(LinkForm)
def link(request: Request, reference: str) -> Response:
    """Link cases of a family, of one action, or a new episode with the earlier; ``references``: one on each line."""
    access = case_of(request, reference, "link_cases")
    form = form_from_json(LinkForm, request.data or {}, access=access)
    made = carry_out(form, link_cases, access.actor, access=access)
    return created("api:links", reference, id=str(made.pk))


@acts(None)
def unlink(request: Request, reference: str, pk: UUID) -> Response:
    """Take the case out of a link."""
    access = case_of(request, reference)
    found = get_link(access, pk)
    policies.require(access.actor, "unlink_case", access)
    if found.kind in OF_ONE_PERSON:
        policies.require(access.actor, "unlink_person", access)
    carry_out(NrmForm({}), unlink_case, access.actor, access=access, link=found)
    return created("api:links", reference, id=str(pk))


def _act(request: Request, pk: UUID, operation: Any) -> Response:
    actor = actor_of(request)
    found = operations.get_double(actor, pk)
    carry_out(NrmForm({}), operation, actor, double=found)
    return created("api:double", pk, id=str(pk))


def _doubles(actor: Actor, found: Sequence[PossibleDouble]) -> list[Double]:
    names = Names(actor, [side.case_id for one in found for side in one.sides.all()])
    return [_double(one, names) for one in found]


def _double(one: PossibleDouble, names: Names) -> Double:
    return {
        "id": one.pk,
        "score": one.score,
        "state": one.state,
        "found_at": one.found_at,
        "sides": [
            {
                "reference": references.show(side.reference),
                "organisation": names.of(side.organisation, side.case_id).name,
            }
            for side in one.sides.all()
        ],
    }


def _link(one: CaseLink, known: list[str]) -> Link:
    return {"id": one.pk, "kind": one.kind, "made_at": one.made_at, "known": known}


urlpatterns = [
    path("doubles/", endpoint(doubles), name="doubles"),
    path("doubles/<uuid:pk>/", endpoint(double), name="double"),
    path("doubles/<uuid:pk>/ask/", endpoint(ask), name="ask_to_link"),
    path("doubles/<uuid:pk>/keep-apart/", endpoint(keep_apart), name="keep_apart"),
    path("link-questions/<uuid:pk>/", endpoint(question, answer), name="link_question"),
    path("cases/<str:reference>/links/", endpoint(links, link), name="links"),
    path("cases/<str:reference>/links/<uuid:pk>/end/", endpoint(unlink), name="unlink"),
]
