"""Organisations, for the platform administrator."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import access, operations, policies
from accounts.forms import CreateOrganisationForm, FirstAdministratorForm, OrganisationForm, initial_of
from accounts.http import Request
from accounts.views.shared import FORM, confirm, posted
from core.forms import render_form, submit
from profiles import codes
from profiles.profile import active


@require_safe
def organisations(request: Request) -> HttpResponse:
    """All organisations, by name."""
    policies.require(request.actor, "view_organisations")
    return render(request, "accounts/organisations.html", {"organisations": access.organisations()})


@require_safe
def organisation(request: Request, pk: UUID) -> HttpResponse:
    """One organisation: what it is, what it offers, who is invited."""
    shown = access.get_organisation(request.actor, pk)
    names = {code: str(region.name) for code, region in active().regions.items()}
    context = {
        "organisation": shown,
        "region": names.get(shown.region, shown.region),
        "serves": [names.get(code, code) for code in shown.serves_regions],
        "services": codes.get("service").labels(shown.services),
        "invitations": access.invitations_of(shown),
    }
    return render(request, "accounts/organisation.html", context)


@require_http_methods(FORM)
def create(request: Request) -> HttpResponse:
    """Add an organisation."""
    policies.require(request.actor, "create_organisation")
    form = CreateOrganisationForm(posted(request))
    if request.method == "POST":
        made = submit(form, operations.create_organisation, request.actor)
        if made:
            messages.success(request, _("%(name)s was added. Now invite its administrator.") % {"name": made.name})
            return redirect("accounts:organisation", made.pk)
    return render_form(request, "accounts/create_organisation.html", form)


@require_http_methods(FORM)
def update(request: Request, pk: UUID) -> HttpResponse:
    """Change name, place and services."""
    shown = access.get_organisation(request.actor, pk)
    form = OrganisationForm(posted(request), initial=initial_of(shown))
    if request.method == "POST" and submit(form, operations.update_organisation, request.actor, organisation=shown):
        messages.success(request, _("The changes were saved."))
        return redirect("accounts:organisation", pk)
    return render_form(request, "accounts/update_organisation.html", form, {"organisation": shown})


@require_http_methods(FORM)
def administrator(request: Request, pk: UUID) -> HttpResponse:
    """Invite the first administrator."""
    shown = access.get_organisation(request.actor, pk)
    form = FirstAdministratorForm(posted(request))
    if request.method == "POST" and submit(
        form, operations.invite_first_administrator, request.actor, organisation=shown
    ):
        messages.success(request, _("The invitation is on its way. It can be accepted for seven days."))
        return redirect("accounts:organisation", pk)
    return render_form(request, "accounts/invite_first_administrator.html", form, {"organisation": shown})


def suspend(request: Request, pk: UUID) -> HttpResponse:
    """Shut an organisation out with all its members."""
    shown = access.get_organisation(request.actor, pk)
    name = {"name": shown.name}
    words = {
        "heading": _("Suspend %(name)s?") % name,
        "text": _("All its members are shut out on their next request, and nobody can refer to it."),
        "more": led_in_words(*access.count_led(shown)),
        "button": _("Suspend"),
        "done": _("%(name)s was suspended.") % name,
    }
    back = reverse("accounts:organisation", args=[pk])
    return confirm(request, operations.suspend_organisation, words, back, organisation=shown)


def led_in_words(cases: int, children: int) -> str:
    """What becomes of the cases that the organisation leads; what it shared by choice ends in any case."""
    ended = _("What it shared by choice, and what was shared with it, ends for good.")
    if not cases:
        return ended
    led = ngettext(
        "It leads %(cases)d open case, which the coordinator’s office offers to another organisation.",
        "It leads %(cases)d open cases, which the coordinator’s office offers to other organisations.",
        cases,
    )
    of_them = ngettext(
        "%(children)d of them is about a child; child protection keeps its deadlines meanwhile.",
        "%(children)d of them are about children; child protection keeps their deadlines meanwhile.",
        children,
    )
    said = [led % {"cases": cases}, *([of_them % {"children": children}] if children else []), ended]
    return " ".join(said)


def reinstate(request: Request, pk: UUID) -> HttpResponse:
    """Let a suspended organisation in again."""
    shown = access.get_organisation(request.actor, pk)
    name = {"name": shown.name}
    words = {
        "heading": _("Reinstate %(name)s?") % name,
        "text": _("Its members can work again at once. What it shared before, and what was shared with it, has ended."),
        "button": _("Reinstate"),
        "done": _("%(name)s was reinstated.") % name,
    }
    back = reverse("accounts:organisation", args=[pk])
    return confirm(request, operations.reinstate_organisation, words, back, organisation=shown)
