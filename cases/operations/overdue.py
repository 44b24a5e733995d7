"""What is overdue in the country, told to its coordinator as a count (``deadlines.md`` 2.9)."""

from typing import Final

from cases import notices
from cases.enums import DeadlineState
from cases.inbox import STATUTORY
from cases.models import Deadline
from core import clock
from core.dates import instant_at
from core.db import role
from profiles.profile import active

STATISTICS: Final = "nrm_statistics"


def tell_coordinators() -> int:
    """Once a day, from the morning on: how many open deadlines of the law are overdue. Returns how many people hear it.

    Nothing is told while nothing is overdue. As the system, in the role of the worker.
    """
    profile, now = active(), clock.moment()
    today = clock.today(profile.zone)
    if now < instant_at(today, profile.reminder_time, profile.zone):
        return 0
    with role(STATISTICS):
        passed = Deadline.objects.filter(state=DeadlineState.OPEN, kind__in=STATUTORY, due_at__lte=now)
        count = passed.exclude(rule__in=profile.periods).count()
    return len(notices.tell_coordinators(count, today)) if count else 0
