"""``/metrics`` for Prometheus: counts and ages, no case, no organisation, no person.

Only for who presents ``METRICS_TOKEN``; where none is set the address does not exist. Nothing is kept in the process:
every scrape asks the database, so that all web processes answer alike.
"""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from cases.health import overdue_by_kind, reminder_health

PATH: Final = "/metrics"
GAUGES: Final = {
    "waiting": ("nrm_reminders_waiting", "Reminders that are due and unsent"),
    "oldest_due_seconds": ("nrm_reminders_oldest_due_seconds", "Age of the oldest reminder that is due and unsent"),
    "dead": ("nrm_reminders_dead", "Reminders that were given up"),
    "oldest_mail_seconds": ("nrm_mails_oldest_seconds", "Age of the oldest mail that waits"),
    "dead_mails": ("nrm_mails_dead", "Mails that could not be sent"),
    "cases_without_lead": ("nrm_cases_without_lead", "Open cases whose lead has nobody left who can act"),
    "clocks_without_keeper": ("nrm_clocks_without_keeper", "Running clocks that nobody keeps"),
    "ticking": ("nrm_reminders_ticking", "1 while an alarm clock has rung within ten minutes"),
    "healthy": ("nrm_reminders_healthy", "1 while nothing waits too long, nothing was given up and a clock rings"),
}


class HouseCollector(Collector):
    """What ``/healthz`` knows, as gauges."""

    def collect(self) -> Iterator[Metric]:
        health = reminder_health()
        for key, (name, words) in GAUGES.items():
            if health[key] is None:  # counted at night, and no night has passed
                continue
            yield GaugeMetricFamily(name, words, value=float(health[key]))
        ticks = GaugeMetricFamily("nrm_last_tick_timestamp_seconds", "When an alarm clock rang last", labels=["source"])
        for source, at in health["last_tick"].items():
            ticks.add_metric([source], datetime.fromisoformat(at).timestamp())
        yield ticks
        overdue = GaugeMetricFamily("nrm_deadlines_overdue", "Open deadlines that have passed", labels=["kind"])
        for kind, count in overdue_by_kind().items():
            overdue.add_metric([kind], count)
        yield overdue


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The gauges in Prometheus' text format; 404 without the token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HouseCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
