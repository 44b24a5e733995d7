"""``make demo`` for real: PostgreSQL, Redis, web, worker and beat come up, answer, and all go when told to end."""

import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from nrm.embedded import free_port
from nrm.services import Services

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="nrm-demo-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)
        Services(Path(folder)).stop()


def start(home: Path, port: int) -> "subprocess.Popen[str]":
    env = {key: value for key, value in os.environ.items() if not key.startswith(("NRM_", "DJANGO_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "nrm.demo", "--empty"],
        cwd=ROOT,
        env={**env, "NRM_HOME": str(home), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until_ready(demo: "subprocess.Popen[str]") -> list[str]:
    lines = []
    for line in demo.stdout or ():
        lines.append(line)
        if "Ready:" in line:
            return lines
    raise AssertionError("".join(lines))


def still_runs(process: psutil.Process) -> bool:
    """False also for a zombie: it has ended, and waits for a parent that in a container may never fetch it."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_demo_starts_answers_and_leaves_nothing_behind(home: Path) -> None:
    port = free_port()
    demo = start(home, port)
    until_ready(demo)
    children = psutil.Process(demo.pid).children(recursive=True)
    programs = {word for child in children for word in child.cmdline() if word in {"gunicorn", "worker", "beat"}}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=10) as answer:
        assert answer.status == 200
    demo.send_signal(signal.SIGINT)
    rest, _ = demo.communicate(timeout=60)

    assert programs == {"gunicorn", "worker", "beat"}
    assert demo.returncode == 0, rest
    assert not [child for child in children if still_runs(child)]
    assert not Services(home).postgres.is_running
    assert not Services(home).has_redis()


def test_postgresql_comes_back_after_a_crash(home: Path) -> None:
    services = Services(home)
    services.start()
    services.make_database()
    services.postgres.stop("immediate")
    services.start()

    assert services.postgres.is_running


def test_a_folder_of_somebody_else_is_refused(home: Path) -> None:
    home.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-m", "nrm.services", "start"],
        cwd=ROOT,
        env={**os.environ, "NRM_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "belongs to somebody else" in done.stderr
