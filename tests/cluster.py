"""The test run's own PostgreSQL 18: one template database migrated as owner, clones of it for everything else.

``NRM_TEST_CLUSTER=/short/path`` keeps the cluster and the template between runs; without it both live for one run.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from nrm import roles
from nrm.embedded import Postgres

WATCHED: Final = (
    "*/migrations/*.py",
    "nrm/roles.py",
    "nrm/protection.py",
    "nrm/management/commands/migrate.py",
    "core/db.py",
    "nrm/settings.py",
    "accounts/models.py",
)
LIBRARIES: Final = ("django", "django-allauth", "django-guardian", "django-pghistory")


class Cluster:
    """The cluster, its template database, and clones by name."""

    def __init__(self, kept: str | None, *, is_durable: bool = False) -> None:
        """``is_durable``: what was committed survives a crash of the server (not of the machine)."""
        self.is_durable = is_durable
        self.is_kept = bool(kept)
        self.home = Path(kept or tempfile.mkdtemp(prefix="nrm-test-"))
        self.home.mkdir(parents=True, exist_ok=True)
        # As root the server runs as an unprivileged user, who must be able to pass.
        self.home.chmod(0o711)
        self.postgres = Postgres(self.home / "postgres")
        self.template = f"nrm_template_{_fingerprint()}"

    def start(self) -> None:
        """Start it and make the template, once for all processes that share it."""
        with self._alone():
            self.postgres.make(is_fast=True)
            self.postgres.start()
            if self.is_durable:
                self._survive_crashes()
            if not self._has(self.template):
                self._make_template()

    def stop(self) -> None:
        """End it, unless it is kept for the next run."""
        if not self.is_kept:
            self.postgres.stop("immediate")
            shutil.rmtree(self.home, ignore_errors=True)

    def clone(self, name: str, of: str = "") -> None:
        """A database like the template, or like another that nobody is connected to."""
        self._do("CREATE DATABASE {} TEMPLATE {}", name, of or self.template)

    def drop(self, name: str) -> None:
        """Drop a clone, whoever is still connected."""
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def point(self, name: str, role: str = "app") -> None:
        """Connect Django (every thread of this process) to the database ``name`` as ``role``."""
        connection.close()
        connection.settings_dict.update(
            HOST="127.0.0.1",
            PORT=str(self.postgres.port),
            NAME=name,
            USER=f"nrm_{role}",
            PASSWORD=settings.ROLE_PASSWORDS[role],
        )

    def admin(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        """A superuser's connection, for what no role of the application may."""
        return psycopg.connect(self.postgres.url(database), autocommit=True)

    def loader_url(self, database: str) -> str:
        """The address for the role that fills benchmarks (may bypass row-level security; test clusters only)."""
        return self.postgres.url(database, "nrm_loader", "loader")

    def _survive_crashes(self) -> None:
        with self.admin() as admin:
            admin.execute("ALTER SYSTEM SET synchronous_commit = on")
            admin.execute("ALTER SYSTEM SET full_page_writes = on")
            admin.execute("SELECT pg_reload_conf()")

    def _make_template(self) -> None:
        # Built under another name: a run that dies half-way leaves no template that looks finished.
        draft = f"{self.template}_draft"
        self.drop(draft)
        self._do("CREATE DATABASE {} OWNER postgres", draft)
        with self.admin(draft) as admin:
            roles.make(admin, settings.ROLE_PASSWORDS, is_test=True)
        self.point(draft, "owner")
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        self._do("ALTER DATABASE {} RENAME TO {}", draft, self.template)

    def _has(self, name: str) -> bool:
        with self.admin() as admin:
            return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def _do(self, statement: str, *names: str) -> None:
        with self.admin() as admin:
            admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.home / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _fingerprint() -> str:
    """Changes with everything that the template's content depends on."""
    digest = hashlib.sha256(settings.ROLE_PASSWORDS["app"].encode())
    for library in LIBRARIES:
        digest.update(version(library).encode())
    for pattern in WATCHED:
        for path in sorted(Path(settings.BASE_DIR).glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def database_name() -> str:
    """A name for this process's own database."""
    return f"nrm_test_{os.getpid()}"
