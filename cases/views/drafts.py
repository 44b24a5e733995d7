"""Drafts: what the own organisation has begun, discarding one, and the anonymous notification."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import policies
from cases.forms.answers import Answers
from cases.forms.notification import RefusalForm
from cases.models import Draft
from cases.operations import drafts
from cases.operations.notifications import Counted, file_anonymous_notification
from core.forms import NrmForm, render_form, submit
from profiles import codes
from profiles.profile import active


def list_drafts(request: Request) -> HttpResponse:
    """One's own drafts; intake and supervisors see those of the whole organisation."""
    policies.require(request.actor, drafts.ACTION)
    rows = [
        {
            "draft": draft,
            "erased_on": drafts.erased_on(draft),
            "is_warned_about": drafts.is_warned_about(draft),
            "is_own": draft.author_id == request.actor.membership_id,
        }
        for draft in drafts.list_drafts(request.actor)
    ]
    columns = [_("Started"), _("Begun by"), _("Last saved"), _("Kept until"), _("Actions")]
    context = {"rows": rows, "columns": columns, "terms": active().drafts}
    return render(request, "cases/registration/drafts.html", context)


def discard(request: Request, pk: UUID) -> HttpResponse:
    """Erase a draft for good, after asking."""
    draft = drafts.get_draft(request.actor, pk)
    form = NrmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, drafts.discard_draft, request.actor, draft=draft):
        messages.success(request, _("The draft was erased."))
        return redirect("cases:drafts")
    return render_form(request, "cases/registration/discard.html", form, {"draft": draft})


def notification(request: Request, pk: UUID) -> HttpResponse:
    """An adult who does not consent is counted: the page shows exactly what is kept."""
    draft = drafts.get_draft(request.actor, pk)
    answers = Answers(request.actor, drafts.pages(draft))
    if not answers.is_notification:
        return redirect("cases:draft", draft.pk)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    counted = answers.counted()
    if request.method == "POST" and _file(request, form, draft, counted):
        text = _("The notification was counted and the draft erased. Nothing leads back to the person.")
        messages.success(request, text)
        return redirect("cases:drafts")
    return render_form(request, "cases/registration/notification.html", form, {"draft": draft, "kept": _kept(counted)})


def _file(request: Request, form: NrmForm, draft: Draft, counted: Counted) -> Any:
    return submit(form, file_anonymous_notification, request.actor, draft=draft, counted=counted)


def _kept(counted: Counted) -> list[tuple[str, str]]:
    """Every value of the notification in words, besides the day, the organisation and the reason."""
    regions = active().regions
    return [
        (_("Age group"), _("Adult")),
        (_("Sex"), codes.get("sex").label(counted.sex) if counted.sex else ""),
        (_("Citizenship, as a group"), codes.get("citizenship_group").label(counted.citizenship_group)),
        (_("Forms of exploitation"), ", ".join(codes.get("exploitation_form").labels(counted.forms))),
        (_("Region"), str(regions[counted.region].name) if counted.region in regions else counted.region),
    ]


urlpatterns = [
    path("drafts/", list_drafts, name="drafts"),
    path("drafts/<uuid:pk>/discard/", discard, name="discard_draft"),
    path("register/<uuid:pk>/notification/", notification, name="draft_notification"),
]
