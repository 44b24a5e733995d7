"""People and organisations: which colleagues work the case, who else is involved."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.models import Membership
from cases import access as door
from cases import policies
from cases.forms.work import AssignForm, ConfirmForm
from cases.operations.members import assign_member, unassign_member
from cases.policies import CaseAccess
from cases.views.case import parties
from cases.views.shared import case_context, posted
from core.errors import Missing
from core.forms import render_form, submit


def people(request: Request, reference: str) -> HttpResponse:
    """Assigned colleagues, parties, and the form that assigns one more."""
    access = door.get_case(request.actor, reference)
    may_assign = policies.may(request.actor, "assign_member", access)
    members = door.assigned_members(access)
    context = {
        **case_context(access, tab="people"),
        "members": members,
        "parties": parties(access, door.shares(access)),
        "may_unassign": policies.may(request.actor, "unassign_member", access),
    }
    if request.method == "POST":
        policies.require(request.actor, "assign_member", access)
    if not may_assign:
        return render(request, "cases/people.html", {**context, "form": None})
    assigned = frozenset(row.membership_id for row in members)
    form = AssignForm(posted(request), actor=request.actor, assigned=assigned)
    if request.method == "POST" and submit(form, assign_member, request.actor, access=access):
        messages.success(request, _("Colleague assigned."))
        return redirect("cases:people", reference)
    return render_form(request, "cases/people.html", form, context)


def unassign(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Ask once more, then take a colleague off the case."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "unassign_member", access)
    member = _assigned(access, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, unassign_member, request.actor, access=access, member=member):
        messages.success(request, _("Colleague taken off the case."))
        return redirect("cases:people", reference)
    return render_form(request, "cases/unassign.html", form, {**case_context(access, tab="people"), "member": member})


def _assigned(access: CaseAccess, pk: UUID) -> Membership:
    found = next((row.membership for row in door.assigned_members(access) if row.membership_id == pk), None)
    if found is None:
        raise Missing
    return found


urlpatterns = [
    path("cases/<str:reference>/people/", people, name="people"),
    path("cases/<str:reference>/people/<uuid:pk>/unassign/", unassign, name="unassign"),
]
