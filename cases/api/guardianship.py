"""Guardians: the queue of child protection, the guardians of one child, and each act."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Named, actor_of
from cases import access as door
from cases import policies
from cases.api.shared import ShownNamed, ShownParty, case_of, shown, shown_party
from cases.forms.guardianship import (
    AppointGuardianForm,
    ConflictForm,
    EndGuardianshipForm,
    ProvisionalGuardianForm,
    ReplaceGuardianForm,
)
from cases.forms.work import ConfirmForm
from cases.guardian_queue import Waiting, queue
from cases.models import Guardianship
from cases.operations import guardianship as operations
from cases.operations.caseload import candidates
from cases.operations.child_branch import request_guardian
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class WaitingBody(TypedDict):
    """One child in the queue. ``days`` are calendar days since the request."""

    reference: str
    state: str
    age: str
    region: str
    requested_by: str
    due_at: datetime | None
    days: int


class QueueBody(TypedDict):
    """What the service has to do, each list oldest clock first."""

    without: list[WaitingBody]
    provisional: list[WaitingBody]
    conflicts: list[WaitingBody]


class GuardianshipBody(TypedDict):
    """One request or guardianship. The reason of a replacement and a report of conflict stay with child protection."""

    id: UUID
    state: str
    service: ShownNamed
    requested_by: ShownNamed
    requested_at: datetime
    guardian: Named | None
    organisation: ShownParty | None
    provisional_at: datetime | None
    appointed_at: datetime | None
    child_informed_on: date | None
    conflict_flagged_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    sealed: dict[str, str]


class Candidate(TypedDict):
    """A person who may be named, with the children that he or she has now."""

    id: UUID
    name: str
    organisation: str
    children: int


class Guardians(TypedDict):
    """The history, newest first; and for child protection whom it may name."""

    guardianships: list[GuardianshipBody]
    candidates: list[Candidate]


@reads(QueueBody)
def guardians(request: Request) -> Response:
    """Children without a guardian, oldest clock first."""
    actor = actor_of(request)
    policies.require(actor, "view_guardian_queue")
    found = queue(actor)
    body: QueueBody = {
        "without": [_waiting(one) for one in found.without],
        "provisional": [_waiting(one) for one in found.provisional],
        "conflicts": [_waiting(one) for one in found.conflicts],
    }
    return Response(body)


@reads(Guardians)
def guardian(request: Request, reference: str) -> Response:
    """Who the guardian of this child is and was."""
    access = case_of(request, reference)
    may_name = policies.may(access.actor, "assign_guardian", access)
    body: Guardians = {
        "guardianships": [_body(access, row) for row in door.guardianships(access)],
        "candidates": [
            {
                "id": one.membership.pk,
                "name": one.membership.user.name,
                "organisation": one.membership.organisation.name,
                "children": one.children,
            }
            for one in (candidates(access.case) if may_name else ())
        ],
    }
    return Response(body)


@acts(None)
def ask(request: Request, reference: str) -> Response:
    """Ask child protection of the region for a guardian."""
    access = case_of(request, reference, "request_guardian")
    return _done(access, form_from_json(ConfirmForm, request.data or {}), request_guardian)


@acts(ProvisionalGuardianForm)
def provisional(request: Request, reference: str) -> Response:
    """Name the person who stands by the child from today."""
    return _name(request, reference, ProvisionalGuardianForm, operations.assign_provisional_guardian)


@acts(AppointGuardianForm)
def appoint(request: Request, reference: str) -> Response:
    """Appoint the guardian."""
    return _name(request, reference, AppointGuardianForm, operations.assign_guardian)


@acts(ReplaceGuardianForm)
def replace(request: Request, reference: str) -> Response:
    """Put another person in the place of the guardian."""
    return _name(request, reference, ReplaceGuardianForm, operations.replace_guardian)


@acts(EndGuardianshipForm)
def end(request: Request, reference: str) -> Response:
    """End the guardianship, or withdraw the request."""
    access = case_of(request, reference, "end_guardianship")
    return _done(access, form_from_json(EndGuardianshipForm, request.data), operations.end_guardianship)


@acts(ConflictForm)
def conflict(request: Request, reference: str) -> Response:
    """Report that the guardian's interests conflict with the child's."""
    access = case_of(request, reference, "flag_guardian_conflict")
    return _done(access, form_from_json(ConflictForm, request.data), operations.flag_guardian_conflict)


def _name(request: Request, reference: str, form_class: type[NrmForm], operation: Any) -> Response:
    access = case_of(request, reference, operation.__name__)
    return _done(access, form_from_json(form_class, request.data, candidates=candidates(access.case)), operation)


def _done(access: CaseAccess, form: NrmForm, operation: Any) -> Response:
    row: Guardianship = carry_out(form, operation, access.actor, access=access)
    return created("api:guardian", access.case.shown_reference, id=str(row.pk))


def _waiting(one: Waiting) -> WaitingBody:
    return {
        "reference": one.case.shown_reference,
        "state": one.guardianship.state,
        "age": one.age,
        "region": one.region,
        "requested_by": one.requested_by.name,
        "due_at": one.due_at,
        "days": one.days,
    }


def _body(access: CaseAccess, row: Guardianship) -> GuardianshipBody:
    return {
        "id": row.pk,
        "state": row.state,
        "service": shown(access.names.of(row.owner_organisation)),
        "requested_by": shown(access.names.of(row.requested_by)),
        "requested_at": row.requested_at,
        "guardian": {"id": row.guardian.pk, "name": row.guardian.user.name} if row.guardian else None,
        "organisation": shown_party(access.names.of(row.organisation)) if row.organisation else None,
        "provisional_at": row.provisional_at,
        "appointed_at": row.appointed_at,
        "child_informed_on": row.child_informed_on,
        "conflict_flagged_at": row.conflict_flagged_at,
        "ended_at": row.ended_at,
        "end_reason": row.end_reason,
        "sealed": dict(row.content),  # type: ignore[attr-defined]
    }


urlpatterns = [
    path("guardians/", endpoint(guardians), name="guardians"),
    path("cases/<str:reference>/guardian/", endpoint(guardian), name="guardian"),
    path("cases/<str:reference>/guardian/request/", endpoint(ask), name="request_guardian"),
    path("cases/<str:reference>/guardian/provisional/", endpoint(provisional), name="provisional_guardian"),
    path("cases/<str:reference>/guardian/appoint/", endpoint(appoint), name="appoint_guardian"),
    path("cases/<str:reference>/guardian/replace/", endpoint(replace), name="replace_guardian"),
    path("cases/<str:reference>/guardian/end/", endpoint(end), name="end_guardianship"),
    path("cases/<str:reference>/guardian/conflict/", endpoint(conflict), name="guardian_conflict"),
]
