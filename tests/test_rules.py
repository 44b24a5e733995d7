"""``docs/rules.md`` is true: every rule has a home that exists and a test that exists."""

import ast
import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parent.parent
COLUMNS = ["id", "rule", "source", "home", "test"]
CODE = re.compile(r"`([^`]+)`")


def rows():
    lines = [line for line in (ROOT / "docs/rules.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row != COLUMNS and set("".join(row)) - set("-: ")]


@cache
def constraints():
    return {named.name for model in apps.get_models() for named in [*model._meta.constraints, *model._meta.indexes]}


@cache
def names_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def is_home(home):
    """``module:attribute``, ``constraint:name``, ``file.toml:key.key`` or ``migrations/file.py:text``."""
    place, _colon, name = home.partition(":")
    if place == "constraint":
        return name in constraints()
    if place.endswith(".toml"):
        return toml_has(ROOT / place, name)
    if "/" in place:
        return (ROOT / place).is_file() and name in (ROOT / place).read_text(encoding="utf-8")
    found = import_module(place)
    for part in filter(None, name.split(".")):
        found = getattr(found, part)
    return True


def toml_has(path, name):
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for part in name.split("."):
        data = next(one for one in data if one["code"] == part) if isinstance(data, list) else data[part]
    return True


def test_the_table_has_its_columns():
    assert all(len(row) == len(COLUMNS) for row in rows())


def test_identifiers_are_unique():
    names = [row[0] for row in rows()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_home_and_test_of_the_rule_exist(row):
    _name, sentence, source, home, proof = row
    assert sentence
    assert source
    assert CODE.findall(home)
    assert CODE.findall(proof)
    assert all(is_home(one) for one in CODE.findall(home))
    for one in CODE.findall(proof):
        path, _colons, test = one.partition("::")
        assert test in names_in(path), f"{one} does not exist"
