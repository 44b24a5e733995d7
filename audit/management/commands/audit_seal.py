"""``manage.py audit_seal``: seal the audit now, as the worker does every minute. Run it as ``NRM_ROLE=worker``."""

from typing import Any

from django.core.management.base import BaseCommand

from audit import sealing


class Command(BaseCommand):
    help = "Seal the rows of the audit that are complete."

    def handle(self, *args: Any, **options: Any) -> None:
        for seal in sealing.seal_all():
            self.stdout.write(f"{seal.number}:{bytes(seal.signature).hex()}")
