"""By whose word colleagues have roles that open cases: the list, and the answer of the second person."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import access, operations, policies
from accounts.http import Request
from accounts.models import RoleGrant
from accounts.views.shared import confirm
from core.errors import NotAllowed


@require_safe
def role_grants(request: Request) -> HttpResponse:
    """Everything that was asked for and given, with what waits first; for the platform what waits for it."""
    policies.require(request.actor, "view_role_grants")
    own = list(access.role_grants(request.actor))
    is_platform = request.actor.is_platform_administrator
    context = {
        "waiting": [one for one in own if one.is_waiting],
        "answered": [one for one in own if not one.is_waiting],
        "for_platform": access.role_grants_for_platform(request.actor) if is_platform else [],
    }
    return render(request, "accounts/role_grants.html", context)


@require_safe
def role_grant(request: Request, pk: UUID) -> HttpResponse:
    """One grant: who asks, for whom, which roles, and what is odd about the address."""
    policies.require(request.actor, "view_role_grants")
    grant = access.get_role_grant(request.actor, pk)
    context = {
        "grant": grant,
        "warnings": access.warnings_of(grant),
        "may_answer": access.may_answer(request.actor, grant),
    }
    return render(request, "accounts/role_grant.html", context)


def confirm_roles(request: Request, pk: UUID) -> HttpResponse:
    """Confirm as the second person."""
    grant = _to_answer(request, pk, "confirm_roles")
    name = {"name": grant.person.name}
    words = {
        "heading": _("Confirm the roles of %(name)s?") % name,
        "text": _("The roles hold on their next request. By confirming you say that you know who this is."),
        "more": " ".join(access.warnings_of(grant)),
        "button": _("Confirm"),
        "done": _("You confirmed the roles of %(name)s.") % name,
    }
    return confirm(request, operations.confirm_roles, words, reverse("accounts:role_grants"), grant=grant)


def refuse_roles(request: Request, pk: UUID) -> HttpResponse:
    """Refuse as the second person."""
    grant = _to_answer(request, pk, "refuse_roles")
    name = {"name": grant.person.name}
    words = {
        "heading": _("Refuse the roles of %(name)s?") % name,
        "text": _("They do not get them. Whoever has no other role leaves the organisation."),
        "button": _("Refuse"),
        "done": _("You refused the roles of %(name)s.") % name,
    }
    return confirm(request, operations.refuse_roles, words, reverse("accounts:role_grants"), grant=grant)


def _to_answer(request: Request, pk: UUID, action: str) -> RoleGrant:
    """404 for what is another organisation's, then 403 for whoever cannot be the second person.

    What was answered or has lapsed meanwhile is said by the operation.
    """
    policies.require(request.actor, action)
    grant = access.get_role_grant(request.actor, pk)
    if grant.is_waiting and not access.may_answer(request.actor, grant):
        raise NotAllowed
    return grant
