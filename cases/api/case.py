"""One case: status, clocks and what may be read of whom; reopening; and the colleagues who work it."""

from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import Named, actor_of
from cases import access as door
from cases import policies
from cases.api.shared import ShownParty, case_of, is_own, shown_party
from cases.enums import SHAREABLE
from cases.forms.work import AssignForm, BlockForm, RegionForm, ReopenForm, UnblockForm
from cases.models import CaseBlock, Deadline
from cases.operations.closing import reopen_case
from cases.operations.conflicts import block_member, kept_away, unblock_member
from cases.operations.members import assign_member, assignable, unassign_member
from cases.operations.region import change_region
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads, removes
from core.errors import Missing
from profiles.profile import active


class Clock(TypedDict):
    """An open deadline. ``due_on`` is the last day in the civil calendar, ``due_at`` the instant at which it passes."""

    id: UUID
    rule: str
    name: str
    due_on: date
    due_at: datetime
    bound: str
    is_own: bool


class Readable(TypedDict):
    """Whose rows may be read, and which categories of them; null for “a shelter”."""

    organisation: UUID | None
    categories: list[str]


class CaseBody(TypedDict):
    """What all see who may know the case, and what the caller may do with it."""

    reference: str
    state: str
    identification: str
    is_child_branch: bool
    do_not_contact: bool
    language: str
    region: str
    registered_on: date
    reasonable_grounds_on: date | None
    lead: ShownParty
    is_lead: bool
    is_assigned: bool
    label: str
    clocks: list[Clock]
    readable: list[Readable]
    may: list[str]


class Members(TypedDict):
    """Colleagues on the case, and whom the caller may add."""

    assigned: list[Named]
    assignable: list[Named]


class Block(TypedDict):
    """A colleague with a conflict of interest."""

    id: UUID
    person: str
    reason: str
    by: str
    since: datetime


@reads(CaseBody)
def case(request: Request, reference: str) -> Response:
    """A case that the caller may know; hidden and absent are the same 404."""
    access = case_of(request, reference)
    found = access.case
    body: CaseBody = {
        "reference": found.shown_reference,
        "state": found.state,
        "identification": found.identification,
        "is_child_branch": found.is_child_branch,
        "do_not_contact": found.do_not_contact,
        "language": found.language,
        "region": found.region,
        "registered_on": found.registered_on,
        "reasonable_grounds_on": found.reasonable_grounds_on,
        "lead": shown_party(access.lead),
        "is_lead": access.is_lead,
        "is_assigned": access.is_assigned,
        "label": door.label_of(access),
        "clocks": [_clock(access, deadline) for deadline in door.open_deadlines(access)],
        "readable": _readable(access),
        "may": [act for act in (*policies.MAY, *policies.PROFILE_STEPS) if policies.may(access.actor, act, access)],
    }
    return Response(body)


@acts(ReopenForm)
def reopen(request: Request, reference: str) -> Response:
    """Reopen a closed case. Shares, referrals and the placement stay ended; what runs by law goes on."""
    access = case_of(request, reference, "reopen_case")
    carry_out(form_from_json(ReopenForm, request.data or {}), reopen_case, access.actor, access=access)
    return created("api:case", reference)


@acts(RegionForm)
def region(request: Request, reference: str) -> Response:
    """Record that the person has moved: child protection and working days follow."""
    access = case_of(request, reference, "change_region")
    carry_out(form_from_json(RegionForm, request.data), change_region, access.actor, access=access)
    return created("api:case", reference)


@reads(Members)
def members(request: Request, reference: str) -> Response:
    """The colleagues of the own organisation on this case."""
    access = case_of(request, reference)
    may_assign = policies.may(access.actor, "assign_member", access)
    body: Members = {
        "assigned": [
            {"id": row.membership.pk, "name": row.membership.user.name}
            for row in door.assigned_members(access)
            if row.membership
        ],
        "assignable": [
            {"id": one.pk, "name": one.user.name} for one in (assignable(access.actor) if may_assign else ())
        ],
    }
    return Response(body)


@acts(AssignForm)
def assign(request: Request, reference: str) -> Response:
    """Let a colleague know and work the case."""
    access = case_of(request, reference, "assign_member")
    assigned = frozenset(row.membership_id for row in door.assigned_members(access)) | kept_away(access)
    form = form_from_json(AssignForm, request.data, actor=access.actor, assigned=assigned)
    carry_out(form, assign_member, access.actor, access=access)
    return created("api:members", reference)


@removes
def unassign(request: Request, reference: str, pk: UUID) -> Response:
    """Take a colleague off the case: from the next request it does not exist for them."""
    access = case_of(request, reference, "unassign_member")
    row = next((row for row in door.assigned_members(access) if row.membership_id == pk), None)
    if row is None or row.membership is None:
        raise Missing
    unassign_member(actor_of(request), access=access, member=row.membership)
    return Response(status=204)


@reads(list[Block])
def blocks(request: Request, reference: str) -> Response:
    """Colleagues who are kept away from the case, for their conflict of interest."""
    access = case_of(request, reference, "block_member")
    return Response([_block(block) for block in door.blocks(access)])


@acts(BlockForm)
def block(request: Request, reference: str) -> Response:
    """Keep a colleague away: from the next request the case does not exist for them."""
    access = case_of(request, reference, "block_member")
    form = form_from_json(BlockForm, request.data, access=access)
    made: CaseBlock = carry_out(form, block_member, access.actor, access=access)
    return created("api:blocks", reference, id=str(made.pk))


@acts(UnblockForm)
def unblock(request: Request, reference: str, pk: UUID) -> Response:
    """Let a colleague back in: another supervisor than the one who kept them away."""
    access = case_of(request, reference, "unblock_member")
    found = next((one for one in door.blocks(access) if one.pk == pk), None)
    if found is None:
        raise Missing
    form = form_from_json(UnblockForm, request.data)
    carry_out(form, unblock_member, access.actor, access=access, block=found)
    return created("api:blocks", reference)


def _block(block: CaseBlock) -> Block:
    return {
        "id": block.pk,
        "person": block.person.name,
        "reason": block.content["reason"],  # type: ignore[attr-defined]
        "by": block.blocked_by.user.name,
        "since": block.blocked_at,
    }


def _readable(access: CaseAccess) -> list[Readable]:
    readable = policies.categories(access)
    owners = access.names.by_key(readable)
    return [
        {"organisation": owners[owner].key, "categories": [one.value for one in SHAREABLE if one in shared]}
        for owner, shared in readable.items()
    ]


def _clock(access: CaseAccess, deadline: Deadline) -> Clock:
    rule = active().rule_version(deadline.rule, deadline.rule_version)
    return {
        "id": deadline.pk,
        "rule": deadline.rule,
        "name": rule.name.label(),
        "due_on": deadline.due_on,
        "due_at": deadline.due_at,
        "bound": access.names.of(deadline.bound_organisation).name if deadline.bound_organisation else "",
        "is_own": is_own(access, deadline.bound_organisation_id),
    }


urlpatterns = [
    path("cases/<str:reference>/", endpoint(case), name="case"),
    path("cases/<str:reference>/reopen/", endpoint(reopen), name="reopen"),
    path("cases/<str:reference>/region/", endpoint(region), name="region"),
    path("cases/<str:reference>/members/", endpoint(members, assign), name="members"),
    path("cases/<str:reference>/members/<uuid:pk>/", endpoint(unassign), name="member"),
    path("cases/<str:reference>/blocks/", endpoint(blocks, block), name="blocks"),
    path("cases/<str:reference>/blocks/<uuid:pk>/lift/", endpoint(unblock), name="unblock"),
]
