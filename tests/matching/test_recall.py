"""How many distorted doubles are found, and how many alerts are false, among generated people (``sharing.md`` rule 9).

Measured on the functions that the application calls: tokens, candidates that share one, scores. ``tests/cases/`` shows
that the database brings the same candidates together. Full form: 50,000 people, 2,000 doubles.
"""

from collections import Counter, defaultdict
from random import Random

import pytest

from cases.matching.blocking import Person, tokens
from cases.matching.comparing import alike
from tests.matching.population import DISTORTIONS, Record, doubles, people
from tests.proofs import SEED, size
from tests.proofs.figures import Figure

KEY = b"a key of the test"


def person(record: Record) -> Person:
    content = {"given_names": record.given, "family_name": record.family, "birth_date": record.born}
    return Person.of(content, citizenships=record.citizenships, sex=record.sex, birth_year=None)


def alerts(records: list[Record]) -> tuple[set[tuple[int, int]], int]:
    """Pairs that the desk would be shown, when the records are written one after the other; and the comparisons."""
    holders: dict[str, list[int]] = defaultdict(list)
    known, found, compared = [person(record) for record in records], set(), 0
    for number, one in enumerate(known):
        candidates: set[int] = set()
        for token in tokens(one, KEY):
            candidates.update(holders[token])
            holders[token].append(number)
        compared += len(candidates)
        found |= {(other, number) for other in alike(one, {other: known[other] for other in candidates})}
    return found, compared


@pytest.mark.proof("duplicate desk: distorted doubles")
def test_doubles_are_found_and_others_left_alone(figure: Figure) -> None:
    number, distorted = size(short=3_000, full=50_000), size(short=300, full=2_000)
    written = people(number, SEED)
    again = list(doubles(written, distorted, SEED + 1))
    records = [*written, *(double for double, _suffered in again)]
    pairs, compared = alerts(records)
    right = {pair for pair in pairs if records[pair[0]].of == records[pair[1]].of}
    found = {second for _first, second in right}
    recall, false = len(found) / distorted, 1 - len(right) / len(pairs)
    figure(people=number, doubles=distorted, recall=recall, of_alerts_false=false, comparisons=compared)
    missed = Counter(suffered for place, (_double, suffered) in enumerate(again, number) if place not in found)
    assert recall >= 0.95, missed.most_common()
    assert false <= 0.03


@pytest.mark.parametrize("distortion", DISTORTIONS)
def test_each_distortion_alone_is_seen_through(distortion: str) -> None:
    dice = Random(SEED)
    records = [
        one for one in people(400, SEED) if len(one.born) == 10 and not one.born.endswith("01-01") and one.family
    ]
    changed = [DISTORTIONS[distortion](dice, one) for one in records[:200]]
    pairs, _compared = alerts([*records[:200], *changed])
    assert len({second for first, second in pairs if second == first + 200}) >= 180
