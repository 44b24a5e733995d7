"""Child protection's queue: children without a guardian, oldest clock first, from the card of each case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from accounts.actors import Actor
from audit import trail
from cases import plain
from cases.enums import AgeGroup, CaseState, Category, DeadlineState, GuardianshipState
from cases.masking import Names, ShownOrganisation
from cases.models import Case, CaseGroupObjectPermission, Deadline, Guardianship, Identity
from cases.querysets import IsBlocked, ShareHolds
from core import clock
from core.dates import civil_day
from core.db import role
from profiles.enums import Event
from profiles.profile import active

LONGEST: Final = 100
STATISTICS: Final = "nrm_statistics"


@dataclass(frozen=True)
class Waiting:
    """One child. ``age`` is empty where nobody shares what is known of it."""

    guardianship: Guardianship
    requested_by: ShownOrganisation
    age: str
    region: str
    due_at: datetime | None
    law: str
    days: int

    @property
    def case(self) -> Case:
        return self.guardianship.case

    @property
    def asked_on(self) -> date:
        """The civil day of the request."""
        return civil_day(self.guardianship.requested_at, active().zone)


@dataclass(frozen=True)
class Queue:
    """What the service has to do: name somebody, appoint, replace. Each list oldest clock first."""

    without: tuple[Waiting, ...]
    provisional: tuple[Waiting, ...]
    conflicts: tuple[Waiting, ...]
    # Children without a guardian whom the service answers for and the reader does not see: a number.
    beside: int = 0

    @property
    def is_shortened(self) -> bool:
        """True when there may be more: they follow when these are done."""
        return len(self.without) + len(self.provisional) + len(self.conflicts) >= LONGEST


def queue(actor: Actor) -> Queue:
    """The children whom the actor's service answers for and the actor may know: all for the duty desk (intake,
    supervisors), those assigned for a caseworker (``sharing.md`` rule 1)."""
    rows = list(_rows(actor)[:LONGEST])
    ages = _ages(actor, [row.case_id for row in rows])
    names = Names(actor, [row.case_id for row in rows])
    entries = [_entry(row, ages, names) for row in rows]
    if entries:
        trail.note(cases_shown=len(entries), categories=(Category.CHILD,))
    without = _of(entries, GuardianshipState.REQUESTED)
    return Queue(
        without=without,
        provisional=tuple(one for one in _of(entries, GuardianshipState.PROVISIONAL) if not _is_flagged(one)),
        conflicts=tuple(one for one in entries if _is_flagged(one)),
        beside=0 if actor.scope == "organisation" else _count_waiting(actor) - len(without),
    )


def _count_waiting(actor: Actor) -> int:
    """How many children of the whole service wait, without cases that the actor is kept away from."""
    asked = Guardianship.objects.filter(owner_organisation=actor.organisation_id, state=GuardianshipState.REQUESTED)
    with role(STATISTICS):
        return asked.exclude(case__state=CaseState.CLOSED).exclude(IsBlocked.of(actor)).count()


def _rows(actor: Actor) -> QuerySet[Guardianship]:
    own = Guardianship.objects.filter(owner_organisation=actor.organisation_id, case__in=Case.objects.visible_to(actor))
    waiting = Q(state__in=(GuardianshipState.REQUESTED, GuardianshipState.PROVISIONAL))
    flagged = Q(state=GuardianshipState.APPOINTED, conflict_flagged_at__isnull=False)
    rows = own.filter(waiting | flagged).exclude(case__state=CaseState.CLOSED)
    rows = rows.select_related("case", "requested_by", "organisation", "guardian__user")
    clocks = Deadline.objects.filter(
        case=OuterRef("case"), state=DeadlineState.OPEN, rule__in=active().ended_by(Event.GUARDIAN_ASSIGNED)
    )
    soonest = clocks.order_by("due_at", "pk")[:1]
    rows = rows.annotate(
        due_at=Subquery(soonest.values("due_at")),
        rule=Subquery(soonest.values("rule")),
        rule_version=Subquery(soonest.values("rule_version")),
    )
    return rows.order_by(F("due_at").asc(nulls_last=True), "requested_at", "pk")


def _ages(actor: Actor, case_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """What is claimed of the age, in own rows and rows that are shared with the own organisation."""
    shared = CaseGroupObjectPermission.objects.filter(
        ShareHolds("share_id"),
        content_object=OuterRef("case"),
        to_organisation=actor.organisation_id,
        from_organisation=OuterRef("owner_organisation"),
        category=Category.IDENTITY,
        expires_at__gt=clock.moment(),
    )
    rows = Identity.objects.filter(
        Q(owner_organisation=actor.organisation_id) | Exists(shared), case__in=list(case_ids)
    )
    kept = ("case_id", "case__reference", "owner_organisation_id", "age_group")
    found = list(rows.order_by("updated_at", "pk").values_list(*kept))
    trail.note_list(
        [(case_id, reference, owner) for case_id, reference, owner, _age in found], category=Category.IDENTITY
    )
    return {case_id: age for case_id, _reference, _owner, age in found}


def _entry(row: Guardianship, ages: Mapping[UUID, str], names: Names) -> Waiting:
    profile = active()
    age, region = ages.get(row.case_id, ""), row.case.region
    asked_on = civil_day(row.requested_at, profile.zone)
    return Waiting(
        guardianship=row,
        requested_by=names.of(row.requested_by, row.case_id),
        age=str(AgeGroup(age).label) if age else "",
        region=profile.regions[region].name.label() if region in profile.regions else region,
        due_at=row.due_at,  # type: ignore[attr-defined]
        law=plain.law(profile.rule_version(row.rule, row.rule_version)) if row.rule else "",  # type: ignore[attr-defined]
        days=(clock.today(profile.zone) - asked_on).days,
    )


def _of(entries: Iterable[Waiting], state: str) -> tuple[Waiting, ...]:
    return tuple(one for one in entries if one.guardianship.state == state)


def _is_flagged(one: Waiting) -> bool:
    return one.guardianship.conflict_flagged_at is not None
