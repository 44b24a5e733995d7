"""Which records are compared at all: those that share a keyed token of several facts (``sharing.md`` rule 9).

Each token holds more than one fact, so that it names nobody; there are several, so that one wrong fact does not hide a
double. Without the key a token says nothing and cannot be made for a guessed name.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from cases.matching.names import code, parts

# Answers that are no fact about the person.
NO_FACT: Final = frozenset({"", "unknown", "withheld"})
# The day that stands for a day nobody knows.
NEW_YEAR: Final = "01-01"
LENGTH: Final = 16


@dataclass(frozen=True)
class Person:
    """The facts that are compared, and no others: name, day of birth, citizenships, sex."""

    names: tuple[str, ...] = ()
    born: str = ""
    citizenships: frozenset[str] = frozenset()
    sex: str = ""

    @classmethod
    def of(
        cls, content: Mapping[str, Any], *, citizenships: Iterable[str], sex: str, birth_year: int | None
    ) -> "Person":
        """From the sealed content of an identity row and its coded columns; everything else of it is left alone."""
        named = (str(content.get(name) or "") for name in ("given_names", "family_name", "other_names"))
        return cls(
            names=parts(*named),
            born=str(content.get("birth_date") or birth_year or ""),
            citizenships=frozenset(citizenships) - NO_FACT,
            sex="" if sex in NO_FACT else sex,
        )

    @property
    def year(self) -> str:
        return self.born[:4]

    @property
    def day(self) -> str:
        """Month and day where both are known: on 1 January they are not."""
        day = self.born[5:]
        return day if len(day) == len(NEW_YEAR) and day != NEW_YEAR else ""


def tokens(person: Person, key: bytes) -> list[str]:
    """The keyed tokens of a record, each once, in an order that says nothing; none for who has no name."""
    return sorted({_keyed(facts, key) for facts in _facts(person)})


def _facts(person: Person) -> Iterator[tuple[str, ...]]:
    sounds = sorted({code(part) for part in person.names})
    year, day, citizenships = person.year, person.day, sorted(person.citizenships)
    for pair in combinations(sounds, 2):
        yield from (("names, year", *pair, known) for known in (year,) if known)
        yield from (("names, day", *pair, known) for known in (day,) if known)
        yield from (("names, citizenship", *pair, known) for known in citizenships)
    for sound in sounds:
        yield from (("name, date", sound, person.born) for known in (day,) if known)
        yield from (("name, day, citizenship", sound, day, known, person.sex) for known in citizenships if day)
        yield from (("name, year, citizenship", sound, year, known, person.sex) for known in citizenships if year)
    yield from (("date, citizenship", person.born, known, person.sex) for known in citizenships if sounds and day)


def _keyed(facts: tuple[str, ...], key: bytes) -> str:
    digest = hmac.digest(key, "\x1f".join(facts).encode(), "sha256")
    return urlsafe_b64encode(digest).decode()[:LENGTH]
