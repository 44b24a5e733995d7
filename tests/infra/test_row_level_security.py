"""What PostgreSQL itself refuses: the second line, asked of the catalogue and tried by hand."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from accounts.actors import Actor
from accounts.context import acting
from audit import trail
from audit.models import AuditChange
from cases.models import CaseVisibility, CategoryRow, Share
from nrm.protection import WITHOUT_CASE_DATA
from tests.cast import Cast

WITH_CASE_DATA = ("audit", "cases", "referrals")


def tables(*labels: str) -> list[str]:
    found = {model._meta.db_table for label in labels for model in apps.get_app_config(label).get_models()}
    return sorted(found - WITHOUT_CASE_DATA)


def ask(statement: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def test_every_table_with_case_data_is_protected_and_the_owner_too(db: None) -> None:
    rows = ask(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)",
        tables(*WITH_CASE_DATA),
    )
    assert sorted(rows) == [(name, True, True) for name in tables(*WITH_CASE_DATA)]


def test_every_protected_table_lets_the_owner_migrate_and_the_backup_read(db: None) -> None:
    rows = ask("SELECT tablename, policyname FROM pg_policies")
    for name in tables(*WITH_CASE_DATA):
        assert {(name, f"{name}_owner"), (name, f"{name}_backup")} <= set(rows)


def test_nobody_who_serves_may_remove_or_truncate_case_data(db: None) -> None:
    for role in ("nrm_app", "nrm_worker"):
        removable = {
            name
            for name in tables("cases", "referrals")
            if ask("SELECT has_table_privilege(%s, %s, 'DELETE, TRUNCATE')", role, name) == [(True,)]
        }
        assert removable <= {"cases_draft"}


def test_the_audit_can_only_grow(cast: Cast) -> None:
    with acting(cast.ngo_caseworker.actor) as actor:
        trail.record("signed_in", actor=actor)
    for attempt in (
        lambda: AuditChange.objects.update(kind="forged"),
        lambda: AuditChange.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            attempt()


def test_without_context_there_are_no_rows(db: None) -> None:
    with acting(Actor.nobody()):
        for model in apps.get_app_config("cases").get_models():
            if issubclass(model, CategoryRow) or model in (CaseVisibility, Share):
                assert not model._default_manager.exists()


def test_guardians_generic_tables_are_out_of_reach(db: None) -> None:
    for name in ("guardian_groupobjectpermission", "guardian_userobjectpermission"):
        assert ask("SELECT has_table_privilege('nrm_app', %s, 'SELECT, INSERT')", name) == [(False,)]
