"""``manage.py send_reminders``: the same tick as Celery's, for cron; needs neither Redis nor a worker."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import digest, mail
from accounts.context import database_time
from cases import reminders
from cases.models import TickSource
from cases.operations import elapsed, lost_tasks, overdue, reconciling, vacancies


class Command(BaseCommand):
    """Run it as NRM_ROLE=worker, every minute or so; runs at the same time do no harm."""

    help = "Send the reminders that are due, then the mails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reconcile", action="store_true", help="first mend: monthly duties, missing reminders")

    def handle(self, *args: Any, **options: Any) -> None:
        with database_time():
            if reminders.begin(TickSource.CRON) or options["reconcile"]:
                with reminders.as_worker():
                    self.stdout.write(f"ended: {_words(elapsed.record_elapsed())}")
                    self.stdout.write(f"finished: {_words({'tasks': lost_tasks.finish_lost_tasks()})}")
                self.stdout.write(f"mended: {_words(reconciling.mend())}")
                self.stdout.write(f"leads: {_words(vacancies.look(reminders.as_worker))}")
            with reminders.as_worker():
                self.stdout.write(f"opened: {_words({'shares': elapsed.open_begun_shares()})}")
        self.stdout.write(f"reminders: {_words(reminders.tick())}")
        with database_time():
            with reminders.as_worker():
                overdue.tell_coordinators()
            digest.post_digests()
        self.stdout.write(f"mails: {_words(mail.deliver_due())}")


def _words(tally: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(tally.items()) if count) or "nothing was due"
