"""Colleagues, for the administrator of an organisation."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, operations, policies
from accounts.forms import InviteForm, RolesForm
from accounts.http import Request
from accounts.models import Membership
from accounts.views.shared import FORM, confirm, posted
from core.forms import render_form, submit

CASES_STAY: Final = gettext_lazy(
    "Their cases stay with the organisation. Tell a supervisor, who finds them under “Team” and hands them on."
)


@require_safe
def members(request: Request) -> HttpResponse:
    """Everybody in the organisation, and who has been invited."""
    policies.require(request.actor, "view_members")
    waiting = access.waiting_roles(request.actor)
    context = {
        "members": [(one, waiting.get(one.pk, [])) for one in access.members(request.actor)],
        "invitations": access.invitations(request.actor),
    }
    return render(request, "accounts/members.html", context)


@require_http_methods(FORM)
def invite(request: Request) -> HttpResponse:
    """Invite a colleague by mail."""
    policies.require(request.actor, "invite_member")
    form = InviteForm(posted(request))
    if request.method == "POST" and submit(form, operations.invite_member, request.actor):
        messages.success(request, _("The invitation is on its way. It can be accepted for seven days."))
        return redirect("accounts:members")
    return render_form(request, "accounts/invite_member.html", form)


@require_http_methods(FORM)
def roles(request: Request, pk: UUID) -> HttpResponse:
    """Give a colleague other roles."""
    membership = _colleague(request, pk, "change_roles")
    waiting = access.waiting_roles(request.actor).get(pk, [])
    form = RolesForm(posted(request), initial={"roles": [*membership.roles, *waiting]})
    if request.method == "POST" and submit(form, operations.change_roles, request.actor, membership=membership):
        messages.success(request, _("The roles of %(name)s were changed.") % {"name": membership.user.name})
        return redirect("accounts:members")
    return render_form(request, "accounts/change_roles.html", form, {"membership": membership})


def suspend(request: Request, pk: UUID) -> HttpResponse:
    """Shut a colleague out until further notice."""
    membership = _colleague(request, pk, "suspend_member")
    name = {"name": membership.user.name}
    words = {
        "heading": _("Suspend %(name)s?") % name,
        "text": _("They are shut out on their next request, wherever they are signed in. You can reinstate them."),
        "more": CASES_STAY,
        "button": _("Suspend"),
        "done": _("%(name)s was suspended.") % name,
    }
    return confirm_member(request, operations.suspend_member, membership, words)


def reinstate(request: Request, pk: UUID) -> HttpResponse:
    """Let a suspended colleague in again."""
    membership = _colleague(request, pk, "reinstate_member")
    name = {"name": membership.user.name}
    words = {
        "heading": _("Reinstate %(name)s?") % name,
        "text": _("They can work again at once. Roles that open cases wait until a colleague has confirmed them."),
        "button": _("Reinstate"),
        "done": _("%(name)s was reinstated.") % name,
    }
    return confirm_member(request, operations.reinstate_member, membership, words)


def end(request: Request, pk: UUID) -> HttpResponse:
    """A colleague leaves the organisation."""
    membership = _colleague(request, pk, "end_membership")
    name = {"name": membership.user.name}
    words = {
        "heading": _("End the membership of %(name)s?") % name,
        "text": _("They leave the organisation and see nothing of it any more. Their name stays with what they did."),
        "more": CASES_STAY,
        "button": _("End membership"),
        "done": _("The membership of %(name)s was ended.") % name,
    }
    return confirm_member(request, operations.end_membership, membership, words)


def revoke(request: Request, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    policies.require(request.actor, "revoke_invitation")
    invitation = access.get_invitation(request.actor, pk)
    is_own = invitation.organisation_id == request.actor.organisation_id
    words = {
        "heading": _("Revoke the invitation of %(email)s?") % {"email": invitation.email},
        "text": _("The link in the mail stops working at once."),
        "button": _("Revoke invitation"),
        "done": _("The invitation was revoked."),
    }
    home = reverse("accounts:organisation", args=[invitation.organisation_id])
    back = reverse("accounts:members") if is_own else home
    return confirm(request, operations.revoke_invitation, words, back, invitation=invitation)


def confirm_member(
    request: Request, operation: Callable[..., Any], membership: Membership, words: dict[str, Any]
) -> HttpResponse:
    return confirm(request, operation, words, reverse("accounts:members"), membership=membership)


def _colleague(request: Request, pk: UUID, action: str) -> Membership:
    """404 for whoever is not in the organisation, then 403 for whoever may not manage it."""
    membership = access.get_member(request.actor, pk)
    policies.require(request.actor, action, membership.organisation_id)
    return membership
