"""Legal bases of a country profile: who may use which, towards whom, for what (``sharing.md`` rule 21).

A basis has one or more lines; a share keeps within one of them. A legal obligation names a *provision* as well, which
has one line of its own. Made and checked by ``profiles.loader`` only.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from profiles import codes
from profiles.enums import Tag
from profiles.reader import Reader
from profiles.words import Words

ALL: Final = "all"
AGES: Final = ("adult", "child")
CODE_LENGTH: Final = 40
# The bases of which the code knows more than the table: what a share on them rests on.
CONSENT: Final = "consent"
OBLIGATION: Final = "legal_obligation"


class Bound(StrEnum):
    """By what a line limits a share, in the order in which a person can mend it."""

    GIVER = "giver"
    OFFERS = "offers"
    AGE = "age"
    RECEIVER = "receiver"
    PURPOSE = "purpose"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to do on a basis. ``receiver`` and ``purpose`` empty: not known yet, or nobody in particular.

    ``offers``: the services of the giver. ``registers``: an adult is registered, nothing is shared.
    """

    giver: str
    offers: frozenset[str]
    is_child: bool
    receiver: str = ""
    purpose: str = ""
    categories: frozenset[str] = frozenset()
    registers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Types of giver and receiver, purposes, categories and ages. ``offers``: the giver provides one of these services.

    ``registers``: an authority of ``givers`` may register an adult on it without consent (``sharing.md`` rule 14).
    """

    givers: frozenset[str]
    offers: frozenset[str]
    receivers: frozenset[str]
    purposes: frozenset[str]
    categories: frozenset[str]
    ages: frozenset[str]
    registers: bool
    source: str
    tag: Tag

    def limits(self, asked: Asked) -> Iterator[Bound]:
        """By what this line does not allow what is asked; nothing when it allows it."""
        if asked.giver not in self.givers or (asked.registers and not self.registers):
            yield Bound.GIVER
        if self.offers and not self.offers & asked.offers:
            yield Bound.OFFERS
        if ("child" if asked.is_child else "adult") not in self.ages:
            yield Bound.AGE
        if asked.registers:
            return
        if asked.receiver and asked.receiver not in self.receivers:
            yield Bound.RECEIVER
        if asked.purpose and asked.purpose not in self.purposes:
            yield Bound.PURPOSE
        if asked.categories - self.categories:
            yield Bound.CATEGORIES


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """One code of the list ``legal_basis`` with its lines."""

    code: str
    lines: tuple[Line, ...]

    def allows(self, asked: Asked) -> bool:
        """True when one line allows all of it."""
        return not self.limit(asked)

    def limit(self, asked: Asked) -> tuple[Bound, Line] | None:
        """What stands in the way, and the line that comes closest; None when one line allows it."""
        return closest(self.lines, asked)


@dataclass(frozen=True, slots=True)
class Provision:
    """A provision of law that obliges somebody to pass data on; what a legal obligation is chosen from.

    ``by_office``: an office names it; nobody chooses it for a share of their own.
    """

    code: str
    name: Words
    line: Line
    by_office: bool

    def limit(self, asked: Asked) -> tuple[Bound, Line] | None:
        """As of a basis."""
        return closest((self.line,), asked)


def closest(lines: Collection[Line], asked: Asked) -> tuple[Bound, Line] | None:
    """The first limit of the line that gets furthest in the order of ``Bound``; None when a line allows it."""
    order = list(Bound)
    found = [(next(line.limits(asked), None), line) for line in lines]
    if any(limit is None for limit, _line in found):
        return None
    limits = [(limit, line) for limit, line in found if limit is not None]
    return max(limits, key=lambda one: order.index(one[0]))


def read_basis_lines(parts: Iterable[Reader]) -> dict[str, LegalBasis]:
    """Lines of the table by the code of their basis; several lines of a code stand one after the other."""
    lines: dict[str, list[Line]] = {}
    for part in parts:
        lines.setdefault(part.code("code", codes.get("legal_basis")), []).append(_line(part))
        part.finish()
    return {code: LegalBasis(code, tuple(found)) for code, found in lines.items()}


def read_provisions(parts: Iterable[Reader]) -> dict[str, Provision]:
    """The provisions by their code; each code once."""
    found: dict[str, Provision] = {}
    for part in parts:
        provision = Provision(part.text("code"), part.words(), _line(part), part.flag("by_office", default=False))
        if len(provision.code) > CODE_LENGTH:
            part.wrong("code", f"is longer than {CODE_LENGTH} letters")
        if provision.code in found:
            part.wrong("code", "occurs twice")
        part.finish()
        found[provision.code] = provision
    return found


def _line(reader: Reader) -> Line:
    kinds = codes.get("organisation_kind")
    return Line(
        givers=_some_or_all(reader, "givers", kinds),
        offers=frozenset(reader.codes("offers", codes.get("service"))),
        receivers=_some_or_all(reader, "receivers", kinds),
        purposes=_some_or_all(reader, "purposes", codes.get("purpose")),
        categories=_some_or_all(reader, "categories", codes.get("category")),
        ages=_some_or_all(reader, "ages", AGES),
        registers=reader.flag("registers", default=False),
        source=reader.text("source"),
        tag=reader.one_of("tag", Tag),
    )


def _some_or_all(reader: Reader, key: str, listed: codes.CodeList | tuple[str, ...]) -> frozenset[str]:
    """Codes of a list, or ``["all"]``; never none: a line that reaches nobody is a mistake."""
    every = [one if isinstance(one, str) else one.code for one in listed]
    values = reader.texts(key)
    if values == (ALL,):
        return frozenset(every)
    if not values:
        reader.wrong(key, f'names nothing: write codes of the list, or ["{ALL}"]')
    return frozenset(reader.codes(key, listed))
