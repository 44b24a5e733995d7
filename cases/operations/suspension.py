"""Suspending, resuming and extending a clock, by the supervisor of the organisation that its rule binds.

Where the rule of the profile allows it (``sharing.md`` section 5). Each gives the clock a new version, whose reminders
supersede those of the version before; a person's entitlement is never shortened by it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import access as door
from cases import deadlines, ledger, notices, policies
from cases.deadlines import PlannedReminder
from cases.enums import RUNNING, DeadlineMove, DeadlineState
from cases.models import Deadline
from cases.operations import moving
from cases.operations.clocks import knowing
from cases.operations.planning import planned
from cases.operations.reflection import follow_clock
from cases.operations.running import relock_running
from cases.policies import CaseAccess
from core import clock
from core.dates import civil_day, start_of_day
from core.db import role
from core.errors import NotAllowed, Refused
from profiles import codes
from profiles.parts import Rule
from profiles.profile import active

STOPPED_ON: Final = "stopped_on"
GOES_ON_ON: Final = "goes_on_on"
UNTIL: Final = "until"


@dataclass(frozen=True)
class Effect:
    """What an act would change: the last day before and after (None: it stands still), and the reminders to come."""

    before: date
    after: date | None
    reminders: tuple[PlannedReminder, ...]


def suspend_deadline(
    actor: Actor, *, access: CaseAccess, deadline: Deadline, stopped_on: date, reason: str
) -> Deadline:
    """Let a clock stand still since ``stopped_on``: it is not overdue and nobody is reminded until it goes on."""
    access, stored, rule = _bound(actor, access, deadline, "suspend_deadline", STOPPED_ON)
    if not rule.may_suspend:
        raise Refused(_("The law does not let this deadline be suspended."), field=STOPPED_ON)
    if stored.state == DeadlineState.SUSPENDED:
        raise Refused(_("This clock stands still already."), field=STOPPED_ON)
    if has_passed(stored):
        text = _("The last day was %(day)s. A deadline that has passed cannot be suspended any more.")
        raise Refused(text % {"day": _day(stored.due_on)}, field=STOPPED_ON)
    _check_reason("suspension_reason", reason)
    at = _instant(stopped_on, not_before=_earliest_stop(stored), field=STOPPED_ON)
    with role(ledger.LEDGER):
        moving.stop(stored, at, reason=reason, actor=actor)
    return _told("suspend_deadline", actor, access, stored, deadline.due_on, reason=reason)


def has_passed(deadline: Deadline) -> bool:
    """True once the last moment is over: such a clock is late, and can no longer be made to stand still."""
    return deadline.due_at <= clock.moment()


def resume_deadline(actor: Actor, *, access: CaseAccess, deadline: Deadline, goes_on_on: date) -> Deadline:
    """Let a suspended clock go on: what was left when it stopped is left now."""
    access, stored, _rule = _bound(actor, access, deadline, "resume_deadline", GOES_ON_ON)
    if stored.suspended_at is None:
        raise Refused(_("This clock does not stand still."), field=GOES_ON_ON)
    at = _instant(goes_on_on, not_before=stored.suspended_at, field=GOES_ON_ON)
    with role(ledger.LEDGER):
        moving.go_on(active(), stored, at, region=access.case.region, actor=actor)
    return _told("resume_deadline", actor, access, stored, deadline.due_on)


def extend_deadline(actor: Actor, *, access: CaseAccess, deadline: Deadline, until: date, reason: str) -> Deadline:
    """Set a later last day, within what the rule of the profile allows."""
    access, stored, rule = _bound(actor, access, deadline, "extend_deadline", UNTIL)
    if not rule.may_extend:
        raise Refused(_("The law does not let this deadline be extended."), field=UNTIL)
    if stored.state == DeadlineState.SUSPENDED:
        raise Refused(_("This clock stands still. Let it go on first."), field=UNTIL)
    _check_reason("extension_reason", reason)
    _check_until(access, stored, rule, until)
    due = deadlines.due_on(until, active().zone)
    with role(ledger.LEDGER):
        moving.move(active(), stored, due, DeadlineMove.EXTENDED, actor=actor, reason=reason)
    return _told("extend_deadline", actor, access, stored, deadline.due_on, reason=reason)


def preview(actor: Actor, *, operation: Callable[..., Deadline], deadline: Deadline, **arguments: Any) -> Effect:
    """What ``operation`` would change: it is carried out and undone, so that the two cannot differ."""
    with transaction.atomic():
        after = operation(actor, deadline=deadline, **arguments)
        is_open = after.state == DeadlineState.OPEN
        rows = tuple(planned(active(), after)) if is_open else ()
        effect = Effect(deadline.due_on, after.due_on if is_open else None, rows)
        transaction.set_rollback(True)
    return effect


def latest_extension(deadline: Deadline, rule: Rule, region: str) -> date | None:
    """The last day that an extension may set; None where the profile names no limit."""
    profile = active()
    due = moving.recounted(profile, rule, deadline, region, is_extended=False)
    without = due or deadlines.Due(deadline.due_at, deadline.due_on)
    return deadlines.latest_extension(rule, without, profile.calendar(region))


# -- parts -----------------------------------------------------------------------------------------------------------


def _bound(
    actor: Actor, access: CaseAccess, deadline: Deadline, act: str, field: str
) -> tuple[CaseAccess, Deadline, Rule]:
    """The locked case and its running clock, which binds the actor's own organisation."""
    access = relock_running(access)
    policies.require(actor, act, access)
    stored = door.get_deadline(access, deadline.pk)
    if stored.bound_organisation_id != actor.organisation_id:
        raise NotAllowed
    if stored.state not in RUNNING:
        day = _day(civil_day(stored.closed_at, active().zone)) if stored.closed_at else ""
        raise Refused(_("This clock ended on %(day)s. Nothing is left to change.") % {"day": day}, field=field)
    return access, stored, moving.rule_of(active(), stored)


def _instant(day: date, *, not_before: datetime, field: str) -> datetime:
    """Today is now; an earlier day counts from its beginning, at the earliest from ``not_before``."""
    zone, now = active().zone, clock.moment()
    if day > civil_day(now, zone):
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field=field)
    first = civil_day(not_before, zone)
    if day < first:
        raise Refused(_("Enter %(day)s or a later day.") % {"day": _day(first)}, field=field)
    return now if day == civil_day(now, zone) else max(start_of_day(day, zone), not_before)


def _earliest_stop(deadline: Deadline) -> datetime:
    """Pauses do not overlap: not before the start, nor before the last time that the clock went on."""
    last = deadline.changes.filter(kind=DeadlineMove.RESUMED).order_by("version").last()
    return last.at if last else deadline.started_at


def _check_until(access: CaseAccess, deadline: Deadline, rule: Rule, until: date) -> None:
    if until <= deadline.due_on:
        text = _("The last day is %(day)s. An extension sets a later one: enter a day after it.")
        raise Refused(text % {"day": _day(deadline.due_on)}, field=UNTIL)
    if until < clock.today(active().zone):
        raise Refused(_("This day has passed. Enter today or a later day."), field=UNTIL)
    last = latest_extension(deadline, rule, access.case.region)
    if last is not None and until > last:
        text = _("The law allows an extension until %(day)s at the latest.")
        raise Refused(text % {"day": _day(last)}, field=UNTIL)


def _check_reason(name: str, reason: str) -> None:
    if reason not in codes.get(name):
        raise Refused(_("Choose why."), field="reason")


def _told(kind: str, actor: Actor, access: CaseAccess, deadline: Deadline, before: date, reason: str = "") -> Deadline:
    """What hangs on the clock follows; older news about it gives way; audit and activity."""
    follow_clock(actor, deadline)
    with role(ledger.LEDGER):
        told = knowing(access.case, [deadline])
    notices.settle([deadline], told)
    ledger.refresh_clocks(deadline.case_id)
    trail.record(
        kind,
        actor=actor,
        case_id=deadline.case_id,
        owner_organisation_id=deadline.bound_organisation_id,
        category=deadline.category,
        object_kind="deadline",
        object_id=deadline.pk,
        rule=deadline.rule,
        reason=reason,
        before=before.isoformat(),
        after=deadline.due_on.isoformat() if deadline.state == DeadlineState.OPEN else "",
    )
    if deadline.bound_organisation_id is not None:
        ledger.touch(deadline.case_id, owner=deadline.bound_organisation_id, category=deadline.category)
    return deadline


def _day(day: date) -> str:
    return date_format(day, "j F Y")
