"""PostgreSQL and Redis of this checkout: ``python -m nrm.services start|stop|status|env``.

The data of a demo lives in ``.local/services``; for root in ``/var/tmp/nrm-…``, since PostgreSQL does not run as root
and the unprivileged user it runs as cannot enter every folder. ``NRM_HOME`` names another place.
"""

import contextlib
import hashlib
import os
import stat
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import redis
from psycopg import sql

from nrm.embedded import NotStarted, Postgres, free_port, start_redis

ROOT: Final = Path(__file__).resolve().parent.parent
DATABASE: Final = "nrm"
RECOVERY_SECONDS: Final = 60
# The profile of an installation that names none.
FIRST_PROFILE: Final = "nl"


def default_home() -> Path:
    """Where the embedded services of this checkout live: each country that is shown has data of its own."""
    named = os.environ.get("NRM_HOME")
    if named:
        return Path(named)
    profile = Path(os.environ.get("COUNTRY_PROFILE") or FIRST_PROFILE).stem
    of_profile = "" if profile == FIRST_PROFILE else f"-{profile}"
    if os.geteuid() != 0:
        return ROOT / ".local" / f"services{of_profile}"
    of_checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    return Path("/var/tmp") / f"nrm-{of_checkout}{of_profile}"  # noqa: S108


@dataclass(frozen=True)
class Services:
    """The pair, in ``home``."""

    home: Path

    @property
    def postgres(self) -> Postgres:
        return Postgres(self.home / "postgres")

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{(self.home / 'redis' / 'port').read_text().strip()}/0"

    def start(self) -> None:
        """Start what does not run yet and wait until both answer; raises ``NotStarted``."""
        self._own_home()
        self.postgres.make()
        self.postgres.start()
        self._await_recovery()
        if not self.has_redis():
            folder = self.home / "redis"
            port = free_port()
            start_redis(folder, port)
            (folder / "port").write_text(f"{port}\n")

    def stop(self) -> None:
        """Stop both; what is in PostgreSQL stays."""
        if self.has_redis():
            with contextlib.suppress(redis.ConnectionError), redis.Redis.from_url(self.redis_url) as client:
                client.shutdown(nosave=True)
        self.postgres.stop()

    def has_redis(self) -> bool:
        """Our Redis answers."""
        try:
            with redis.Redis.from_url(self.redis_url, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def environment(self) -> dict[str, str]:
        """The settings that point the application to these services."""
        return {
            "NRM_MODE": "demo",
            "DATABASE_URL": f"postgresql://127.0.0.1:{self.postgres.port}/{DATABASE}",
            "ADMIN_DATABASE_URL": self.postgres.url(DATABASE),
            "REDIS_URL": self.redis_url,
        }

    def make_database(self) -> None:
        """The empty database, when there is none yet."""
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            if not _has_database(connection):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _await_recovery(self) -> None:
        """After a crash PostgreSQL replays its log first and refuses connections meanwhile."""
        until = time.monotonic() + RECOVERY_SECONDS
        while True:
            try:
                psycopg.connect(self.postgres.url(), connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    raise NotStarted(f"PostgreSQL does not answer. Its log: {self.postgres.home / 'log'}") from error
                time.sleep(0.2)

    def _own_home(self) -> None:
        """Make the folder, or make sure that nobody else made it: /var/tmp belongs to everybody."""
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        found = self.home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise NotStarted(f"{self.home} belongs to somebody else. Set NRM_HOME to a folder of your own.")


def _has_database(connection: "psycopg.Connection[Any]") -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
    return found is not None


def main(words: list[str]) -> int:
    """The command line; returns the exit code."""
    services = Services(default_home())
    match words:
        case ["start"]:
            services.start()
            services.make_database()
            print(f"PostgreSQL and Redis run. Data: {services.home}")
        case ["stop"]:
            services.stop()
            print("PostgreSQL and Redis are stopped. The data stays.")
        case ["status"]:
            states = {"PostgreSQL": services.postgres.is_running, "Redis": services.has_redis()}
            print("\n".join(f"{name}: {'runs' if runs else 'is stopped'}" for name, runs in states.items()))
            return 0 if all(states.values()) else 3
        case ["env"]:
            print("\n".join(f"export {name}='{value}'" for name, value in services.environment().items()))
        case _:
            print("Say one of: start, stop, status, env")
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except NotStarted as fault:
        sys.exit(str(fault))
