"""``manage.py audit_verify``: is the audit as it was sealed? Names the first bad row; ends with 1 when there is one.

``--head 17:3f9a…`` also checks that the chain still holds a seal that a log or a print has named; ``--key`` verifies
with the public key that ``--show-key`` prints, so that somebody without the signing key can do it.
"""

from argparse import ArgumentParser
from binascii import Error
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit import sealing
from audit.sealing import Finding

SHOWN = 100_000


class Command(BaseCommand):
    help = "Verify every seal and every sealed row of the audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--key", help="public key in hexadecimal; the default is that of AUDIT_SIGNING_KEY")
        parser.add_argument("--head", help="number:signature of a seal that is known from elsewhere")
        parser.add_argument("--show-key", action="store_true", help="print the public key and end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["show_key"]:
            self.stdout.write(sealing.public_key().hex())
            return
        rows, seals, found, head = 0, 0, list[Finding](), _head(options["head"])
        for step in sealing.verify(_bytes(options["key"]) if options["key"] else sealing.public_key(), head):
            if isinstance(step, Finding):
                found.append(step)
                continue
            if (rows + step) // SHOWN > rows // SHOWN:
                self.stderr.write(f"{rows + step} rows verified")
            rows, seals = rows + step, seals + 1
        waiting = sealing.waiting()
        since = f", the oldest from {waiting.oldest:%Y-%m-%d %H:%M} UTC" if waiting.oldest else ""
        self.stdout.write(f"{rows} rows in {seals} seals verified; {waiting.rows} wait for a seal{since}.")
        if found:
            raise CommandError(f"{len(found)} not as sealed. The first: {found[0]}")


def _head(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    number, _colon, signature = text.partition(":")
    if not number.isdigit() or not signature:
        raise CommandError("--head is the number of a seal, a colon, and its signature or the beginning of it.")
    return int(number), _bytes(signature)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except (ValueError, Error):
        raise CommandError(f"“{text}” is not hexadecimal.") from None
