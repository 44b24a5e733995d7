"""``docs/bad_input.md`` is true: every item has tests, and they exist."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ROW: Final = re.compile(r"^\| (?P<item>[^|]+) \| (?P<answer>[^|]+) \| (?P<tests>`[^|]+) \|$", re.MULTILINE)
ROWS: Final = [match.groupdict() for match in ROW.finditer((ROOT / "docs/bad_input.md").read_text(encoding="utf-8"))]


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_item_of_the_issues_has_its_row() -> None:
    assert len(ROWS) >= 23


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["item"])
def test_the_tests_of_an_item_exist(row: dict[str, str]) -> None:
    for named in re.findall(r"`([^`]+)`", row["tests"]):
        path, _colons, test = named.partition("::")
        assert test in functions(path), f"{named} does not exist"
