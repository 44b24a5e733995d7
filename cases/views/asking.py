"""Asking whoever gave to share with another organisation, and answering it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.forms.asking import AskTheGiverForm
from cases.forms.work import ConfirmForm, ShareForm
from cases.operations import asking
from cases.views.shared import case_context, posted
from core.forms import render_form, submit

DECLINE = "decline"


def ask(request: Request, reference: str) -> HttpResponse:
    """What, for whom, why, on which ground; asked of an organisation that shares with the own one."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "ask_the_giver", access)
    form = AskTheGiverForm(posted(request), access=access)
    if request.method == "POST" and submit(form, asking.ask_the_giver, request.actor, access=access):
        messages.success(request, _("Asked. You are told when there is an answer."))
        return redirect("cases:shares", reference)
    return render_form(request, "cases/ask_the_giver.html", form, case_context(access, tab="shares"))


def request_page(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """One request: what was asked and, for whoever is asked, sharing on terms of one's own."""
    access = door.get_case(request.actor, reference)
    asked = asking.get_request(access, pk)
    if asking.may_answer(access, asked) or request.method == "POST":
        return _answer(request, reference, access, asked)
    return render_form(request, "cases/sharing_request.html", ConfirmForm(), _context(access, asked))


def decline(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Ask once more, then say that the own organisation does not share."""
    access = door.get_case(request.actor, reference)
    asked = asking.get_request(access, pk)
    policies.require(request.actor, "answer_the_asker", access)
    asking.require_asked(request.actor, asked)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, asking.decline_to_share, request.actor, access=access, request=asked):
        messages.success(request, _("Answered: your organisation does not share."))
        return redirect("cases:shares", reference)
    return render_form(request, "cases/decline_to_share.html", form, _context(access, asked))


def _answer(request: Request, reference: str, access: policies.CaseAccess, asked: Any) -> HttpResponse:
    policies.require(request.actor, "answer_the_asker", access)
    asking.require_asked(request.actor, asked)
    offered = {"categories": asked.categories, "purpose": asked.purpose, "legal_basis": asked.legal_basis}
    form = ShareForm(posted(request), access=access, to=asked.receiver, initial=offered)
    if request.method == "POST" and submit(form, asking.share_as_asked, request.actor, access=access, request=asked):
        messages.success(request, _("Shared with %(organisation)s.") % {"organisation": asked.receiver.name})
        return redirect("cases:shares", reference)
    return render_form(request, "cases/sharing_request.html", form, {**_context(access, asked), "may_answer": True})


def _context(access: policies.CaseAccess, asked: Any) -> dict[str, Any]:
    is_own = asked.owner_organisation_id == access.actor.organisation_id
    return {**case_context(access, tab="shares"), "asked": asked, "is_own": is_own, "may_answer": False}


urlpatterns = [
    path("cases/<str:reference>/ask-the-giver/", ask, name="ask_the_giver"),
    path("cases/<str:reference>/sharing-requests/<uuid:pk>/", request_page, name="sharing_request"),
    path("cases/<str:reference>/sharing-requests/<uuid:pk>/decline/", decline, name="decline_to_share"),
]
