"""``manage.py backup FILE``: dump as ``nrm_backup`` and count; ``--check`` counts a file that is there already."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nrm import backup


class Command(BaseCommand):
    help = "Write a backup and count its rows against the database, in one snapshot."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="write nothing: count the rows of this file")

    def handle(self, *args: Any, **options: Any) -> None:
        act = backup.check if options["check"] else backup.write
        try:
            rows = act(options["file"])
        except backup.NoBackup as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{options['file']}: {sum(rows.values()):,} rows of {len(rows)} tables.")
