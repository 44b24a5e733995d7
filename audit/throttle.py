"""Slows down whoever is shown case data faster than anybody reads: counted in the audit itself, for each member.

The request rows are the count: one for each answer about cases, in every web process alike, also for references that
were only guessed. Which of them showed something is said here alone, and not by the method of the request. Slow
scraping is not slowed down; ``reporting.hints`` sees it.
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

# Done, and the answer has no page: identifiers at most. Every other answer tells something: content, both sides of a
# conflict, or whether a reference exists.
DONE: Final = (HTTPStatus.CREATED, HTTPStatus.NO_CONTENT, HTTPStatus.FOUND)
# An answer that was refused for being too fast does not count: whoever waits and tries would never get in.
SHOWS_NOTHING: Final = (*DONE, HTTPStatus.TOO_MANY_REQUESTS)
# The oldest of as many answers as are allowed: when it falls out of the window, there is room again.
ONE: Final = """(SELECT at FROM audit_auditrequest
    WHERE membership_id = %s AND at > %s AND outcome <> ALL (%s) ORDER BY at DESC OFFSET %s LIMIT 1)"""
OLDEST: Final = f"SELECT {ONE}, {ONE}"


@dataclass(frozen=True)
class Limit:
    """At most so many answers in so long a time."""

    pages: int
    window: timedelta


def limits() -> Sequence[Limit]:
    """The limits of this installation."""
    return (
        Limit(settings.CASE_PAGES_PER_MINUTE, timedelta(minutes=1)),
        Limit(settings.CASE_PAGES_PER_HOUR, timedelta(hours=1)),
    )


def shows(outcome: int) -> bool:
    """True if an answer with this status tells something of a case; by the same list that is counted."""
    return outcome not in SHOWS_NOTHING


def seconds_to_wait(membership_id: UUID) -> int:
    """After how many seconds this member may be shown the next page or answer; 0 when now."""
    now, values = clock.moment(), list[Any]()
    for limit in limits():
        values += [membership_id, now - limit.window, list(map(int, SHOWS_NOTHING)), limit.pages - 1]
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, values)
        oldest = cursor.fetchone()
    waits = [at + limit.window - now for at, limit in zip(oldest, limits(), strict=True) if at is not None]
    return max((ceil(wait.total_seconds()) for wait in waits), default=0)
