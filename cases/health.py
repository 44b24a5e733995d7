"""How the reminders are doing, for ``/healthz``: ages and counts, no case, no organisation (``deadlines.md`` 2.10)."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Min, Q

from accounts import mail
from cases.enums import ReminderState
from cases.models import Reminder, Tick
from core import clock
from core.db import role

UNHEALTHY_SECONDS: Final = 15 * 60


def reminder_health() -> dict[str, Any]:
    """Age of the oldest reminder and mail that wait to be sent, how many were given up, last tick per alarm clock."""
    now = clock.moment()
    reminders, ticks = _reminders(now)
    mails = mail.health()
    oldest = _age(reminders["oldest"], now)
    return {
        "healthy": oldest < UNHEALTHY_SECONDS and not reminders["dead"],
        "oldest_due_seconds": oldest,
        "waiting": reminders["waiting"],
        "dead": reminders["dead"],
        "oldest_mail_seconds": _age(mails["oldest_due_at"], now),
        "dead_mails": mails["dead"],
        "last_tick": ticks,
    }


def _reminders(now: datetime) -> tuple[dict[str, Any], dict[str, str]]:
    with role("nrm_statistics"):
        waiting = Q(state=ReminderState.WAITING, due_at__lte=now)
        counts = Reminder.objects.filter(Q(state=ReminderState.DEAD) | waiting).aggregate(
            oldest=Min("due_at", filter=waiting),
            waiting=Count("state", filter=waiting),
            dead=Count("state", filter=Q(state=ReminderState.DEAD)),
        )
        return counts, {tick.source: tick.at.isoformat() for tick in Tick.objects.order_by("source")}


def _age(since: datetime | None, now: datetime) -> int:
    return max(0, int((now - since).total_seconds())) if since else 0
