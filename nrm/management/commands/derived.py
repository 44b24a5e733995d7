"""Write ``docs/derived.md`` anew from the list of derived values."""

from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand

from nrm.derived.document import document

DOCUMENT: Final = "docs/derived.md"


class Command(BaseCommand):
    help = f"Write {DOCUMENT} anew: every derived value, what it follows from, and the test that shows it."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / DOCUMENT
        path.write_text(document(), encoding="utf-8")
        self.stdout.write(f"Wrote {DOCUMENT}")
