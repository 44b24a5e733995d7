"""The database's side of who is acting: transaction-local context, roles, and the SQL that migrations repeat."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.migrations.operations import RunSQL
from psycopg.pq import TransactionStatus

from core import clock

CLEARED: Final = ("", "", "none", "", "")
SET_CONTEXT: Final = (
    "SELECT set_config('nrm.organisation', %s, true), set_config('nrm.membership', %s, true),"
    " set_config('nrm.scope', %s, true), set_config('nrm.now', %s, true),"
    " set_config('pghistory.context_metadata', %s, true), clock_timestamp()"
)
# pgtrigger skips a trigger that a setting names, and everybody may set it. Here nobody silences the history.
LOUD: Final = "SELECT false"
KEEP_LOUD: Final = (
    "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name)"
    f" RETURNS boolean LANGUAGE sql IMMUTABLE AS $${LOUD}$$"
)


@contextmanager
def database_context(
    *, organisation: UUID | None, membership: UUID | None, scope: str, doer: str = ""
) -> Iterator[None]:
    """One transaction with the context that row-level security reads; the context before is put back on leaving.

    ``doer`` is JSON that the history keeps beside every row that is written inside.
    The settings are local to the transaction, so a pooled connection can never carry them into another request.
    """
    travelled = clock.travelled()
    now = travelled.isoformat() if travelled else ""
    wanted = (str(organisation or ""), str(membership or ""), scope, now, doer)
    before = getattr(connection, "nrm_context", CLEARED)
    is_inside = connection.in_atomic_block
    with transaction.atomic():
        set_context(wanted)
        try:
            yield
        finally:
            connection.nrm_context = before  # type: ignore[attr-defined]
            # What is local ends by itself with the outermost transaction, and with one that has failed.
            if is_inside and _takes_statements():
                set_context(before)


def set_context(values: Sequence[str]) -> None:
    """Set organisation, membership, scope, (test clusters) the moment, and the doer, for this transaction only.

    The database's answer says what time it is there: this process counts from that.
    """
    with connection.cursor() as cursor:
        cursor.execute(SET_CONTEXT, list(values))
        clock.follow(cursor.fetchone()[-1])
    connection.nrm_context = tuple(values)  # type: ignore[attr-defined]


@contextmanager
def role(name: str) -> Iterator[None]:
    """Act as another database role (``nrm_ledger``, ``nrm_statistics``) for the statements inside; may be nested.

    Two statements and no savepoint of its own: an operation is a transaction already. When a statement has failed, the
    rollback of whatever transaction or savepoint is around restores the role.
    """
    before = getattr(connection, "nrm_role", None)
    if before == name:
        yield
        return
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _set_role(name)
        connection.nrm_role = name  # type: ignore[attr-defined]
        try:
            yield
        finally:
            connection.nrm_role = before  # type: ignore[attr-defined]
            if _takes_statements():
                _set_role(before)


def _set_role(name: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(name)}" if name else "RESET ROLE")


def _takes_statements() -> bool:
    """False when the transaction has failed, or the connection is gone: what comes next is a rollback."""
    raw = connection.connection
    in_order = raw is not None and raw.info.transaction_status == TransactionStatus.INTRANS
    return in_order and not connection.needs_rollback


def grant(table: str, **rights: str) -> RunSQL:
    """Table rights by role: ``grant("cases_case", app="SELECT, INSERT", worker="SELECT")``."""
    statements = [f"GRANT {right} ON {table} TO nrm_{name}" for name, right in rights.items()]
    return RunSQL([f"REVOKE ALL ON {table} FROM PUBLIC", *statements], RunSQL.noop)


def protect(table: str) -> RunSQL:
    """Row-level security, forced also on the owner, who gets an explicit policy (migrations change rows too)."""
    return RunSQL(
        [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {table}_owner ON {table} TO nrm_owner USING (true) WITH CHECK (true)",
            f"CREATE POLICY {table}_backup ON {table} FOR SELECT TO nrm_backup USING (true)",
            f"GRANT SELECT ON {table} TO nrm_backup",
        ],
        RunSQL.noop,
    )


def policy(
    table: str, name: str, *, to: str, using: str = "", check: str = "", command: str = "ALL", always: bool = False
) -> RunSQL:
    """One policy; ``using`` says which rows may be read, ``check`` which may be written. ``always``: it must hold
    besides whatever another policy allows."""
    kind = " AS RESTRICTIVE" if always else ""
    sql = f"CREATE POLICY {table}_{name} ON {table}{kind} FOR {command} TO {to}"
    sql += f" USING ({using})" if using else ""
    sql += f" WITH CHECK ({check})" if check else ""
    return RunSQL(sql, f"DROP POLICY {table}_{name} ON {table}")
