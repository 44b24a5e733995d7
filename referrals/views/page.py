"""One referral: the card, where it stands, what is shared until when; and one page for each act."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.http import Request
from cases import plain
from cases.operations.legal_bases import basis_label
from cases.operations.placement import to_confirm
from core.forms import NrmForm, render_form, submit
from profiles import codes
from referrals import access as door
from referrals import policies
from referrals.access import ReferralAccess
from referrals.enums import ReferralState
from referrals.forms import (
    AcceptForm,
    BringForm,
    CompleteForm,
    DeclineForm,
    QuestionForm,
    ReplyForm,
    RevokeForm,
    StepForm,
)
from referrals.models import Referral
from referrals.operations import (
    accept_referral,
    answer_question,
    answer_rule,
    ask_question,
    bring_person,
    complete_referral,
    decline_referral,
    record_step,
    revoke_referral,
)
from referrals.operations.terms import moves_lead
from referrals.operations.working import fits
from referrals.views.typed import is_waiting, keeps_what_is_typed, made_for, typed
from referrals.views.words import card_rows, contact_box, over, state_tag
from referrals.workflow import WORKED


@dataclass(frozen=True)
class Act:
    """An act with a page of its own: its name in the policies, its address, and the words on its button and page."""

    action: str
    page: str
    button: Promise
    note: Promise
    done: Promise
    kind: str = ""


ACTS: Final = {
    act.page: act
    for act in (
        Act(
            "accept_referral",
            "accept",
            gettext_lazy("Accept"),
            gettext_lazy("What is listed below opens when you accept, until its last day."),
            gettext_lazy("The referral is accepted. The case is open to your organisation."),
        ),
        Act(
            "ask_question",
            "ask",
            gettext_lazy("Ask a question"),
            gettext_lazy("Your question goes to the organisation that referred. The time to answer runs on."),
            gettext_lazy("Your question was sent."),
            "secondary",
        ),
        Act(
            "decline_referral",
            "decline",
            gettext_lazy("Decline"),
            gettext_lazy("Nothing opens. The organisation that referred reads the reason."),
            gettext_lazy("The referral is declined."),
            "secondary",
        ),
        Act(
            "record_step",
            "step",
            gettext_lazy("Record a step"),
            gettext_lazy("Both organisations see the steps."),
            gettext_lazy("The step is recorded."),
        ),
        Act(
            "bring_person",
            "bring",
            gettext_lazy("Record that you brought the person"),
            gettext_lazy("Until you or the lead confirm the arrival, the shelter sees only what it needs at once."),
            gettext_lazy("It is recorded that the person was brought there."),
            "secondary",
        ),
        Act(
            "complete_referral",
            "complete",
            gettext_lazy("Complete"),
            gettext_lazy("What was shared with your organisation for this referral closes at once."),
            gettext_lazy("The referral is completed. What was shared for it is closed."),
            "secondary",
        ),
        Act(
            "revoke_referral",
            "revoke",
            gettext_lazy("Revoke"),
            gettext_lazy("Their access ends at once. It cannot be taken up again; you can send a new one."),
            gettext_lazy("The referral is revoked. Their access has ended."),
            "warning",
        ),
    )
}
REPLY: Final = Act(
    "answer_question",
    "reply",
    gettext_lazy("Answer"),
    gettext_lazy("The organisation reads your answer before it accepts."),
    gettext_lazy("Your answer was sent."),
)


def referral(request: Request, pk: UUID) -> HttpResponse:
    """The page of both sides."""
    found = door.get_referral(request.actor, pk)
    return render(request, "referrals/referral.html", {**_context(found), **_content(found)})


@keeps_what_is_typed
def accept(request: Request, pk: UUID) -> HttpResponse:
    """Accept, and name who will work on it."""
    return _act(
        request,
        pk,
        ACTS["accept"],
        accept_referral,
        lambda data: AcceptForm(data, actor=request.actor),
        template="referrals/accept.html",
    )


@keeps_what_is_typed
def decline(request: Request, pk: UUID) -> HttpResponse:
    """Decline, with a reason."""
    return _act(request, pk, ACTS["decline"], decline_referral, DeclineForm)


@keeps_what_is_typed
def ask(request: Request, pk: UUID) -> HttpResponse:
    """Ask the sender before answering."""
    return _act(request, pk, ACTS["ask"], ask_question, QuestionForm)


@keeps_what_is_typed
def reply(request: Request, pk: UUID, question: UUID) -> HttpResponse:
    """Answer a question of the receiver."""
    found = door.get_referral(request.actor, pk)
    asked = door.get_question(found, question)
    return _act(request, pk, REPLY, answer_question, ReplyForm, question=asked, template="referrals/reply.html")


@keeps_what_is_typed
def step(request: Request, pk: UUID) -> HttpResponse:
    """Record a step on the way to done."""
    return _act(request, pk, ACTS["step"], record_step, StepForm)


@keeps_what_is_typed
def bring(request: Request, pk: UUID) -> HttpResponse:
    """Police have brought the person to the shelter that accepted."""
    return _act(request, pk, ACTS["bring"], bring_person, BringForm)


@keeps_what_is_typed
def complete(request: Request, pk: UUID) -> HttpResponse:
    """Close it with outcome and feedback."""
    return _act(request, pk, ACTS["complete"], complete_referral, CompleteForm)


@keeps_what_is_typed
def revoke(request: Request, pk: UUID) -> HttpResponse:
    """Take it back."""
    return _act(request, pk, ACTS["revoke"], revoke_referral, RevokeForm)


def _act(
    request: Request,
    pk: UUID,
    act: Act,
    operation: Callable[..., Any],
    make_form: Callable[[Any], NrmForm],
    *,
    template: str = "referrals/act.html",
    **subject: Any,
) -> HttpResponse:
    """The page of one act: 404 unless seen, 403 unless allowed, and back to the referral when it is too late."""
    found = door.get_referral(request.actor, pk)
    policies.require(request.actor, act.action, found.referral, found.access)
    if request.method != "POST" and not found.may(act.action):
        messages.warning(request, _("This is not possible any more: the referral has moved on."))
        return redirect("referrals:referral", pk)
    form = make_form(typed(request))
    if request.method == "POST" and submit(form, operation, request.actor, referral=found.referral, **subject):
        messages.success(request, str(act.done))
        return redirect("referrals:referral", pk)
    context = {**_context(found), "act": act, "is_warning": act.kind == "warning", **subject}
    context["is_waiting_to_be_saved"] = is_waiting(request, form)
    return render_form(request, template, made_for(request, form), context)


def _context(found: ReferralAccess) -> dict[str, Any]:
    """What every page of a referral shows: the card, the parties, what it opens."""
    shown = found.referral
    return {
        "door": found,
        "referral": shown,
        "names": found.names,
        "other": found.names.other_side(shown),
        "tag": state_tag(shown),
        "card": card_rows(shown.card),
        "safe_contact": contact_box(found),
        "opens": codes.get("category").labels(shown.categories),
        "purpose": codes.get("purpose").label(shown.purpose),
        "legal_basis": basis_label(shown.legal_basis, shown.provision),
        "is_waiting": shown.state_now == ReferralState.SENT,
        "is_open": shown.state_now in WORKED,
        "moves_lead": moves_lead(shown.service),
        "page_url": reverse("referrals:referral", args=[shown.pk]),
    }


def _content(found: ReferralAccess) -> dict[str, Any]:
    """What the page of the referral itself adds: texts, questions, steps, and the acts that are possible now."""
    shown = found.referral
    texts, rule = door.texts(found), answer_rule(shown)
    return {
        "answer_law": plain.law(rule) if rule else "",
        "message": texts.get("message", ""),
        "transfer_reason": codes.get("lead_transfer_reason").label(shown.transfer_reason) if found.is_open else "",
        "explanation": texts.get("explanation", ""),
        "feedback": texts.get("feedback", ""),
        "questions": door.questions(found),
        "steps": door.steps(found),
        "may_reply": found.may(REPLY.action),
        "acts": [
            (act, reverse(f"referrals:{act.page}", args=[shown.pk]))
            for act in ACTS.values()
            if found.may(act.action) and fits(act.action, shown)
        ],
        "over": over(shown),
        "case_url": _case_url(found, shown),
        "arrival_url": _arrival_url(found),
        "decline_reason": codes.get("referral_decline_reason").label(shown.decline_reason),
        "outcome": codes.get("referral_outcome").label(shown.outcome),
        "failure_reason": codes.get("referral_failure_reason").label(shown.failure_reason),
    }


def _arrival_url(found: ReferralAccess) -> str:
    """Where sender or lead confirm that the person arrived by this referral; nothing when nobody said so."""
    waits = found.access is not None and any(one.referral_id == found.referral.pk for one in to_confirm(found.access))
    return reverse("cases:location", args=[found.access.case.shown_reference]) if found.access and waits else ""


def _case_url(found: ReferralAccess, shown: Referral) -> str:
    return reverse("cases:case", args=[found.access.case.shown_reference]) if found.access else ""


urlpatterns = [
    path("referrals/<uuid:pk>/", referral, name="referral"),
    path("referrals/<uuid:pk>/accept/", accept, name="accept"),
    path("referrals/<uuid:pk>/decline/", decline, name="decline"),
    path("referrals/<uuid:pk>/questions/", ask, name="ask"),
    path("referrals/<uuid:pk>/questions/<uuid:question>/", reply, name="reply"),
    path("referrals/<uuid:pk>/steps/", step, name="step"),
    path("referrals/<uuid:pk>/bring/", bring, name="bring"),
    path("referrals/<uuid:pk>/complete/", complete, name="complete"),
    path("referrals/<uuid:pk>/revoke/", revoke, name="revoke"),
]
