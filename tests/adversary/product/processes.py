"""Walks through the product in processes of their own, each with its database server; only figures come back."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from typing import Any, Final

from tests.adversary.walk import Figures

MODULE: Final = "tests.adversary.product"


def explore_in_processes(acts: int, *, processes: int = 2) -> tuple[Figures, str]:
    """Walk until ``acts`` were carried out, shared among processes: the figures, and the attack if something broke."""
    share = -(-acts // processes)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", MODULE, str(share), str(number), str(processes)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for number in range(processes)
    ]
    figures, attack = Figures(), ""
    for process in started:
        printed, _ = process.communicate()
        if process.returncode:
            attack = attack or f"a process ended with {process.returncode}\n{printed}"
        counted, found = read(printed.strip().splitlines()[-1] if printed.strip() else "{}")
        attack = attack or found
        figures.add(counted)
    return figures, attack


def written(figures: Figures, attack: str) -> str:
    """One line of JSON: what a process counted, and the attack if something broke. Not by ``asdict``, for which a
    Counter counts the pairs that it holds."""
    return json.dumps({**{field.name: getattr(figures, field.name) for field in fields(figures)}, "attack": attack})


def read(line: str) -> tuple[Figures, str]:
    """What ``written`` wrote; a process that printed nothing counted nothing."""
    found: dict[str, Any] = json.loads(line)
    attack: str = found.pop("attack", "")
    counted: dict[str, Any] = {
        name: Counter(value) if isinstance(value, dict) else value for name, value in found.items()
    }
    return Figures(**counted), attack
