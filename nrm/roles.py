"""The database's roles: who owns, serves, keeps the ledger and the clocks, who counts, compares, audits, backs up.

None is superuser or may bypass row-level security, except the loader of test and benchmark clusters. Membership is
given ``WITH INHERIT FALSE``: a right of the ledger is used only after an explicit SET ROLE.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import psycopg
from psycopg import sql

from core.db import KEEP_LOUD

LOGIN: Final = ("owner", "app", "worker", "backup")
ROLES: Final = (*LOGIN, "ledger", "statistics", "matcher", "auditor")
MEMBERS: Final = (
    ("ledger", "app"),
    ("ledger", "worker"),
    ("statistics", "app"),
    ("statistics", "worker"),
    # Not the web: whoever serves a registrar can never ask whether a person is known elsewhere.
    ("matcher", "worker"),
    ("auditor", "app"),
)
# In a demo the loader and in tests the suite live through the worker's part too.
TEST_MEMBERS: Final = (("worker", "app"),)

NOW: Final = "SELECT now()"
TEST_NOW: Final = "SELECT COALESCE(NULLIF(current_setting('nrm.now', true), '')::timestamptz, now())"
FUNCTIONS: Final = {
    "nrm_organisation": ("uuid", "SELECT NULLIF(current_setting('nrm.organisation', true), '')::uuid"),
    "nrm_membership": ("uuid", "SELECT NULLIF(current_setting('nrm.membership', true), '')::uuid"),
    "nrm_scope": ("text", "SELECT COALESCE(NULLIF(current_setting('nrm.scope', true), ''), 'none')"),
}

Connection: TypeAlias = psycopg.Connection[Any]


def make(connection: Connection, passwords: Mapping[str, str], *, is_test: bool) -> None:
    """Make or mend roles, schema rights, functions and types in the database of ``connection`` (a superuser's)."""
    for role in (*ROLES, *(("loader",) if is_test else ())):
        _make_role(connection, role, passwords.get(role))
    for role, member in (*MEMBERS, *(TEST_MEMBERS if is_test else ())):
        connection.execute(f"GRANT nrm_{role} TO nrm_{member} WITH INHERIT FALSE, SET TRUE")
    if is_test:
        connection.execute("ALTER ROLE nrm_loader WITH BYPASSRLS LOGIN")
        connection.execute("GRANT nrm_owner TO nrm_loader WITH INHERIT TRUE")
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in LOGIN:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, _name(role)))
    if is_test:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO nrm_loader").format(database))
    connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    connection.execute("GRANT ALL ON SCHEMA public TO nrm_owner")
    for role in ROLES[1:]:
        connection.execute(f"GRANT USAGE ON SCHEMA public TO nrm_{role}")
    _make_functions(connection, NOW if not is_test else TEST_NOW)
    if connection.execute("SELECT to_regproc('public._pgtrigger_should_ignore') IS NOT NULL").fetchone() == (True,):
        connection.execute(KEEP_LOUD)


def _name(role: str) -> sql.Identifier:
    return sql.Identifier(f"nrm_{role}")


def _make_role(connection: Connection, role: str, password: str | None) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [f"nrm_{role}"]).fetchone()
    if not known:
        connection.execute(sql.SQL("CREATE ROLE {}").format(_name(role)))
    rights = sql.SQL("ALTER ROLE {} WITH NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    connection.execute(rights.format(_name(role)))
    if role in LOGIN or role == "loader":
        secret = sql.Literal(password or passwords_missing(role))
        connection.execute(sql.SQL("ALTER ROLE {} WITH LOGIN PASSWORD {}").format(_name(role), secret))


def passwords_missing(role: str) -> str:
    """The loader of a test cluster has no password of its own to be told; every other role must have one."""
    if role != "loader":
        raise ValueError(f"No password was given for nrm_{role}.")
    return "loader"


def _make_functions(connection: Connection, now: str) -> None:
    for name, (kind, body) in {**FUNCTIONS, "nrm_now": ("timestamptz", now)}.items():
        connection.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE AS $${body}$$"
        )
