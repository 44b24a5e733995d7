"""The audit is sealed in batches; whatever is changed, removed or put in afterwards is found, and named."""

import random
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from accounts.context import acting
from audit import sealing, trail
from audit.models import AuditSeal
from audit.sealing import Finding
from core.db import role
from tests.cast import Cast
from tests.cluster import Cluster
from tests.proofs import SEED, size
from tests.proofs.figures import Figure

TABLES = ("audit_auditrequest", "audit_auditchange", "audit_auditlook")
SEALED = (*TABLES, "audit_auditseal", "audit_audithint")
ROLES = ("nrm_app", "nrm_worker", "nrm_ledger", "nrm_statistics", "nrm_auditor", "nrm_backup")


def request(cast: Cast, who: str = "ngo_caseworker", outcome: int = 200) -> None:
    """One request that showed two organisations' rows, and one change."""
    actor = getattr(cast, who).actor
    with trail.request_trail() as touched, acting(actor):
        trail.note(case_id=uuid4(), reference="K7QF2M9XT", categories=("identity",), owners=(actor.organisation_id,))
        trail.note(categories=("contact",), owners=(cast.organisations.shelter.pk,))
        trail.record("add_row", actor=actor, case_id=touched.case_id, fields=["text"])
        trail.write_request(touched, actor=actor, method="GET", route="cases:case", outcome=outcome)


def found() -> list[Finding]:
    return [step for step in sealing.verify(sealing.public_key()) if isinstance(step, Finding)]


@pytest.fixture
def admin(own_database: str, cluster: Cluster) -> Iterator["psycopg.Connection[Any]"]:
    """Somebody with the whole database in hand."""
    with cluster.admin(own_database) as superuser:
        yield superuser


def keys(admin: "psycopg.Connection[Any]", table: str) -> list[Any]:
    return [key for (key,) in admin.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()]


# -- tampering -------------------------------------------------------------------------------------------------------


def change(admin: Any, table: str, key: Any, chance: random.Random) -> str:
    columns = {
        "audit_auditrequest": (
            "actor_label = 'x'", "outcome = 500 - outcome", "at = at + interval '1 microsecond'", "owners = '{}'",
            "categories = array_append(categories, 'health')", "reference = ''", "membership_id = NULL",
            "cases_shown = cases_shown + 1", "xid = xid + 1", "xid = 1", "cluster = cluster + 1", "case_id = NULL",
        ),
        "audit_auditchange": (
            "kind = 'share'", "detail = '{}'", "object_id = gen_random_uuid()", "category = 'x'", "actor_id = NULL",
            "at = at - interval '1 day'", "request_id = NULL", "organisation_id = NULL", "xid = xid - 1",
        ),
        "audit_auditlook": (
            "roles = '{}'", "categories = '{}'", "organisation_id = NULL", "case_id = gen_random_uuid()",
            "owner_organisation_id = gen_random_uuid()", "actor_label = 'somebody'", "id = gen_random_uuid()",
        ),
    }[table]  # fmt: skip
    admin.execute(f"UPDATE {table} SET {chance.choice(columns)} WHERE id = %s", [key])
    return str(key)


def remove(admin: Any, table: str, key: Any, _chance: random.Random) -> str:
    admin.execute(f"DELETE FROM {table} WHERE id = %s", [key])
    return str(key)


def insert(admin: Any, table: str, key: Any, chance: random.Random) -> str:
    """A copy under another key, in the same transaction as the original, in none that ever was, or today but old."""
    made = uuid4()
    columns = sealing.COLUMNS[sealing.FORM]["rcl"[TABLES.index(table)]].split(", ")
    # A row of the last hour that is put in now is a row of now: no seal can know better.
    place = chance.choice(("cluster, xid", "cluster, 9000000000000000000", "7, xid"))
    said = {"id": "%s", "cluster": place.split(", ")[0], "xid": place.split(", ")[1]}
    values = ", ".join(said.get(name, name) for name in columns)
    admin.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE id = %s", [made, key])
    return str(made)


def break_seal(admin: Any, _table: str, _key: Any, chance: random.Random) -> str:
    number = chance.choice(
        [n for (n,) in admin.execute("SELECT number FROM audit_auditseal ORDER BY number").fetchall()]
    )
    what = chance.choice(
        (
            "UPDATE audit_auditseal SET root = sha256('x') WHERE number = %s",
            "UPDATE audit_auditseal SET signature = signature || 'x' WHERE number = %s",
            "UPDATE audit_auditseal SET made_at = made_at + interval '1 second' WHERE number = %s",
            "UPDATE audit_auditseal SET leaves = overlay(leaves PLACING '\\x00'::bytea FROM 30) WHERE number = %s",
            "UPDATE audit_auditseal SET to_xid = to_xid + 1 WHERE number = %s",
            "UPDATE audit_auditseal SET number = number + 1000 WHERE number = %s",
            "DELETE FROM audit_auditseal WHERE number = %s",
        )
    )
    admin.execute(what, [number])
    return ""


@pytest.fixture
def audited(cast: Cast, admin: "psycopg.Connection[Any]") -> dict[str, list[Any]]:
    """A sealed audit with some seals, and a copy of it beside."""
    for _number in range(12):
        request(cast)
        sealing.seal_all(6)
    for table in (*TABLES, "audit_auditseal"):
        admin.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
    return {table: keys(admin, table) for table in TABLES}


def restore(admin: "psycopg.Connection[Any]") -> None:
    for table in (*TABLES, "audit_auditseal"):
        admin.execute(f"DELETE FROM {table}")
        admin.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")


@pytest.mark.proof("audit: manipulations")
def test_every_manipulation_is_found_and_none_where_there_is_none(
    audited: dict[str, list[Any]], admin: Any, figure: Figure
) -> None:
    """Each is tried alone, found by the verification of everything, named, and undone; then nothing is found."""
    assert found() == []
    chance, tried, false_alarms = random.Random(SEED), size(short=40, full=1_000), 0
    missed, unnamed = [], []
    for number in range(tried):
        act = chance.choices((change, remove, insert, break_seal), weights=(5, 2, 2, 1))[0]
        table = chance.choice(TABLES)
        named = act(admin, table, chance.choice(audited[table]), chance)
        findings = found()
        if not findings:
            missed.append((number, act.__name__, table))
        elif named not in {"", *(one.key for one in findings)}:
            unnamed.append((number, act.__name__, str(findings[0])))
        restore(admin)
        false_alarms += len(found())
    figure(manipulations=tried, found=tried - len(missed), not_named=len(unnamed), false_alarms=false_alarms)
    assert (missed, unnamed, false_alarms) == ([], [], 0)


def test_the_command_names_the_first_bad_row_and_fails(audited: dict[str, list[Any]], admin: Any) -> None:
    assert "verified" in verify()
    key = audited["audit_auditchange"][3]
    admin.execute("UPDATE audit_auditchange SET kind = 'share' WHERE id = %s", [key])
    with pytest.raises(CommandError, match=f"The first: audit_auditchange {key}: changed"):
        verify()


def verify(**options: Any) -> str:
    out = StringIO()
    call_command("audit_verify", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_whoever_cuts_off_the_end_is_found_by_a_head_that_is_known(audited: dict[str, list[Any]], admin: Any) -> None:
    number, signature = admin.execute("SELECT number, signature FROM audit_auditseal ORDER BY number DESC").fetchone()
    head = f"{number}:{signature.hex()[:32]}"
    verify(head=head)
    admin.execute("DELETE FROM audit_auditseal WHERE number = %s", [number])
    verify()
    with pytest.raises(CommandError, match="is not the seal that was known"):
        verify(head=head)


def test_a_row_that_is_put_in_later_with_an_old_date_is_found(audited: dict[str, list[Any]], admin: Any) -> None:
    columns = "id, at, method, route, reference, categories, owners, cases_shown, outcome, actor_label"
    said = "gen_random_uuid(), now() - interval '3 days', 'GET', 'cases:case', '', '{}', '{}', 0, 200, ''"
    admin.execute(f"INSERT INTO audit_auditrequest ({columns}) VALUES ({said})")
    sealing.seal_all()
    assert [one.what for one in found()] == ["back-dated"]


def test_another_key_neither_seals_nor_verifies(audited: dict[str, list[Any]], settings: Any) -> None:
    public = sealing.public_key()
    verify(key=public.hex())
    settings.AUDIT_SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    with pytest.raises(CommandError, match="signature that is not ours"):
        verify()


def test_a_request_that_still_runs_waits_for_the_next_seal(cast: Cast, own_database: str, cluster: Cluster) -> None:
    with cluster.admin(own_database) as other, other.transaction():
        other.execute("SELECT pg_current_xact_id()")
        request(cast)
        assert sealing.seal_all() == []
        assert sealing.waiting().rows == 4
    assert len(sealing.seal_all()) == 1
    assert (found(), sealing.waiting().rows) == ([], 0)


def test_numbers_begin_anew_after_a_restore_into_another_cluster(cast: Cast, admin: Any) -> None:
    request(cast)
    sealing.seal_all()
    request(cast)
    for table in (*TABLES, "audit_auditseal"):
        admin.execute(f"UPDATE {table} SET cluster = 77")
    admin.execute("DELETE FROM audit_auditseal")
    request(cast)
    with pytest.MonkeyPatch.context() as patch:
        here = admin.execute("SELECT (pg_control_system()).system_identifier").fetchone()[0]
        patch.setattr(sealing, "NOW", sealing.NOW.replace("(pg_control_system()).system_identifier", "77::bigint"))
        assert [seal.cluster for seal in sealing.seal_all()] == [77]
    assert [(seal.cluster, seal.to_xid == sealing.FOR_EVER) for seal in sealing.seal_all()] == [
        (77, True),
        (here, False),
    ]
    assert (found(), sealing.waiting().rows) == ([], 0)


def test_a_transaction_is_never_split_over_two_seals(cast: Cast, own_database: str) -> None:
    for _number in range(3):
        request(cast)
    made = sealing.seal_all(1)
    assert len(made) == 3
    assert found() == []


def test_every_column_is_sealed(db: None) -> None:
    for letter, table in sealing.TABLES.items():
        model = next(one for one in apps.get_app_config("audit").get_models() if one._meta.db_table == table)
        columns = {field.column for field in model._meta.concrete_fields} | {"cluster", "xid"}
        assert set(sealing.COLUMNS[sealing.FORM][letter].split(", ")) == columns


# -- nobody who serves changes anything ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", SEALED)
@pytest.mark.parametrize("name", ROLES)
def test_no_role_may_change_remove_or_truncate(cast: Cast, table: str, name: str) -> None:
    column = "number" if table == "audit_auditseal" else "id"
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege(%s, %s, 'UPDATE, DELETE, TRUNCATE')", [name, table])
            assert cursor.fetchone() == (False,)
        if name in ("nrm_app", "nrm_worker", "nrm_ledger", "nrm_statistics", "nrm_auditor"):
            refused = pytest.raises(ProgrammingError, match="permission denied")
            with (
                acting(cast.ngo_supervisor.actor),
                refused,
                transaction.atomic(),
                role(name),
                connection.cursor() as one,
            ):
                one.execute(statement)


def test_the_application_cannot_say_which_transaction_wrote_a_row(cast: Cast) -> None:
    said = "INSERT INTO audit_auditlook (id, xid) VALUES (gen_random_uuid(), 1)"
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with acting(cast.ngo_supervisor.actor), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(said)


def test_the_application_sees_no_seal(cast: Cast) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with acting(cast.ngo_supervisor.actor), refused, transaction.atomic():
        AuditSeal.objects.exists()
