"""``tick``: claim the reminders that are due, batch by batch, and have them sent. Source: ``deadlines.md`` 2.3 to 2.8.

Celery beat and cron are two alarm clocks for the same function; any number may run at once. A claim is a lease with the
attempt as its fence, by the clock of the database; the worker's own clock is never asked. Runs as ``nrm_worker``.

A batch is sent in one transaction. Where that fails, each of its reminders is sent in one of its own: a poisoned row
stops no other.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from accounts.actors import Actor
from accounts.context import acting
from cases import sending
from cases.models import Tick, TickSource
from cases.sending import Claim
from core import clock
from core.db import role

logger = logging.getLogger(__name__)

WORKER: Final = "nrm_worker"
BATCH: Final = 100
LEASE: Final = timedelta(minutes=2)
PAUSE: Final = timedelta(minutes=10)

# An array, so that the rows are chosen once: a plan that runs the sub-select per row would claim more than the limit.
CLAIM: Final = """
UPDATE cases_reminder SET attempts = attempts + 1, lease_until = nrm_now() + %(lease)s * interval '1 second'
 WHERE id = ANY (ARRAY(
    SELECT id FROM cases_reminder
     WHERE state = 'waiting' AND due_at <= nrm_now() AND (lease_until IS NULL OR lease_until <= nrm_now()){narrowed}
     ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
RETURNING id, deadline_id, attempts, nrm_now()
"""
OF_CASES: Final = " AND deadline_id IN (SELECT id FROM cases_deadline WHERE case_id = ANY(%(cases)s))"


@contextmanager
def as_worker() -> Iterator[None]:
    """One transaction as the system and as the database role of the worker, whoever the process has connected as."""
    with acting(Actor.system()), role(WORKER):
        yield


def begin(source: TickSource) -> bool:
    """Note that an alarm clock rings; true when it is the first time, or again after a pause: time to reconcile."""
    with as_worker():
        before = Tick.objects.filter(source=source).values_list("at", flat=True).first()
        Tick.objects.update_or_create(source=source, defaults={"at": clock.moment()})
    return before is None or clock.moment() - before > PAUSE


def tick(*, limit: int = BATCH, batches: int = 200, of: Sequence[UUID] | None = None) -> Counter[str]:
    """Send everything that is due, batch by batch; returns what became of the reminders, by state.

    ``of``: only what is due in these cases.
    """
    tally: Counter[str] = Counter()
    for _number in range(batches):
        claims = claim(limit, of=of)
        tally.update(_handle_batch(claims))
        if len(claims) < limit:
            break
    return tally


def claim(limit: int, *, of: Sequence[UUID] | None = None) -> list[Claim]:
    """Take a lease on the most overdue reminders that nobody holds."""
    statement = CLAIM.format(narrowed="" if of is None else OF_CASES)
    with as_worker(), connection.cursor() as cursor:
        cursor.execute(statement, {"lease": LEASE.total_seconds(), "limit": limit, "cases": list(of or [])})
        return [Claim(*row) for row in cursor.fetchall()]


def _handle_batch(claims: Sequence[Claim]) -> list[str]:
    """All in one transaction; those whose clock somebody is changing just now, or all when one fails, one by one."""
    done: dict[UUID, str] = {}
    if len(claims) > 1:
        try:
            with clock.travel(claims[0].at), as_worker():
                done = sending.send(claims, is_patient=False)
        except Exception:  # whatever is wrong with one row, the others must go out
            logger.exception("A batch of reminders could not be sent at once")
            done = {}
    return [done.get(one.reminder_id) or _handle(one) for one in claims]


def _handle(one: Claim) -> str:
    """Send in one transaction; a fault is noted in the next."""
    with clock.travel(one.at):
        try:
            with as_worker():
                return sending.send([one])[one.reminder_id]
        except Exception as fault:  # whatever is wrong with this row, the others must go out
            logger.exception("A reminder could not be sent")
            return _after_fault(one, type(fault).__name__)


def _after_fault(one: Claim, fault: str) -> str:
    try:
        with as_worker():
            return sending.postpone(one, fault)
    except (OperationalError, InterfaceError):
        raise  # the database itself: leases end by themselves, the next tick goes on
    except Exception:  # the lease ends by itself
        logger.exception("A fault could not be noted")
        return sending.FAILED
