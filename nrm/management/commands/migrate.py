"""``manage.py migrate``: Django's, which then writes down what guards each table, so that a later change is noticed."""

from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from nrm import protection

HINT: Final = "Mend it, or, when it is meant, run: manage.py migrate --accept-protection"


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--accept-protection",
            action="store_true",
            help="migrate although policies or rights are not as the last migration left them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["accept_protection"]:
            self._refuse_what_changed_by_hand()
        super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            protection.record()

    @staticmethod
    def _refuse_what_changed_by_hand() -> None:
        """A migration must not bless what somebody took away by hand."""
        if connection.introspection.table_names():
            found = [fault for table in protection.read() for fault in protection.changed(table)]
            if found:
                raise CommandError("\n".join([*(f"{fault.table} {fault.words}." for fault in found), HINT]))
