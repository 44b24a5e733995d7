"""What ends by time alone, written down: reading never waits for it, worklists and figures are tidier with it.

Run every hour by the system, as the ledger; without effect when repeated. Nothing here opens or closes access.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts.actors import Actor
from audit import trail
from cases import ledger
from cases.enums import Category, GuardianshipState, Office, ReflectionState
from cases.models import Case, Guardianship, ReflectionPeriod, Share
from cases.operations import clocks
from cases.operations.child_branch import OPEN
from cases.operations.guardianship import MAJORITY
from cases.operations.reflection import ELAPSED
from core import clock
from core.db import role
from profiles.enums import Event
from profiles.profile import active


def record_elapsed() -> dict[str, int]:
    """Everything that ended by time since the last run; how many of each."""
    return {"periods": end_elapsed_periods(), "guardianships": end_at_majority()}


def end_elapsed_periods(limit: int = 500) -> int:
    """Record the end of reflection periods whose last day has passed, and stop their clocks; returns how many."""
    today = clock.today(active().zone)
    with role(ledger.LEDGER):
        over = ReflectionPeriod.objects.filter(state=ReflectionState.RUNNING, ends_on__lt=today)
        found = list(over.order_by("ends_on", "pk").values_list("pk", "case_id", "owner_organisation_id")[:limit])
    return sum(_end_period(*row) for row in found)


def end_at_majority(limit: int = 500) -> int:
    """Record the end of guardianships whose parties by office have run out: the person has come of age."""
    with role(ledger.LEDGER):
        held = Guardianship.objects.filter(_ran_out(), ~_still_held(), state__in=OPEN).order_by("pk")
        found = list(held.values_list("pk", "case_id", "requested_by_id")[:limit])
    return sum(_end_guardianship(*row) for row in found)


def _end_period(pk: UUID, case_id: UUID, owner: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            rows = ReflectionPeriod.objects.filter(pk=pk, state=ReflectionState.RUNNING)
            ended = rows.update(state=ReflectionState.ENDED, ended_on=F("ends_on"), end_reason=ELAPSED)
        if ended:
            _record("end_reflection_period", case, owner, Category.STATUS, pk, ELAPSED)
            clocks.close(case, Event.REFLECTION_ENDED, actor=Actor.system(), subject_id=pk)
    return bool(ended)


def _end_guardianship(pk: UUID, case_id: UUID, owner: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            rows = Guardianship.objects.filter(pk=pk, state__in=OPEN)
            ended = rows.update(state=GuardianshipState.ENDED, ended_at=clock.moment(), end_reason=MAJORITY)
            Case.objects.filter(pk=case_id).update(is_child_branch=False)
        if ended:
            _record("end_guardianship", case, owner, Category.CHILD, pk, MAJORITY)
            clocks.close(case, Event.GUARDIANSHIP_ENDED, actor=Actor.system())
    return bool(ended)


def _of_the_child() -> Any:
    return Share.objects.filter(case=OuterRef("case"), office__in=(Office.CHILD_PROTECTION, Office.GUARDIAN))


def _ran_out() -> Exists:
    return Exists(_of_the_child().filter(ended_at__isnull=True, ends_at__lte=clock.moment()))


def _still_held() -> Exists:
    return Exists(_of_the_child().live())


def _record(kind: str, case: Case, owner: UUID, category: str, pk: UUID, reason: str) -> None:
    trail.record(
        kind,
        actor=Actor.system(),
        case_id=case.pk,
        owner_organisation_id=owner,
        category=category,
        object_id=pk,
        reason=reason,
    )
    ledger.touch(case.pk, owner=owner, category=category)
