"""What guards case data inside PostgreSQL, read from its catalogue and judged: policies, rights, FORCE, owners, views.

Two judgements. ``missing``: rules that every table with case data must keep, so that a new table cannot be forgotten.
``changed``: against what the last migration left, which ``migrate`` writes down as the comment of each table; so a
policy that somebody drops or rewrites by hand, or a right that is lost or added, is found when the next process starts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from django.db import connection

# Tables of these apps hold case data, and every table that points to a case; these do not.
APPS: Final = ("audit_", "cases_", "referrals_", "reporting_")
WITHOUT_CASE_DATA: Final = frozenset({"cases_tick", "cases_nightlycount"})
GUARDED_BY_ALL: Final = {"nrm_owner": "ALL", "nrm_backup": "SELECT"}
SERVING: Final = ("nrm_app", "nrm_worker", "nrm_ledger", "nrm_statistics", "nrm_matcher", "nrm_auditor", "nrm_backup")
COMMANDS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
NEVER: Final = ("TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
SEALED: Final = frozenset({"sealed", "wrapped", "wrapped_key"})

TABLES: Final = """
    SELECT c.relname, c.relkind::text, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner),
           coalesce(obj_description(c.oid, 'pg_class'), ''),
           coalesce('security_invoker=true' = ANY (c.reloptions), false),
           EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
                      AND k.confrelid = to_regclass('cases_case'))
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    ORDER BY c.relname
"""
POLICIES: Final = """
    SELECT c.relname, p.polname, p.polpermissive,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                ELSE 'ALL' END,
           ARRAY(SELECT coalesce(r.rolname::text, 'public') FROM unnest(p.polroles) o
                 LEFT JOIN pg_roles r ON r.oid = o ORDER BY 1),
           coalesce(pg_get_expr(p.polqual, p.polrelid), ''), coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname, p.polname
"""
RIGHTS: Final = """
    SELECT c.relname, coalesce(r.rolname, 'public'), a.privilege_type, ''
    FROM pg_class c, aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner
    UNION ALL
    SELECT c.relname, coalesce(r.rolname, 'public'), a.privilege_type, t.attname
    FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND NOT t.attisdropped, aclexplode(t.attacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
"""


@dataclass(frozen=True)
class Policy:
    """One policy as the catalogue has it."""

    name: str
    is_permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str
    check: str

    def lets(self, role: str, command: str) -> bool:
        """True when it lets ``role`` do ``command`` to some rows."""
        return self.is_permissive and role in self.roles and self.command in ("ALL", command)

    @property
    def words(self) -> str:
        digest = sha256(f"{self.is_permissive}|{self.using}|{self.check}".encode()).hexdigest()[:12]
        return f"policy {self.name} for {self.command} by {', '.join(self.roles)}, text {digest}"


@dataclass
class Table:
    """A table or view with everything that guards it."""

    name: str
    kind: str
    is_on: bool
    is_forced: bool
    owner: str
    recorded: str
    asks_as_reader: bool
    points_to_case: bool
    policies: list[Policy] = field(default_factory=list)
    rights: set[tuple[str, str, str]] = field(default_factory=set)

    @property
    def is_view(self) -> bool:
        return self.kind in ("v", "m")

    @property
    def has_case_data(self) -> bool:
        return self.name not in WITHOUT_CASE_DATA and (self.name.startswith(APPS) or self.points_to_case)

    def may(self, role: str, command: str) -> bool:
        """True when ``role`` has the right on the table or on any column."""
        return any(held[:2] == (role, command) for held in self.rights)

    @property
    def guards(self) -> set[str]:
        """Everything that guards it, in words; what ``migrate`` writes down."""
        found = {policy.words for policy in self.policies}
        found |= {f"right of {role} to {command} {column}".rstrip() for role, command, column in self.rights}
        found |= {"row-level security"} if self.is_on else set()
        found |= {"FORCE"} if self.is_forced else set()
        return found | {f"owner {self.owner}"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with which table, and what mends it."""

    table: str
    words: str
    mend: str


def read() -> list[Table]:
    """Tables and views of the database that Django is connected to."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = {row[0]: Table(*row) for row in cursor.fetchall()}
        cursor.execute(POLICIES)
        for name, policy, is_permissive, command, roles, using, check in cursor.fetchall():
            tables[name].policies.append(Policy(policy, is_permissive, command, tuple(roles), using, check))
        cursor.execute(RIGHTS)
        for name, *held in cursor.fetchall():
            tables[name].rights.add((held[0], held[1], held[2]))
    return list(tables.values())


def faults() -> list[Fault]:
    """Everything that is missing, or not as the last migration left it."""
    return [fault for table in read() for fault in (*missing(table), *changed(table))]


def record() -> None:
    """As the owner, after migrating: the backup reads every table; what now guards each one is written down."""
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nrm_backup")
        cursor.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO nrm_backup")
        for table in read():
            if table.has_case_data and not table.is_view:
                words = "\n".join(sorted(table.guards))
                name = connection.ops.quote_name(table.name)
                cursor.execute(f"COMMENT ON TABLE {name} IS %s", [words])


def changed(table: Table) -> Iterator[Fault]:
    """What was lost, and what was added, since the last migration."""
    if not table.recorded or not table.has_case_data:
        return
    recorded = set(table.recorded.splitlines())
    for words in sorted(recorded - table.guards):
        yield Fault(table.name, f"has lost: {words}", "Restore it as the table's migration made it.")
    for words in sorted(table.guards - recorded):
        yield Fault(table.name, f"has what no migration gave it: {words}", "Take it away, or make it a migration.")


def missing(table: Table) -> Iterator[Fault]:
    """Rules that hold for each table, whoever adds it."""
    if table.is_view:
        if not table.asks_as_reader or table.kind == "m":
            mend = "Make it WITH (security_invoker = true), or take it away."
            yield Fault(table.name, "is a view that reads with the rights of its owner", mend)
        return
    if table.is_on != table.is_forced:
        yield Fault(table.name, "does not force row-level security on its owner", _protect(table))
    if not table.may("nrm_backup", "SELECT"):
        yield Fault(table.name, "cannot be read by nrm_backup", "manage.py migrate")
    if not table.has_case_data:
        return
    if not table.is_on:
        yield Fault(table.name, "holds case data and has no row-level security", _protect(table))
    for role, command in GUARDED_BY_ALL.items():
        if not any(policy.lets(role, command) and policy.using == "true" for policy in table.policies):
            yield Fault(table.name, f"has no policy for {role}", _protect(table))
    yield from _unbalanced(table)
    yield from _too_wide(table)


def _unbalanced(table: Table) -> Iterator[Fault]:
    """A right without a policy shows nothing, in silence; a policy without its right refuses."""
    for role in SERVING:
        for command in COMMANDS:
            policies = [policy for policy in table.policies if policy.lets(role, command)]
            if table.may(role, command) and not policies:
                yield Fault(
                    table.name, f"lets {role} {command} but has no policy for it", "core.db.policy in a migration."
                )
            if not table.may(role, command) and any(policy.command == command for policy in policies):
                yield Fault(
                    table.name, f"has a policy for {role} to {command} but no right", "core.db.grant in a migration."
                )


def _too_wide(table: Table) -> Iterator[Fault]:
    """What no table with case data may have."""
    for policy in table.policies:
        if "public" in policy.roles or ("nrm_app" in policy.roles and policy.using == "true"):
            yield Fault(
                table.name, f"lets everybody pass by the policy {policy.name}", "Name the rows that it is about."
            )
    for role, command, column in sorted(table.rights):
        if role == "public" or (role in SERVING and command in NEVER):
            yield Fault(table.name, f"lets {role} {command}", f"REVOKE {command} ON {table.name} FROM {role}")
        if role == "nrm_statistics" and (not column or column in SEALED):
            yield Fault(table.name, f"shows {role} {column or 'every column'}", "Grant coded columns only, by name.")


def _protect(table: Table) -> str:
    return f'core.db.protect("{table.name}") in a migration.'
