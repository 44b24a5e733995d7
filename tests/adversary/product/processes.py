"""Walks through the product in processes of their own, each with its database server; only figures come back."""

import json
import os
import subprocess
import sys
from collections import Counter
from typing import Final

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
        found = json.loads(printed.strip().splitlines()[-1]) if printed.strip() else {}
        attack = attack or found.get("attack", "")
        figures.add(
            Figures(
                done=Counter(found.get("done", {})),
                refused=Counter(found.get("refused", {})),
                checks=Counter(found.get("checks", {})),
                walks=found.get("walks", 0),
                seconds=found.get("seconds", 0.0),
            )
        )
    return figures, attack
