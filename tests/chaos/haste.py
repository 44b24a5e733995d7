"""Shorter waits, and a clock that is wrong: what a process under faults changes before it starts.

The lease of a killed worker is two minutes in the house; a proof with dozens of kills cannot wait that long each time.
"""

import os
from datetime import datetime, timedelta, tzinfo
from typing import Final

from accounts import digest, mail
from cases import reminders, sending
from core import clock

LEASE: Final = timedelta(seconds=6)
PAUSE: Final = timedelta(seconds=1)


def hurry() -> None:
    """Shorten leases and pauses; more attempts, since a mail server that is away for good is another proof."""
    reminders.LEASE = mail.LEASE = LEASE  # type: ignore[misc]
    digest.QUIET = PAUSE  # type: ignore[misc]
    sending.FIRST_PAUSE = mail.FIRST_PAUSE = PAUSE  # type: ignore[misc]
    sending.LONGEST_PAUSE = mail.LONGEST_PAUSE = 2 * PAUSE  # type: ignore[misc]
    sending.ATTEMPTS = mail.ATTEMPTS = 1000  # type: ignore[misc]
    _skew(timedelta(seconds=int(os.environ.get("NRM_CHAOS_SKEW", "0"))))


def _skew(offset: timedelta) -> None:
    """Let the clock of this process be wrong by ``offset``, as on a machine whose time nobody keeps."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + offset  # noqa: TID251 - it is the clock that is wrong here

    if offset:
        clock.datetime = Wrong  # type: ignore[attr-defined]
