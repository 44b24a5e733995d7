"""Identification: the history of the decisions, and the pages that record one."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases.enums import DecisionOutcome, DecisionStep, ReflectionState
from cases.forms.decisions import DeclineIdentificationForm, IdentificationForm, ReasonableGroundsForm
from cases.models import IdentificationDecision
from cases.operations.decisions import (
    decline_identification,
    record_identification_decision,
    record_reasonable_grounds,
)
from cases.operations.reflection import state_today
from cases.policies import CaseAccess
from cases.views.shared import case_context, posted
from cases.views.steps import IDENTIFICATION, REFLECTION, at_step, steps
from core.forms import render_form, submit
from profiles import codes
from profiles.profile import active

FORM = "cases/decisions/form.html"


@dataclass(frozen=True)
class Entry:
    """One row of the history in words; reasons only for the organisation that wrote them."""

    row: IdentificationDecision
    title: str
    basis: str
    reasons: str


def decisions(request: Request, reference: str) -> HttpResponse:
    """What was decided on identification and reflection, and what the reader may decide next."""
    access = door.get_case(request.actor, reference)
    period = door.reflection_period(access)
    context = {
        **case_context(access, tab="decisions"),
        "entries": [_entry(row) for row in door.decisions(access)],
        "period": period,
        "period_state": ReflectionState(state_today(period)).label if period else "",
        "period_remarks": period.content.get("remarks", "") if period else "",  # type: ignore[attr-defined]
        "period_reason": _end_reason(period.state, period.end_reason) if period else "",
        "reflection_term": active().term("reflection_period"),
        "decision_steps": steps(access, IDENTIFICATION),
        "reflection_steps": steps(access, REFLECTION),
    }
    return render(request, "cases/decisions/history.html", context)


def reasonable_grounds(request: Request, reference: str) -> HttpResponse:
    """Whether there are reasonable grounds to believe that the person is a victim."""
    access = at_step(request, reference, "record_reasonable_grounds")
    form = ReasonableGroundsForm(posted(request))
    if request.method == "POST" and submit(form, record_reasonable_grounds, request.actor, access=access):
        messages.success(request, _("Decision recorded."))
        return redirect("cases:decisions", reference)
    return render_form(request, FORM, form, form_context(access, active().steps["reasonable_grounds"].name.label()))


def identification(request: Request, reference: str) -> HttpResponse:
    """Whether the competent authority identifies the person as a victim."""
    access = at_step(request, reference, "record_identification_decision")
    form = IdentificationForm(posted(request))
    if request.method == "POST" and submit(form, record_identification_decision, request.actor, access=access):
        messages.success(request, _("Decision recorded."))
        return redirect("cases:decisions", reference)
    return render_form(request, FORM, form, form_context(access, active().steps["identification"].name.label()))


def decline(request: Request, reference: str) -> HttpResponse:
    """The person does not want to be identified formally."""
    access = at_step(request, reference, "decline_identification")
    form = DeclineIdentificationForm(posted(request))
    if request.method == "POST" and submit(form, decline_identification, request.actor, access=access):
        messages.success(request, _("Recorded. The person stays a presumed victim, with the same support."))
        return redirect("cases:decisions", reference)
    note = _("The person stays a presumed victim and keeps all support. This can be taken up again at any time.")
    return render_form(request, FORM, form, form_context(access, _("The person does not want to be identified"), note))


def form_context(access: CaseAccess, heading: str, note: str = "", *, is_final: bool = False) -> dict[str, Any]:
    """The context of a form of this tab; ``is_final`` makes ``note`` a warning."""
    return {**case_context(access, tab="decisions"), "heading": heading, "note": note, "is_final": is_final}


def _entry(row: IdentificationDecision) -> Entry:
    content = row.content  # type: ignore[attr-defined]
    is_declined = row.step == DecisionStep.DECLINED
    listed = codes.get("identification_decline_reason" if is_declined else "decision_basis")
    title = str(DecisionStep(row.step).label)
    if not is_declined:
        title = _("%(step)s: %(outcome)s") % {
            "step": active().steps[row.step].name.label(),
            "outcome": str(DecisionOutcome(row.outcome).label).lower(),
        }
    return Entry(row, title, listed.label(row.basis), content.get("reasons", ""))


def _end_reason(state: str, reason: str) -> str:
    listed = "reflection_decline_reason" if state == "declined" else "reflection_end_reason"
    return codes.get(listed).label(reason) if reason else ""


urlpatterns = [
    path("cases/<str:reference>/decisions/", decisions, name="decisions"),
    path("cases/<str:reference>/decisions/reasonable-grounds/", reasonable_grounds, name="reasonable_grounds"),
    path("cases/<str:reference>/decisions/identification/", identification, name="identification"),
    path("cases/<str:reference>/decisions/declined/", decline, name="decline_identification"),
]
