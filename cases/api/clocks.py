"""One clock of a case: why it falls due when it does, what changed it; suspending, resuming and extending it."""

from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import access as door
from cases import plain, policies
from cases.api.shared import case_of
from cases.forms.clocks import ExtendForm, ResumeForm, SuspendForm
from cases.models import Deadline, DeadlineChange
from cases.operations.suspension import extend_deadline, latest_extension, resume_deadline, suspend_deadline
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.errors import NotAllowed
from core.forms import NrmForm
from profiles.profile import active


class ChangeBody(TypedDict):
    """One change. ``due_after`` is null while the clock stands still; ``reason`` is a code or an event."""

    kind: str
    at: datetime
    due_before: date
    due_after: date | None
    reason: str
    organisation: str


class ClockBody(TypedDict):
    """A clock with its law. ``counted`` says in words from what it is counted, ``ending`` how a period ends (empty for
    a deadline), ``acted_on`` when the act of a minimum happened, ``tag`` how sure the source is (a code);
    ``latest_extension`` null: no limit."""

    id: UUID
    rule: str
    rule_version: date
    name: str
    counted: str
    ending: str
    acted_on: date | None
    tag: str
    source: str
    state: str
    started_at: datetime
    due_on: date
    due_at: datetime
    suspended_at: datetime | None
    bound: str
    may_suspend: bool
    may_extend: bool
    latest_extension: date | None
    changes: list[ChangeBody]


@reads(ClockBody)
def clock(request: Request, reference: str, pk: UUID) -> Response:
    """Why this day, from which source, and what changed it."""
    access = case_of(request, reference)
    deadline = door.get_deadline(access, pk)
    rule = active().rule_version(deadline.rule, deadline.rule_version)
    body: ClockBody = {
        "id": deadline.pk,
        "rule": rule.code,
        "rule_version": rule.valid_from,
        "name": rule.name.label(),
        "counted": plain.counted(rule),
        "ending": plain.ending(rule),
        "acted_on": deadline.acted_on,
        "tag": rule.tag,
        "source": rule.source,
        "state": deadline.state,
        "started_at": deadline.started_at,
        "due_on": deadline.due_on,
        "due_at": deadline.due_at,
        "suspended_at": deadline.suspended_at,
        "bound": access.names.of(deadline.bound_organisation).name if deadline.bound_organisation else "",
        "may_suspend": rule.may_suspend,
        "may_extend": rule.may_extend,
        "latest_extension": latest_extension(deadline, rule, access.case.region),
        "changes": [_change(access, row) for row in door.changes_of(deadline)],
    }
    return Response(body)


@acts(SuspendForm)
def suspend(request: Request, reference: str, pk: UUID) -> Response:
    """Let the clock stand still: not overdue, nobody reminded, until it goes on."""
    return _carry_out(request, reference, pk, SuspendForm, suspend_deadline)


@acts(ResumeForm)
def resume(request: Request, reference: str, pk: UUID) -> Response:
    """Let a suspended clock go on, with what was left of its period."""
    return _carry_out(request, reference, pk, ResumeForm, resume_deadline)


@acts(ExtendForm)
def extend(request: Request, reference: str, pk: UUID) -> Response:
    """Set a later last day, within what the law allows."""
    return _carry_out(request, reference, pk, ExtendForm, extend_deadline)


def _carry_out(request: Request, reference: str, pk: UUID, form_class: type[NrmForm], operation: Any) -> Response:
    access = case_of(request, reference)
    deadline = door.get_deadline(access, pk)
    policies.require(access.actor, operation.__name__, access)
    if deadline.bound_organisation_id != access.actor.organisation_id:
        raise NotAllowed
    changed: Deadline = carry_out(
        form_from_json(form_class, request.data), operation, access.actor, access=access, deadline=deadline
    )
    return created("api:clock", reference, changed.pk, id=str(changed.pk))


def _change(access: CaseAccess, row: DeadlineChange) -> ChangeBody:
    return {
        "kind": row.kind,
        "at": row.at,
        "due_before": row.due_before,
        "due_after": row.due_after,
        "reason": row.reason,
        "organisation": access.names.of(row.organisation).name if row.organisation else "",
    }


urlpatterns = [
    path("cases/<str:reference>/clocks/<uuid:pk>/", endpoint(clock), name="clock"),
    path("cases/<str:reference>/clocks/<uuid:pk>/suspend/", endpoint(suspend), name="suspend_deadline"),
    path("cases/<str:reference>/clocks/<uuid:pk>/resume/", endpoint(resume), name="resume_deadline"),
    path("cases/<str:reference>/clocks/<uuid:pk>/extend/", endpoint(extend), name="extend_deadline"),
]
