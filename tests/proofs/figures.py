"""Collects what the proofs counted and prints one line for each (pytest plugin, see ``tests/conftest.py``)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, cast

import pytest

Number: TypeAlias = int | float
Figure: TypeAlias = Callable[..., None]
WIDTH: Final = 44
# What a report carries: the name of its proof, and what was counted.
NAME: Final = "proof"
COUNTED: Final = "counted "


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


def shown(value: Number) -> str:
    """``12,345``; a fraction with the digits that matter."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def name_of(item: Any) -> str:
    """The proof that a test belongs to; empty for other tests."""
    mark = item.get_closest_marker("proof")
    return str(mark.args[0]) if mark else ""


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """``figure(cells=1234, unexpected=0)``: add to the line of the proof that this test belongs to."""
    assert name_of(request.node), 'Say which proof it belongs to: @pytest.mark.proof("…")'

    def add(**counted: Number) -> None:
        request.node.user_properties.extend((COUNTED + words, value) for words, value in counted.items())

    return add


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Proofs(), "proofs")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What was counted travels with the report, so that several processes (``-n 2``) make one line."""
    if name := name_of(item):
        item.user_properties.append((NAME, name))


class Proofs:
    """The lines, in the process that prints them."""

    def __init__(self) -> None:
        self.found: dict[str, Proof] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up time and failures by proof; the making of shared worlds counts for who asked first."""
        told = dict(report.user_properties)
        if NAME not in told:
            return
        name = str(told[NAME])
        proof = self.found.setdefault(name, Proof(name))
        proof.seconds += report.duration
        proof.tests += report.when == "call"
        if report.failed:
            proof.failed.append(report.nodeid.rpartition("::")[2])
        # Every phase repeats what was counted before: it is added once, at the end.
        for key, value in report.user_properties if report.when == "teardown" else ():
            if key.startswith(COUNTED):
                words = key.removeprefix(COUNTED)
                proof.counted[words] = proof.counted.get(words, 0) + cast(Number, value)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """One line for each proof that ran."""
        if self.found:
            terminalreporter.section("proofs")
        for name in sorted(self.found):
            terminalreporter.line(self.found[name].line, red=bool(self.found[name].failed))
