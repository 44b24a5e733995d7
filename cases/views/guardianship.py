"""Guardians: the queue of child protection, the guardian of a child, and the pages of each act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.forms.guardianship import (
    AppointGuardianForm,
    ConflictForm,
    EndGuardianshipForm,
    GuardianForm,
    ReplaceGuardianForm,
)
from cases.forms.work import ConfirmForm
from cases.guardian_queue import queue
from cases.models import Guardianship
from cases.operations import guardianship as operations
from cases.operations.caseload import candidates
from cases.operations.child_branch import current, request_guardian
from cases.policies import CaseAccess
from cases.views.shared import case_context, posted
from cases.views.steps import GUARDIAN, at_step, steps
from core.forms import render_form, submit
from profiles import codes
from profiles.profile import active

NAME = "cases/guardians/name.html"
ACT = "cases/guardians/act.html"


@dataclass(frozen=True)
class Entry:
    """One row of the history in words; what is sealed only for child protection."""

    row: Guardianship
    reason: str
    why_named: str
    conflict: str
    reported_by: str
    remarks: str


def guardians(request: Request) -> HttpResponse:
    """Children without a guardian, oldest clock first."""
    policies.require(request.actor, "view_guardian_queue")
    waiting = queue(request.actor)
    parts = (
        (_("Without a guardian"), waiting.without),
        (_("With a provisional guardian"), waiting.provisional),
        (_("Conflict of interest reported"), waiting.conflicts),
    )
    columns = [_("Case"), _("Age"), _("Region"), _("Asked by"), _("Waiting"), _("Guardian"), _("Due")]
    context = {"queue": waiting, "parts": parts, "columns": columns}
    return render(request, "cases/guardians/queue.html", context)


def guardian(request: Request, reference: str) -> HttpResponse:
    """Who the guardian of this child is and was, and what the reader may do about it."""
    access = door.get_case(request.actor, reference)
    context = {
        **case_context(access, tab="guardian"),
        "entries": [_entry(row) for row in door.guardianships(access)],
        "steps": steps(access, GUARDIAN),
    }
    return render(request, "cases/guardians/guardian.html", context)


def ask(request: Request, reference: str) -> HttpResponse:
    """Ask child protection for a guardian."""
    access = at_step(request, reference, "request_guardian")
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, request_guardian, request.actor, access=access):
        messages.success(request, _("Child protection has been asked for a guardian."))
        return redirect("cases:guardian", reference)
    context = _context(access, _("Ask for a guardian?"), _("Ask for a guardian"))
    note = _(
        "Child protection of the region is asked at once. It sees who the child is, how to reach it, what happened."
    )
    return render_form(request, ACT, form, {**context, "note": note})


def provisional(request: Request, reference: str) -> HttpResponse:
    """Name the person who stands by the child from today."""
    access = at_step(request, reference, "assign_provisional_guardian")
    return _name(
        request,
        access,
        GuardianForm,
        operations.assign_provisional_guardian,
        _("Name a provisional guardian"),
        _("The provisional guardian can open the case now."),
    )


def appoint(request: Request, reference: str) -> HttpResponse:
    """Appoint the guardian."""
    access = at_step(request, reference, "assign_guardian")
    return _name(
        request,
        access,
        AppointGuardianForm,
        operations.assign_guardian,
        _("Appoint the guardian"),
        _("The guardian is appointed and can open the case now."),
    )


def replace(request: Request, reference: str) -> HttpResponse:
    """Put another person in the place of the guardian."""
    access = at_step(request, reference, "replace_guardian")
    return _name(
        request,
        access,
        ReplaceGuardianForm,
        operations.replace_guardian,
        _("Replace the guardian"),
        _("The guardian is replaced. The former guardian can no longer open the case."),
    )


def end(request: Request, reference: str) -> HttpResponse:
    """End the guardianship, or withdraw the request."""
    access = at_step(request, reference, "end_guardianship")
    form = EndGuardianshipForm(posted(request))
    if request.method == "POST" and submit(form, operations.end_guardianship, request.actor, access=access):
        messages.success(request, _("The guardianship has ended."))
        return redirect("cases:guardians")
    context = _context(access, _("End the guardianship"), _("End the guardianship"))
    note = _("The guardian loses the case at once. A person found to be an adult leaves by “Settle the age”, not here.")
    return render_form(request, ACT, form, {**context, "note": note, "is_final": True})


def conflict(request: Request, reference: str) -> HttpResponse:
    """Report that the guardian's interests conflict with the child's."""
    access = at_step(request, reference, "flag_guardian_conflict")
    form = ConflictForm(posted(request))
    if request.method == "POST" and submit(form, operations.flag_guardian_conflict, request.actor, access=access):
        messages.success(request, _("Reported. Child protection has to replace the guardian."))
        return redirect("cases:guardian", reference)
    context = _context(access, _("Report a conflict of interest"), _("Report"))
    note = _("Child protection sees the report. The guardian stays in office until another person takes the place.")
    return render_form(request, ACT, form, {**context, "note": note})


def _name(
    request: Request,
    access: CaseAccess,
    form_class: type[GuardianForm],
    operation: Callable[..., Guardianship],
    heading: str,
    done: str,
) -> HttpResponse:
    held = current(access.case)
    initial = {"guardian": str(held.guardian_id)} if held and form_class is AppointGuardianForm else {}
    form = form_class(posted(request), initial=initial, candidates=candidates(access.case))
    if request.method == "POST" and submit(form, operation, request.actor, access=access):
        messages.success(request, done)
        return redirect("cases:guardian", access.case.shown_reference)
    limits = active().guardians
    context = {**_context(access, heading, heading), "limits": limits, "held": held}
    return render_form(request, NAME, form, context)


def _context(access: CaseAccess, heading: str, button: str) -> dict[str, Any]:
    return {**case_context(access, tab="guardian"), "heading": heading, "button": button, "is_final": False}


def _entry(row: Guardianship) -> Entry:
    content = row.content  # type: ignore[attr-defined]
    return Entry(
        row=row,
        reason=codes.get("guardian_end_reason").label(row.end_reason) if row.end_reason else "",
        why_named=content.get("reason", ""),
        conflict=codes.get("guardian_conflict").label(content["conflict"]) if "conflict" in content else "",
        reported_by=content.get("conflict_by", ""),
        remarks=content.get("conflict_remarks", ""),
    )


urlpatterns = [
    path("guardians/", guardians, name="guardians"),
    path("cases/<str:reference>/guardian/", guardian, name="guardian"),
    path("cases/<str:reference>/guardian/request/", ask, name="request_guardian"),
    path("cases/<str:reference>/guardian/provisional/", provisional, name="provisional_guardian"),
    path("cases/<str:reference>/guardian/appoint/", appoint, name="appoint_guardian"),
    path("cases/<str:reference>/guardian/replace/", replace, name="replace_guardian"),
    path("cases/<str:reference>/guardian/end/", end, name="end_guardianship"),
    path("cases/<str:reference>/guardian/conflict/", conflict, name="guardian_conflict"),
]
