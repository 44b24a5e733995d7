"""Proofs of what the product promises: a short form in every test run, the full form with figures by ``make proofs``.

Any test becomes part of a proof by its mark, wherever it lives; ``size`` says how much it tries, ``figure`` what it
counted::

    @pytest.mark.proof("generated access matrix")
    def test_each_persona_meets_what_the_table_says(figure, ...):
        for who in some(PERSONAS, short=8):
            ...
        figure(cells=len(cells), unexpected=len(wrong))
        assert not wrong

``make proofs`` adds the figures of all tests with the same name up and prints one line for each proof.
"""

import os
import random
from collections.abc import Sequence
from typing import Final, TypeVar

IS_FULL: Final = os.environ.get("NRM_PROOFS") == "full"
SEED: Final = 2011  # the year of the Directive; the short form tries the same sample every day

Item = TypeVar("Item")


def size(*, short: int, full: int) -> int:
    """How much to try: in every test run, and by ``make proofs``."""
    return full if IS_FULL else short


def some(items: Sequence[Item], *, short: int) -> Sequence[Item]:
    """All of them by ``make proofs``; else the same ``short`` many each time, in their order."""
    if IS_FULL or short >= len(items):
        return items
    chosen = sorted(random.Random(SEED).sample(range(len(items)), short))
    return [items[index] for index in chosen]
