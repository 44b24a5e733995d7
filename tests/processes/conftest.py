"""Real processes beside the test, on the test's own database."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from django.conf import settings

from tests.cluster import Cluster

Spawn = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def environment(own_database: str, cluster: Cluster, tmp_path: Path) -> Mapping[str, str]:
    """What a worker's process finds in its environment."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
        "DATABASE_URL": f"postgresql://127.0.0.1:{cluster.postgres.port}/{own_database}",
        "NRM_MODE": "test",
        "NRM_ROLE": "worker",
        "NRM_TEST_HOME": str(tmp_path),
        "PYTHONPATH": str(settings.BASE_DIR),
    }


@pytest.fixture
def spawn(environment: Mapping[str, str]) -> Iterator[Spawn]:
    """Start ``python <arguments>`` as a worker's process; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **extra: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**environment, **extra},
            cwd=settings.BASE_DIR,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)
