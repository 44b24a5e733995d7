"""The coordinator's desk for cases that nobody leads, and the pages on which an organisation answers."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.http import Request
from cases.enums import LeadOfferState
from cases.forms.lead import AcceptLeadForm, ProposeLeadForm
from cases.forms.work import ConfirmForm
from cases.models import LeadOffer, LeadVacancy
from cases.operations import lead_offers as operations
from cases.operations.lead_candidates import Candidates
from cases.views.shared import Tag, posted
from core.forms import render_form, submit
from core.ui import Colour
from profiles.profile import active

HEADS: Final = (
    gettext_lazy("Case"),
    gettext_lazy("Region"),
    gettext_lazy("About"),
    gettext_lazy("State"),
    gettext_lazy("To ask next"),
)
COLOURS: Final[dict[str, Colour]] = {
    LeadOfferState.PROPOSED: "blue",
    LeadOfferState.OFFERED: "purple",
    LeadOfferState.LAPSED: "orange",
    LeadOfferState.DECLINED: "orange",
}


@require_safe
def desk(request: Request) -> HttpResponse:
    """Cases that nobody leads: reference, region, child or adult, how far the offer is, and whom to ask next."""
    found = operations.desk(request.actor)
    known = Candidates(found)
    context = {
        "heads": HEADS,
        "lines": [(one, region_of(one), _tag_of(one), known.next(one)) for one in found],
        "is_shortened": len(found) == operations.PAGE,
    }
    return render(request, "cases/lead/desk.html", context)


def vacancy(request: Request, pk: UUID) -> HttpResponse:
    """One case: who was asked, and whom to propose while nobody is."""
    found = operations.get_vacancy(request.actor, pk)
    form = ProposeLeadForm(posted(request), vacancy=found)
    if request.method == "POST" and submit(form, operations.propose_lead, request.actor, vacancy=found):
        messages.success(request, _("Your proposal waits for a colleague, who confirms it."))
        return redirect("cases:lead_vacancy", pk)
    waiting = operations.open_offer(found)
    context = {
        "vacancy": found,
        "region": region_of(found),
        "offers": [(offer, tag_of(offer)) for offer in found.offers.all()],
        "waiting": waiting,
        "may_confirm": waiting is not None and operations.may_confirm(request.actor, waiting),
        "next": form.next,
        "has_candidates": bool(form.fields["to"].rows),  # type: ignore[attr-defined]
    }
    return render_form(request, "cases/lead/vacancy.html", form, context)


def confirm(request: Request, pk: UUID) -> HttpResponse:
    """A second member of the office confirms: the organisation is asked."""
    found = operations.get_offer(request.actor, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operations.confirm_lead, request.actor, offer=found):
        messages.success(request, _("The organisation was asked. It answers within one working day."))
        return redirect("cases:lead_vacancy", found.vacancy_id)
    return render_form(request, "cases/lead/confirm.html", form, _offered(found))


def withdraw(request: Request, pk: UUID) -> HttpResponse:
    """Take a proposal or an offer back."""
    found = operations.get_offer(request.actor, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operations.withdraw_lead, request.actor, offer=found):
        messages.success(request, _("The offer was withdrawn."))
        return redirect("cases:lead_vacancy", found.vacancy_id)
    return render_form(request, "cases/lead/withdraw.html", form, _offered(found))


def offer(request: Request, pk: UUID) -> HttpResponse:
    """An organisation takes the case and names who will work on it."""
    found = operations.received(request.actor, pk)
    form = AcceptLeadForm(posted(request), actor=request.actor)
    if request.method == "POST":
        taken = submit(form, operations.accept_lead, request.actor, offer=found)
        if taken:
            messages.success(request, _("Your organisation leads this case now."))
            return redirect("cases:case", taken.shown_reference)
    return render_form(request, "cases/lead/offer.html", form, _offered(found))


def decline(request: Request, pk: UUID) -> HttpResponse:
    """An organisation does not take the case."""
    found = operations.received(request.actor, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, operations.decline_lead, request.actor, offer=found):
        messages.success(request, _("The coordinator was told and asks another organisation."))
        return redirect("home")
    return render_form(request, "cases/lead/decline.html", form, _offered(found))


def region_of(vacancy: LeadVacancy) -> str:
    """The region in words."""
    regions = active().regions
    return str(regions[vacancy.region].name) if vacancy.region in regions else vacancy.region


def tag_of(offer: LeadOffer) -> Tag:
    """How an offer stands now, in words."""
    state = operations.state_now(offer)
    return Tag(str(state.label), COLOURS.get(state, "grey"))


def _tag_of(vacancy: LeadVacancy) -> Tag:
    waiting = operations.open_offer(vacancy)
    return tag_of(waiting) if waiting else Tag(_("To offer"), "red")


def _offered(found: LeadOffer) -> dict[str, object]:
    return {"offer": found, "vacancy": found.vacancy, "region": region_of(found.vacancy)}


urlpatterns = [
    path("lead/", desk, name="lead_desk"),
    path("lead/<uuid:pk>/", vacancy, name="lead_vacancy"),
    path("lead/offers/<uuid:pk>/confirm/", confirm, name="confirm_lead"),
    path("lead/offers/<uuid:pk>/withdraw/", withdraw, name="withdraw_lead"),
    path("lead-offers/<uuid:pk>/", offer, name="lead_offer"),
    path("lead-offers/<uuid:pk>/decline/", decline, name="decline_lead"),
]
