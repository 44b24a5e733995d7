"""Collects what the proofs counted and prints one line for each (pytest plugin, see ``tests/conftest.py``)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pytest

Number: TypeAlias = int | float
Figure: TypeAlias = Callable[..., None]
WIDTH: Final = 44


@dataclass
class Proof:
    """One line: what all its tests counted together, how long they took, and which of them failed."""

    name: str
    counted: dict[str, Number] = field(default_factory=dict)
    seconds: float = 0.0
    tests: int = 0
    failed: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        counted = ", ".join(f"{shown(value)} {words.replace('_', ' ')}" for words, value in self.counted.items())
        verdict = f"  FAILED: {len(self.failed)}, first {self.failed[0]}" if self.failed else ""
        return f"{self.name:.<{WIDTH}} {counted or f'{self.tests} tests'} ({self.seconds:.0f} s){verdict}"


PROOFS: Final[pytest.StashKey[dict[str, Proof]]] = pytest.StashKey()


def shown(value: Number) -> str:
    """``12,345``; a fraction with the digits that matter."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def of(item: Any) -> Proof | None:
    """The proof that a test belongs to."""
    mark = item.get_closest_marker("proof")
    if mark is None:
        return None
    proofs: dict[str, Proof] = item.config.stash.setdefault(PROOFS, {})
    return proofs.setdefault(mark.args[0], Proof(mark.args[0]))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """``figure(cells=1234, unexpected=0)``: add to the line of the proof that this test belongs to."""
    proof = of(request.node)
    assert proof is not None, 'Say which proof it belongs to: @pytest.mark.proof("…")'

    def add(**counted: Number) -> None:
        for words, value in counted.items():
            proof.counted[words] = proof.counted.get(words, 0) + value

    return add


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """Add up time and failures by proof; the making of shared worlds counts for who asked first."""
    outcome: Any = yield
    proof = of(item)
    if proof is None:
        return
    report = outcome.get_result()
    proof.seconds += report.duration
    proof.tests += report.when == "call"
    if report.failed:
        proof.failed.append(item.name)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One line for each proof that ran."""
    found = config.stash.get(PROOFS, {})
    if found:
        terminalreporter.section("proofs")
    for name in sorted(found):
        terminalreporter.line(found[name].line, red=bool(found[name].failed))
