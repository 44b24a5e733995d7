"""Withdrawing a consent: what it ends is shown first; shares and referrals end together."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as cases
from cases import policies
from cases.forms.consent import WithdrawForm
from cases.operations.consent import dependent_shares, to_withdraw
from cases.views.consent import title_of
from cases.views.shared import case_context, posted
from core.forms import render_form, submit
from profiles import codes
from referrals.operations import dependent_referrals, withdraw_consent


def withdraw(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Say what a withdrawal ends, then withdraw."""
    access = cases.get_case(request.actor, reference)
    row = to_withdraw(access, cases.get_consent(access, pk))
    policies.require(request.actor, "withdraw_consent", access)
    form = WithdrawForm(posted(request))
    if request.method == "POST" and submit(form, withdraw_consent, request.actor, access=access, consent=row):
        messages.success(request, _("Consent withdrawn. What rested on it has ended; help goes on."))
        return redirect("cases:consent", reference)
    services = codes.get("service")
    context = {
        **case_context(access, tab="consent"),
        "title": title_of(access.names, row),
        "ending": dependent_shares(access, row),
        "referrals": [
            (access.names.receiver(referral).name, services.label(referral.service))
            for referral in dependent_referrals(access, row)
        ],
    }
    return render_form(request, "referrals/withdraw_consent.html", form, context)


urlpatterns = [path("cases/<str:reference>/consent/<uuid:pk>/withdraw/", withdraw, name="withdraw_consent")]
