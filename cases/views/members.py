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
from cases.forms.work import AssignForm, BlockForm, ConfirmForm, UnblockForm
from cases.operations.conflicts import block_member, kept_away, may_lift, unblock_member
from cases.operations.members import assign_member, unassign_member
from cases.policies import CaseAccess
from cases.views.case import parties
from cases.views.shared import case_context, posted
from core.errors import Missing, NotAllowed
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
        "may_block": policies.may(request.actor, "block_member", access),
        "blocks": [(block, may_lift(request.actor, block)) for block in door.blocks(access)],
    }
    if request.method == "POST":
        policies.require(request.actor, "assign_member", access)
    if not may_assign:
        return render(request, "cases/people.html", {**context, "form": None})
    assigned = frozenset(row.membership_id for row in members) | kept_away(access)
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


def block(request: Request, reference: str) -> HttpResponse:
    """Keep a colleague with a conflict of interest away from the case."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "block_member", access)
    form = BlockForm(posted(request), access=access)
    if request.method == "POST":
        made = submit(form, block_member, request.actor, access=access)
        if made:
            messages.success(request, _("From now on the case does not exist for %(name)s.") % {"name": made.person})
            is_oneself = made.person_id == request.actor.user_id
            return redirect("home") if is_oneself else redirect("cases:people", reference)
    return render_form(request, "cases/block.html", form, case_context(access, tab="people"))


def unblock(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Let a colleague back in: another supervisor than the one who kept them away."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "unblock_member", access)
    found = next((one for one in door.blocks(access) if one.pk == pk), None)
    if found is None:
        raise Missing
    if not may_lift(request.actor, found):
        raise NotAllowed
    form = UnblockForm(posted(request))
    if request.method == "POST" and submit(form, unblock_member, request.actor, access=access, block=found):
        messages.success(request, _("%(name)s may know the case again.") % {"name": found.person})
        return redirect("cases:people", reference)
    return render_form(request, "cases/unblock.html", form, {**case_context(access, tab="people"), "conflict": found})


def _assigned(access: CaseAccess, pk: UUID) -> Membership:
    found = next((row.membership for row in door.assigned_members(access) if row.membership_id == pk), None)
    if found is None:
        raise Missing
    return found


urlpatterns = [
    path("cases/<str:reference>/people/", people, name="people"),
    path("cases/<str:reference>/people/<uuid:pk>/unassign/", unassign, name="unassign"),
    path("cases/<str:reference>/people/keep-away/", block, name="block"),
    path("cases/<str:reference>/people/kept-away/<uuid:pk>/", unblock, name="unblock"),
]
