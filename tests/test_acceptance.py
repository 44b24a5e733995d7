"""``docs/acceptance.md`` is true: it has every point that must hold by now, and each names tests that exist."""

import re

import pytest

from tests.test_rules import ROOT, names_in

POINTS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 28, 30}
LINE = re.compile(r"^\| (\d+) \|")
TABLE = [line for line in (ROOT / "docs/acceptance.md").read_text(encoding="utf-8").splitlines() if LINE.match(line)]


def point(line):
    return int(LINE.match(line)[1])


def test_every_point_stands_in_the_table_once():
    assert sorted(map(point, TABLE)) == sorted(POINTS)


@pytest.mark.parametrize("line", TABLE, ids=point)
def test_its_tests_exist(line):
    named = re.findall(r"`(tests/[^`]+)::([^`]+)`", line)
    assert named
    for path, test in named:
        assert test in names_in(path), f"{path}::{test} does not exist"
