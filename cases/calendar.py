"""One's own due days for a calendar program: opaque texts, no reference, no task, no place (``sharing.md`` rule 13)."""

from collections import Counter
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import ngettext, override
from icalendar import Calendar, Event

from accounts.actors import Actor
from audit import trail
from cases.enums import DeadlineState
from cases.models import CaseVisibility, Deadline
from core import clock
from core.dates import ONE_DAY
from profiles.profile import active

# A calendar is read on devices that are not ours: only what is near.
BEHIND: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=366)


def as_icalendar(actor: Actor) -> bytes:
    """One entry for each day on which something of the cases assigned to ``actor`` is due: how many, nothing else."""
    today = clock.today(active().zone)
    cases = CaseVisibility.objects.assigned_to(actor).values("case_id")
    due = Deadline.objects.filter(
        case__in=cases,
        bound_organisation_id=actor.organisation_id,
        state=DeadlineState.OPEN,
        due_on__range=(today - BEHIND, today + AHEAD),
    )
    days = Counter(due.values_list("due_on", flat=True))
    trail.note(cases_shown=len(days))
    calendar = Calendar()
    calendar.add("prodid", "-//NRM Casework//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "NRM")
    calendar.add("refresh-interval;value=duration", "PT1H")
    with override(actor.language):
        for day, count in sorted(days.items()):
            calendar.add_component(_entry(actor, day, count))
    return bytes(calendar.to_ical())


def _entry(actor: Actor, day: date, count: int) -> Event:
    entry = Event()
    entry.add("uid", f"{day.isoformat()}.{actor.membership_id}@{settings.BASE_URL.partition('://')[2]}")
    entry.add("dtstamp", clock.moment())
    entry.add("dtstart", day)
    entry.add("dtend", day + ONE_DAY)
    entry.add("summary", ngettext("%(count)d task", "%(count)d tasks", count) % {"count": count})
    entry.add("url", f"{settings.BASE_URL}/inbox/")
    entry.add("transp", "TRANSPARENT")
    return entry
