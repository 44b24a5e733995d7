"""Write ``docs/who_may.md`` anew from the policies."""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from nrm.rights.document import document

DOCUMENT: Final = "docs/who_may.md"


class Command(BaseCommand):
    help = f"Write {DOCUMENT} anew from the policies: who may see what, who may do what."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / DOCUMENT
        path.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {DOCUMENT}")
