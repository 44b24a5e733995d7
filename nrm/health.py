"""``/healthz``: is this process fit to serve? For load balancers and container health checks; says nothing of content.

Answered before everything else: without session, transport redirect or host check, and also when the database is gone.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from cases.health import reminder_health
from core import clock
from nrm import metrics

PATH: Final = "/healthz"
TIMEOUT_SECONDS: Final = 2


class HealthMiddleware:
    """First in the list: answers ``/healthz`` and ``/metrics`` and lets everything else pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = ANSWERS.get(request.path, self.get_response)
        return answer(request)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponseBase:
    """200 when the database answers and its schema is up to date, else 503.

    Redis is reported and not required: it is only the alarm clock; restarting a web process for its sake mends nothing.
    """
    parts = {"database": has_database(), "redis": has_redis()}
    parts["migrations"] = parts["database"] and has_migrations()
    is_ready = parts["database"] and parts["migrations"]
    reminders = reminder_health() if is_ready else None
    answer = JsonResponse(
        {"live": True, "ready": is_ready, **parts, "clock_behind_seconds": clock_behind(parts), "reminders": reminders},
        status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def has_database() -> bool:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def clock_behind(parts: Mapping[str, bool]) -> float | None:
    """By how much the clock of this machine is behind the database's; moments are taken from the database's."""
    if not parts["database"]:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return round(clock.behind(cursor.fetchone()[0]).total_seconds(), 1)


def has_migrations() -> bool:
    """No migration is waiting."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def has_redis() -> bool:
    """The queue answers."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


ANSWERS: Final[dict[str, Callable[[HttpRequest], HttpResponseBase]]] = {PATH: healthz, metrics.PATH: metrics.metrics}
