"""What is overdue in the country, told to its coordinator as counts (``deadlines.md`` 2.9 and 2.14)."""

from typing import Final

from accounts.kinds import STATUTORY
from cases import notices
from cases.enums import CaseState, DeadlineState, GuardianshipState
from cases.models import Deadline, Guardianship
from core import clock
from core.dates import ONE_DAY, instant_at
from core.db import role
from profiles.profile import active

STATISTICS: Final = "nrm_statistics"
# Nobody, or somebody for the time being only: as the coordinator's dashboard counts them.
WITHOUT_GUARDIAN: Final = (GuardianshipState.REQUESTED, GuardianshipState.PROVISIONAL)


def tell_coordinators() -> int:
    """Once a day, from the morning on, as numbers: overdue deadlines of the law, steps that are overdue for long (the
    second escalation), children without a guardian. Returns how many people hear of any.

    What is nil is not told. As the system, in the role of the worker.
    """
    profile, now = active(), clock.moment()
    today = clock.today(profile.zone)
    if now < instant_at(today, profile.reminder_time, profile.zone):
        return 0
    with role(STATISTICS):
        passed = Deadline.objects.filter(state=DeadlineState.OPEN, due_at__lte=now)
        late = passed.exclude(rule__in=profile.periods)
        long_since = today - profile.overdue.escalate_days * ONE_DAY
        children = Guardianship.objects.filter(state__in=WITHOUT_GUARDIAN)
        numbers = {
            notices.OVERDUE: late.filter(kind__in=STATUTORY).count(),
            notices.LONG_OVERDUE: late.filter(due_on__lte=long_since).count(),
            notices.CHILDREN_WAITING: children.exclude(case__state=CaseState.CLOSED).count(),
        }
    return len({one.membership_id for one in notices.tell_coordinators(numbers, today)})
