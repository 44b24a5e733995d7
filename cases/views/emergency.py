"""Opening a case in an emergency; what was opened so, by or of the own organisation; its review."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.http import Request
from accounts.models import User
from cases import emergencies as door
from cases import policies
from cases.enums import SHAREABLE
from cases.forms.emergency import EmergencyForm, ReviewForm
from cases.forms.work import ConfirmForm
from cases.masking import Names, ShownOrganisation
from cases.models import BreakGlass
from cases.operations import emergency as operations
from core import reference
from core.forms import render_form, submit

# A password is typed here: nothing is kept for after a session that has ended.
NOT_KEPT = {"writer": ""}


def emergencies(request: Request) -> HttpResponse:
    """What was opened, newest first."""
    found = door.emergencies(request.actor)
    names = Names(request.actor, [one.case_id for one in found])
    context = {
        "lines": [
            (one, reference.show(one.reference), operations.is_live(one), _opened_by(one, names)) for one in found
        ],
        "columns": [_("Case"), _("Opened by"), _("When"), _("State"), pgettext("of an emergency", "Review")],
        "may_open": policies.may(request.actor, "break_glass"),
    }
    return render(request, "cases/emergency/emergencies.html", context)


def break_glass(request: Request) -> HttpResponse:
    """Say what the emergency is, prove who asks, and open the case for an hour."""
    policies.require(request.actor, "break_glass")
    form = EmergencyForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if request.method == "POST":
        attempt = submit(form, operations.break_glass, request.actor)
        if attempt and attempt.opened:
            messages.success(request, _("The case is open for 60 minutes. Everybody concerned is told."))
            return redirect("cases:case", reference.show(attempt.opened.reference))
        if attempt:
            form.tell(attempt.outcome)
    seen = policies.emergency_categories(request.actor.organisation_kind)
    context = {
        **NOT_KEPT,
        "left": door.left(request.actor),
        "categories": [one.label for one in SHAREABLE if one in seen],
    }
    return render_form(request, "cases/emergency/break_glass.html", form, context)


def emergency(request: Request, pk: UUID) -> HttpResponse:
    """One opening: who, why, what was opened; the review."""
    policies.require(request.actor, "view_break_glass")
    found = door.get_emergency(request.actor, pk)
    names = Names(request.actor, [found.case_id])
    may_review = operations.is_reviewer(request.actor, found) and found.reviewed_at is None
    if request.method == "POST":
        policies.require(request.actor, "review_break_glass")
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, operations.review_break_glass, request.actor, opened=found):
        messages.success(request, _("The review is recorded."))
        return redirect("cases:emergency", pk)
    context = {
        "opened": found,
        "opened_by": _opened_by(found, names),
        "colleague": _colleague(found, names),
        "reviewed_by": _reviewed_by(found, names),
        "shown_reference": reference.show(found.reference),
        "may_review": may_review,
        "may_end": operations.may_end(request.actor, found),
    }
    return render_form(request, "cases/emergency/emergency.html", form, context)


def end(request: Request, pk: UUID) -> HttpResponse:
    """End it before its hour is over; afterwards there is the page of what was opened."""
    policies.require(request.actor, "end_break_glass")
    found = door.get_emergency(request.actor, pk)
    if request.method != "POST" and not operations.may_end(request.actor, found):
        return redirect("cases:emergency", pk)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and submit(form, operations.end_break_glass, request.actor, opened=found):
        messages.success(request, _("Access has ended."))
        return redirect("cases:emergency", pk)
    return render_form(request, "cases/emergency/end.html", form, {"opened": found})


def _opened_by(opened: BreakGlass, names: Names) -> str:
    return _person(opened.opened_by_user, names.of(opened.organisation, opened.case_id))


def _colleague(opened: BreakGlass, names: Names) -> str:
    if opened.colleague_user is None:
        return ""
    return _person(opened.colleague_user, names.of(opened.organisation, opened.case_id))


def _reviewed_by(opened: BreakGlass, names: Names) -> str:
    if opened.reviewed_by is None or opened.reviewed_by_user is None:
        return ""
    return _person(opened.reviewed_by_user, names.of(opened.reviewed_by.organisation, opened.case_id))


def _person(person: User, organisation: ShownOrganisation) -> str:
    """Who, and of which organisation; where that is not named, its people are not either."""
    if organisation.is_masked:
        return organisation.name
    return _("%(person)s, %(organisation)s") % {"person": person.name, "organisation": organisation.name}


urlpatterns = [
    path("emergencies/", emergencies, name="emergencies"),
    path("emergencies/open/", break_glass, name="break_glass"),
    path("emergencies/<uuid:pk>/", emergency, name="emergency"),
    path("emergencies/<uuid:pk>/end/", end, name="end_break_glass"),
]
