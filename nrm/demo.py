"""``make demo``: the whole application on this machine, with fictitious data. Ctrl-C ends all of it.

``python -m nrm.demo --empty`` leaves the fictitious cases out.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from nrm import processes
from nrm.embedded import NotStarted
from nrm.services import ROOT, Services, default_home

ADDRESS: Final = "127.0.0.1"
READY_SECONDS: Final = 60
STOP_SECONDS: Final = 15
MANAGE: Final = (sys.executable, "manage.py")
STEPS: Final = (
    ("Database roles", ("make_roles",)),
    ("Schema", ("migrate", "--verbosity", "0", "--skip-checks")),
    ("Static files", ("collectstatic", "--noinput", "--verbosity", "0")),
    ("Fictitious cases (some minutes the first time)", ("load_demo",)),
)


class Stopped(Exception):
    """Somebody asked the demo to end."""


def main() -> int:
    """Prepare, start, wait; returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    port = os.environ.get("PORT", "8000")
    services = Services(default_home())
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        say("Starting PostgreSQL and Redis …")
        services.start()
        services.make_database()
        settings = _settings(services, port)
        prepare(settings, is_empty="--empty" in sys.argv[1:])
        say("Starting web, worker and beat …")
        running = start(settings, port)
        wait_until_ready(port, running)
        say(f"Ready: http://{ADDRESS}:{port}/   (Ctrl-C ends it)")
        return watch(running)
    except Stopped:
        say("Stopping …")
        return 0
    except (NotStarted, subprocess.CalledProcessError) as fault:
        say(f"The demo did not start: {fault}")
        return 1
    finally:
        stop(running)
        services.stop()
        say("Stopped. The data stays; start again with: make demo")


def prepare(settings: Mapping[str, str], *, is_empty: bool) -> None:
    """Roles, schema, static files, fictitious data: each step does nothing when it has been done."""
    for label, words in STEPS[:-1] if is_empty else STEPS:
        say(f"{label} …")
        subprocess.run([*MANAGE, *words], cwd=ROOT, env=dict(settings), check=True)


def start(settings: Mapping[str, str], port: str) -> "dict[str, subprocess.Popen[bytes]]":
    """Web, worker and beat as children, each in a session of its own: Ctrl-C reaches this process alone."""
    programs = {
        "web": (processes.web(f"{ADDRESS}:{port}"), {"NRM_ROLE": "app", "DATABASE_POOL": "1"}),
        "worker": (processes.worker(), {"NRM_ROLE": "worker"}),
        "beat": (processes.beat(str(ROOT / ".local" / "beat")), {"NRM_ROLE": "beat"}),
    }
    return {name: _start_one(log_of(name), words, {**settings, **own}) for name, (words, own) in programs.items()}


def wait_until_ready(port: str, running: "Mapping[str, subprocess.Popen[bytes]]") -> None:
    """Until ``/healthz`` says so; raises ``NotStarted``."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        for name, process in running.items():
            if process.poll() is not None:
                raise NotStarted(f"{name} ended with code {process.returncode}; why: {log_of(name)}")
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise NotStarted(f"nothing answers on port {port}; choose another with PORT=8001 make demo")


def watch(running: "Mapping[str, subprocess.Popen[bytes]]") -> int:
    """Wait; when one process ends by itself the demo is over."""
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                say(f"{name} ended by itself (code {process.returncode}). Its log: {log_of(name)}")
                return 1
        time.sleep(0.5)


def stop(running: "Mapping[str, subprocess.Popen[bytes]]") -> None:
    """End our processes, kindly first."""
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def log_of(name: str) -> Path:
    """Where a process of the demo writes."""
    return ROOT / ".local" / "logs" / f"{name}.log"


def say(words: str) -> None:
    """A line for the person at the terminal."""
    print(f"demo: {words}", flush=True)


def _start_one(log: Path, words: list[str], settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=dict(settings),
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def _settings(services: Services, port: str) -> dict[str, str]:
    own = {
        "BASE_URL": f"http://{ADDRESS}:{port}",
        "PORT": port,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return {**os.environ, **services.environment(), **own}


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
