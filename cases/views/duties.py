"""One duty with a clock: what it is, why, and the button that says it was done."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.forms.work import ConfirmForm
from cases.operations.duties import complete_deadline, duty_of
from cases.views.next import rule_of
from cases.views.shared import case_context, posted
from core.errors import Missing, NotAllowed
from core.forms import render_form, submit


def duty(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Ask once more, then end the clock."""
    access = door.get_case(request.actor, reference)
    deadline = next((one for one in door.open_deadlines(access) if one.pk == pk), None)
    if deadline is None or duty_of(rule_of(deadline)) is None:
        raise Missing
    policies.require(request.actor, "complete_deadline", access)
    if deadline.bound_organisation_id != request.actor.organisation_id:
        raise NotAllowed
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, complete_deadline, request.actor, access=access, deadline=deadline):
        messages.success(request, _("Recorded. The clock has ended."))
        return redirect("cases:case", reference)
    context = {**case_context(access, tab="overview"), "deadline": deadline, "rule": rule_of(deadline)}
    return render_form(request, "cases/duty.html", form, context)


urlpatterns = [path("cases/<str:reference>/duties/<uuid:pk>/", duty, name="duty")]
