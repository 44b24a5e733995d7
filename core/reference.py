"""The reference of a case: eight random symbols without vowels and a check symbol, ``K7QF-2M9X-T``."""

import re
import secrets
import unicodedata
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import Refused

# 29 symbols, a prime number: a weighted sum modulo 29 finds every single wrong symbol and every swap of two.
ALPHABET: Final = "0123456789BCDFGHJKMNPQRSTVWXZ"
LENGTH: Final = 8
WORDS: Final = re.compile(r"[^\W_]+")
SLIPS: Final = str.maketrans("OIL", "011")


class NotAReference(Refused):
    """The text cannot be a reference: wrong length, a symbol that does not occur, or the check symbol disagrees."""


def new() -> str:
    """A random reference in its stored form: nine symbols without dashes."""
    body = "".join(secrets.choice(ALPHABET) for _symbol in range(LENGTH))
    return body + check_symbol(body)


def check_symbol(body: str) -> str:
    """The symbol that makes the weighted sum of the eight others visible."""
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(body, start=2))
    return ALPHABET[total % len(ALPHABET)]


def show(reference: str) -> str:
    """``K7QF2M9XT`` → ``K7QF-2M9X-T``."""
    return f"{reference[:4]}-{reference[4:8]}-{reference[8:]}"


def parse(text: str) -> str:
    """Read forgivingly: case, dashes and spaces of any kind, words before it, O for 0, I and L for 1.

    Raises ``NotAReference``.
    """
    symbols = symbols_of(text)
    if len(symbols) != LENGTH + 1:
        raise NotAReference(_("A reference has nine symbols, like K7QF-2M9X-T."))
    strange = next((symbol for symbol in symbols if symbol not in ALPHABET), None)
    if strange is not None:
        raise NotAReference(_("“%(symbol)s” does not occur in a reference.") % {"symbol": strange})
    if check_symbol(symbols[:LENGTH]) != symbols[LENGTH]:
        raise NotAReference(
            _("The last symbol does not fit the others, so one symbol is mistyped. Check the reference.")
        )
    return symbols


def symbols_of(text: str) -> str:
    """The symbols of a reference as it was typed or pasted, without what stands between them; where more is there, as
    in a sentence that was copied with it, the last words that are as long as a reference, or all."""
    words = WORDS.findall(unicodedata.normalize("NFKC", text).upper())
    tail = ""
    for word in reversed(words):
        tail = word + tail
        if len(tail) >= LENGTH + 1:
            break
    found = tail if len(tail) == LENGTH + 1 else "".join(words)
    return found.translate(SLIPS)


def looks_like_one(text: str) -> bool:
    """True for what was probably meant as a reference: nine symbols with a digit, or written with its dashes."""
    symbols = "".join(text.replace("-", " ").split())
    is_right_length = abs(len(symbols) - LENGTH - 1) <= 1
    return (
        is_right_length and symbols.isalnum() and (text.count("-") == 2 or any(symbol.isdigit() for symbol in symbols))
    )
