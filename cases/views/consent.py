"""The consent register of a case: what was asked, agreed to, refused; recording, answering, going against a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.enums import Category, ConsentState
from cases.forms.categories import ConsentForm
from cases.forms.choosers import as_uuid
from cases.forms.consent import AnswerForm, AnswerOverrideForm, OverrideForm, RecordConsentForm
from cases.masking import Names
from cases.models import Consent, Share
from cases.operations.consent import answer_consent, is_in_force, record_consent, state_today
from cases.operations.former_lead import may_ask_to_go_on
from cases.operations.legal_bases import basis_label
from cases.operations.overrides import (
    answer_override,
    answer_unknown_override,
    get_unknown_override,
    is_waiting,
    may_confirm,
    override_consent,
    unknown_overrides,
)
from cases.operations.sharing import Stage, stage
from cases.policies import CaseAccess
from cases.views.history import history_url
from cases.views.shared import Tag, case_context, posted
from cases.views.words import Answered, answers
from core.forms import render_form, submit
from core.ui import Colour
from profiles import codes

COLOURS: Final[dict[str, Colour]] = {
    ConsentState.GIVEN: "green",
    ConsentState.REQUESTED: "yellow",
    ConsentState.REFUSED: "red",
    ConsentState.PROPOSED: "yellow",
    ConsentState.OVERRIDDEN: "orange",
    ConsentState.OTHER_BASIS: "blue",
}
# Withdrawing ends referrals as well: its page belongs to the upper app.
WITHDRAW: Final = "referrals:withdraw_consent"


@dataclass(frozen=True)
class Listed:
    """One consent as the page shows it."""

    row: Consent
    tag: Tag
    title: str
    answers: Sequence[Answered]
    resting: Sequence[Share]
    withdraw_url: str
    answer_url: str
    confirm_url: str
    history_url: str


def consent(request: Request, reference: str) -> HttpResponse:
    """The register: own consents, those that others share, and those that a share to the own organisation rests on."""
    access = door.get_case(request.actor, reference)
    shares = [share for share in door.shares(access) if stage(share) is not Stage.ENDED]
    rows = sorted(door.consents(access), key=lambda row: (not _is_open(row), -row.created_at.timestamp()))
    return render(
        request,
        "cases/consent.html",
        {
            **case_context(access, tab="consent"),
            "consents": [_listed(access, row, shares) for row in rows],
            "may_record": policies.may(request.actor, "record_consent", access),
            "may_override": policies.may(request.actor, "override_consent", access),
        },
    )


def record(request: Request, reference: str) -> HttpResponse:
    """Record a consent, a refusal, a question that waits for its answer, or another legal basis."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "record_consent", access)
    form = RecordConsentForm(posted(request), access=access, initial=_asked_about(access, request.GET.get("share")))
    if request.method == "POST" and submit(form, record_consent, request.actor, access=access):
        messages.success(request, _("Recorded in the register."))
        return redirect("cases:consent", reference)
    return render_form(request, "cases/record_consent.html", form, case_context(access, tab="consent"))


def _asked_about(access: CaseAccess, share: str | None) -> dict[str, Any]:
    """Purpose and categories of the share for which the person is asked; nothing for any other address."""
    key = as_uuid(share)
    found = next((one for one in door.shares(access) if one.pk == key), None) if key else None
    if found is None or not may_ask_to_go_on(access.actor, found):
        return {}
    return {"purpose": found.purpose, "categories": found.categories}


def answer(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Record the answer to what was asked."""
    access = door.get_case(request.actor, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(request.actor, "record_consent", access)
    form = AnswerForm(posted(request))
    if request.method == "POST" and submit(form, answer_consent, request.actor, access=access, consent=row):
        messages.success(request, _("Recorded in the register."))
        return redirect("cases:consent", reference)
    context = {**case_context(access, tab="consent"), "listed": _listed(access, row, ())}
    return render_form(request, "cases/answer_consent.html", form, context)


def override(request: Request, reference: str) -> HttpResponse:
    """Go against a refusal, or without an answer: a child or a life is at risk."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "override_consent", access)
    form = OverrideForm(posted(request), access=access)
    if request.method == "POST" and submit(form, override_consent, request.actor, access=access):
        messages.success(request, _("Recorded. A second person was asked to confirm it."))
        return redirect("cases:consent", reference)
    return render_form(request, "cases/override_consent.html", form, case_context(access, tab="consent"))


def confirm(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """The second person confirms that the person’s answer is gone against, or says no."""
    access = door.get_case(request.actor, reference)
    row = door.own_row(access, Consent, pk)
    policies.require(request.actor, "answer_override", access)
    form = AnswerOverrideForm(posted(request))
    if request.method == "POST" and submit(form, answer_override, request.actor, access=access, consent=row):
        messages.success(request, _("Recorded in the register."))
        return redirect("cases:consent", reference)
    context = {**case_context(access, tab="consent"), "listed": _listed(access, row, ())}
    return render_form(request, "cases/confirm_override.html", form, context)


def unknown(request: Request) -> HttpResponse:
    """What waits for data protection, because nobody else of the organisation can be the second person."""
    rows = unknown_overrides(request.actor)
    names = Names(request.actor, {row.case_id for row in rows})
    return render(request, "cases/unknown_overrides.html", {"overrides": [(row, title_of(names, row)) for row in rows]})


def confirm_unknown(request: Request, pk: UUID) -> HttpResponse:
    """Data protection confirms or says no, without seeing the case."""
    policies.require(request.actor, "answer_unknown_override")
    row = get_unknown_override(request.actor, pk)
    form = AnswerOverrideForm(posted(request))
    if request.method == "POST" and submit(form, answer_unknown_override, request.actor, consent=row):
        messages.success(request, _("Recorded in the register."))
        return redirect("cases:unknown_overrides")
    context = {"override": row, "title": title_of(Names(request.actor, {row.case_id}), row)}
    return render_form(request, "cases/confirm_unknown_override.html", form, context)


def title_of(names: Names, row: Consent) -> str:
    """What it is for and for whom."""
    named = names.recipient(row).name if row.recipient else _("any organisation that serves the purpose")
    purpose = codes.get("purpose").label(row.purpose)
    return _("%(purpose)s: %(recipient)s") % {"purpose": purpose, "recipient": named}


def _listed(access: CaseAccess, row: Consent, shares: Sequence[Share]) -> Listed:
    state, reference = state_today(row), access.case.shown_reference
    is_own = row.owner_organisation_id == access.actor.organisation_id
    may_withdraw = (is_own or access.is_lead) and is_in_force(row)
    may_withdraw = may_withdraw and policies.may(access.actor, "withdraw_consent", access)
    may_answer = is_own and state is ConsentState.REQUESTED and policies.may(access.actor, "record_consent", access)
    return Listed(
        row=row,
        tag=Tag(str(state.label), COLOURS.get(state, "grey")),
        title=title_of(access.names, row),
        answers=_answers(row),
        resting=[share for share in shares if share.consent_id == row.pk],
        withdraw_url=reverse(WITHDRAW, args=[reference, row.pk]) if may_withdraw else "",
        answer_url=reverse("cases:answer_consent", args=[reference, row.pk]) if may_answer else "",
        confirm_url=reverse("cases:answer_override", args=[reference, row.pk]) if may_confirm(access, row) else "",
        history_url=history_url(reference, row) if is_own or _is_shared(access, row) else "",
    )


def _answers(row: Consent) -> list[Answered]:
    """Its questions that were answered; the legal basis where it is not consent, and an override's reason."""
    found = [one for one in answers(ConsentForm, row) if one.answer]
    if row.legal_basis not in {"", "consent"}:
        found.insert(0, Answered(_("Legal basis"), basis_label(row.legal_basis, row.provision)))
    if is_waiting(row) and row.unconfirmed_until is not None:
        until = date_format(timezone.localtime(row.unconfirmed_until), "j F Y, H:i")
        found.append(Answered(_("Ends unless a second person confirms it before"), until))
    reason = str(row.content.get("reason", ""))  # type: ignore[attr-defined]
    return [*found, Answered(_("Why is this necessary?"), reason, is_long=True)] if reason else found


def _is_shared(access: CaseAccess, row: Consent) -> bool:
    """False for a consent that is read only because a share rests on it: its history is not."""
    return Category.CONSENT in access.grants.get(row.owner_organisation_id, ())


def _is_open(row: Consent) -> bool:
    return is_in_force(row) or row.state == ConsentState.REQUESTED or is_waiting(row)


urlpatterns = [
    path("cases/<str:reference>/consent/", consent, name="consent"),
    path("cases/<str:reference>/consent/add/", record, name="record_consent"),
    path("cases/<str:reference>/consent/override/", override, name="override_consent"),
    path("cases/<str:reference>/consent/<uuid:pk>/answer/", answer, name="answer_consent"),
    path("cases/<str:reference>/consent/<uuid:pk>/confirm/", confirm, name="answer_override"),
    path("overrides/", unknown, name="unknown_overrides"),
    path("overrides/<uuid:pk>/", confirm_unknown, name="answer_unknown_override"),
]
