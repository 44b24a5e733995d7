"""Who is away and who stands in: one page for everybody in an organisation, planning and coming back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, operations, policies
from accounts.http import Request
from accounts.models import Absence
from accounts.views.shared import FORM, confirm, posted
from cases import ledger
from cases.forms.absences import AbsenceForm
from core import clock
from core.errors import Missing, NotAllowed
from core.forms import render_form, submit
from profiles.profile import active


@require_safe
def absences(request: Request) -> HttpResponse:
    """Absences of the organisation that run or lie ahead."""
    policies.require(request.actor, "view_absences")
    planned = access.absences(request.actor).planned(clock.today(active().zone))
    context = {
        "absences": [(absence, _may_end(request, absence)) for absence in planned],
        "columns": [_("Away"), _("First day away"), _("Last day away"), _("Deputy"), _("Change")],
    }
    return render(request, "cases/absences.html", context)


@require_http_methods(FORM)
def plan(request: Request) -> HttpResponse:
    """Say that one is away, or as a supervisor that a colleague is, and who stands in."""
    policies.require(request.actor, "plan_absence")
    is_for_others = policies.may(request.actor, "plan_absence_of_colleague")
    colleagues = list(access.present_colleagues(request.actor))
    form = AbsenceForm(posted(request), actor=request.actor, colleagues=colleagues, is_for_others=is_for_others)
    if request.method == "POST":
        absence = submit(form, operations.plan_absence, request.actor)
        if absence:
            messages.success(request, _planned(absence))
            return redirect("cases:absences")
    return render_form(request, "cases/plan_absence.html", form, {"has_colleagues": len(colleagues) > 1})


def end(request: Request, pk: UUID) -> HttpResponse:
    """Back earlier, or not away after all."""
    absence = access.absences(request.actor).filter(pk=pk, ended_at__isnull=True).first()
    if absence is None:
        raise Missing
    if not _may_end(request, absence):
        raise NotAllowed
    words = {
        "heading": _("End the absence of %(name)s?") % {"name": absence.membership.user.name},
        "text": _("From now on the tasks are told to them again, and no longer to the deputy."),
        "button": _("End the absence"),
        "done": _("The absence has ended."),
    }
    return confirm(request, operations.end_absence, words, "cases:absences", absence=pk)


def _may_end(request: Request, absence: Absence) -> bool:
    is_own = absence.membership_id == request.actor.membership_id
    return is_own or policies.may(request.actor, "end_absence_of_colleague")


def _planned(absence: Absence) -> str:
    unknown = ledger.count_unknown(absence.membership_id, to=absence.deputy_id)
    if not unknown:
        return _("The absence is planned. %(deputy)s hears of the tasks.") % {"deputy": absence.deputy.user.name}
    return ngettext(
        "The absence is planned. %(count)d case is not known to %(deputy)s: its tasks are told to your supervisor, who"
        " can assign it.",
        "The absence is planned. %(count)d cases are not known to %(deputy)s: their tasks are told to your supervisor,"
        " who can assign them.",
        unknown,
    ) % {"count": unknown, "deputy": absence.deputy.user.name}


urlpatterns = [
    path("absences/", absences, name="absences"),
    path("absences/new/", plan, name="plan_absence"),
    path("absences/<uuid:pk>/end/", end, name="end_absence"),
]
