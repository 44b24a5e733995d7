"""The check of what guards case data: every policy, right and FORCE is taken away once, and each loss is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from nrm import protection
from nrm.checks import refuse_unsafe_start
from nrm.protection import Table
from tests.cluster import Cluster
from tests.proofs import some
from tests.proofs.figures import Figure


def guarded() -> list[Table]:
    return [table for table in protection.read() if table.has_case_data and not table.is_view]


def losses(table: Table) -> list[tuple[str, str]]:
    """A statement for everything that can be taken from a table, and words that must name it."""
    found = [
        (f"ALTER TABLE {table.name} NO FORCE ROW LEVEL SECURITY", "FORCE"),
        (f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY", "row-level security"),
        (f"ALTER TABLE {table.name} OWNER TO nrm_app", "owner"),
    ]
    for policy in table.policies:
        found.append((f"DROP POLICY {policy.name} ON {table.name}", policy.name))
        if policy.using and "true" not in (policy.using, policy.check):
            found.append((f"ALTER POLICY {policy.name} ON {table.name} USING (true)", policy.name))
    for role, command, column in table.rights:
        right = f"{command} ({column})" if column else command
        found.append((f"REVOKE {right} ON {table.name} FROM {role}", role))
    return found


@contextmanager
def undone(admin: "psycopg.Connection[Any]", *statements: str) -> Iterator[None]:
    """What a superuser did by hand, rolled back afterwards; Django looks at it through the same transaction."""
    with admin.transaction(force_rollback=True):
        for statement in statements:
            admin.execute(statement)  # type: ignore[arg-type]
        yield


@pytest.fixture
def look(own_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A superuser's connection that both breaks things and is looked through."""
    with cluster.admin(own_database) as admin:
        monkeypatch.setattr(protection, "connection", admin)
        yield admin


@pytest.mark.proof("what guards case data, taken away once each")
def test_whatever_is_taken_from_a_table_is_named(look: Any, figure: Figure) -> None:
    every = [(table.name, *loss) for table in guarded() for loss in losses(table)]
    assert len(every) > 400
    tried, unnoticed = some(every, short=60), []
    for name, statement, words in tried:
        with undone(look, statement):
            found = protection.faults()
        if not any(fault.table == name and words in fault.words and fault.mend for fault in found):
            unnoticed.append(statement)
    figure(taken_away=len(tried), unnoticed=len(unnoticed))
    assert unnoticed == []


@pytest.mark.parametrize(
    ("statement", "table", "words"),
    [
        ("CREATE TABLE cases_new (id int)", "cases_new", "has no row-level security"),
        ("CREATE TABLE elsewhere (case_id uuid REFERENCES cases_case)", "elsewhere", "has no row-level security"),
        ("CREATE VIEW cases_seen AS SELECT * FROM cases_identity", "cases_seen", "rights of its owner"),
        ("CREATE MATERIALIZED VIEW seen AS SELECT id FROM cases_case", "seen", "rights of its owner"),
        ("GRANT TRUNCATE ON cases_case TO nrm_app", "cases_case", "lets nrm_app TRUNCATE"),
        ("GRANT SELECT ON cases_case TO PUBLIC", "cases_case", "lets public SELECT"),
        ("GRANT SELECT ON cases_case TO nrm_statistics", "cases_case", "shows nrm_statistics every column"),
        ("GRANT SELECT (sealed) ON cases_identity TO nrm_statistics", "cases_identity", "shows nrm_statistics sealed"),
        ("GRANT DELETE ON cases_case TO nrm_app", "cases_case", "has no policy for it"),
        ("CREATE POLICY wide ON cases_case TO nrm_app USING (true)", "cases_case", "lets everybody pass"),
        ("ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY", "accounts_user", "does not force"),
    ],
)
def test_what_a_migration_forgets_or_gives_away_is_named(look: Any, statement: str, table: str, words: str) -> None:
    with undone(look, statement):
        assert [fault for fault in protection.faults() if fault.table == table and words in fault.words]


def test_rules_alone_find_a_table_that_lost_its_policy_in_a_migration(look: Any) -> None:
    with undone(look, "COMMENT ON TABLE cases_health IS NULL", "DROP POLICY cases_health_read ON cases_health"):
        assert [fault.words for fault in protection.faults()] == ["lets nrm_app SELECT but has no policy for it"]


def test_nothing_is_found_where_nothing_is_wrong(look: Any) -> None:
    assert protection.faults() == []


def test_a_process_does_not_start_beside_a_table_without_its_policy(own_database: str, cluster: Cluster) -> None:
    with cluster.admin(own_database) as admin:
        admin.execute("DROP POLICY cases_identity_read ON cases_identity")
    with pytest.raises(
        ImproperlyConfigured, match=r"cases_identity has lost: policy cases_identity_read .* Restore it"
    ):
        refuse_unsafe_start()


def test_a_migration_does_not_bless_what_was_taken_by_hand(own_database: str, cluster: Cluster) -> None:
    with cluster.admin(own_database) as admin:
        admin.execute("DROP POLICY cases_identity_read ON cases_identity")
    cluster.point(own_database, "owner")
    with pytest.raises(CommandError, match="cases_identity_read"):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False, accept_protection=True)
    connection.close()
    cluster.point(own_database)
    found = [fault for fault in protection.faults() if fault.table == "cases_identity"]
    assert [fault.words for fault in found] == ["lets nrm_app SELECT but has no policy for it"]
