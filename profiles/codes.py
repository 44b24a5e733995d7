"""Code lists: what may be chosen, in English and Dutch, with the crosswalks to the standards as data.

One TOML file in ``profiles/codes/`` is one list; the order of the file is the order on the screen. Countries and
languages take their names from the CLDR (through Babel); their files hold only what the CLDR does not know.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from unicodedata import normalize

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _

from profiles.errors import DataError
from profiles.words import Words

FOLDER: Final = Path(__file__).parent / "codes"
LANGUAGES: Final = ("en", "nl")
REQUIRED: Final = ("code", *LANGUAGES)

Label: TypeAlias = str | Promise
Entry: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code(Words):
    """One thing that may be chosen. ``extra`` holds the other columns of its file."""

    code: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, eq=False)
class CodeList:
    """The codes of one list, in the order of its file, or by label where the file says so."""

    name: str
    codes: Mapping[str, Code]
    by_label: bool = False

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes.values())

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __getitem__(self, code: str) -> Code:
        return self.codes[code]

    def choices(self, *, only: Collection[str] | None = None) -> list[tuple[str, Label]]:
        """Pairs for a form, translated when shown. Give the method itself to a field whose list is sorted by label."""
        shown = [code for code in self if only is None or code.code in only]
        if self.by_label:
            last = [code for code in shown if code.extra.get("last")]
            shown = [*sorted((code for code in shown if not code.extra.get("last")), key=_sorting), *last]
        return [(code.code, lazystr(code)) for code in shown]

    def grouped_choices(self, by: str) -> list[tuple[Label, list[tuple[str, Label]]]]:
        """Choices under the headings of column ``by``, whose codes belong to the list ``<name>_<by>`` or ``<by>``."""
        headings = load_all().get(f"{self.name}_{by}") or get(by)
        inside = {
            heading.code: [code.code for code in self if code.extra.get(by) == heading.code] for heading in headings
        }
        return [
            (lazystr(heading), self.choices(only=inside[heading.code])) for heading in headings if inside[heading.code]
        ]

    def where(self, wanted: Callable[[Code], bool]) -> "CodeList":
        """The part of this list that is wanted, as a list of its own."""
        return CodeList(self.name, MappingProxyType({code.code: code for code in self if wanted(code)}), self.by_label)

    def label(self, code: str, language: str | None = None) -> str:
        """The words for ``code``; a code that the list does not have (any more) is shown as it is."""
        return self.codes[code].label(language) if code in self.codes else code

    def labels(self, chosen: Iterable[str], language: str | None = None) -> list[str]:
        """The words for several codes, in the order of the list."""
        wanted = set(chosen)
        return [code.label(language) for code in self if code.code in wanted]

    def validate(self, code: str) -> str:
        """``code`` itself; raises ``ValidationError`` when the list does not have it."""
        if code not in self.codes:
            raise ValidationError(_("“%(code)s” is not in the list."), code="unknown_code", params={"code": code})
        return code


def get(name: str) -> CodeList:
    """The list ``name``; raises ``KeyError`` for a list that does not exist."""
    return load_all()[name]


@cache
def load_all(folder: Path = FOLDER) -> Mapping[str, CodeList]:
    """Every list of ``folder``; raises ``DataError`` with a line for every mistake."""
    mistakes: list[str] = []
    lists = {path.stem: _read(path, mistakes) for path in sorted(folder.glob("*.toml"))}
    mistakes += _broken_references(lists)
    if mistakes:
        raise DataError(mistakes)
    return MappingProxyType(lists)


def _read(path: Path, mistakes: list[str]) -> CodeList:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"{path.name}: {error}")
        data = {}
    if data and not data.get("source"):
        mistakes.append(f"{path.name}: source is missing")
    entries = [*_from_cldr(data.get("cldr", {})), *data.get("codes", [])]
    if data and not entries:
        mistakes.append(f"{path.name}: no codes")
    found: dict[str, Code] = {}
    for number, entry in enumerate(entries, start=1):
        _check(path.name, number, entry, found, mistakes)
        extra = {key: value for key, value in entry.items() if key not in REQUIRED}
        words = {key: str(entry.get(key, "")) for key in REQUIRED}
        found[words["code"]] = Code(**words, extra=MappingProxyType(extra))
    return CodeList(path.stem, MappingProxyType(found), bool(data.get("by_label")))


def _check(file: str, number: int, entry: Entry, found: Mapping[str, Code], mistakes: list[str]) -> None:
    name = f"{file}, entry {number} ({entry.get('code') or 'without code'})"
    mistakes += [f"{name}: {key} is missing" for key in REQUIRED if not str(entry.get(key, "")).strip()]
    if entry.get("code") in found:
        mistakes.append(f"{name}: code occurs twice")


def _from_cldr(wanted: Mapping[str, Any]) -> Iterator[Entry]:
    """Entries named by the CLDR: ``territories`` (without those listed in ``except``) or the ``languages`` listed."""
    names = {language: Locale(language) for language in LANGUAGES}
    if wanted.get("territories"):
        members = set(wanted.get("eu", []))
        for code in sorted(names["en"].territories):
            if len(code) == 2 and code.isalpha() and code not in wanted["except"]:
                words = {language: locale.territories[code] for language, locale in names.items()}
                yield {"code": code, **words, "eu": code in members}
    for code in wanted.get("languages", []):
        words = {language: _capital(locale.languages.get(code, "")) for language, locale in names.items()}
        yield {"code": code, **words}


def _broken_references(lists: Mapping[str, CodeList]) -> Iterator[str]:
    """A column whose name is a list's name, or ends in one after the list's own name, holds codes of that list."""
    for listed in lists.values():
        for code in listed:
            for column, value in code.extra.items():
                target = lists.get(f"{listed.name}_{column}") or lists.get(column)
                if target is not None and value not in target:
                    yield f"{listed.name}.toml, entry {code.code}: {column} “{value}” is not in {target.name}.toml"


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _sorting(code: Code) -> str:
    """Sort letters with marks beside those without: Åland under A."""
    return normalize("NFKD", code.label()).casefold()
