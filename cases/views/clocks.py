"""One clock: why it falls due when it does, what changed it, and suspending, resuming or extending it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.http import Request
from cases import access as door
from cases import plain, policies
from cases.deadlines import INSTANTS
from cases.enums import RUNNING, CaseState, DeadlineMove, DeadlineState
from cases.forms.clocks import ExtendForm, ResumeForm, SuspendForm
from cases.forms.work import ConfirmForm
from cases.models import Deadline, DeadlineChange
from cases.operations import suspension
from cases.operations.suspension import extend_deadline, latest_extension, resume_deadline, suspend_deadline
from cases.policies import CaseAccess
from cases.views.next import Action, is_period_over, rule_of
from cases.views.shared import case_context, posted
from cases.views.shares import CHANGE, CONFIRMED
from core.errors import NotAllowed
from core.forms import NrmForm, carried, render_form, submit
from profiles import codes
from profiles.enums import Audience
from profiles.parts import Rule

REASONS: Final = {DeadlineMove.SUSPENDED: "suspension_reason", DeadlineMove.EXTENDED: "extension_reason"}


@dataclass(frozen=True)
class Act:
    """What a page of this file does."""

    name: str
    form: type[NrmForm]
    operation: Callable[..., Deadline]
    heading: Promise
    done: Promise


SUSPEND: Final = Act(
    "cases:suspend_deadline",
    SuspendForm,
    suspend_deadline,
    gettext_lazy("Suspend this clock"),
    gettext_lazy("The clock stands still. Nobody is reminded until it goes on."),
)
RESUME: Final = Act(
    "cases:resume_deadline",
    ResumeForm,
    resume_deadline,
    gettext_lazy("Let this clock go on"),
    gettext_lazy("The clock goes on."),
)
EXTEND: Final = Act(
    "cases:extend_deadline",
    ExtendForm,
    extend_deadline,
    gettext_lazy("Extend this deadline"),
    gettext_lazy("The deadline is extended."),
)


@dataclass(frozen=True)
class Changed:
    """One line of what changed a clock, in words."""

    row: DeadlineChange
    reason: str


def clock(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Why this day, from which source, what changed it, and what may be done about it."""
    access = door.get_case(request.actor, reference)
    deadline = door.get_deadline(access, pk)
    context = {
        **_context(access, deadline),
        "changes": [_changed(row) for row in door.changes_of(deadline)],
        "acts": _acts(access, deadline),
    }
    return render(request, "cases/clocks/clock.html", context)


def suspend(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Let it stand still, after showing what that means."""
    return _change(request, reference, pk, SUSPEND)


def resume(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Let it go on, after showing the new last day."""
    return _change(request, reference, pk, RESUME)


def extend(request: Request, reference: str, pk: UUID) -> HttpResponse:
    """Set a later last day, after showing both."""
    return _change(request, reference, pk, EXTEND)


def _change(request: Request, reference: str, pk: UUID, act: Act) -> HttpResponse:
    access = door.get_case(request.actor, reference)
    deadline = door.get_deadline(access, pk)
    require_bound(access, deadline, act.operation.__name__)
    form = act.form(posted(request))
    context = {**_context(access, deadline), "heading": act.heading}
    given = {"access": access, "deadline": deadline}
    if request.method == "POST" and request.POST.get(CONFIRMED):
        if submit(form, act.operation, request.actor, **given):
            messages.success(request, str(act.done))
            return redirect("cases:clock", reference, pk)
    elif request.method == "POST" and CHANGE not in request.POST:
        effect = submit(form, suspension.preview, request.actor, operation=act.operation, **given)
        if effect:
            return render(request, "cases/clocks/preview.html", {**context, **_preview(request, effect)})
    last = latest_extension(deadline, rule_of(deadline), access.case.region) if act is EXTEND else None
    return render_form(request, "cases/clocks/change.html", form, {**context, "latest": last})


def require_bound(access: CaseAccess, deadline: Deadline, act: str) -> None:
    """403 unless the actor may do this, for a clock that binds the own organisation."""
    policies.require(access.actor, act, access)
    if deadline.bound_organisation_id != access.actor.organisation_id:
        raise NotAllowed


def _context(access: CaseAccess, deadline: Deadline) -> dict[str, object]:
    rule = rule_of(deadline)
    return {
        **case_context(access, tab="overview"),
        "deadline": deadline,
        "rule": rule,
        "counted": plain.counted(rule),
        "kind": plain.KINDS[rule.kind],
        "tag": plain.TAGS[rule.tag],
        "moved": plain.moved(rule),
        "ending": plain.ending(rule),
        "is_minimum_over": is_period_over(deadline, rule),
        "at": deadline.due_at if rule.unit in INSTANTS else deadline.due_on,
        "is_running": deadline.state in RUNNING,
        "is_suspended": deadline.state == DeadlineState.SUSPENDED,
    }


def _preview(request: Request, effect: suspension.Effect) -> dict[str, object]:
    return {
        "effect": effect,
        "told": [(row.due_at, plain.AUDIENCES[Audience(row.audience)]) for row in effect.reminders],
        "confirm_form": ConfirmForm(),
        "carried": carried(request.POST, CONFIRMED, CHANGE),
    }


def _changed(row: DeadlineChange) -> Changed:
    listed = REASONS.get(DeadlineMove(row.kind))
    is_code = listed is not None and row.reason in codes.get(listed)
    return Changed(row, codes.get(listed).label(row.reason) if listed and is_code else "")


def _acts(access: CaseAccess, deadline: Deadline) -> list[Action]:
    """The links that lead somewhere: allowed by right, by rule and by the state of the clock."""
    is_own = deadline.bound_organisation_id == access.actor.organisation_id
    if not is_own or deadline.state not in RUNNING or access.case.state == CaseState.CLOSED:
        return []
    keys = [access.case.shown_reference, deadline.pk]
    return [
        Action(act.heading, reverse(act.name, args=keys))
        for act in _fitting(deadline, rule_of(deadline))
        if policies.may(access.actor, act.operation.__name__, access)
    ]


def _fitting(deadline: Deadline, rule: Rule) -> list[Act]:
    if deadline.state == DeadlineState.SUSPENDED:
        return [RESUME]
    may_stop = rule.may_suspend and not suspension.has_passed(deadline)
    return [*([SUSPEND] if may_stop else []), *([EXTEND] if rule.may_extend else [])]


urlpatterns = [
    path("cases/<str:reference>/clocks/<uuid:pk>/", clock, name="clock"),
    path("cases/<str:reference>/clocks/<uuid:pk>/suspend/", suspend, name="suspend_deadline"),
    path("cases/<str:reference>/clocks/<uuid:pk>/resume/", resume, name="resume_deadline"),
    path("cases/<str:reference>/clocks/<uuid:pk>/extend/", extend, name="extend_deadline"),
]
