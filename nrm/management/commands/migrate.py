"""``manage.py migrate``: Django's, which then keeps the history loud (``core.db.KEEP_LOUD``) and writes down what
guards each table, so that a later change is noticed.
"""

from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection

from core.db import KEEP_LOUD
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
            self._keep_loud()
            protection.record()

    @staticmethod
    def _keep_loud() -> None:
        """Every migration with a trigger brings back a function by which a setting would silence it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regproc('public._pgtrigger_should_ignore') IS NOT NULL")
            if cursor.fetchone() == (True,):
                cursor.execute(KEEP_LOUD)

    @staticmethod
    def _refuse_what_changed_by_hand() -> None:
        """A migration must not bless what somebody took away by hand."""
        if connection.introspection.table_names():
            found = [fault for table in protection.read() for fault in protection.changed(table)]
            if found:
                raise CommandError("\n".join([*(f"{fault.table} {fault.words}." for fault in found), HINT]))
