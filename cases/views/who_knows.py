"""Who knows the case through the lead: the lines, ending one, taking one over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import Request
from cases import access as door
from cases import policies, tree
from cases.forms.work import ConfirmForm, ShareForm
from cases.operations import branches
from cases.views.shared import case_context, posted
from core.forms import render_form, submit


@require_safe
def who_knows(request: Request, reference: str) -> HttpResponse:
    """Every organisation that knows the case through the lead, by whom, why, since and until when."""
    access = door.get_case(request.actor, reference)
    context = {
        **case_context(access, tab="shares"),
        "lines": tree.who_knows(access),
        "columns": [_("Line"), _("Who"), _("Let in by"), _("Why"), _("Since"), _("Until"), _("What you can do")],
    }
    return render(request, "cases/who_knows.html", context)


def end_line(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Ask once more, then end one line and what hangs on it."""
    access = door.get_case(request.actor, reference)
    line = tree.get_line(access, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, branches.end_gift, request.actor, access=access, line=pk):
        messages.success(request, _("This line has ended. It holds from the next page that they open."))
        return redirect("cases:who_knows", reference)
    context = {
        **case_context(access, tab="shares"),
        "line": line,
        "may_end": policies.may_end_gift_to(request.actor, access, line.share.to_organisation.kind),
    }
    return render_form(request, "cases/end_line.html", form, context)


def take_over(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Share with the same organisation on the lead's own basis: nothing ends when who let it in has to leave."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "take_over_branch", access)
    line = tree.get_line(access, pk)
    form = ShareForm(posted(request), access=access, to=line.share.to_organisation, starts_at_once=True)
    if request.method == "POST" and submit(form, branches.take_over_branch, request.actor, access=access, line=pk):
        messages.success(request, _("Taken over: it hangs on your organisation now."))
        return redirect("cases:who_knows", reference)
    return render_form(request, "cases/take_over.html", form, {**case_context(access, tab="shares"), "line": line})


urlpatterns = [
    path("cases/<str:reference>/who-knows/", who_knows, name="who_knows"),
    path("cases/<str:reference>/who-knows/<uuid:pk>/end/", end_line, name="end_line"),
    path("cases/<str:reference>/who-knows/<uuid:pk>/take-over/", take_over, name="take_over"),
]
