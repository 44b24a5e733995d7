"""One name in many spellings and scripts; a token without its key; what is a fact and what is not."""

import pytest

from cases.matching.blocking import Person, tokens
from cases.matching.comparing import THRESHOLD, alike
from cases.matching.names import code, folded, parts, romanised

KEY, OTHER_KEY = b"one key", b"another key"


def person(names: str = "Oksana Kovalchuk", born: str = "1994-05-17", **changed: object) -> Person:
    facts = {"names": parts(names), "born": born, "citizenships": frozenset({"UA"}), "sex": "female", **changed}
    return Person(**facts)  # type: ignore[arg-type]


def is_alert(one: Person, other: Person) -> bool:
    return bool(set(tokens(one, KEY)) & set(tokens(other, KEY)) and alike(one, {"other": other}))


@pytest.mark.parametrize(
    "spellings",
    [
        ("Mohammed", "Muhammad", "Mohamed", "محمد"),
        ("Yuliya", "Iuliia", "Julia", "Юлия"),
        ("Oleksandr", "Олександр", "Aleksandr"),
        ("Gebremedhin", "Ghebremedhin", "ገብረመድህን"),
        ("Nguyễn", "Nguyen"),
        ("Khristos", "Christos", "Χρήστος"),
        ("Șerban", "Sherban", "Serban"),
    ],
)
def test_spellings_of_a_name_sound_alike(spellings):
    assert len({code(romanised(spelling)) for spelling in spellings}) == 1


@pytest.mark.parametrize("name", ["王", "Ng", "O", "Aïda", "'Abd al-Rahman", "Jean-Luc d’Arc", "", "  ", "---", "😀"])
def test_names_of_every_kind_are_taken(name):
    one = person(name)
    assert all(folded(part) or part for part in one.names)
    assert isinstance(tokens(one, KEY), list)


def test_without_a_name_nothing_is_looked_for():
    assert tokens(person(""), KEY) == []


def test_a_token_depends_on_the_key_and_holds_more_than_one_fact():
    assert not set(tokens(person(), KEY)) & set(tokens(person(), OTHER_KEY))
    only_a_name = person(born="", citizenships=frozenset())
    assert tokens(only_a_name, KEY) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"names": "Kovalchuk Oksana"},
        {"names": "Oxana Kowaltschuk"},
        {"names": "Оксана Ковальчук"},
        {"names": "Oksana Maria Kovalchuk"},
        {"born": "1995-05-17"},
        {"born": "1949-05-17"},
        {"born": "1994-01-01"},
        {"born": "1994"},
        {"citizenships": frozenset()},
    ],
)
def test_one_wrong_fact_hides_nobody(changed):
    assert is_alert(person(), person(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"names": "Iryna Melnyk"},
        {"names": "Oksana Melnyk"},
        {"born": "1971-09-30"},
        {"born": "1994-11-02"},
        {"born": "", "citizenships": frozenset()},
    ],
)
def test_somebody_else_is_left_alone(changed):
    assert not is_alert(person(), person(**changed))


def test_a_common_name_needs_more_than_a_year():
    namesakes = {number: person(born=f"19{70 + number}-03-0{1 + number % 9}") for number in range(20)}
    unknown_day = person(born="1994-01-01")
    assert alike(unknown_day, {"one": person()})["one"] >= THRESHOLD
    assert "one" not in alike(unknown_day, {**namesakes, "one": person()})  # type: ignore[dict-item]
