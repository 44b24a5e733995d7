"""Slows down who opens pages with case data faster than anybody reads: counted in the audit itself, for each member.

The request rows are the count: one for each page with case data, in every web process alike, also for references that
were only guessed. Slow scraping is not slowed down; it is seen by ``reporting.hints``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from core import clock

# The oldest of as many pages as are allowed: when it falls out of the window, there is room again.
ONE: Final = """(SELECT at FROM audit_auditrequest
    WHERE membership_id = %s AND at > %s AND method = 'GET' AND outcome <> %s ORDER BY at DESC OFFSET %s LIMIT 1)"""
OLDEST: Final = f"SELECT {ONE}, {ONE}"


@dataclass(frozen=True)
class Limit:
    """At most so many pages in so long a time."""

    pages: int
    window: timedelta


def limits() -> Sequence[Limit]:
    """The limits of this installation."""
    return (
        Limit(settings.CASE_PAGES_PER_MINUTE, timedelta(minutes=1)),
        Limit(settings.CASE_PAGES_PER_HOUR, timedelta(hours=1)),
    )


def seconds_to_wait(membership_id: UUID) -> int:
    """After how many seconds this member may open the next page; 0 when now.

    A page that was refused for this reason does not count, or who waits and tries would never get in.
    """
    now, values = clock.moment(), list[Any]()
    for limit in limits():
        values += [membership_id, now - limit.window, HTTPStatus.TOO_MANY_REQUESTS, limit.pages - 1]
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, values)
        oldest = cursor.fetchone()
    waits = [at + limit.window - now for at, limit in zip(oldest, limits(), strict=True) if at is not None]
    return max((ceil(wait.total_seconds()) for wait in waits), default=0)
