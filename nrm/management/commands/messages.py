"""The words on the screen: extracted, checked to be translated, and compiled, without GNU gettext."""

import io
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

SOURCES: Final = ("core", "profiles", "audit", "accounts", "cases", "referrals", "reporting", "nrm", "templates")
KEYWORDS: Final = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# A date of the moment would make a difference at every run.
NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[#0 +-]*[\d.]*[a-z]|%[sd]|\{\w*\}")
WIDTH: Final = 120
SHOWN: Final = 60

Key: TypeAlias = tuple[str | None, str]


class Command(BaseCommand):
    help = "Update the translations from the source (default), check that they are complete, or compile them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when a translation is missing or does not fit")
        parser.add_argument("--compile", action="store_true", help="write the .mo files")

    def handle(self, *args: Any, **options: Any) -> None:
        root = Path(settings.BASE_DIR)
        for language in (code for code, _name in settings.LANGUAGES if code != "en"):
            path = root / "locale" / language / "LC_MESSAGES" / "django.po"
            if options["check"]:
                self._check(path, language, root)
            elif options["compile"]:
                self._compile(path, language)
            else:
                self._update(path, language, root)

    def _update(self, path: Path, language: str, root: Path) -> None:
        catalog = load(path, language)
        catalog.update(extracted(root), no_fuzzy_matching=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalog))
        missing = sum(not is_translated(message) for message in catalog if message.id)
        self.stdout.write(f"{path.relative_to(root)}: {len(catalog)} messages, {missing} without translation")

    def _check(self, path: Path, language: str, root: Path) -> None:
        faults = list(complaints(extracted(root), load(path, language)))
        if faults:
            listed = "\n".join(faults)
            raise CommandError(f"{listed}\n{len(faults)} faults in {path.relative_to(root)}; run: manage.py messages")
        self.stdout.write(f"{path.relative_to(root)}: complete")

    def _compile(self, path: Path, language: str) -> None:
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, load(path, language))
        self.stdout.write(f"{path.with_suffix('.mo').name} of {language}: written")


def extracted(root: Path) -> Catalog:
    """Every message of the Python files and templates under ``root``."""
    catalog = Catalog(project="NRM", charset="utf-8")
    for path in sorted(_sources(root)):
        text = path.read_text(encoding="utf-8")
        source = text if path.suffix == ".py" else _as_python(text, str(path))
        for _line, found, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            catalog.add(found, context=context)
    return catalog


def complaints(wanted: Catalog, given: Catalog) -> Iterator[str]:
    """What is wrong with the translations: missing, untranslated, obsolete, or with other placeholders."""
    known = {_key(message): message for message in given if message.id}
    needed = {_key(message): message for message in wanted if message.id}
    for key, message in needed.items():
        if key not in known or bool(known[key].pluralizable) != bool(message.pluralizable):
            yield f"missing: {_shown(message)}"
        elif not is_translated(known[key]):
            yield f"untranslated: {_shown(message)}"
        elif not placeholders_fit(known[key]):
            yield f"placeholders differ: {_shown(message)}"
    yield from (f"obsolete: {_shown(message)}" for key, message in known.items() if key not in needed)


def is_translated(message: Message) -> bool:
    """True when every form has words and nobody marked them as a guess."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(forms) and not message.fuzzy


def placeholders_fit(message: Message) -> bool:
    """The same placeholders on both sides; the singular of a count may leave the number out."""
    if not isinstance(message.id, (tuple, list)):
        return _placeholders(message.id) == _placeholders(str(message.string))
    singular, plural = (_placeholders(text) for text in message.id)
    first, *others = (_placeholders(text) for text in message.string or ("",))
    return singular <= plural and first <= plural and all(other == plural for other in others)


def load(path: Path, language: str) -> Catalog:
    """The catalogue of one language; an empty one when there is no file yet."""
    if not path.exists():
        return Catalog(locale=language, project="NRM", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def as_po(catalog: Catalog) -> bytes:
    """The catalogue as a file that changes only where the words change: sorted, without places and dates."""
    catalog.header_comment = "# The words of the application in this language. Updated by: manage.py messages"
    catalog.creation_date = catalog.revision_date = NO_DATE
    catalog.project, catalog.version = "NRM", "1"
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.fuzzy = False
    for message in catalog:
        message.locations = []
        message.previous_id = []
    buffer = io.BytesIO()
    write_po(buffer, catalog, no_location=True, sort_output=True, ignore_obsolete=True, width=WIDTH)
    return buffer.getvalue()


def _sources(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        patterns = ("*.html", "*.txt", "*.svg") if name == "templates" else ("*.py",)
        for pattern in patterns:
            yield from (root / name).rglob(pattern)


def _as_python(template: str, origin: str) -> str:
    """The template with everything but its messages blotted out, and no indents, which Python's reader refuses."""
    return "\n".join(line.strip() for line in templatize(template, origin=origin).splitlines())


def _key(message: Message) -> Key:
    first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return message.context, first


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text.replace("%%", "")))


def _shown(message: Message) -> str:
    text = repr(_key(message)[1])
    where = f" [{message.context}]" if message.context else ""
    return (text if len(text) <= SHOWN else f"{text[:SHOWN]}…") + where
