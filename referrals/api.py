"""Referrals by REST: finding a receiver, sending, the card, answering, working, ending."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api import Named, Party, actor_of, party
from accounts.models import Organisation
from cases import policies as case_policies
from cases.access import get_consent
from cases.api.shared import ShownParty, case_of, shown_party
from cases.forms.consent import WithdrawForm
from cases.forms.work import ReceiverForm
from cases.masking import Names
from cases.operations.consent import to_withdraw
from cases.operations.members import assignable
from cases.operations.sharing import own_counts
from cases.policies import CaseAccess
from core import reference as references
from core.api import acts, carry_out, check, created, endpoint, form_from_json, reads, serializer_of
from core.forms import NrmForm
from referrals import access as door
from referrals import policies
from referrals.access import ReferralAccess
from referrals.forms import (
    AcceptForm,
    BringForm,
    CompleteForm,
    DeclineForm,
    QuestionForm,
    ReplyForm,
    RevokeForm,
    ServiceForm,
    StepForm,
    TermsForm,
)
from referrals.models import Referral
from referrals.operations import (
    accept_referral,
    answer_question,
    ask_question,
    bring_person,
    complete_referral,
    decline_referral,
    record_step,
    revoke_referral,
    send_referral,
    withdraw_consent,
)
from referrals.workflow import TARGET

LONGEST_LIST = 100
TABS = ("answer", "waiting", "all")


class Line(TypedDict):
    """One referral in a list. ``answer_due_at`` and ``expires_at`` are instants."""

    id: UUID
    reference: str
    state: str
    service: str
    urgency: str
    sender: ShownParty
    receiver: ShownParty
    is_sent: bool
    sent_at: datetime
    answer_due_at: datetime
    expires_at: datetime


class Question(TypedDict):
    """What the receiver asked before it answered, and what it was told."""

    id: UUID
    question: str
    answer: str
    asked_at: datetime
    answered_at: datetime | None


class Step(TypedDict):
    """One step on the way to done."""

    id: UUID
    kind: str
    happened_on: date
    note: str


class ReferralBody(Line):
    """One referral as its side may read it. ``card`` is all of the case that is seen before acceptance."""

    card: dict[str, str]
    purpose: str
    legal_basis: str
    provision: str
    categories: list[str]
    ends_on: date
    message: str
    explanation: str
    feedback: str
    decline_reason: str
    transfer_reason: str
    outcome: str
    failure_reason: str
    has_case: bool
    questions: list[Question]
    steps: list[Step]
    assignable: list[Named]
    may: list[str]


class ReferralRequest(serializer_of(ServiceForm), serializer_of(TermsForm)):  # type: ignore[misc]
    """Which service of whom; what opens on acceptance, why and until when."""

    to = serializers.UUIDField()


# -- finding and sending ---------------------------------------------------------------------------------------------


@reads(list[Party], "service", "region", "urgency")
def receivers(request: Request, reference: str) -> Response:
    """The organisations that offer a service in a region."""
    access = case_of(request, reference, "send_referral")
    form = form_from_json(ServiceForm, request.query_params.dict(), access=access)
    check(form)
    rows = Organisation.objects.offering(form.cleaned_data["service"], form.cleaned_data["region"])
    found = rows.filter(kind__in=list(case_policies.CEILING)).order_by("name")
    return Response([party(one) for one in found if one.pk != access.actor.organisation_id])


@reads(list[Line])
def of_case(request: Request, reference: str) -> Response:
    """What the own organisation sent and received for this case, newest first."""
    access = case_of(request, reference)
    return Response(_lines(access.actor, door.of_case(access)))


@acts(ReferralRequest)
def send(request: Request, reference: str) -> Response:
    """Refer the case: the receiver sees the card, and the rest once it has accepted."""
    access = case_of(request, reference, "send_referral")
    data: Mapping[str, Any] = request.data if isinstance(request.data, Mapping) else {}
    asked = form_from_json(ServiceForm, _part(data, ServiceForm), access=access)
    to = form_from_json(ReceiverForm, {"to": data.get("to")}, actor=access.actor)
    for form in (asked, to):
        check(form)
    rest = {name: value for name, value in data.items() if name not in {"to", *ServiceForm.base_fields}}
    referral = carry_out(_terms(access, rest, asked, to), send_referral, access.actor, access=access)
    return created("api:referral", referral.pk, id=str(referral.pk))


def _part(data: Mapping[str, Any], form_class: type[NrmForm]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name in form_class.base_fields}


def _terms(access: CaseAccess, data: Mapping[str, Any], asked: NrmForm, to: NrmForm) -> NrmForm:
    form: NrmForm = form_from_json(
        TermsForm, data, access=access, asked=asked.cleaned_data, to=to.cleaned_data["to"], counts=own_counts(access)
    )
    return form


# -- reading ---------------------------------------------------------------------------------------------------------


@reads(list[Line], "tab")
def referrals(request: Request) -> Response:
    """``tab``: to ``answer`` (soonest first), sent and ``waiting``, or ``all`` (newest first); at most 100."""
    actor = actor_of(request)
    case_policies.require(actor, "view_worklist")
    tab = request.query_params.get("tab", TABS[0])
    rows = door.seen(actor).order_by("-sent_at", "pk")
    if tab != "all":
        side = rows.sent(actor) if tab == "waiting" else rows.received(actor)
        rows = side.waiting().order_by("answer_due_at", "pk")
    return Response(_lines(actor, door.listed(actor, rows, LONGEST_LIST)))


@reads(ReferralBody)
def referral(request: Request, pk: UUID) -> Response:
    """One referral, for sender and receiver; 404 for everybody else."""
    found = door.get_referral(actor_of(request), pk)
    shown, texts = found.referral, door.texts(found)
    body: ReferralBody = {
        **_line(found.actor.organisation_id, shown, found.names),
        "card": {**shown.card, "reference": references.show(shown.card["reference"])},
        "purpose": shown.purpose,
        "legal_basis": shown.legal_basis,
        "provision": shown.provision,
        "transfer_reason": shown.transfer_reason if found.is_open else "",
        "categories": shown.categories,
        "ends_on": shown.ends_on,
        "message": texts.get("message", ""),
        "explanation": texts.get("explanation", ""),
        "feedback": texts.get("feedback", ""),
        "decline_reason": shown.decline_reason,
        "outcome": shown.outcome,
        "failure_reason": shown.failure_reason,
        "has_case": found.access is not None,
        "questions": [
            {
                "id": one.pk,
                "question": one.content.get("question", ""),  # type: ignore[attr-defined]
                "answer": one.content.get("answer", ""),  # type: ignore[attr-defined]
                "asked_at": one.asked_at,
                "answered_at": one.answered_at,
            }
            for one in door.questions(found)
        ],
        "steps": [
            {
                "id": one.pk,
                "kind": one.kind,
                "happened_on": one.happened_on,
                "note": one.content.get("note", ""),  # type: ignore[attr-defined]
            }
            for one in door.steps(found)
        ],
        "assignable": _assignable(found),
        "may": [act for act in TARGET if act != "expire_referral" and found.may(act)],
    }
    return Response(body)


# -- acting ----------------------------------------------------------------------------------------------------------


@acts(AcceptForm)
def accept(request: Request, pk: UUID) -> Response:
    """Accept, and name who will work on it: what is granted opens, no more."""
    return _act(request, pk, accept_referral, AcceptForm, actor=actor_of(request))


@acts(DeclineForm)
def decline(request: Request, pk: UUID) -> Response:
    """Decline, with a reason. Nothing opens."""
    return _act(request, pk, decline_referral, DeclineForm)


@acts(QuestionForm)
def ask(request: Request, pk: UUID) -> Response:
    """Ask the sender before answering; the clock runs on."""
    return _act(request, pk, ask_question, QuestionForm)


@acts(ReplyForm)
def reply(request: Request, pk: UUID, question: UUID) -> Response:
    """Answer a question of the receiver."""
    return _act(request, pk, answer_question, ReplyForm, lambda found: {"question": door.get_question(found, question)})


@acts(StepForm)
def step(request: Request, pk: UUID) -> Response:
    """Record a step on the way to done."""
    return _act(request, pk, record_step, StepForm)


@acts(BringForm)
def bring(request: Request, pk: UUID) -> Response:
    """Police have brought the person to the shelter that accepted; sender or lead confirm the arrival."""
    return _act(request, pk, bring_person, BringForm)


@acts(CompleteForm)
def complete(request: Request, pk: UUID) -> Response:
    """Close it with outcome and feedback: access ends at once."""
    return _act(request, pk, complete_referral, CompleteForm)


@acts(RevokeForm)
def revoke(request: Request, pk: UUID) -> Response:
    """Take it back: access ends at once."""
    return _act(request, pk, revoke_referral, RevokeForm)


def _act(
    request: Request,
    pk: UUID,
    operation: Any,
    form_class: type[NrmForm],
    subject: Callable[[ReferralAccess], dict[str, Any]] = lambda found: {},
    **of_form: Any,
) -> Response:
    """404 unless seen, 403 unless allowed, 409 when the referral has moved on."""
    found = door.get_referral(actor_of(request), pk)
    about = subject(found)
    policies.require(found.actor, operation.__name__, found.referral, found.access)
    form = form_from_json(form_class, request.data or {}, **of_form)
    carry_out(form, operation, found.actor, referral=found.referral, **about)
    return created("api:referral", pk, id=str(pk))


def _assignable(found: ReferralAccess) -> list[Named]:
    if not found.may("accept_referral"):
        return []
    return [{"id": one.pk, "name": one.user.name} for one in assignable(found.actor)]


def _lines(actor: Actor, rows: Sequence[Referral]) -> list[Line]:
    names = Names(actor, [row.case_id for row in rows])
    return [_line(actor.organisation_id, row, names) for row in rows]


def _line(own: UUID | None, row: Referral, names: Names) -> Line:
    return {
        "id": row.pk,
        "reference": row.shown_reference,
        "state": row.state_now,
        "service": row.service,
        "urgency": row.urgency,
        "sender": shown_party(names.giver(row)),
        "receiver": shown_party(names.receiver(row)),
        "is_sent": row.from_organisation_id == own,
        "sent_at": row.sent_at,
        "answer_due_at": row.answer_due_at,
        "expires_at": row.expires_at,
    }


@acts(WithdrawForm)
def withdraw(request: Request, reference: str, pk: UUID) -> Response:
    """Withdraw a consent: shares and referrals that rest on it end at once, help goes on."""
    access = case_of(request, reference)
    row = to_withdraw(access, get_consent(access, pk))
    case_policies.require(access.actor, "withdraw_consent", access)
    carry_out(form_from_json(WithdrawForm, request.data), withdraw_consent, access.actor, access=access, consent=row)
    return created("api:consents", reference, id=str(pk))


urlpatterns = [
    path("cases/<str:reference>/consents/<uuid:pk>/withdrawal/", endpoint(withdraw), name="withdraw_consent"),
    path("cases/<str:reference>/receivers/", endpoint(receivers), name="receivers"),
    path("cases/<str:reference>/referrals/", endpoint(of_case, send), name="referrals_of_case"),
    path("referrals/", endpoint(referrals), name="referrals"),
    path("referrals/<uuid:pk>/", endpoint(referral), name="referral"),
    path("referrals/<uuid:pk>/accept/", endpoint(accept), name="accept_referral"),
    path("referrals/<uuid:pk>/decline/", endpoint(decline), name="decline_referral"),
    path("referrals/<uuid:pk>/questions/", endpoint(ask), name="ask_question"),
    path("referrals/<uuid:pk>/questions/<uuid:question>/", endpoint(reply), name="answer_question"),
    path("referrals/<uuid:pk>/steps/", endpoint(step), name="record_step"),
    path("referrals/<uuid:pk>/bring/", endpoint(bring), name="bring_person"),
    path("referrals/<uuid:pk>/complete/", endpoint(complete), name="complete_referral"),
    path("referrals/<uuid:pk>/revoke/", endpoint(revoke), name="revoke_referral"),
]
