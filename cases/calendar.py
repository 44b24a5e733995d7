"""One's own due days for a calendar program: opaque texts, no reference, no task, no place (``sharing.md`` rule 13).

A person has one calendar, whatever the number of organisations: the feed counts the days of all of them. Which clocks
those are is read under each membership by itself.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import ngettext, override
from icalendar import Calendar, Event

from accounts.access import own_memberships
from accounts.actors import Actor, actor_for
from accounts.context import acting
from accounts.models import Membership
from audit import trail
from cases import ledger
from cases.audiences import is_meant
from cases.enums import DeadlineState
from cases.models import CaseLead, CaseVisibility, Deadline
from core import clock
from core.dates import ONE_DAY
from core.db import role
from profiles.enums import Audience
from profiles.parts import Rule
from profiles.profile import active

# A calendar is read on devices that are not ours: only what is near.
BEHIND: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=366)


def as_icalendar(actor: Actor) -> bytes:
    """One entry for each day on which something is due for the person: how many, nothing else."""
    today = clock.today(active().zone)
    days: Counter[date] = Counter()
    for membership in own_memberships(actor).select_related("user"):
        with acting(actor_for(membership)):
            days.update(one.due_on for one in own_clocks(membership, today - BEHIND, today + AHEAD))
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


def own_clocks(membership: Membership, first: date, last: date) -> list[Deadline]:
    """Open clocks of the cases assigned to the member that fall due on these days (both included), soonest first.

    Those that bind the own organisation, and those of which the member is reminded though they bind another: the end
    of a reflection period, the last day as a child. As the ledger, since the row of such a clock is the other's; the
    member hears of it by reminder anyway.
    """
    actor = actor_for(membership)
    cases = list(CaseVisibility.objects.assigned_to(actor).values_list("case_id", flat=True))
    with role(ledger.LEDGER):
        due = Deadline.objects.filter(case__in=cases, state=DeadlineState.OPEN, due_on__range=(first, last))
        found = list(due.select_related("case").order_by("due_at", "pk"))
        current = CaseLead.objects.filter(case__in={one.case_id for one in found}, ends_at__isnull=True)
        leads = dict(current.values_list("case_id", "organisation_id"))
    rules = {(rule.code, rule.valid_from): rule for rule in active().rules}
    return [
        one
        for one in found
        if one.bound_organisation_id == membership.organisation_id
        or any(
            is_meant(one, audience, membership, lead=leads.get(one.case_id), is_assigned=True)
            for audience in _told(rules.get((one.rule, one.rule_version)))
        )
    ]


def count_due(membership: Membership, day: date) -> int:
    """How much falls due on ``day`` for one membership of the person, and nothing else of it."""
    with acting(actor_for(membership)):
        return len(own_clocks(membership, day, day))


def _told(rule: Rule | None) -> Iterable[Audience]:
    return rule.audience if rule is not None else ()


def _entry(actor: Actor, day: date, count: int) -> Event:
    entry = Event()
    entry.add("uid", f"{day.isoformat()}.{actor.membership_id}@{settings.BASE_URL.partition('://')[2]}")
    entry.add("dtstamp", clock.moment())
    entry.add("dtstart", day)
    entry.add("dtend", day + ONE_DAY)
    entry.add("summary", ngettext("%(count)d task", "%(count)d tasks", count) % {"count": count})
    entry.add("url", settings.BASE_URL + reverse("cases:calendar_day", args=[day.isoformat()]))
    entry.add("transp", "TRANSPARENT")
    return entry
