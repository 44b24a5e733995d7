"""Identification: the history of the decisions, and the pages that record one."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases.enums import DecisionOutcome, DecisionStep, ReflectionState
from cases.forms.decisions import (
    DeclineIdentificationForm,
    IdentificationForm,
    ReasonableGroundsForm,
    ReconsiderForm,
    RequestReconsiderationForm,
)
from cases.models import IdentificationDecision, RecordedAct
from cases.operations.decisions import (
    decline_identification,
    record_identification_decision,
    record_reasonable_grounds,
)
from cases.operations.reconsideration import reconsider, request_reconsideration
from cases.operations.reflection import state_today
from cases.policies import CaseAccess
from cases.views.shared import case_context, posted
from cases.views.steps import ACTS, IDENTIFICATION, REFLECTION, at_step, steps
from core.forms import render_form, submit
from profiles import codes
from profiles.profile import active

FORM: Final = "cases/decisions/form.html"
# What is recorded on the person's behalf and decides nothing, with the code list of its reason.
ASKED_FOR_BY_THE_LEAD: Final = {
    DecisionStep.DECLINED: "identification_decline_reason",
    DecisionStep.RECONSIDERATION_REQUEST: "reconsideration_ground",
}


@dataclass(frozen=True)
class Entry:
    """One row of the history in words; reasons only for who wrote them and whom they are put to."""

    row: IdentificationDecision
    title: str
    basis: str
    reasons: str
    why_late: str
    is_request: bool


@dataclass(frozen=True)
class ActEntry:
    """Something that happened elsewhere, in words; remarks only for who wrote them."""

    row: RecordedAct
    title: str
    manner: str
    remarks: str


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
        "acts": [_act(row) for row in door.recorded_acts(access)],
        "act_steps": steps(access, ACTS),
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


def ask_again(request: Request, reference: str) -> HttpResponse:
    """Ask the authority that decided to look at its negative decision again."""
    access = at_step(request, reference, "request_reconsideration")
    form = RequestReconsiderationForm(posted(request))
    if request.method == "POST" and submit(form, request_reconsideration, request.actor, access=access):
        messages.success(request, _("Reconsideration is asked for. The decision stands until it is answered."))
        return redirect("cases:decisions", reference)
    note = _(
        "The authority that decided sees who the person is and what it is offered by default, until it has answered. "
        "Support goes on, whatever it decides."
    )
    return render_form(request, FORM, form, form_context(access, _("Ask for reconsideration"), note))


def answer(request: Request, reference: str) -> HttpResponse:
    """Look at the decision again, with the reasons of the request beside it."""
    access = at_step(request, reference, "reconsider")
    form = ReconsiderForm(posted(request))
    if request.method == "POST" and submit(form, reconsider, request.actor, access=access):
        messages.success(request, _("Decision recorded."))
        return redirect("cases:decisions", reference)
    asked = [entry for entry in map(_entry, door.decisions(access)) if entry.is_request]
    context = form_context(access, _("Answer the request for reconsideration")) | {"asked": asked[-1:]}
    return render_form(request, FORM, form, context)


def form_context(access: CaseAccess, heading: str, note: str = "", *, is_final: bool = False) -> dict[str, Any]:
    """The context of a form of this tab; ``is_final`` makes ``note`` a warning."""
    return {**case_context(access, tab="decisions"), "heading": heading, "note": note, "is_final": is_final}


def _entry(row: IdentificationDecision) -> Entry:
    content = row.content  # type: ignore[attr-defined]
    title = str(DecisionStep(row.step).label)
    if row.step not in ASKED_FOR_BY_THE_LEAD:
        step = active().steps.get(row.step)
        title = _("%(step)s: %(outcome)s") % {
            "step": step.name.label() if step else title,
            "outcome": str(DecisionOutcome(row.outcome).label).lower(),
        }
    basis = codes.get(ASKED_FOR_BY_THE_LEAD.get(DecisionStep(row.step), "decision_basis")).label(row.basis)
    is_request = row.step == DecisionStep.RECONSIDERATION_REQUEST
    return Entry(row, title, basis, content.get("reasons", ""), content.get("why_late", ""), is_request)


def _act(row: RecordedAct) -> ActEntry:
    manner = codes.get("cooperation").label(row.manner) if row.manner else ""
    return ActEntry(row, row.get_act_display(), manner, row.content.get("remarks", ""))  # type: ignore[attr-defined]


def _end_reason(state: str, reason: str) -> str:
    listed = "reflection_decline_reason" if state == "declined" else "reflection_end_reason"
    return codes.get(listed).label(reason) if reason else ""


urlpatterns = [
    path("cases/<str:reference>/decisions/", decisions, name="decisions"),
    path("cases/<str:reference>/decisions/reasonable-grounds/", reasonable_grounds, name="reasonable_grounds"),
    path("cases/<str:reference>/decisions/identification/", identification, name="identification"),
    path("cases/<str:reference>/decisions/declined/", decline, name="decline_identification"),
    path("cases/<str:reference>/decisions/reconsideration/ask/", ask_again, name="request_reconsideration"),
    path("cases/<str:reference>/decisions/reconsideration/", answer, name="reconsider"),
]
