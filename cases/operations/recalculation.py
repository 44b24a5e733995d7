"""Bringing clocks that run to the present version of their rule: only when somebody asks, batch by batch, recorded.

A new version of a rule, or of the calendar, applies to new clocks by itself (``deadlines.md`` 2.1 and 2.13). Each batch
is a transaction of its own that locks cases and deadlines without waiting, so that nobody who reads or works is held
up; what somebody holds comes in a later round. Stopped half-way, it goes on where it was.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.context import acting
from audit import trail
from audit.models import AuditChange
from cases import ledger, notices
from cases.deadlines import Due
from cases.enums import DeadlineMove, DeadlineState, ReflectionState
from cases.models import Case, CaseVisibility, Deadline, DeadlineChange, ReflectionPeriod
from cases.operations.clocks import FROZEN
from cases.operations.moving import recounted, rule_of, supersede
from cases.operations.planning import plan_reminders
from cases.operations.reflection import ends_of
from core import clock
from core.db import role
from core.errors import Refused
from profiles.enums import Kind
from profiles.parts import Profile, Rule
from profiles.profile import active

WORKER: Final = "nrm_worker"
BATCH: Final = 500
ROUNDS: Final = 5
FIRST: Final = UUID(int=0)

Progress = Callable[[int, int], None]


@dataclass
class Outcome:
    """What became of the clocks: moved, the same day, no event stored, standing still, held by somebody."""

    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)


def recalculate(
    code: str, *, is_dry_run: bool = False, batch: int = BATCH, progress: Progress = lambda _done, _all: None
) -> Outcome:
    """Count every open clock of a rule anew by the version that is valid today; returns how many moved, and how far.

    An entitlement never becomes shorter. Raises ``Refused`` for a rule that has no version today or is frozen.
    """
    profile = active()
    rule = _present(profile, code)
    with role(ledger.LEDGER):
        outcome, total = Outcome(), _waiting(rule).count()
    skipped = 0
    for _round in range(ROUNDS):
        last, skipped = FIRST, 0
        outcome.counts["unknown"] = 0
        while True:
            with acting(Actor.system()), role(WORKER):
                wanted, rows = _lock(rule, last, batch)
                _batch(profile, rule, rows, outcome, is_dry_run=is_dry_run)
            skipped += len(wanted) - len(rows)
            progress(outcome.counts.total(), total)
            if len(wanted) < batch:
                break
            last = wanted[-1]
        if not skipped or is_dry_run:
            break
    outcome.counts["held"] = skipped
    with role(ledger.LEDGER):
        outcome.counts["suspended"] = _of(rule).filter(state=DeadlineState.SUSPENDED).count()
    return outcome


def recalculable(profile: Profile) -> list[str]:
    """The rules that ``recalculate`` takes: those that are valid today and are not frozen."""
    today = clock.today(profile.zone)
    return sorted({rule.code for rule in profile.rules if rule.is_valid(today) and rule.bound not in FROZEN})


def _present(profile: Profile, code: str) -> Rule:
    try:
        rule = profile.rule(code, clock.today(profile.zone))
    except KeyError:
        raise Refused(_("The profile has no rule %(code)s that is valid today.") % {"code": code}) from None
    if rule.bound in FROZEN:
        raise Refused(_("A referral keeps the days that it was sent with."))
    return rule


def _of(rule: Rule) -> QuerySet[Deadline]:
    """Clocks that were counted by another version of the rule, or by other holidays."""
    present = Q(rule_version=rule.valid_from, calendar_version=active().calendar_version(rule))
    return Deadline.objects.filter(rule=rule.code).exclude(present)


def _waiting(rule: Rule) -> QuerySet[Deadline]:
    return _of(rule).filter(state=DeadlineState.OPEN)


def _lock(rule: Rule, after: UUID, limit: int) -> tuple[list[UUID], list[Deadline]]:
    """The keys of the next clocks, and those of them whose case nobody works in: its lock comes first, as everywhere.

    Without it what is written about the case would be what stood before the other's transaction.
    """
    with role(ledger.LEDGER):
        next_ones = _waiting(rule).filter(pk__gt=after).order_by("pk")
        wanted = dict(next_ones.values_list("pk", "case_id")[:limit])
        cases = Case.objects.select_for_update(no_key=True, skip_locked=True).filter(pk__in={*wanted.values()})
        free = list(cases.order_by("pk").values_list("pk", flat=True))
        rows = _waiting(rule).select_related("case").select_for_update(no_key=True, skip_locked=True, of=("self",))
        return list(wanted), list(rows.filter(pk__in=list(wanted), case__in=free).order_by("pk"))


def _batch(profile: Profile, rule: Rule, rows: Sequence[Deadline], outcome: Outcome, *, is_dry_run: bool) -> None:
    regions = dict(Case.objects.filter(pk__in={row.case_id for row in rows}).values_list("pk", "region"))
    moved: list[tuple[Deadline, Due]] = []
    same: list[Deadline] = []
    for row in rows:
        due = recounted(profile, rule, row, regions[row.case_id])
        if due is None:
            outcome.counts["unknown"] += 1
            continue
        if rule.kind is Kind.STATUTORY_MINIMUM and due.due_at < row.due_at:
            due = Due(row.due_at, row.due_on)
        if due.due_at == row.due_at and _tells_alike(rule, rule_of(profile, row)):
            same.append(row)
        else:
            moved.append((row, due))
            outcome.days[(due.due_on - row.due_on).days] += 1
    outcome.counts += Counter(moved=len(moved), same=len(same))
    if not is_dry_run:
        with role(ledger.LEDGER):
            Deadline.objects.filter(pk__in=[row.pk for row in same]).update(
                rule_version=rule.valid_from, calendar_version=profile.calendar_version(rule)
            )
        _move_all(profile, rule, moved)


def _tells_alike(one: Rule, other: Rule) -> bool:
    """True when both versions remind the same people at the same times."""
    return all(
        getattr(one, name) == getattr(other, name) for name in ("remind_at", "audience", "escalate_to", "escalate_at")
    )


def _move_all(profile: Profile, rule: Rule, moved: Sequence[tuple[Deadline, Due]]) -> None:
    """As ``moving.move``, for many: version, change, reminders, audit, what hangs on them."""
    now, changes, recorded = clock.moment(), [], []
    for row, due in moved:
        before = row.due_on
        row.due_at, row.due_on, row.rule_version = due.due_at, due.due_on, rule.valid_from
        row.category, row.kind, row.calendar_version = rule.category, rule.kind, profile.calendar_version(rule)
        row.version, row.version_at = row.version + 1, now
        changes.append(_change(row, before=before))
        recorded.append(_recorded(row, before=before))
    rows = [row for row, _due in moved]
    fields = ("due_at", "due_on", "rule_version", "calendar_version", "category", "kind", "version", "version_at")
    with role(ledger.LEDGER):
        Deadline.objects.bulk_update(rows, fields)
        DeadlineChange.objects.bulk_create(changes)
        supersede(rows)
        plan_reminders(profile, rows)
        _follow_periods(profile, rows)
    case_ids = {row.case_id for row in rows}
    ledger.refresh_clocks(*case_ids)
    knowing = CaseVisibility.objects.filter(case__in=case_ids, membership=None)
    notices.settle(rows, set(knowing.values_list("organisation_id", flat=True)))
    trail.append(recorded)


def _follow_periods(profile: Profile, rows: Sequence[Deadline]) -> None:
    """A reflection period that runs ends with its clock."""
    lengths = {length.rule for length in profile.reflection.lengths}
    for row in rows:
        if row.rule in lengths and row.subject_id is not None:
            periods = ReflectionPeriod.objects.filter(pk=row.subject_id, state=ReflectionState.RUNNING)
            rule = profile.rule_version(row.rule, row.rule_version)
            periods.update(**ends_of(rule, row.due_on, row.acted_on))


def _change(row: Deadline, *, before: date) -> DeadlineChange:
    return DeadlineChange(
        deadline=row,
        case_id=row.case_id,
        kind=DeadlineMove.RECALCULATED,
        version=row.version,
        at=clock.moment(),
        recorded_at=clock.moment(),
        due_before=before,
        due_after=row.due_on,
        rule_version=row.rule_version,
    )


def _recorded(row: Deadline, *, before: date) -> AuditChange:
    return trail.change(
        "recalculate_deadline",
        actor=Actor.system(),
        case_id=row.case_id,
        owner_organisation_id=row.bound_organisation_id,
        category=row.category,
        object_kind="deadline",
        object_id=row.pk,
        rule=row.rule,
        rule_version=row.rule_version.isoformat(),
        before=str(before),
        after=row.due_on.isoformat(),
    )
