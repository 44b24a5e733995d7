"""What ends by time alone, written down: reading never waits for it, worklists and figures are tidier with it.

Run every hour by the system, as the ledger; without effect when repeated. Nothing here opens or closes access.
"""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.actors import Actor
from audit import trail
from cases import ledger
from cases.enums import IN_FORCE, RUNNING, CaseState, Category, ConsentState, ReflectionState
from cases.models import Case, Consent, Deadline, Minority, Placement, ReflectionPeriod, Share
from cases.operations import clocks, placement, sharing, sources
from cases.operations.child_branch import come_of_age
from cases.operations.consent import state_today
from cases.operations.reflection import ELAPSED
from core import clock
from core.db import role
from profiles.enums import Event
from profiles.profile import active

# What a last day ends; another legal basis is only a note in the register.
ENDING: Final = (*IN_FORCE, ConsentState.PROPOSED)


def record_elapsed() -> dict[str, int]:
    """Everything that ended by time since the last run; how many of each."""
    return {
        "periods": end_elapsed_periods(),
        "lengths": clocks.end_elapsed(),
        "guardianships": end_at_majority(),
        "clocks_of_children": end_clocks_of_children(),
        "placements": end_elapsed_placements(),
        "shares": end_elapsed_shares(),
        "branches": end_unanswered_branches(),
        "consents": expire_consents(),
    }


def open_begun_shares(limit: int = 500) -> int:
    """Open the shares whose first day has come and tell their receivers; a worker that stands still opens late, never
    early. How many."""
    with role(ledger.LEDGER):
        begun = Share.objects.live().filter(opened_at__isnull=True, starts_at__lte=clock.moment())
        found = list(begun.order_by("starts_at", "pk")[:limit])
    for case_id in dict.fromkeys(share.case_id for share in found):
        with transaction.atomic():
            case = ledger.lock(case_id)
            ledger.project(case)
            for share in found:
                if share.case_id == case_id:
                    sources.tell_receiver(case, share)
    return len(found)


def end_elapsed_shares(limit: int = 500) -> int:
    """Write down the end of shares whose last day has passed, and stop their clocks; returns how many."""
    with role(ledger.LEDGER):
        over = Share.objects.filter(ended_at__isnull=True, ends_at__lte=clock.moment())
        found = list(over.order_by("ends_at", "pk").values_list("pk", "case_id")[:limit])
    return sum(_end_share(*row) for row in found)


def end_elapsed_placements(limit: int = 500) -> int:
    """Write down placements that nobody confirmed in time, or that gave way to another, and tell the lead; how many."""
    with role(ledger.LEDGER):
        over = Placement.objects.filter(ended_at__isnull=True, ends_at__lte=clock.moment())
        found = list(over.order_by("ends_at", "pk").values_list("case_id", flat=True)[:limit])
    return sum(_end_placements(case_id) for case_id in dict.fromkeys(found))


def end_unanswered_branches(limit: int = 500) -> int:
    """Write down the end of what was read on after a completion and the lead has not answered; returns how many."""
    with role(ledger.LEDGER):
        over = Share.objects.live().filter(kept_until__lte=clock.moment())
        found = list(over.order_by("kept_until", "pk").values_list("case_id", flat=True).distinct()[:limit])
    return sum(_end_branches(case_id) for case_id in dict.fromkeys(found))


def expire_consents(limit: int = 500) -> int:
    """Write down what has ended by its last day, or was not confirmed in time, and stop the clocks; how many."""
    with role(ledger.LEDGER):
        running = Consent.objects.filter(state__in=ENDING)
        is_past, has_lapsed = Q(valid_until__lt=clock.today(active().zone)), Q(unconfirmed_until__lte=clock.moment())
        over = running.filter(Q(state__in=IN_FORCE) & has_lapsed | is_past)
        found = list(over.order_by("valid_until", "pk").values_list("pk", "case_id", "owner_organisation_id")[:limit])
    return sum(_expire_consent(*row) for row in found)


def end_elapsed_periods(limit: int = 500) -> int:
    """Record the end of reflection periods whose last day has passed, and stop their clocks; returns how many."""
    today = clock.today(active().zone)
    with role(ledger.LEDGER):
        over = ReflectionPeriod.objects.filter(state=ReflectionState.RUNNING, ends_on__lt=today)
        found = list(over.order_by("ends_on", "pk").values_list("pk", "case_id", "owner_organisation_id")[:limit])
    return sum(_end_period(*row) for row in found)


def end_at_majority(limit: int = 500) -> int:
    """Record who has come of age by everything that is known: guardianship, child branch and clocks end; how many."""
    with role(ledger.LEDGER):
        found = list(_of_age().order_by("child_until", "pk").values_list("pk", flat=True)[:limit])
    return sum(_come_of_age(case_id) for case_id in found)


def end_clocks_of_children(limit: int = 500) -> int:
    """End the clocks of a child in cases of which nobody is treated as a child any more; returns how many.

    None is left where coming of age was recorded; this is for what ended before clocks ended with it.
    """
    with role(ledger.LEDGER):
        running = Deadline.objects.filter(rule__in=active().ended_by(Event.CAME_OF_AGE), state__in=RUNNING)
        past = running.filter(case__is_child_branch=False).exclude(case__state=CaseState.CLOSED)
        found = list(past.order_by("case_id").values_list("case_id", flat=True).distinct()[:limit])
    return sum(_end_clocks(case_id) for case_id in found)


def _end_period(pk: UUID, case_id: UUID, owner: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            rows = ReflectionPeriod.objects.filter(pk=pk, state=ReflectionState.RUNNING)
            # Of a minimum the act says why: it is written down with its day.
            reason = next(iter(rows.values_list("end_reason", flat=True)), "") or ELAPSED
            ended = rows.update(state=ReflectionState.ENDED, ended_on=F("ends_on"), end_reason=reason)
        if ended:
            _record("end_reflection_period", case, owner, Category.STATUS, pk, reason)
            clocks.close(case, Event.REFLECTION_ENDED, actor=Actor.system(), subject_id=pk)
    return bool(ended)


def _end_share(pk: UUID, case_id: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            share = Share.objects.filter(pk=pk, ended_at__isnull=True, ends_at__lte=clock.moment()).first()
        if share is None:
            return False
        sharing.end_shares(Actor.system(), case=case, shares=[share], reason=ELAPSED)
        return True


def _end_branches(case_id: UUID) -> int:
    with transaction.atomic():
        case = ledger.lock(case_id)
        ledger.forget_kept(case)
        ledger.project(case)
        return sharing.follow_sources(Actor.system(), case)


def _end_placements(case_id: UUID) -> int:
    with transaction.atomic():
        return placement.write_down_over(ledger.lock(case_id))


def _expire_consent(pk: UUID, case_id: UUID, owner: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            columns = Consent.objects.only("pk", "state", "valid_until", "unconfirmed_until")
            consent = columns.filter(pk=pk, state__in=ENDING).first()
        if consent is None or state_today(consent) in ENDING:
            return False
        if not ledger.move_consent(consent, state_today(consent)):
            return False
        _record("expire_consent", case, owner, Category.CONSENT, pk, ELAPSED)
        clocks.close(case, Event.CONSENT_WITHDRAWN, actor=Actor.system(), subject_id=pk)
        return True


def _of_age() -> QuerySet[Minority]:
    """Children's cases whose last day as a child has passed. Of a closed one everything has ended already."""
    over = Minority.objects.filter(child_until__lt=clock.today(active().zone), case__is_child_branch=True)
    return over.exclude(case__state=CaseState.CLOSED)


def _come_of_age(case_id: UUID) -> bool:
    with transaction.atomic():
        case = ledger.lock(case_id)
        with role(ledger.LEDGER):
            is_of_age = _of_age().filter(pk=case_id).exists()
        if is_of_age:
            come_of_age(Actor.system(), case)
    return is_of_age


def _end_clocks(case_id: UUID) -> int:
    with transaction.atomic():
        case = ledger.lock(case_id)
        return 0 if case.is_child_branch else len(clocks.close(case, Event.CAME_OF_AGE, actor=Actor.system()))


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
