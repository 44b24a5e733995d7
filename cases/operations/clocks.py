"""Starting and ending the clocks of a case: ``Deadline`` rows by the rules of the profile, ``Reminder`` rows with them.

Called by operations, in their transaction and after their policy check and lock; written as the role ``nrm_ledger``.
When one event both ends and starts a rule (a review), ``close`` comes first. Source: ``deadlines.md`` 2.1 and 2.2.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.actors import Actor
from accounts.models import Organisation
from cases import deadlines, ledger, notices
from cases.deadlines import Due
from cases.enums import DeadlineState, Office, ReminderState
from cases.models import Case, CaseLead, CaseVisibility, Deadline, Reminder, Share
from core import clock
from core.dates import civil_day, start_of_day
from core.db import role
from profiles.enums import Direction, Event, Party, Unit
from profiles.parts import Profile, Rule
from profiles.profile import active

logger = logging.getLogger(__name__)

# Events that fulfil one month of a monthly duty; any other event that the rule names ends the whole series.
FULFILS_ONE_MONTH: Final = frozenset({Event.MONTHLY_REPORT_MADE})
# Parties that no case tells: whoever starts the clock names them.
NAMED_BY_CALLER: Final = frozenset({Party.REFERRAL_RECEIVER, Party.SHARER})
LOOK_AHEAD: Final = timedelta(days=31)
UNSENT_AFTER: Final = timedelta(minutes=15)
BATCH: Final = 500


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
        return self.at or start_of_day(self.on, profile.zone)

    def due(self, rule: Rule, profile: Profile, region: str) -> Due:
        counted = (self.at or start_of_day(self.on, profile.zone)) if rule.unit in deadlines.INSTANTS else self.on
        return deadlines.due_in(profile, rule, counted, region=region)


def start(
    case: Case,
    trigger: Event | str,
    *,
    actor: Actor,
    at: datetime | None = None,
    on: date | None = None,
    bound: Mapping[Party, Organisation] | Mapping[str, Organisation] | None = None,
    subject_id: UUID | None = None,
) -> list[Deadline]:
    """Start every clock of the active profile that ``trigger`` starts, with its reminders.

    Counts from ``at`` (an instant), ``on`` (a civil day), else from now. ``bound`` names organisations by ``Party``
    where the case does not tell them, ``subject_id`` the referral, guardianship or consent that the clock is about. A
    clock that already runs for this case, rule and subject is kept, or moved when it now falls due at another time.
    """
    profile = active()
    beginning = Beginning.of(profile, at, on)
    rules = profile.triggered_by(Event(trigger), beginning.valid_on(profile))
    parties = Parties(profile, case, actor, _checked(bound or {}))
    with role(ledger.LEDGER):
        started = [_start_one(profile, rule, case, beginning, parties.of(rule.bound), subject_id) for rule in rules]
    ledger.refresh_clocks(case.pk)
    return started


def close(case: Case, event: Event | str, *, actor: Actor, subject_id: UUID | None = None) -> list[Deadline]:
    """End the open clocks whose rule names ``event``: after that nothing is sent for them.

    With ``subject_id`` only those about this subject, or about no subject in particular. A monthly duty that was
    fulfilled for one month goes on with the next.
    """
    happened, profile = Event(event), active()
    with role(ledger.LEDGER):
        ended = _named_by(happened, profile, case, subject_id)
        Deadline.objects.filter(pk__in=[deadline.pk for deadline in ended]).update(
            state=DeadlineState.MET, closed_at=clock.moment(), closed_by_event=happened
        )
        _supersede(ended)
        if happened in FULFILS_ONE_MONTH:
            for deadline in ended:
                _start_next_month(profile, deadline, case.region)
        told = _organisations(case, ended)
    ledger.refresh_clocks(case.pk)
    notices.settle(ended, told)
    return ended


def rebind(case: Case, rules: Collection[str], *, before: Organisation, to: Organisation) -> None:
    """Open clocks of these rules bind ``to`` instead of ``before``, whose people have nothing left to do about them.

    A clock that has reminded somebody begins its reminders anew, so that ``to`` hears at once of what is overdue.
    """
    with role(ledger.LEDGER):
        moved = list(
            Deadline.objects.filter(
                case=case, rule__in=rules, state=DeadlineState.OPEN, bound_organisation=before
            ).order_by("due_at")
        )
        told = set(
            Reminder.objects.filter(deadline__in=moved, version=F("deadline__version"), state=ReminderState.SENT)
            .values_list("deadline_id", flat=True)
            .distinct()
        )
        for deadline in moved:
            deadline.bound_organisation = to
            deadline.version += deadline.pk in told
            deadline.save(update_fields=("bound_organisation", "version"))
        _supersede(moved)
        plan_reminders(active(), moved)
    ledger.refresh_clocks(case.pk)
    notices.settle(moved, {before.pk})


def start_next_months(limit: int = 500) -> int:
    """Start the next month of every monthly duty whose month has passed; the missed month stays open, overdue."""
    profile = active()
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(rule__in=_monthly(profile), state=DeadlineState.OPEN)
        passed = running.filter(due_at__lte=clock.moment())
        case_ids = list(passed.order_by("case_id").values_list("case_id", flat=True).distinct()[:limit])
    return sum(_start_next_months_of(profile, case_id) for case_id in case_ids)


def mend() -> dict[str, int]:
    """The hourly reconciler: monthly duties go on, missing reminders come back, what is unsent is reported."""
    months = start_next_months()
    planned, unsent = reconcile()
    if planned or unsent:
        logger.warning("Reconciled: %d reminders were missing, %d are due and unsent", planned, unsent)
    return {"months": months, "missing": planned, "unsent": unsent}


def reconcile() -> tuple[int, int]:
    """Recreate reminder rows that open deadlines lack; returns how many, and how many are due and unsent for too long.

    Looks at every deadline without any row, and for single missing rows at those due soon or overdue.
    """
    profile, now = active(), clock.moment()
    with role(ledger.LEDGER):
        rows = Reminder.objects.filter(deadline=OuterRef("pk"), version=OuterRef("version"))
        suspect = Q(due_at__lte=now + LOOK_AHEAD) | ~Exists(rows)
        running = list(Deadline.objects.filter(suspect, state=DeadlineState.OPEN).order_by("due_at", "pk"))
        planned = sum(plan_reminders(profile, running[n : n + BATCH]) for n in range(0, len(running), BATCH))
        unsent = Reminder.objects.filter(state=ReminderState.WAITING, due_at__lte=now - UNSENT_AFTER).count()
    return planned, unsent


def plan_reminders(profile: Profile, wanted: Sequence[Deadline]) -> int:
    """Write the reminder rows that deadlines lack, of their present version; returns how many those were.

    Repeatable: the key (deadline, version, offset, audience) keeps a row from being written twice.
    """
    present = Reminder.objects.filter(deadline__in=wanted)
    known = set(present.values_list("deadline_id", "version", "offset", "audience"))
    rows = [row for deadline in wanted for row in _planned(profile, deadline) if _key(row) not in known]
    Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


class Parties:
    """Which organisation plays a party to a case: named by the caller, known from the case, else the lead."""

    def __init__(self, profile: Profile, case: Case, actor: Actor, named: Mapping[Party, UUID]) -> None:
        self.profile = profile
        self.case = case
        self.actor = actor
        self.known: dict[Party, UUID] = dict(named)

    def of(self, party: Party) -> UUID:
        """The organisation that a rule binds; raises ``ValueError`` when only the caller can tell and did not.

        Whoever refers is the sender.
        """
        if party not in self.known:
            if party in NAMED_BY_CALLER:
                raise ValueError(f"name who is bound: bound={{Party.{party.name}: organisation}}")
            self.known[party] = self._by_office(party) or self.of(Party.LEAD)
        return self.known[party]

    def _by_office(self, party: Party) -> UUID | None:
        if party is Party.REFERRAL_SENDER:
            return self.actor.organisation_id
        if party is Party.LEAD:
            return CaseLead.objects.values_list("organisation_id", flat=True).get(case=self.case, ends_at__isnull=True)
        kinds = self._kinds(party)
        if self.actor.organisation_kind in kinds:
            return self.actor.organisation_id
        office = Office.CHILD_PROTECTION if party is Party.CHILD_PROTECTION else Office.DECIDING_AUTHORITY
        shares = Share.objects.live().filter(case=self.case, office=office, to_organisation__kind__in=kinds)
        return shares.order_by("-starts_at").values_list("to_organisation_id", flat=True).first()

    def _kinds(self, party: Party) -> frozenset[str]:
        match party:
            case Party.CHILD_PROTECTION:
                return self.profile.guardians.assigned_by
            case Party.REFLECTION_AUTHORITY:
                return self.profile.reflection.granted_by.kinds
            case Party.GROUNDS_AUTHORITY:
                return self.profile.who_may("record_reasonable_grounds").kinds
            case _:
                return self.profile.who_may("record_identification_decision").kinds


def _checked(bound: Mapping[Party, Organisation] | Mapping[str, Organisation]) -> dict[Party, UUID]:
    return {Party(party): organisation.pk for party, organisation in bound.items()}


def _start_one(
    profile: Profile, rule: Rule, case: Case, beginning: Beginning, organisation_id: UUID, subject_id: UUID | None
) -> Deadline:
    due = beginning.due(rule, profile, case.region)
    running = Deadline.objects.filter(case=case, rule=rule.code, subject_id=subject_id, state=DeadlineState.OPEN)
    existing = running.order_by("due_at").first()
    if existing is not None:
        return existing if existing.due_at == due.due_at else _move(profile, existing, due)
    deadline = Deadline.objects.create(
        case=case,
        rule=rule.code,
        rule_version=rule.valid_from,
        category=rule.category,
        kind=rule.kind,
        bound_organisation_id=organisation_id,
        subject_id=subject_id,
        started_at=beginning.started_at(rule, profile),
        due_at=due.due_at,
        due_on=due.due_on,
    )
    plan_reminders(profile, [deadline])
    return deadline


def _move(profile: Profile, deadline: Deadline, due: Due) -> Deadline:
    """Another due time: a new version, whose reminders take the place of the old ones."""
    deadline.version += 1
    deadline.due_at, deadline.due_on = due.due_at, due.due_on
    deadline.save(update_fields=("version", "due_at", "due_on"))
    _supersede([deadline])
    plan_reminders(profile, [deadline])
    return deadline


def _supersede(ended: Iterable[Deadline]) -> None:
    waiting = Reminder.objects.filter(deadline__in=[row.pk for row in ended], state=ReminderState.WAITING)
    still_valid = Q(deadline__state=DeadlineState.OPEN, version=F("deadline__version"))
    waiting.exclude(still_valid).update(state=ReminderState.SUPERSEDED)


def _key(row: Reminder) -> tuple[UUID, int, str, str]:
    return row.deadline_id, row.version, row.offset, row.audience


def _planned(profile: Profile, deadline: Deadline) -> list[Reminder]:
    rule = profile.rule_version(deadline.rule, deadline.rule_version)
    planned = deadlines.reminders(
        rule,
        Due(deadline.due_at, deadline.due_on),
        started_at=deadline.started_at,
        zone=profile.zone,
        at=profile.reminder_time,
    )
    return [
        Reminder(
            deadline=deadline,
            version=deadline.version,
            offset=one.offset,
            audience=one.audience,
            is_escalation=one.is_escalation,
            due_at=one.due_at,
        )
        for one in planned
    ]


def _organisations(case: Case, ended: Iterable[Deadline]) -> set[UUID]:
    """Whose members may have been told of these clocks."""
    knowing = CaseVisibility.objects.filter(case=case, membership=None).values_list("organisation_id", flat=True)
    return {*knowing, *(row.bound_organisation_id for row in ended if row.bound_organisation_id)}


def _named_by(event: Event, profile: Profile, case: Case, subject_id: UUID | None) -> list[Deadline]:
    running = Deadline.objects.filter(case=case, rule__in=profile.ended_by(event), state=DeadlineState.OPEN)
    found = [
        deadline
        for deadline in running.order_by("due_at")
        if subject_id is None or deadline.subject_id in {subject_id, None}
    ]
    if event not in FULFILS_ONE_MONTH:
        return found
    soonest = {(deadline.rule, deadline.subject_id): deadline for deadline in reversed(found)}
    return list(soonest.values())


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
    due = deadlines.due_in(profile, rule, former.started_at, region=region, occurrence=series.count() + 1)
    has_next = series.filter(state=DeadlineState.OPEN, due_at__gt=former.due_at).exists()
    if has_next or _is_over(profile, rule, former, due):
        return None
    following = Deadline.objects.create(
        case_id=former.case_id,
        rule=rule.code,
        rule_version=rule.valid_from,
        category=rule.category,
        kind=rule.kind,
        bound_organisation_id=former.bound_organisation_id,
        subject_id=former.subject_id,
        started_at=former.started_at,
        due_at=due.due_at,
        due_on=due.due_on,
    )
    plan_reminders(profile, [following])
    return following


def _is_over(profile: Profile, rule: Rule, former: Deadline, due: Due) -> bool:
    periods = {one.code for one in profile.rules if one.trigger == rule.trigger and one.unit is not Unit.EACH_MONTH}
    if not periods:
        return False
    period = Deadline.objects.filter(
        case_id=former.case_id, rule__in=periods, subject_id=former.subject_id, state=DeadlineState.OPEN
    )
    return not period.filter(due_at__gte=due.due_at).exists()
