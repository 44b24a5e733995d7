"""``manage.py create_platform_administrator``: who opens the first organisation of an empty installation.

Shows a link by which the person chooses a password, once, within three days. Hand it over in person or by a channel
that you trust: whoever opens it first is the administrator. Run again for the same person, it shows a new link.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import Actor
from accounts.context import acting, database_time
from accounts.operations import create_platform_administrator
from core.errors import Refused


class Command(BaseCommand):
    help = "Let in a platform administrator of this installation, by a link that works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the address with which the person will sign in")
        parser.add_argument("--name", required=True, help="as colleagues know the person")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, email: str, name: str, language: str, **options: Any) -> None:
        try:
            with database_time(), acting(Actor.system()):
                _user, path = create_platform_administrator(email=email, name=name, language=language)
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write("Hand over this link. It works once, within three days:")
        self.stdout.write(f"{settings.BASE_URL}{path}")
