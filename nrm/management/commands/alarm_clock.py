"""``manage.py alarm_clock``: whether an alarm clock still rings; for the health checks of worker and beat.

The worker asks the database when a tick last came, by beat or by cron. Beat has no database: it is asked by the file in
which it keeps, every few minutes, what it rang last (``--schedule``, as ``celery beat`` was given it).
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.health import SILENT_SECONDS, reminder_health
from core import clock

# The library of small databases adds an ending of its own, which differs between systems.
ENDINGS = ("", ".db", ".dat", ".dir")


class Command(BaseCommand):
    help = "Exit with an error when no alarm clock has rung for ten minutes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--schedule", type=Path, help="ask the file of beat, not the database")

    def handle(self, *args: Any, schedule: Path | None, **options: Any) -> None:
        is_ringing = _is_written(schedule) if schedule else reminder_health()["ticking"]
        if not is_ringing:
            raise CommandError("No alarm clock has rung for ten minutes. Start beat, or cron (docs/operations.md).")
        self.stdout.write("An alarm clock rings.")


def _is_written(schedule: Path) -> bool:
    """Whether beat has written its file within ten minutes."""
    files = [path for path in (schedule.with_name(schedule.name + ending) for ending in ENDINGS) if path.is_file()]
    written = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in files]
    return any((clock.moment() - at).total_seconds() < SILENT_SECONDS for at in written)
