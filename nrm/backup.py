"""Back up as ``nrm_backup``, and count what is in the file against what is in the database.

``pg_dump --enable-row-security`` by a role that sees no rows writes an empty file without complaint. A backup is
therefore taken and counted in one snapshot, and a file that lacks rows is no backup.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.db import connection, transaction

from nrm import protection
from nrm.embedded import INSTALLATION, NotStarted, wheel_folder

ROLE: Final = "nrm_backup"
START: Final = "COPY public."
END: Final = "\\."


class NoBackup(RuntimeError):
    """The file does not hold every row; the message says of which tables, and what to do."""


def program(name: str) -> str:
    """``pg_dump`` or ``pg_restore`` of the wheel, which has the server's version, else from the PATH."""
    try:
        path = wheel_folder() / INSTALLATION / "bin" / name
        if path.exists():
            return str(path)
    except NotStarted:
        pass
    found = shutil.which(name)
    if found is None:
        raise NoBackup(f"{name} is missing. Install the client programs of PostgreSQL 18.")
    return found


def write(target: Path) -> Mapping[str, int]:
    """Dump into ``target`` and count; returns the rows of each table. Raises ``NoBackup``."""
    refuse_half_blind()
    with snapshot() as name:
        expected = rows_now()
        dump(target, "--format=custom", f"--snapshot={name}")
    compare(expected, rows_in(target), "and all of them belong into this file")
    return expected


def check(target: Path) -> Mapping[str, int]:
    """Count an older file: every table that has rows now has rows in it. Raises ``NoBackup``."""
    refuse_half_blind()
    found = rows_in(target)
    with transaction.atomic():
        expected = {table: min(rows, found.get(table) or rows) for table, rows in rows_now().items()}
    compare(expected, found, "now")
    return found


def refuse_half_blind() -> None:
    """Only ``nrm_backup`` may read everything, and only while its policies and rights stand."""
    user = connection.settings_dict["USER"]
    if user != ROLE:
        raise NoBackup(f"{user} does not see every row. Run it with NRM_ROLE=backup.")
    blind = [table.name for table in protection.read() if not table.is_view and not sees_all(table)]
    if blind:
        raise NoBackup(f"{ROLE} does not see every row of {', '.join(blind)}. Run: manage.py check --database default")


def sees_all(table: protection.Table) -> bool:
    """The backup's right, and where row-level security is on a policy without condition."""
    passes = any(policy.lets(ROLE, "SELECT") and policy.using == "true" for policy in table.policies)
    return table.may(ROLE, "SELECT") and (passes or not table.is_on)


@contextmanager
def snapshot() -> Iterator[str]:
    """One moment of the database, for counting and for ``pg_dump`` alike."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def rows_now() -> dict[str, int]:
    """Rows of every table, as this role sees them."""
    with connection.cursor() as cursor:
        found = {}
        for table in protection.read():
            if not table.is_view:
                cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table.name)}")  # noqa: S608 - a name
                found[table.name] = int(cursor.fetchone()[0])
    return found


def dump(target: Path, *options: str) -> None:
    """``pg_dump`` with row-level security, as the role that Django connects as. Raises ``NoBackup``."""
    words = [program("pg_dump"), "--enable-row-security", f"--file={target}", *options]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=environment())
    if done.returncode:
        target.unlink(missing_ok=True)
        raise NoBackup(f"pg_dump was refused: {done.stderr.strip().splitlines()[0]}")


def rows_in(target: Path) -> dict[str, int]:
    """Rows of every table in a dump of custom format, counted as they would be restored."""
    words = [program("pg_restore"), "--data-only", "--file=-", str(target)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        found = count(process.stdout or ())
    if process.returncode:
        raise NoBackup(f"pg_restore cannot read {target}.")
    return found


def count(lines: Iterable[str]) -> dict[str, int]:
    """Rows between ``COPY`` and its end, by table."""
    found: dict[str, int] = {}
    table = ""
    for line in lines:
        if not table:
            if line.startswith(START):
                table = line[len(START) :].split(" ", 1)[0].strip('"')
                found[table] = 0
        elif line.rstrip("\n") == END:
            table = ""
        else:
            found[table] += 1
    return found


def compare(expected: Mapping[str, int], found: Mapping[str, int], words: str) -> None:
    """Raise ``NoBackup`` when a table has fewer rows in the file than it must have."""
    short = [
        f"{table}: {found.get(table, 0):,} of {rows:,}"
        for table, rows in expected.items()
        if found.get(table, 0) < rows
    ]
    if short:
        raise NoBackup(f"This is no backup. Rows in the file, and rows {words}: {'; '.join(short)}")


def environment() -> dict[str, str]:
    """Where and as whom the programs connect; a password is never a word of a command line."""
    given = connection.settings_dict
    return {
        **os.environ,
        "PGHOST": str(given["HOST"]),
        "PGPORT": str(given["PORT"] or 5432),
        "PGDATABASE": str(given["NAME"]),
        "PGUSER": str(given["USER"]),
        "PGPASSWORD": str(given["PASSWORD"]),
    }
