"""A new referral: which service, of whom; what, why and until when; exactly what they will see; then send.

The first page keeps its answers in the address (codes only), the others in the form: nothing is kept on the server.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.http import Request
from accounts.models import Organisation
from accounts.opened_as import opened_as
from cases import access as door
from cases import policies
from cases.forms.work import ConfirmForm
from cases.operations.legal_bases import basis_label
from cases.operations.sharing import own_counts
from cases.policies import CaseAccess
from cases.views.shared import case_context
from core.errors import Missing
from core.forms import OPENED_AS, NrmForm, carried, render_form, submit
from profiles import codes
from referrals.enums import Urgency
from referrals.forms import ServiceForm, TermsForm
from referrals.operations import Preview, preview_referral, send_referral
from referrals.operations.terms import moves_lead
from referrals.views.typed import is_waiting, keeps_what_is_typed, made_for, typed
from referrals.views.words import card_rows, region_words

CONFIRMED: Final = "confirmed"
CHANGE: Final = "change"
HEADS: Final = (_lazy("Organisation"), _lazy("Kind"), _lazy("Region"), _lazy("Choose"))


def new(request: Request, reference: str) -> HttpResponse:
    """Which service, where, how soon; then the organisations that offer it, by kind and region."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "send_referral", access)
    form = ServiceForm(request.GET if "service" in request.GET else None, access=access)
    is_found = form.is_bound and form.is_valid()
    context = {
        **case_context(access, tab="referrals"),
        "heads": HEADS,
        "is_found": is_found,
        "found": _offering(request, access, form) if is_found else [],
    }
    return render_form(request, "referrals/new.html", form, context)


@keeps_what_is_typed
def terms(request: Request, reference: str, to: UUID) -> HttpResponse:
    """What opens on acceptance; then the preview; then send. Every step back keeps what was typed."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "send_referral", access)
    asked = ServiceForm(request.GET, access=access)
    if not asked.is_valid():
        return redirect(f"{reverse('referrals:new', args=[reference])}?{request.GET.urlencode()}")
    receiver = _organisation(to)
    counts = own_counts(access)
    form = TermsForm(typed(request), access=access, asked=asked.cleaned_data, to=receiver, counts=counts)
    if request.method == "POST" and request.POST.get(CONFIRMED):
        sent = submit(form, send_referral, request.actor, access=access)
        if sent:
            messages.success(request, _("The referral was sent to %(organisation)s.") % {"organisation": receiver.name})
            return redirect("referrals:referral", sent.pk)
    elif request.method == "POST" and CHANGE not in request.POST:
        preview = submit(form, preview_referral, request.actor, access=access)
        if preview:
            return render(request, "referrals/preview.html", _preview(request, access, preview, counts))
    context = {
        **case_context(access, tab="referrals"),
        "to": receiver,
        "asked": _asked_words(asked),
        "moves_lead": moves_lead(asked.cleaned_data["service"]),
        "back": _back(request, access),
        "is_waiting_to_be_saved": is_waiting(request, form),
    }
    return render_form(request, "referrals/terms.html", made_for(request, form), context)


def _organisation(pk: UUID) -> Organisation:
    """The receiver, suspended or not: whether it may receive is the operation's to say."""
    found = Organisation.objects.filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def _offering(request: Request, access: CaseAccess, form: NrmForm) -> list[dict[str, Any]]:
    asked = form.cleaned_data
    rows = Organisation.objects.offering(asked["service"], asked["region"])
    kinds = codes.get("organisation_kind")
    others = (one for one in rows.filter(kind__in=list(policies.CEILING)) if one.pk != access.actor.organisation_id)
    here = opened_as(access.actor.user_id, access.actor.organisation_id)
    query = urlencode({**asked, OPENED_AS: here})
    return [
        {
            "organisation": one,
            "kind": kinds.label(one.kind),
            "regions": [region_words(region) for region in one.serves_regions],
            "url": f"{reverse('referrals:terms', args=[access.case.shown_reference, one.pk])}?{query}",
        }
        for one in sorted(others, key=lambda one: (not one.serves_regions, kinds.label(one.kind), one.name))
    ]


def _preview(request: Request, access: CaseAccess, preview: Preview, counts: dict[str, int]) -> dict[str, Any]:
    terms = preview.terms
    return {
        **case_context(access, tab="referrals"),
        "to": terms.to,
        "terms": terms,
        "card": card_rows(preview.card),
        "opens": [(category.label, counts.get(category, 0)) for category in preview.opens],
        "stays_closed": [category.label for category in preview.stays_closed],
        "purpose": codes.get("purpose").label(terms.purpose),
        "legal_basis": basis_label(terms.legal_basis, terms.provision),
        "moves_lead": moves_lead(terms.service),
        "transfer_reason": codes.get("lead_transfer_reason").label(terms.transfer_reason),
        "carried": carried(request.POST, CONFIRMED, CHANGE),
        "confirm_form": ConfirmForm(),
    }


def _asked_words(asked: NrmForm) -> str:
    chosen = asked.cleaned_data
    words = (codes.get("service").label(chosen["service"]), region_words(chosen["region"]))
    return " · ".join((*words, str(Urgency(chosen["urgency"]).label)))


def _back(request: Request, access: CaseAccess) -> str:
    return f"{reverse('referrals:new', args=[access.case.shown_reference])}?{request.GET.urlencode()}"


urlpatterns = [
    path("cases/<str:reference>/referrals/new/", new, name="new"),
    path("cases/<str:reference>/referrals/new/<uuid:to>/", terms, name="terms"),
]
