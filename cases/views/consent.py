"""The consent register of a case: what was agreed to, recording and withdrawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.enums import Category, ConsentState
from cases.forms.categories import ConsentForm
from cases.forms.work import RecordConsentForm, WithdrawForm
from cases.models import CategoryRow, Consent
from cases.operations.consent import dependent_shares, record_consent, withdraw_consent
from cases.policies import CaseAccess
from cases.views.history import history_url
from cases.views.shared import case_context, may_read, posted
from cases.views.words import Answered, answers
from core.forms import render_form, submit


@dataclass(frozen=True)
class Listed:
    """One consent as the page shows it."""

    row: Consent
    answers: Sequence[Answered]
    is_given: bool
    withdraw_url: str
    history_url: str


def consent(request: Request, reference: str) -> HttpResponse:
    """The register: own consents, and those that others share."""
    access = door.get_case(request.actor, reference)
    rows = door.read_rows(access, Category.CONSENT) if may_read(access, Category.CONSENT) else []
    return render(
        request,
        "cases/consent.html",
        {
            **case_context(access, tab="consent"),
            "consents": [_listed(access, row) for row in rows],
            "may_record": policies.may(request.actor, "record_consent", access),
        },
    )


def record(request: Request, reference: str) -> HttpResponse:
    """Record a consent."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "record_consent", access)
    form = RecordConsentForm(posted(request), actor=request.actor)
    if request.method == "POST" and submit(form, record_consent, request.actor, access=access):
        messages.success(request, _("Consent recorded."))
        return redirect("cases:consent", reference)
    return render_form(request, "cases/record_consent.html", form, case_context(access, tab="consent"))


def withdraw(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Say what a withdrawal ends, then withdraw."""
    access = door.get_case(request.actor, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(request.actor, "withdraw_consent", access)
    form = WithdrawForm(posted(request))
    if request.method == "POST" and submit(form, withdraw_consent, request.actor, access=access, consent=row):
        messages.success(request, _("Consent withdrawn. What rested on it has ended; help goes on."))
        return redirect("cases:consent", reference)
    ending = {share.pk for share in dependent_shares(access, row)}
    context = {
        **case_context(access, tab="consent"),
        "consent": row,
        "ending": [share for share in door.shares(access) if share.pk in ending],
    }
    return render_form(request, "cases/withdraw_consent.html", form, context)


def _listed(access: CaseAccess, row: CategoryRow) -> Listed:
    assert isinstance(row, Consent)  # noqa: S101 - ROWS has no other model for this category
    is_own = row.owner_organisation_id == access.actor.organisation_id
    is_given = row.state == ConsentState.GIVEN
    may_withdraw = is_own and is_given and policies.may(access.actor, "withdraw_consent", access)
    url = reverse("cases:withdraw_consent", args=[access.case.shown_reference, row.pk]) if may_withdraw else ""
    history = history_url(access.case.shown_reference, row)
    return Listed(row, [_recipient(row), *answers(ConsentForm, row)], is_given, url, history)


def _recipient(row: Consent) -> Answered:
    named = row.recipient.name if row.recipient else _("Any organisation that serves the purpose")
    return Answered(_("For which organisation?"), named)


urlpatterns = [
    path("cases/<str:reference>/consent/", consent, name="consent"),
    path("cases/<str:reference>/consent/add/", record, name="record_consent"),
    path("cases/<str:reference>/consent/<uuid:pk>/withdraw/", withdraw, name="withdraw_consent"),
]
