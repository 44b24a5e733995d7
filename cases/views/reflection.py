"""The reflection period: pages to offer, grant, decline and end it. Where it stands is on the page of decisions."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases.enums import Category, ReflectionState
from cases.forms.reflection import (
    DeclineReflectionForm,
    EndReflectionForm,
    GrantReflectionForm,
    OfferReflectionForm,
)
from cases.models import Immigration, ReflectionPeriod
from cases.operations.reflection import (
    authorities,
    decline_reflection_period,
    end_reflection_period,
    grant_reflection_period,
    offer_reflection_period,
)
from cases.policies import CaseAccess
from cases.views.decisions import FORM, form_context
from cases.views.shared import posted
from cases.views.steps import at_step
from core.forms import render_form, submit
from profiles.profile import active


def offer(request: Request, reference: str) -> HttpResponse:
    """Offer the period, and record the person's answer or that it does not apply."""
    access = at_step(request, reference, "offer_reflection_period")
    deciding = authorities(access.case)
    form = OfferReflectionForm(
        posted(request),
        initial={"residence": residence(access)},
        authorities=deciding,
        is_child=access.case.is_child_branch,
    )
    if request.method == "POST":
        period = submit(form, offer_reflection_period, request.actor, access=access)
        if period:
            messages.success(request, _outcome(period))
            return redirect("cases:decisions", reference)
    names = " / ".join(one.name for one in deciding) or _("nobody: no such organisation is active in this region")
    note = _("Decided by %(organisation)s, which will then see who the person is.") % {"organisation": names}
    return render_form(request, FORM, form, form_context(access, _("Offer the reflection period"), note))


def grant(request: Request, reference: str) -> HttpResponse:
    """Grant the period; its last day is counted by the rule of the profile."""
    access = at_step(request, reference, "grant_reflection_period")
    of_case: dict[str, Any] = {"region": access.case.region, "is_child": access.case.is_child_branch}
    situation = active().reflection.length_for(residence(access), **of_case).situation
    form = GrantReflectionForm(posted(request), initial={"situation": situation}, **of_case)
    if request.method == "POST":
        period = submit(form, grant_reflection_period, request.actor, access=access)
        if period:
            messages.success(request, _outcome(period))
            return redirect("cases:decisions", reference)
    return render_form(request, FORM, form, form_context(access, _("Grant the reflection period")))


def decline(request: Request, reference: str) -> HttpResponse:
    """Decline the period that was offered."""
    access = at_step(request, reference, "decline_reflection_period")
    form = DeclineReflectionForm(posted(request))
    if request.method == "POST" and submit(form, decline_reflection_period, request.actor, access=access):
        messages.success(request, _("Recorded. The reflection period is declined."))
        return redirect("cases:decisions", reference)
    return render_form(request, FORM, form, form_context(access, _("Decline the reflection period")))


def end(request: Request, reference: str) -> HttpResponse:
    """End a running period before its last day."""
    access = at_step(request, reference, "end_reflection_period")
    form = EndReflectionForm(posted(request))
    if request.method == "POST" and submit(form, end_reflection_period, request.actor, access=access):
        messages.success(request, _("Recorded. The reflection period has ended."))
        return redirect("cases:decisions", reference)
    period = door.reflection_period(access)
    note = _("A period that runs its full length ends by itself. What is ended here cannot be taken up again.")
    if period is not None and period.minimum_until is not None:
        note = _("The period ends with the decision on identification. What is ended here cannot be taken up again.")
    return render_form(request, FORM, form, form_context(access, _("End the reflection period"), note, is_final=True))


def residence(access: CaseAccess) -> str:
    """What the visible rows say of the residence status: the latest of them; empty when nothing is shared."""
    rows = [row for row in door.read_rows(access, Category.IMMIGRATION) if isinstance(row, Immigration) and row.status]
    return max(rows, key=lambda row: row.updated_at).status if rows else ""


def _outcome(period: ReflectionPeriod) -> str:
    if period.state == ReflectionState.NOT_APPLICABLE:
        return _("Recorded: the reflection period does not apply to this person.")
    if period.state == ReflectionState.DECLINED_BY_PERSON:
        return _("Recorded: the person does not want the reflection period.")
    if period.minimum_until is not None and period.ends_on is None:
        words = _("The reflection period runs at least until and including %(day)s.")
        return words % {"day": date_format(period.minimum_until)}
    if period.ends_on is not None:
        return _("The reflection period runs until and including %(day)s.") % {"day": date_format(period.ends_on)}
    return _("The reflection period is offered. The deciding organisation has been told.")


urlpatterns = [
    path("cases/<str:reference>/reflection/offer/", offer, name="offer_reflection"),
    path("cases/<str:reference>/reflection/grant/", grant, name="grant_reflection"),
    path("cases/<str:reference>/reflection/decline/", decline, name="decline_reflection"),
    path("cases/<str:reference>/reflection/end/", end, name="end_reflection"),
]
