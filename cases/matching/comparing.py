"""How alike two records are, from 0 to 100: names by rapidfuzz, then what the day of birth, citizenship and sex say.

The weights are points for and against, set so that no single fact carries a record over ``THRESHOLD``: equal names of
people born on different days stay below it, as does one birthday of two people with different names.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import log2
from typing import Final, TypeVar

from rapidfuzz.distance import JaroWinkler

from cases.matching.blocking import NEW_YEAR, Person
from cases.matching.names import code, folded

Key = TypeVar("Key")

# From here on a pair is shown to the coordinator.
THRESHOLD: Final = 80
HIGHEST: Final = 100

NAMES: Final = 60
# How much a difference between two names counts; what only one record has counts a little, one word says little.
STEEPNESS, UNMATCHED, ONE_WORD = 2.0, 0.03, 0.88
SAME_SOUND, OTHER_SOUND = 0.96, 0.06

SAME_DATE, DAY_UNKNOWN, SAME_DAY_NEAR_YEAR, SAME_DAY, SWAPPED, NEAR_DAY = 26, 18, 20, 13, 16, 6
SAME_YEAR, NEAR_YEAR, NO_DATE, OTHER_DATE = -6, -12, 8, -30
# How much a name that others bear too counts against a date that does not agree wholly, for each doubling of them.
COMMON: Final = {DAY_UNKNOWN: 3.0, SAME_DAY: 2.0}
NAMESAKE: Final = 0.93
CITIZENSHIP, OTHER_CITIZENSHIP = 6, -10
SEX, OTHER_SEX = 3, -18
FULL_DATE, YEAR = len("1999-05-14"), len("1999")
NEAR_YEARS: Final = 2
DECADE: Final = 10


def alike(person: Person, candidates: Mapping[Key, Person]) -> dict[Key, int]:
    """The candidates that may be the same person, each with its score: ``THRESHOLD`` and more is worth a question.

    How common a name is shows from the candidates themselves: those of the same name are all among them.
    """
    likenesses = {key: likeness(person.names, other.names) for key, other in candidates.items()}
    namesakes = sum(value >= NAMESAKE for value in likenesses.values())
    scores = {key: _score(person, other, likenesses[key], namesakes) for key, other in candidates.items()}
    return {key: value for key, value in scores.items() if value >= THRESHOLD}


def _score(one: Person, other: Person, names: float, namesakes: int) -> int:
    born = _born(one.born, other.born)
    points = NAMES * names + born - COMMON.get(born, 0) * log2(max(1, namesakes))
    if one.citizenships and other.citizenships:
        points += CITIZENSHIP if one.citizenships & other.citizenships else OTHER_CITIZENSHIP
    if one.sex and other.sex:
        points += SEX if one.sex == other.sex else OTHER_SEX
    return max(0, min(HIGHEST, round(points)))


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """From 0 to 1: each word of the shorter name with the word of the longer that is most like it, in any order."""
    shorter, longer = sorted((one, other), key=len)
    if not shorter:
        return 0.0
    left, found = list(longer), []
    for word in sorted(shorter, key=len, reverse=True):
        best = max(left, key=lambda candidate: _word(word, candidate))
        left.remove(best)
        found.append(_word(word, best))
    if len(found) == 1:
        found.append(ONE_WORD)
    apart = sum(1 - one for one in found) / len(found) + UNMATCHED * len(left)
    return max(0.0, 1 - STEEPNESS * apart)


@lru_cache(maxsize=65_536)
def _word(one: str, other: str) -> float:
    """1 for the same word, near it for one that sounds the same, less for one that is only spelled alike."""
    first, second = folded(one), folded(other)
    if first == second:
        return 1.0
    spelled = JaroWinkler.similarity(first, second)
    return max(spelled, SAME_SOUND) if code(one) == code(other) else spelled - OTHER_SOUND


def _born(one: str, other: str) -> int:
    if not one or not other:
        return NO_DATE
    if one == other:
        return SAME_DATE if len(one) == FULL_DATE and one[5:] != NEW_YEAR else DAY_UNKNOWN
    return _same_year(one, other) if one[:YEAR] == other[:YEAR] else _other_year(one, other)


def _same_year(one: str, other: str) -> int:
    if min(len(one), len(other)) < FULL_DATE or NEW_YEAR in (one[5:], other[5:]):
        is_month_alike = one[5:7] == other[5:7] or NEW_YEAR in (one[5:], other[5:]) or YEAR in (len(one), len(other))
        return DAY_UNKNOWN if is_month_alike else SAME_YEAR
    if one[5:7] == other[8:] and one[8:] == other[5:7]:
        return SWAPPED
    return NEAR_DAY if one[5:7] == other[5:7] or one[8:] == other[8:] else SAME_YEAR


def _other_year(one: str, other: str) -> int:
    apart = abs(int(one[:YEAR]) - int(other[:YEAR]))
    is_near = apart <= NEAR_YEARS or apart == DECADE or sorted(one[:YEAR]) == sorted(other[:YEAR])
    if min(len(one), len(other)) == FULL_DATE and one[5:] == other[5:] and one[5:] != NEW_YEAR:
        return SAME_DAY_NEAR_YEAR if is_near else SAME_DAY
    return NEAR_YEAR if apart == 1 else OTHER_DATE
