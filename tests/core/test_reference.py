"""The reference: random, without vowels, and its check symbol finds what people mistype."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import reference
from core.reference import ALPHABET, NotAReference

BODIES = st.text(ALPHABET, min_size=8, max_size=8)


def test_it_is_eight_symbols_and_a_check_symbol() -> None:
    assert re.fullmatch(r"[0-9B-DF-HJKMNP-TV-XZ]{4}-[0-9B-DF-HJKMNP-TV-XZ]{4}-.", reference.show(reference.new()))


@given(BODIES)
def test_what_is_shown_is_read_back_whatever_the_case_and_the_spaces(body: str) -> None:
    stored = body + reference.check_symbol(body)
    for typed in (reference.show(stored), stored.lower(), " ".join(stored), stored.replace("0", "o").replace("1", "l")):
        assert reference.parse(typed) == stored


@pytest.mark.parametrize(
    "pasted",
    [
        "{0}\u2011{1}\u2011{2}",
        "{0} \u2013 {1} \u2013 {2}",
        "{0}\u2212{1}\u00ad-{2}",
        "NRM Casework {0}-{1}-{2}",
        "NRM: {0}{1}{2}",
        "Kenmerk\u00a0{0}\u2010{1}\u2010{2}.",
        "\uff0d{0}\uff0d{1}\uff0d{2}",
    ],
)
def test_one_that_was_pasted_from_a_letter_is_read(pasted: str) -> None:
    body = "K7QF2M9X"
    stored = body + reference.check_symbol(body)
    assert reference.parse(pasted.format(body[:4], body[4:], stored[8])) == stored


@given(BODIES, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_one_wrong_symbol_is_always_found(body: str, place: int, symbol: str) -> None:
    stored = body + reference.check_symbol(body)
    typed = stored[:place] + symbol + stored[place + 1 :]
    if typed != stored:
        with pytest.raises(NotAReference):
            reference.parse(typed)


@given(BODIES, st.integers(0, 6))
def test_two_swapped_neighbours_are_always_found(body: str, place: int) -> None:
    stored = body + reference.check_symbol(body)
    typed = stored[:place] + stored[place + 1] + stored[place] + stored[place + 2 :]
    if typed != stored:
        with pytest.raises(NotAReference):
            reference.parse(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "nine symbols"), ("K7QF", "nine symbols"), ("A" * 9, "does not occur"), ("000000001", "last symbol")],
)
def test_the_message_says_what_is_wrong(typed: str, words: str) -> None:
    with pytest.raises(NotAReference, match=words):
        reference.parse(typed)
