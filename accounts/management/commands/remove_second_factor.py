"""``manage.py remove_second_factor``: for somebody who has lost the device and the recovery codes.

Two people must ask, whom you know: an administrator and a supervisor of the person's organisation. All three are told,
every session of the person ends, and the trail keeps who asked.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.context import acting, database_time
from accounts.operations import remove_second_factor
from core.errors import Refused


class Command(BaseCommand):
    help = "Take away a lost second factor, because an administrator and a supervisor of the organisation ask."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the address with which the person signs in")
        parser.add_argument("--asked-by", nargs=2, required=True, metavar="ADDRESS", help="of the two who ask")

    def handle(self, *args: Any, email: str, asked_by: list[str], **options: Any) -> None:
        try:
            with database_time(), acting(Actor.system()):
                remove_second_factor(email=email, asked_by=asked_by)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write("The second factor is gone and every session has ended. The three people are told.")
