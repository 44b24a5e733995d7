"""How the reminders are doing, for operators: ages and counts, no case, no organisation (``deadlines.md`` 2.10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Max, Min, Q

from accounts import mail
from cases.enums import DeadlineState, ReminderState
from cases.models import Deadline, Reminder, Tick
from cases.responsibility import last_counts
from core import clock
from core.db import role
from profiles.profile import active

UNHEALTHY_SECONDS: Final = 15 * 60
# The watchdog: beat rings every 30 seconds, cron every minute or so. Silence for longer means that nobody rings.
SILENT_SECONDS: Final = 10 * 60
STATISTICS: Final = "nrm_statistics"


def reminder_health() -> dict[str, Any]:
    """Age of the oldest reminder and mail that wait to be sent, how many were given up, last tick per alarm clock.

    ``ticking`` is false when no alarm clock has rung for ten minutes, though nothing may be due yet. What the check of
    the night counted makes no process unhealthy: people mend it.
    """
    now = clock.moment()
    reminders, ticks = _reminders(now)
    mails = mail.health()
    oldest = _age(reminders["oldest"], now)
    is_ticking = any(now - at < timedelta(seconds=SILENT_SECONDS) for at in ticks.values())
    return {
        "healthy": oldest < UNHEALTHY_SECONDS and not reminders["dead"] and is_ticking,
        "ticking": is_ticking,
        "oldest_due_seconds": oldest,
        "waiting": reminders["waiting"],
        "dead": reminders["dead"],
        "oldest_mail_seconds": _age(mails["oldest_due_at"], now),
        "dead_mails": mails["dead"],
        **last_counts(),
        "last_tick": {source: at.isoformat() for source, at in ticks.items()},
    }


@dataclass(frozen=True)
class Given:
    """Reminders of one rule that were given up, and the kind of fault: which setting or which rule to look at."""

    rule: str
    fault: str
    count: int
    latest_due_at: datetime


def given_up() -> list[Given]:
    """What was given up, by rule and fault, most first; no case and no organisation."""
    with role(STATISTICS):
        rows = (
            Reminder.objects.filter(state=ReminderState.DEAD)
            .values_list("deadline__rule", "fault")
            .annotate(count=Count("due_at"), latest=Max("due_at"))
            .order_by("-count", "deadline__rule", "fault")
        )
        return [Given(*row) for row in rows]


def overdue_by_kind() -> Mapping[str, int]:
    """Open deadlines that have passed, by kind of rule; a period that has passed is no deadline."""
    with role(STATISTICS):
        passed = Deadline.objects.filter(state=DeadlineState.OPEN, due_at__lte=clock.moment())
        passed = passed.exclude(rule__in=active().periods)
        return dict(passed.values_list("kind").annotate(count=Count("id")).order_by("kind"))


def _reminders(now: datetime) -> tuple[dict[str, Any], dict[str, datetime]]:
    with role(STATISTICS):
        waiting = Q(state=ReminderState.WAITING, due_at__lte=now)
        counts = Reminder.objects.filter(Q(state=ReminderState.DEAD) | waiting).aggregate(
            oldest=Min("due_at", filter=waiting),
            waiting=Count("state", filter=waiting),
            dead=Count("state", filter=Q(state=ReminderState.DEAD)),
        )
        return counts, dict(Tick.objects.order_by("source").values_list("source", "at"))


def _age(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0
