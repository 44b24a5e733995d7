"""The line of a proof: what its tests counted, in whichever process they ran."""

from types import SimpleNamespace
from typing import Any

from tests.proofs.figures import COUNTED, NAME, Proofs


def report(when: str, name: str = "test_cells", *, failed: bool = False, **counted: int) -> Any:
    told = [(NAME, "access matrix"), *((COUNTED + words, value) for words, value in counted.items())]
    return SimpleNamespace(
        when=when, failed=failed, duration=1.0, nodeid=f"tests/matrix/test_matrix.py::{name}", user_properties=told
    )


def lines(*reports: Any) -> list[str]:
    proofs = Proofs()
    for one in reports:
        proofs.pytest_runtest_logreport(one)
    return [proof.line for proof in proofs.found.values()]


def test_what_two_tests_counted_makes_one_line_and_each_counts_once() -> None:
    first = [report("setup"), report("call", cells=1200, wrong=0), report("teardown", cells=1200, wrong=0)]
    second = [report(when, "test_more", cells=34) for when in ("setup", "call", "teardown")]
    (line,) = lines(*first, *second)
    assert line.endswith(" 1,234 cells, 0 wrong (6 s)")
    assert line.startswith("access matrix...")


def test_a_line_names_what_failed_and_counts_tests_where_nothing_was_counted() -> None:
    (line,) = lines(report("setup"), report("call", failed=True), report("teardown"))
    assert line.endswith(" 1 tests (3 s)  FAILED: 1, first test_cells")


def test_other_tests_have_no_line() -> None:
    plain = report("call")
    plain.user_properties = []
    assert lines(plain) == []
