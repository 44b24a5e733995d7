"""``manage.py make_roles``: the database's roles, its clock and the readers of its context. Run before ``migrate``."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand

from nrm import environment, roles


class Command(BaseCommand):
    help = "Make the database roles and the functions that policies use (needs ADMIN_DATABASE_URL)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        with psycopg.connect(environment.text("ADMIN_DATABASE_URL"), autocommit=True) as connection:
            roles.make(connection, settings.ROLE_PASSWORDS, is_test=not settings.IS_PRODUCTION)
        self.stdout.write("Roles and functions are in place.")
