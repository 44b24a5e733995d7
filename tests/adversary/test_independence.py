"""Model and judge are two readings of the rules: neither knows the other, neither knows the product."""

import ast
import copy
from pathlib import Path

import pytest

from tests.adversary.players import TRIES, Players
from tests.adversary.rules import ACTS, Model
from tests.adversary.world import Refused

HERE = Path(__file__).parent
SHARED = {"tests.adversary.words", "tests.adversary.world"}
MODEL = {
    f"tests.adversary.{name}" for name in ("state", "knowledge", "people", "bases", "sharing", "offices", "members")
}
JUDGE = {f"tests.adversary.{name}" for name in ("chains", "act_log", "invariants")}
STANDARD = {"ast", "bisect", "collections", "collections.abc", "dataclasses", "enum", "itertools", "random", "typing"}


def imported(module):
    tree = ast.parse((HERE / f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            if node.module == "tests.adversary":
                yield from (f"tests.adversary.{name.name}" for name in node.names)
            else:
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("module", sorted(JUDGE))
def test_the_judge_knows_neither_model_nor_product(module):
    assert set(imported(module)) <= SHARED | JUDGE | STANDARD


@pytest.mark.parametrize("module", sorted(MODEL | {"tests.adversary.rules"}))
def test_the_model_knows_neither_judge_nor_product(module):
    assert set(imported(module)) <= SHARED | MODEL | STANDARD


def test_players_know_only_what_is_answered_to_them():
    assert set(imported("tests.adversary.players")) <= SHARED | STANDARD


def test_players_try_every_act_of_the_model():
    assert set(ACTS) - set(TRIES) == {"register_presumed_victim"}
    assert set(TRIES) - set(ACTS) == {"switch_organisation", "wait", "post_again"}


@pytest.mark.parametrize("seed", range(2))
def test_a_refused_try_changes_nothing(seed):
    model, players = Model(), Players(seed)
    refused = 0
    for number in range(1, 101):
        step = players.next(number)
        before = copy.deepcopy(model.case)
        answer = model.act(step)
        players.told(step, answer)
        if isinstance(answer, Refused):
            refused += 1
            assert model.case == before, (step, answer)
    assert refused > 20
