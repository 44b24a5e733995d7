"""Sharing: what others see of the own rows and the own organisation of theirs, until when, why; giving and ending."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from accounts.models import Organisation
from cases import access as door
from cases import policies, tree
from cases.enums import SHAREABLE, ShareLevel
from cases.forms.work import ConfirmForm, ReceiverForm, RenewForm, ShareForm
from cases.knowledge import STATUTORY
from cases.models import Share
from cases.operations import asking, sharing
from cases.operations.former_lead import may_ask_to_go_on
from cases.operations.legal_bases import basis_label
from cases.operations.reviewing import may_review, review_share
from cases.policies import CaseAccess
from cases.views.shared import case_context, posted
from core.forms import carried, render_form, submit
from profiles import codes

CONFIRMED: Final = "confirmed"
CHANGE: Final = "change"


def shares(request: Request, reference: str) -> HttpResponse:
    """What they see, until when, why: given, received, ended."""
    access = door.get_case(request.actor, reference)
    found = door.shares(access)
    own = request.actor.organisation_id
    live = [share for share in found if sharing.stage(share) is not sharing.Stage.ENDED]
    return render(
        request,
        "cases/shares.html",
        {
            **case_context(access, tab="shares"),
            "given": [share for share in live if share.from_organisation_id == own],
            "received": [share for share in live if share.to_organisation_id == own],
            "ended": [share for share in found if sharing.stage(share) is sharing.Stage.ENDED],
            "may_share": policies.may_share_at_all(access),
            "may_see_who_knows": policies.may(request.actor, "view_who_knows", access),
            "may_ask": policies.may(request.actor, "ask_the_giver", access) and bool(asking.received(access)),
            "requests": asking.requests(access),
            "may_report": policies.may(request.actor, "report_to_person", access),
        },
    )


def share(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """One share, and the button that ends it."""
    access = door.get_case(request.actor, reference)
    found = door.get_share(access, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, sharing.end_share, request.actor, access=access, share=found):
        messages.success(request, _("Sharing has ended. It holds from the next page that they open."))
        return redirect("cases:shares", reference)
    further, number_below = tree.next_steps(access, found)
    context = {
        **case_context(access, tab="shares"),
        "further": further,
        "number_below": number_below,
        "share": found,
        "stage": sharing.stage(found).value,
        "is_given": found.from_organisation_id == request.actor.organisation_id,
        "is_statutory": found.office in STATUTORY,
        "ask_url": _ask_url(access, found),
        "may_end": sharing.may_end(access, found),
        "may_renew": sharing.may_renew(access, found),
        "may_review": may_review(access, found),
    }
    return render_form(request, "cases/share.html", form, context)


def _ask_url(access: CaseAccess, share: Share) -> str:
    """Where the lead records whether the person lets it go on reading a former lead's rows; empty for other shares."""
    if not may_ask_to_go_on(access.actor, share) or not policies.may(access.actor, "record_consent", access):
        return ""
    return f"{reverse('cases:record_consent', args=[access.case.shown_reference])}?share={share.pk}"


def renew(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Let a share go on, with a reason."""
    access = door.get_case(request.actor, reference)
    found = door.get_share(access, pk)
    sharing.require_may_renew(access, found)
    form = RenewForm(posted(request))
    if request.method == "POST" and submit(form, sharing.renew_share, request.actor, access=access, share=found):
        messages.success(request, _("Sharing goes on until the new last day."))
        return redirect("cases:share", reference, pk)
    return render_form(request, "cases/renew_share.html", form, {**case_context(access, tab="shares"), "share": found})


def review(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Say that what a party sees by office was looked at and is still right."""
    access = door.get_case(request.actor, reference)
    found = door.get_share(access, pk)
    policies.require(request.actor, "review_share", access)
    sharing.require_given(request.actor, found)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, review_share, request.actor, access=access, share=found):
        messages.success(request, _("Reviewed. The next review is due in 90 days."))
        return redirect("cases:share", reference, pk)
    return render_form(request, "cases/review_share.html", form, {**case_context(access, tab="shares"), "share": found})


def new(request: Request, reference: str) -> HttpResponse:
    """With whom; then what, why and until when; then exactly what they will see; then share."""
    access = door.get_case(request.actor, reference)
    policies.require_to_share(access)
    context = case_context(access, tab="shares")
    chooser = ReceiverForm(request.GET if "to" in request.GET else None, actor=request.actor)
    if not chooser.is_valid():
        return render_form(request, "cases/new_share_to.html", chooser, context)
    to: Organisation = chooser.cleaned_data["to"]
    form = ShareForm(posted(request), access=access, to=to)
    if request.method == "POST" and request.POST.get(CONFIRMED):
        if submit(form, sharing.share, request.actor, access=access, to=to):
            messages.success(request, _("Shared with %(organisation)s.") % {"organisation": to.name})
            return redirect("cases:shares", reference)
    elif request.method == "POST" and CHANGE not in request.POST:
        counts = submit(form, sharing.preview_share, request.actor, access=access, to=to)
        if counts:
            context |= _preview(request, to, form, counts)
            return render(request, "cases/preview_share.html", context)
    return render_form(request, "cases/new_share.html", form, {**context, "to": to})


def _preview(request: Request, to: Organisation, form: ShareForm, counts: Mapping[str, int]) -> dict[str, object]:
    chosen = form.cleaned_data["categories"]
    return {
        "to": to,
        "chosen": form.cleaned_data,
        "purpose": codes.get("purpose").label(form.cleaned_data["purpose"]),
        "legal_basis": basis_label(form.cleaned_data["legal_basis"], form.arguments()["provision"]),
        "level": ShareLevel(form.arguments()["level"]).label,
        "shared": [(category.label, counts[category]) for category in SHAREABLE if category in chosen],
        "withheld": [category.label for category in SHAREABLE if category not in chosen],
        "carried": carried(request.POST, CONFIRMED, CHANGE),
        "confirm_form": ConfirmForm(),
    }


urlpatterns = [
    path("cases/<str:reference>/shares/", shares, name="shares"),
    path("cases/<str:reference>/shares/new/", new, name="new_share"),
    path("cases/<str:reference>/shares/<uuid:pk>/", share, name="share"),
    path("cases/<str:reference>/shares/<uuid:pk>/renew/", renew, name="renew_share"),
    path("cases/<str:reference>/shares/<uuid:pk>/review/", review, name="review_share"),
]
