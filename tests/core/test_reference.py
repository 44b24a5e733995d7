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
