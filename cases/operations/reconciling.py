"""The reconciler, hourly and at the start: monthly duties go on, missing reminders come back, what is unsent is told.

Batch by batch, each in a transaction of its own, so that a million clocks hold nobody up (``deadlines.md`` 2.8).
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from cases import ledger
from cases.enums import DeadlineState, ReminderState
from cases.models import Deadline, Reminder
from cases.operations.clocks import start_next_months
from cases.operations.planning import complete_reminders
from core import clock
from core.db import role
from profiles.profile import active

logger = logging.getLogger(__name__)

LOOK_AHEAD: Final = timedelta(days=31)
UNSENT_AFTER: Final = timedelta(minutes=15)
BATCH: Final = 500
FIRST: Final = UUID(int=0)


def mend() -> dict[str, int]:
    """Everything that the reconciler does; how much of each it found."""
    months = start_next_months()
    missing, unsent = reconcile()
    if missing or unsent:
        logger.warning("Reconciled: %d reminders were missing, %d are due and unsent", missing, unsent)
    return {"months": months, "missing": missing, "unsent": unsent}


def reconcile(*, of: Sequence[UUID] | None = None) -> tuple[int, int]:
    """Recreate reminder rows that open deadlines lack; returns how many, and how many are due and unsent for too long.

    Looks at every deadline without any row, and for single missing rows at those due soon or overdue: what is overdue
    always has its next reminder ahead (``deadlines.md`` 2.14). ``of``: only in these cases.
    """
    missing, last = 0, FIRST
    while True:
        with role(ledger.LEDGER):
            suspects = _suspects(last, of)
            missing += complete_reminders(active(), suspects)
        if len(suspects) < BATCH:
            break
        last = suspects[-1].pk
    with role(ledger.LEDGER):
        waiting = Reminder.objects.filter(state=ReminderState.WAITING)
        unsent = waiting.filter(due_at__lte=clock.moment() - UNSENT_AFTER).count()
    return missing, unsent


def _suspects(after: UUID, of: Sequence[UUID] | None) -> list[Deadline]:
    rows = Reminder.objects.filter(deadline=OuterRef("pk"), version=OuterRef("version"))
    suspect = Q(due_at__lte=clock.moment() + LOOK_AHEAD) | ~Exists(rows)
    found = Deadline.objects.filter(suspect, state=DeadlineState.OPEN, pk__gt=after).select_related("case")
    found = found if of is None else found.filter(case__in=of)
    return list(found.order_by("pk")[:BATCH])
