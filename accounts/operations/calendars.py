"""The address under which one's own due days can be read by a calendar: opened, replaced, closed."""

from uuid import UUID

from django.db import transaction

from accounts import access, policies
from accounts.actors import NO_KEY, Actor
from accounts.models import CalendarFeed
from audit import trail
from core import clock


@transaction.atomic
def open_calendar(actor: Actor) -> CalendarFeed:
    """Open the feed of the active membership; an earlier address stops working at once."""
    policies.require(actor, "open_calendar")
    _close(actor)
    feed = CalendarFeed.objects.create(membership_id=actor.membership_id or NO_KEY, opened_at=clock.moment())
    _record("open_calendar", actor, feed.pk)
    return feed


@transaction.atomic
def close_calendar(actor: Actor) -> int:
    """Close it: whoever has the address reads nothing more. Returns how many were open."""
    policies.require(actor, "close_calendar")
    return _close(actor)


def _close(actor: Actor) -> int:
    open_feeds = list(access.calendar_feeds(actor).select_for_update())
    for feed in open_feeds:
        feed.closed_at = clock.moment()
        feed.save(update_fields=("closed_at",))
        _record("close_calendar", actor, feed.pk)
    return len(open_feeds)


def _record(kind: str, actor: Actor, pk: UUID) -> None:
    trail.record(kind, actor=actor, object_kind="calendar_feed", object_id=pk)
