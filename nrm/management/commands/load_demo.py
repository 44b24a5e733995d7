"""``manage.py load_demo``: the fictitious Netherlands, once. The second time it only says how to sign in."""

import os
import sys
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from nrm.country import loader, people
from nrm.country.organisations import PLACES

SHOWN: Final = (
    "ngo_caseworker",
    "ngo_supervisor",
    "other_ngo_caseworker",
    "police_officer",
    "labour_inspector",
    "border_guard",
    "shelter_intake",
    "shelter_worker",
    "child_protection_officer",
    "child_protection_intake",
    "guardian",
    "other_guardian",
    "authority_decision_maker",
    "immigration_decision_maker",
    "health_worker",
    "lawyer",
    "coordinator",
    "data_protection_officer",
    "organisation_administrator",
    "colleague_unassigned",
    "suspended_member",
    people.PLATFORM,
)


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Fill an empty demo database with a fictitious Netherlands: two years of casework, lived day by day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--cases", type=int, default=400, help="how many cases begin, the scenes of today included")
        parser.add_argument("--days", type=int, default=loader.DAYS, help="how many days are lived, to this moment")
        parser.add_argument(
            "--hands", type=int, default=min(os.cpu_count() or 1, 4), help="how many processes live them"
        )
        parser.add_argument("--seed", default="nrm", help="another seed gives another country")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError("Fictitious data does not belong into a production database.")
        if loader.is_interrupted():
            loader.clear()
        if not loader.is_loaded():
            self._load(cases=options["cases"], length=options["days"], seed=options["seed"], hands=options["hands"])
        self._show_log_ins()

    def _load(self, **wanted: Any) -> None:
        started = time.monotonic()
        try:
            loader.load(**wanted, progress=self._show_progress)
        except loader.Broken as fault:
            raise CommandError("The fictitious cases could not be loaded; the reason stands above.") from fault
        self.stdout.write(f"Lived through {wanted['length']} days in {time.monotonic() - started:.0f} seconds.")

    def _show_progress(self, day: int, days: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r  day {day} of {days}", ending="" if day < days else "\n")
            self.stderr.flush()
        elif day % 73 == 0 or day == days:
            self.stderr.write(f"  day {day} of {days}")

    def _show_log_ins(self) -> None:
        self.stdout.write(f"\nAll data is fictitious. Everybody's password: {people.PASSWORD}\n")
        for name in SHOWN:
            where = PLACES[people.WORKERS[name].place].full_name if name in people.WORKERS else "no organisation"
            self.stdout.write(f"  {people.address(name):<44} {where}")
