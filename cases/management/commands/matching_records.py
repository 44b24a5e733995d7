"""``manage.py matching_records``: what the duplicate desk compares, for identities that were written without it.

As the owner of the database: no role that serves may open the identities of all organisations. It can be stopped and
run again; what it writes is compared by the worker. ``--all`` after ``MATCHING_KEY`` was changed.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.context import database_time
from cases.operations import matching


class Command(BaseCommand):
    help = "Write the missing matching records; the worker compares them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="write those anew that are there, with today's key")

    def handle(self, *args: Any, **options: Any) -> None:
        with database_time():
            written = matching.write_matching_records(is_all=options["all"])
        self.stdout.write(f"{written:,} matching records written.")
