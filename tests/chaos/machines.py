"""The processes under faults: started again when they are killed, each in a session of its own."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from nrm.embedded import Postgres, free_port, start_redis
from tests.chaos.post_office import PostOffice

ROOT: Final = Path(__file__).resolve().parents[2]
CELERY: Final = ("celery", "-A", "tests.chaos.celery")
QUIET: Final = ("--loglevel", "CRITICAL")
WORKER: Final = (*CELERY, "worker", *QUIET, "--concurrency", "1", "--without-gossip", "--without-mingle")
BEAT: Final = (*CELERY, "beat", *QUIET, "--max-interval", "1", "--pidfile=")
SKEWS: Final = (0, 7200, -7200)


class Machines:
    """One database, one Redis, two workers, a beat (for a while two), cron while Redis is away, a mail server."""

    def __init__(self, home: Path, postgres: Postgres, database: str, dice: random.Random) -> None:
        self.home, self.postgres, self.dice = home, postgres, dice
        self.office = PostOffice()
        self.office.controller.start()
        self.redis_port = free_port()
        self.redis: subprocess.Popen[bytes] | None = None
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "DATABASE_URL": f"postgresql://127.0.0.1:{postgres.port}/{database}",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "NRM_MODE": "test",
            "NRM_ROLE": "worker",
            "NRM_CHAOS_SMTP": str(self.office.port),
        }

    def start(self) -> None:
        self.start_redis()
        for name in ("worker-1", "worker-2", "beat"):
            self.start_one(name)

    def stop(self) -> None:
        """End everything that was started here, by process id."""
        for process in self.processes.values():
            _kill_group(process)
        self.stop_redis()
        self.office.controller.stop()

    def start_one(self, name: str, skew: int = 0) -> None:
        """Start (again) a worker or a beat; ``skew`` seconds is how wrong its clock is."""
        self.end(name)
        is_worker = name.startswith("worker")
        own = ("--hostname", f"{name}@chaos") if is_worker else ("--schedule", str(self.home / name))
        words = (*(WORKER if is_worker else BEAT), *own)
        self.processes[name] = self._spawn("-m", *words, NRM_CHAOS_SKEW=str(skew))

    def end(self, name: str) -> None:
        """``kill -9`` of a process with its children."""
        process = self.processes.pop(name, None)
        if process is not None:
            _kill_group(process)

    def kill_child(self, name: str) -> bool:
        """``kill -9`` of the one child that does a worker's work; its parent starts another."""
        process = self.processes.get(name)
        children = psutil.Process(process.pid).children() if process and process.poll() is None else []
        for child in children[:1]:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        return bool(children)

    def start_redis(self) -> None:
        if self.redis is None or self.redis.poll() is not None:
            self.redis = start_redis(self.home / "redis", self.redis_port)

    def stop_redis(self) -> None:
        if self.redis is not None:
            self.redis.kill()
            self.redis.wait(10)

    def ring_by_cron(self) -> None:
        """Cron's alarm clock, which needs no Redis; a crash of the database may meet it too."""
        self._spawn("-m", "tests.chaos.cron").wait(60)

    def crash_database(self) -> None:
        """Every connection breaks, memory is gone; what was committed comes back from the log."""
        self.postgres.stop("immediate")
        time.sleep(self.dice.uniform(0, 1))
        self.postgres.start()

    def _spawn(self, *words: str, **more: str) -> "subprocess.Popen[bytes]":
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env={**self.environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
