"""Team: who has how many open cases, and handing the cases of a colleague to somebody else."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.http import Request
from audit import trail
from cases.access import unattended
from cases.enums import Category
from cases.forms.work import ConfirmForm, HandoverForm
from cases.operations import handover, labels
from cases.operations.handover import Load
from cases.views.shared import posted
from core.forms import render_form, submit

CONFIRMED: Final = "confirmed"
CHANGE: Final = "change"


def team(request: Request) -> HttpResponse:
    """Everybody with the number of their open cases; who left some behind comes first."""
    people = handover.team(request.actor)
    context = {
        "people": people,
        "columns": [_("Name"), _("Roles"), _("State"), _("Open cases")],
        "unattended": unattended(request.actor).count(),
        "is_left_behind": any(one.is_away and one.cases for one in people),
    }
    return render(request, "cases/team.html", context)


def caseload(request: Request, pk: UUID) -> HttpResponse:
    """Choose cases and successor, see what will happen, hand over; what stays is shown with its reason."""
    colleague = handover.colleague(request.actor, pk)
    loads = handover.caseload(request.actor, colleague=colleague)
    trail.note(categories=(Category.STATUS,), cases_shown=len(loads))
    shown = labels.of_cases(request.actor, [load.case for load in loads])
    form = HandoverForm(posted(request), actor=request.actor, colleague=colleague, loads=loads, labels=shown)
    if request.method == "POST" and request.POST.get(CONFIRMED):
        left = submit(form, handover.reassign, request.actor, colleague=colleague)
        if left is not None:
            _tell(request, len(form.cleaned_data["cases"]) - len(left), left)
            return redirect("cases:caseload", pk)
    context = {
        "colleague": colleague,
        "loads": [(load, shown.get(load.case.pk, "")) for load in loads],
        "obstacles": [(load, shown.get(load.case.pk, "")) for load in loads if load.obstacle],
        "may_hand_over": any(not load.obstacle for load in loads),
    }
    if request.method == "POST" and not {CONFIRMED, CHANGE} & set(request.POST) and form.is_valid():
        chosen = form.arguments()
        preview = handover.caseload(request.actor, colleague=colleague, successor=chosen["successor"])
        wanted = [(load, shown.get(load.case.pk, "")) for load in preview if load.case.pk in chosen["cases"]]
        context |= {"wanted": wanted, "chosen": chosen, "confirm_form": ConfirmForm()}
        return render(request, "cases/preview_handover.html", context)
    return render_form(request, "cases/caseload.html", form, context)


def _tell(request: Request, number: int, left: Sequence[Load]) -> None:
    if number:
        words = ngettext("%(number)d case was handed over.", "%(number)d cases were handed over.", number)
        messages.success(request, words % {"number": number})
    for load in left:
        messages.warning(request, f"{load.case.shown_reference}: {load.obstacle}")


urlpatterns = [
    path("team/", team, name="team"),
    path("team/<uuid:pk>/", caseload, name="caseload"),
]
