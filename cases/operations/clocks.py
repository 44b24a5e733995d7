"""Starting and ending the clocks of a case: ``Deadline`` rows by the rules of the profile, ``Reminder`` rows with them.

Called by operations, in their transaction and after their policy check and lock; written as the role ``nrm_ledger``.
When one event both ends and starts a rule (a review), ``close`` comes first. Source: ``deadlines.md`` 2.1 and 2.2.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.actors import Actor
from accounts.models import Organisation
from cases import deadlines, ledger, notices
from cases.deadlines import Due
from cases.enums import RUNNING, DeadlineMove, DeadlineState, ReminderState
from cases.models import Case, CaseVisibility, Deadline, Reminder
from cases.operations.moving import go_on, move, recounted, rule_of, stop, supersede
from cases.operations.parties import Parties
from cases.operations.planning import plan_reminders
from core import clock
from core.dates import civil_day, start_of_day
from core.db import role
from profiles.enums import Direction, End, Event, Kind, Party, Unit
from profiles.parts import Profile, Rule
from profiles.profile import active

logger = logging.getLogger(__name__)

# What is written down as the end of a period that ran its length.
ELAPSED: Final = "elapsed"
# Events that fulfil one month of a monthly duty; any other event that the rule names ends the whole series.
FULFILS_ONE_MONTH: Final = frozenset({Event.MONTHLY_REPORT_MADE})
# A referral is frozen with the days that it was sent with.
FROZEN: Final = frozenset({Party.REFERRAL_SENDER, Party.REFERRAL_RECEIVER})
# Events that end a clock of the 18th birthday though nobody has done what it asks.
NOTHING_DONE: Final = (Event.CAME_OF_AGE, Event.ASSESSED_ADULT, Event.BIRTH_DATE_WITHDRAWN, Event.CASE_CLOSED)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a clock counts from: an instant, or a civil day of an act that is recorded later or lies ahead."""

    at: datetime | None
    on: date

    @classmethod
    def of(cls, profile: Profile, at: datetime | None, on: date | None) -> "Beginning":
        """``at`` for an instant, ``on`` for a day; neither: now. Raises ``ValueError`` for both, or a naive instant."""
        if at is not None and on is not None:
            raise ValueError("a clock starts at an instant or on a day, not both")
        if on is not None and on != clock.today(profile.zone):
            return cls(None, on)
        at = at or clock.moment()
        return cls(at, civil_day(at, profile.zone))

    def valid_on(self, profile: Profile) -> date:
        """The day whose version of a rule applies; for an event that lies ahead (majority) that is today."""
        return min(self.on, clock.today(profile.zone))

    def started_at(self, rule: Rule, profile: Profile) -> datetime:
        """Since when the clock runs: a rule that counts back from its event runs from now on."""
        if rule.direction is Direction.BEFORE:
            return clock.moment()
        return self.counted_from(profile)

    def counted_from(self, profile: Profile) -> datetime:
        """The event itself; for a civil day its first instant."""
        return self.at or start_of_day(self.on, profile.zone)

    def due(self, rule: Rule, profile: Profile, region: str) -> Due:
        return deadlines.due_in(profile, rule, self.counted_from(profile), region=region)


def start(
    case: Case,
    trigger: Event | str,
    *,
    actor: Actor,
    at: datetime | None = None,
    on: date | None = None,
    bound: Mapping[Any, Organisation] | None = None,
    subject_id: UUID | None = None,
) -> list[Deadline]:
    """Start every clock of the active profile that ``trigger`` starts, with its reminders.

    Counts from ``at`` (an instant), ``on`` (a civil day), else from now. ``bound`` names organisations by ``Party``
    where the case does not tell them, ``subject_id`` the referral, guardianship or consent that the clock is about. A
    clock that already runs for this case, rule and subject is kept, or moved when it now falls due at another time. A
    rule for other regions, or another age, starts none.
    """
    profile = active()
    beginning = Beginning.of(profile, at, on)
    rules = profile.triggered_by(Event(trigger), beginning.valid_on(profile))
    return _run(profile, rules, case, beginning, Parties(profile, case, actor, bound or {}), subject_id)


def start_once(case: Case, trigger: Event | str, *, actor: Actor) -> list[Deadline]:
    """As ``start`` from now, but a clock that runs already keeps its day: what happened again began before."""
    profile = active()
    beginning = Beginning.of(profile, None, None)
    rules = profile.triggered_by(Event(trigger), beginning.on)
    with role(ledger.LEDGER):
        running = _running(case, [rule.code for rule in rules], None)
    new = [rule for rule in rules if rule.code not in running]
    return _run(profile, new, case, beginning, Parties(profile, case, actor, {}), None)


def redate(case: Case, trigger: Event | str, *, on: date, actor: Actor) -> list[Deadline]:
    """Count the clocks of an event that lies ahead from another day than before.

    Those that run move, those that ended without an act (``NOTHING_DONE``) begin anew; what somebody has done is done.
    """
    profile = active()
    beginning = Beginning.of(profile, None, on)
    rules = profile.triggered_by(Event(trigger), beginning.valid_on(profile))
    with role(ledger.LEDGER):
        ended = Deadline.objects.filter(case=case, rule__in=[rule.code for rule in rules], state=DeadlineState.MET)
        done = set(ended.exclude(closed_by_event__in=NOTHING_DONE).values_list("rule", flat=True))
    rules = tuple(rule for rule in rules if rule.code not in done)
    return _run(profile, rules, case, beginning, Parties(profile, case, actor, {}), None)


def _run(
    profile: Profile,
    rules: Sequence[Rule],
    case: Case,
    beginning: Beginning,
    parties: Parties,
    subject_id: UUID | None,
) -> list[Deadline]:
    rules = [rule for rule in rules if rule.is_for(region=case.region, is_child=case.is_child_branch)]
    if not rules:
        return []
    actor = parties.actor
    with role(ledger.LEDGER):
        running = _running(case, [rule.code for rule in rules], subject_id)
        before = {one.pk: one.version for one in running.values()}
        again = {code: _start_again(profile, one, beginning, case.region, actor) for code, one in running.items()}
        changed = [one for one in again.values() if one.version != before[one.pk]]
        told = knowing(case, changed) if changed else set()
        new = {
            rule.code: _new(profile, rule, case, beginning, parties.of(rule.bound), subject_id)
            for rule in rules
            if rule.code not in running
        }
        Deadline.objects.bulk_create(new.values())
        plan_reminders(profile, list(new.values()))
        ledger.refresh_clocks(case.pk)
    notices.settle(changed, told)
    return [again.get(rule.code) or new[rule.code] for rule in rules]


def close(
    case: Case, event: Event | str, *, actor: Actor, subject_id: UUID | None = None, on: date | None = None
) -> list[Deadline]:
    """End the running clocks whose rule names ``event``: after that nothing is sent for them.

    With ``subject_id`` only those about this subject, or about no subject in particular. A monthly duty that was
    fulfilled for one month goes on with the next. Clocks whose rule says that the event suspends them stop, those that
    it lets go on get the time back that they stood. A minimum that the event completes ends when its length is over;
    ``on`` is the day of the act, else today.
    """
    happened, profile = Event(event), active()
    with role(ledger.LEDGER):
        moved = _stop_and_go(happened, profile, case, subject_id, actor)
        ended = _named_by(happened, profile, case, subject_id)
        ended += _completed_by(happened, profile, case, subject_id, on or clock.today(profile.zone))
        if not (moved or ended):
            return []
        Deadline.objects.filter(pk__in=[deadline.pk for deadline in ended]).update(
            state=DeadlineState.MET, closed_at=clock.moment(), closed_by_event=happened, suspended_at=None
        )
        supersede(ended)
        if happened in FULFILS_ONE_MONTH:
            for deadline in ended:
                _start_next_month(profile, deadline, case.region)
        changed = [*ended, *moved]
        told = knowing(case, changed)
        ledger.refresh_clocks(case.pk)
    notices.settle(changed, told)
    return ended


def let_go_on(case: Case, event: Event, *, subjects: Collection[UUID]) -> list[Deadline]:
    """Let clocks run again that ``event`` ended and whose last day lies ahead: of the case itself, and of ``subjects``.

    What has begun anew meanwhile is left, and what binds an organisation that does not know the case any more.
    """
    with role(ledger.LEDGER):
        rows = Deadline.objects.filter(case=case, closed_by_event=event, due_at__gt=clock.moment())
        ended = rows.filter(Q(subject_id=None) | Q(subject_id__in=subjects), state=DeadlineState.MET)
        latest = {(row.rule, row.subject_id): row for row in ended.order_by("closed_at", "pk")}
        running = Deadline.objects.filter(case=case, state__in=RUNNING).values_list("rule", "subject_id")
        knowing = CaseVisibility.objects.live().filter(case=case, membership=None)
        bound = set(knowing.values_list("organisation_id", flat=True))
        again = [latest[key] for key in latest.keys() - set(running) if latest[key].bound_organisation_id in bound]
        for deadline in again:
            deadline.case = case
            deadline.state, deadline.closed_at, deadline.closed_by_event = DeadlineState.OPEN, None, ""
            deadline.version += 1
            deadline.save(update_fields=("state", "closed_at", "closed_by_event", "version"))
        plan_reminders(active(), again)
        ledger.refresh_clocks(case.pk)
    return again


def rebind(
    case: Case,
    rules: Collection[str] | None,
    *,
    before: Organisation,
    to: Organisation,
    only: Collection[UUID] | None = None,
) -> list[UUID]:
    """Running clocks of these rules (None: all) bind ``to`` instead of ``before``, whose people have nothing left to do
    about them. ``only``: of these clocks. Returns which.

    A clock that has reminded somebody begins its reminders anew, so that ``to`` hears at once of what is overdue.
    """
    with role(ledger.LEDGER):
        bound = Deadline.objects.filter(case=case, state__in=RUNNING, bound_organisation=before)
        bound = bound if rules is None else bound.filter(rule__in=rules)
        bound = bound if only is None else bound.filter(pk__in=only)
        moved = list(bound.order_by("due_at"))
        told = set(
            Reminder.objects.filter(deadline__in=moved, version=F("deadline__version"), state=ReminderState.SENT)
            .values_list("deadline_id", flat=True)
            .distinct()
        )
        for deadline in moved:
            deadline.case, deadline.bound_organisation = case, to
            deadline.version += deadline.pk in told
            deadline.save(update_fields=("bound_organisation", "version"))
        supersede(moved)
        plan_reminders(active(), [deadline for deadline in moved if deadline.state == DeadlineState.OPEN])
        ledger.refresh_clocks(case.pk)
    notices.settle(moved, {before.pk})
    return [deadline.pk for deadline in moved]


def follow_region(case: Case, *, actor: Actor) -> int:
    """Count the running clocks of a case by the working days of its region, which has changed; returns how many moved.

    An entitlement never becomes shorter; a referral keeps the days that it was sent with. What stands still is counted
    by the new region when it goes on.
    """
    profile, moved = active(), 0
    with role(ledger.LEDGER):
        for deadline in Deadline.objects.filter(case=case, state=DeadlineState.OPEN).order_by("due_at", "pk"):
            rule = rule_of(profile, deadline)
            due = None if rule.bound in FROZEN else recounted(profile, rule, deadline, case.region)
            is_shorter = due is not None and due.due_at < deadline.due_at and rule.kind is Kind.STATUTORY_MINIMUM
            if due is None or is_shorter or due.due_at == deadline.due_at:
                continue
            move(profile, deadline, due, DeadlineMove.MOVED, actor=actor)
            moved += 1
        ledger.refresh_clocks(case.pk)
    return moved


def follow_knowledge(case: Case) -> None:
    """Running clocks that bind an organisation which no longer knows the case bind the lead from now on (rule 18).

    Not those of a referral, whose sides answer it without knowing the case; and those of a share that its giver cannot
    look after any more end.
    """
    with role(ledger.LEDGER):
        knowing = CaseVisibility.objects.live().filter(case=case, membership=None).values_list("organisation_id")
        running = Deadline.objects.filter(case=case, state__in=RUNNING).exclude(bound_organisation__in=knowing)
        left = list(running.exclude(bound_organisation=None).select_related("bound_organisation"))
    if not left:
        return
    profile, lead = active(), ledger.lead_of(case.pk)
    for deadline in left:
        match profile.rule_version(deadline.rule, deadline.rule_version).bound:
            case Party.REFERRAL_SENDER | Party.REFERRAL_RECEIVER:
                continue
            case Party.SHARER:
                _end_unkept(case, deadline)
            case _ if deadline.bound_organisation is not None:
                rebind(case, {deadline.rule}, before=deadline.bound_organisation, to=lead)


def _end_unkept(case: Case, deadline: Deadline) -> None:
    with role(ledger.LEDGER):
        Deadline.objects.filter(pk=deadline.pk).update(
            state=DeadlineState.MET, closed_at=clock.moment(), closed_by_event=Event.SHARE_ENDED, suspended_at=None
        )
        supersede([deadline])
        ledger.refresh_clocks(case.pk)
    notices.settle([deadline], {deadline.bound_organisation_id} if deadline.bound_organisation_id else set())


def start_next_months(limit: int = 500) -> int:
    """Start the next month of every monthly duty whose month has passed; the missed month stays open, overdue."""
    profile = active()
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(rule__in=_monthly(profile), state=DeadlineState.OPEN)
        passed = running.filter(due_at__lte=clock.moment())
        case_ids = list(passed.order_by("case_id").values_list("case_id", flat=True).distinct()[:limit])
    return sum(_start_next_months_of(profile, case_id) for case_id in case_ids)


def _running(case: Case, rules: Collection[str], subject_id: UUID | None) -> dict[str, Deadline]:
    """The clock of each rule that already runs for this subject; of a monthly duty the soonest."""
    rows = Deadline.objects.filter(case=case, rule__in=rules, subject_id=subject_id, state__in=RUNNING)
    return {row.rule: row for row in rows.order_by("-due_at")}


def _new(
    profile: Profile,
    rule: Rule,
    case: Case,
    beginning: Beginning,
    organisation_id: UUID,
    subject_id: UUID | None,
) -> Deadline:
    due = beginning.due(rule, profile, case.region)
    return Deadline(
        case=case,
        rule=rule.code,
        rule_version=rule.valid_from,
        calendar_version=profile.calendar_version(rule),
        category=rule.category,
        kind=rule.kind,
        bound_organisation_id=organisation_id,
        subject_id=subject_id,
        started_at=beginning.started_at(rule, profile),
        counted_from=beginning.counted_from(profile),
        due_at=due.due_at,
        due_on=due.due_on,
    )


def _start_again(profile: Profile, running: Deadline, beginning: Beginning, region: str, actor: Actor) -> Deadline:
    """Kept when it falls due at the same time, or stands still; else moved, with what was extended and suspended."""
    if running.state != DeadlineState.OPEN:
        return running
    running.counted_from = beginning.counted_from(profile)
    due = recounted(profile, rule_of(profile, running), running, region)
    if due is None or due.due_at == running.due_at:
        return running
    return move(profile, running, due, DeadlineMove.MOVED, actor=actor)


def _stop_and_go(event: Event, profile: Profile, case: Case, subject_id: UUID | None, actor: Actor) -> list[Deadline]:
    """What the profile lets this event suspend stands still; what it lets go on goes on. Returns both."""
    now = clock.moment()
    stops = {rule.code for rule in profile.rules if event in rule.suspend_on}
    resumes = {rule.code for rule in profile.rules if event in rule.resume_on}
    if not stops | resumes:
        return []
    stopped = [
        stop(deadline, now, reason=event, actor=actor)
        for deadline in _about(case, stops, DeadlineState.OPEN, subject_id)
    ]
    resumed = [
        go_on(profile, deadline, now, region=case.region, reason=event, actor=actor)
        for deadline in _about(case, resumes, DeadlineState.SUSPENDED, subject_id)
    ]
    return [*stopped, *resumed]


def _about(case: Case, rules: Iterable[str], state: DeadlineState, subject_id: UUID | None) -> list[Deadline]:
    """Clocks of these rules in this state, about the subject or about none in particular."""
    found = Deadline.objects.filter(case=case, rule__in=list(rules), state=state).order_by("due_at")
    return [one for one in found if subject_id is None or one.subject_id in {subject_id, None}]


def knowing(case: Case, ended: Iterable[Deadline]) -> set[UUID]:
    """Whose members may have been told of these clocks."""
    knowing = CaseVisibility.objects.filter(case=case, membership=None).values_list("organisation_id", flat=True)
    return {*knowing, *(row.bound_organisation_id for row in ended if row.bound_organisation_id)}


def _named_by(event: Event, profile: Profile, case: Case, subject_id: UUID | None) -> list[Deadline]:
    running = Deadline.objects.filter(case=case, rule__in=profile.ended_by(event), state__in=RUNNING)
    found = [
        deadline
        for deadline in running.order_by("due_at")
        if subject_id is None or deadline.subject_id in {subject_id, None}
    ]
    if event not in FULFILS_ONE_MONTH:
        return found
    soonest = {(deadline.rule, deadline.subject_id): deadline for deadline in reversed(found)}
    return list(soonest.values())


def _completed_by(event: Event, profile: Profile, case: Case, subject_id: UUID | None, on: date) -> list[Deadline]:
    """Write down the act on the minimums that wait for it; returns those whose length is over, which end with it."""
    waiting = Deadline.objects.filter(
        case=case, rule__in=profile.completed_by(event), state__in=RUNNING, acted_on__isnull=True
    )
    found = [one for one in waiting.order_by("due_at") if subject_id is None or one.subject_id in {subject_id, None}]
    Deadline.objects.filter(pk__in=[one.pk for one in found]).update(acted_on=on)
    return [one for one in found if one.state == DeadlineState.OPEN and one.due_at <= clock.moment()]


def end_elapsed(limit: int = 500) -> int:
    """Write down the end of periods whose last day has passed, and that a minimum is over; returns how many ended.

    Nobody is late when a period is over: what was told of it is settled, and it is not the next thing to do any more.
    The reflection period ends with its own row (``cases.operations.elapsed``).
    """
    profile, now = active(), clock.moment()
    passed = Q(rule__in=profile.periods, state=DeadlineState.OPEN, due_at__lte=now)
    noticed = CaseVisibility.objects.filter(case=OuterRef("case"), next_due_at=OuterRef("due_at"))
    with role(ledger.LEDGER):
        rows = Deadline.objects.filter(passed).filter(_is_over(profile) | Exists(noticed))
        case_ids = list(rows.order_by("due_at").values_list("case_id", flat=True)[:limit])
    return sum(_end_elapsed_of(profile, case_id) for case_id in dict.fromkeys(case_ids))


@transaction.atomic
def _end_elapsed_of(profile: Profile, case_id: UUID) -> int:
    case = ledger.lock(case_id)
    with role(ledger.LEDGER):
        rows = Deadline.objects.filter(
            case=case, rule__in=profile.periods, state=DeadlineState.OPEN, due_at__lte=clock.moment()
        )
        passed = list(rows.order_by("due_at"))
        ended = list(rows.filter(_is_over(profile)))
        Deadline.objects.filter(pk__in=[one.pk for one in ended]).update(
            state=DeadlineState.MET, closed_at=clock.moment(), closed_by_event=ELAPSED
        )
        supersede(ended)
        told = knowing(case, passed)
        ledger.refresh_clocks(case.pk)
    notices.settle(passed, told)
    return len(ended)


def _is_over(profile: Profile) -> Q:
    """Of periods whose last day has passed: those that end with it. A minimum does once its act has happened."""
    of_the_person = {length.rule for length in profile.reflection.lengths}
    minimums = {rule.code for rule in profile.rules if rule.ends is End.LATER}
    return ~Q(rule__in=of_the_person) & (~Q(rule__in=minimums) | Q(acted_on__isnull=False))


def _monthly(profile: Profile) -> frozenset[str]:
    return frozenset(rule.code for rule in profile.rules if rule.unit is Unit.EACH_MONTH)


@transaction.atomic
def _start_next_months_of(profile: Profile, case_id: UUID) -> int:
    case = ledger.lock(case_id)
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(case=case, rule__in=_monthly(profile), state=DeadlineState.OPEN)
        latest = {(row.rule, row.subject_id): row for row in running.order_by("due_at")}
        passed = [row for row in latest.values() if row.due_at <= clock.moment()]
        started = [_start_next_month(profile, row, case.region) for row in passed]
        ledger.refresh_clocks(case.pk)
    return sum(row is not None for row in started)


def _start_next_month(profile: Profile, former: Deadline, region: str) -> Deadline | None:
    """The next occurrence, counted from the first start; none once the period that began with it is over."""
    rule = profile.rule_version(former.rule, former.rule_version)
    series = Deadline.objects.filter(
        case_id=former.case_id, rule=former.rule, subject_id=former.subject_id, started_at=former.started_at
    )
    due = deadlines.due_in(
        profile, rule, former.counted_from or former.started_at, region=region, occurrence=former.occurrence + 1
    )
    has_next = series.filter(state=DeadlineState.OPEN, due_at__gt=former.due_at).exists()
    if has_next or _is_series_over(profile, rule, former, due):
        return None
    following = Deadline.objects.create(
        case=former.case,
        rule=rule.code,
        rule_version=rule.valid_from,
        calendar_version=profile.calendar_version(rule),
        category=rule.category,
        kind=rule.kind,
        bound_organisation_id=former.bound_organisation_id,
        subject_id=former.subject_id,
        started_at=former.started_at,
        counted_from=former.counted_from,
        occurrence=former.occurrence + 1,
        due_at=due.due_at,
        due_on=due.due_on,
    )
    plan_reminders(profile, [following])
    return following


def _is_series_over(profile: Profile, rule: Rule, former: Deadline, due: Due) -> bool:
    periods = {one.code for one in profile.rules if one.trigger == rule.trigger and one.unit is not Unit.EACH_MONTH}
    if not periods:
        return False
    period = Deadline.objects.filter(
        case_id=former.case_id, rule__in=periods, subject_id=former.subject_id, state__in=RUNNING
    )
    return not period.filter(Q(due_at__gte=due.due_at) | Q(state=DeadlineState.SUSPENDED)).exists()
