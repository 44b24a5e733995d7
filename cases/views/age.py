"""The age of a person: who says what, what follows from it; child protection settles it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.age_shown import may_settle, shown_age
from cases.enums import AgeGroup
from cases.forms.age import SettleAgeForm
from cases.operations.age_settlement import settle_age
from cases.operations.running import OVER
from cases.policies import CaseAccess
from cases.views.shared import case_context, posted
from core.errors import NotAllowed
from core.forms import render_form, submit


def age(request: Request, reference: str) -> HttpResponse:
    """What is known of the age, as far as the reader may know it."""
    access = door.get_case(request.actor, reference)
    context = {
        **case_context(access, tab="file"),
        "age": shown_age(access),
        "may_settle": access.case.state not in OVER and may_settle(access),
    }
    return render(request, "cases/age/age.html", context)


def settle(request: Request, reference: str) -> HttpResponse:
    """Settle the age."""
    access = _to_settle(request, reference)
    form = SettleAgeForm(posted(request))
    if request.method == "POST" and submit(form, settle_age, request.actor, access=access):
        messages.success(request, _("The age is settled. Ends and clocks follow it from now on."))
        is_child = form.cleaned_data["age_group"] == AgeGroup.CHILD
        return redirect("cases:age", reference) if is_child else redirect("cases:guardians")
    context = {**case_context(access, tab="file"), "age": shown_age(access)}
    return render_form(request, "cases/age/settle.html", form, context)


def _to_settle(request: Request, reference: str) -> CaseAccess:
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "settle_age", access)
    if not may_settle(access):
        raise NotAllowed
    return access


urlpatterns = [
    path("cases/<str:reference>/age/", age, name="age"),
    path("cases/<str:reference>/age/settle/", settle, name="settle_age"),
]
