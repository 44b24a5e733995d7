"""Loading the demo: the country is made, then several processes live its days side by side, each with its own cases."""

import gc
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Final

import psycopg
from django.db import connection
from psycopg import sql

from accounts.models import User
from core import clock
from core.dates import civil_day, start_of_day
from nrm import environment
from nrm.country import days, making, organisations, people, scenes
from nrm.country.days import Alone, InStep, Progress, Togetherness
from nrm.country.life import Country
from nrm.country.scenes import Share
from profiles.profile import active

DAYS: Final = 730
UNREAD_DAYS: Final = 6
# Everything but what migrations have written.
FILLED: Final = """
    SELECT tablename FROM pg_tables WHERE schemaname = 'public'
       AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
"""


class Broken(Exception):
    """One of the processes that live the demo failed; it has said why."""


def is_loaded() -> bool:
    """True when the demo has been lived to its end: the last person has come."""
    return User.objects.filter(email=people.address(organisations.LAST)).exists()


def is_interrupted() -> bool:
    """True when somebody stopped the demo half-way."""
    return not is_loaded() and User.objects.filter(email=people.address(people.PLATFORM)).exists()


def clear() -> None:
    """Empty the database of a demo that was interrupted, as its administrator: nobody else may delete."""
    connection.close()
    with psycopg.connect(environment.text("ADMIN_DATABASE_URL"), autocommit=True) as admin:
        tables = admin.execute(FILLED).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in tables)
        admin.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))


def load(*, cases: int, length: int, seed: str, hands: int, progress: Progress) -> None:
    """Make the country and live ``length`` days, to this moment, by ``hands`` processes; ``cases`` cases begin.

    Raises ``Broken`` when one of several processes failed.
    """
    now, zone = clock.moment(), active().zone
    first = civil_day(now, zone) - timedelta(days=length)
    with clock.travel(start_of_day(first, zone)):
        country = making.make_country()

    def live(share: Share, together: Togetherness) -> None:
        scenes.write_down(country, share, seed=seed, count=cases, first=first, now=now)
        shown = progress if share.has(0) else _in_silence
        for number in range(length + 1):
            days.live_day(country, share, together, first + timedelta(days=number), now)
            shown(number + 1, length + 1)

    if hands == 1:
        live(Share(), Alone())
    else:
        _side_by_side(hands, live)
    _finish(country, now)


def _side_by_side(hands: int, live: "days.Living") -> None:
    """Live in ``hands`` forked processes that go from hour to hour together."""
    fork = get_context("fork")
    together = InStep(fork, hands)
    connection.close()
    gc.freeze()
    running = [
        fork.Process(target=days.live_in_step, args=(live, Share(part, hands), together), daemon=True)
        for part in range(hands)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    if any(process.exitcode for process in running):
        raise Broken


def _finish(country: Country, now: datetime) -> None:
    """People have read what is older than some days; the last organisation opens: the demo is complete."""
    with clock.travel(now):
        days.drop_mail()
        days.read_inboxes(country, now - timedelta(days=UNREAD_DAYS))
        making.add_places(country, [organisations.LAST])


def _in_silence(_day: int, _days: int) -> None:
    """One process shows the progress for all."""
