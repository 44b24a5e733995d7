"""Links with other cases: that they exist; which, only for who may know those cases too."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.forms.doubles import LinkForm
from cases.forms.work import ConfirmForm
from cases.operations.doubles import questions
from cases.operations.links import OF_ONE_PERSON, get_link, link_cases, links_of, may_end, unlink_case
from cases.views.shared import case_context, posted
from core.forms import render_form, submit


def links(request: Request, reference: str) -> HttpResponse:
    """The links of a case, and the form that makes one."""
    access = door.get_case(request.actor, reference)
    if request.method == "POST":
        policies.require(request.actor, "link_cases", access)
    may_link = policies.may(request.actor, "link_cases", access)
    may_answer = policies.may(request.actor, "answer_link_question", access)
    context = {
        **case_context(access, tab="people"),
        "links": [(link, known, may_end(access, link)) for link, known in links_of(access)],
        "questions": questions(access) if may_answer else [],
        "may_link_episode": may_answer,
    }
    if not may_link:
        return render(request, "cases/links.html", {**context, "form": None})
    form = LinkForm(posted(request), access=access)
    if request.method == "POST" and submit(form, link_cases, request.actor, access=access):
        messages.success(request, _("The cases are linked."))
        return redirect("cases:links", reference)
    return render_form(request, "cases/links.html", form, context)


def unlink(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Ask once more, then take the case out of the link."""
    access = door.get_case(request.actor, reference)
    link = get_link(access, pk)
    policies.require(request.actor, "unlink_case", access)
    if link.kind in OF_ONE_PERSON:
        policies.require(request.actor, "unlink_person", access)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, unlink_case, request.actor, access=access, link=link):
        messages.success(request, _("The link has ended."))
        return redirect("cases:links", reference)
    return render_form(request, "cases/unlink.html", form, {**case_context(access, tab="people"), "link": link})


urlpatterns = [
    path("cases/<str:reference>/links/", links, name="links"),
    path("cases/<str:reference>/links/<uuid:pk>/end/", unlink, name="unlink"),
]
