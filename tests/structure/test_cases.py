"""What must hold for every table, category and operation, whoever adds one."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from audit.kinds import KINDS
from cases import policies
from cases.enums import SHAREABLE
from cases.forms.categories import FORMS
from cases.models import ROWS, Case
from cases.views.shared import FILE

ROOT = Path(__file__).parents[2]
OPERATIONS = sorted(
    path
    for app in ("accounts", "cases", "referrals")
    for path in [*ROOT.glob(f"{app}/operations/*.py"), *ROOT.glob(f"{app}/operations.py")]
    if path.name != "__init__.py"
)
# A preference about oneself; and a part of record_step, which records.
NOT_RECORDED = {"choose_preferences", "start_assistance"}
RECORDING = {"record", "record_change", "_record"}


def tables_of_cases() -> list[str]:
    """Every table whose rows belong to a case."""
    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models()
            if model is Case or any(field.related_model is Case for field in model._meta.concrete_fields)
        }
    )


def test_every_table_of_case_data_has_row_level_security_even_for_its_owner(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relname = ANY(%s)",
            [tables_of_cases()],
        )
        guarded = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT DISTINCT tablename FROM pg_policies WHERE tablename = ANY(%s)", [tables_of_cases()])
        with_policy = {row[0] for row in cursor.fetchall()}
    assert set(tables_of_cases()) - guarded == set()
    assert set(tables_of_cases()) - with_policy == set()


def test_no_policy_of_a_reader_is_planned_twice(db):
    """Each EXISTS is (``cases/migrations/0026``): ``(SELECT true … LIMIT 1)`` asks the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT policyname, qual FROM pg_policies WHERE 'nrm_app' = ANY (roles) AND cmd = 'SELECT'")
        policies = dict(cursor.fetchall())
    assert len(policies) > 50
    assert [name for name, text in policies.items() if "EXISTS" in (text or "")] == []


@pytest.mark.parametrize("category", SHAREABLE)
def test_every_category_has_table_form_tab_and_ceiling(category):
    assert ROWS[category]
    assert FORMS[category].Meta.model in ROWS[category]
    assert category in FILE or category == "consent"
    assert category in policies.CEILING_TABLE
    assert len(policies.CEILING_TABLE[category].split()) == len(policies.COLUMNS)


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def called(node):
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")


def records():
    """Names of functions that record, by themselves or through another one."""
    calls = {}
    for path in [*OPERATIONS, *ROOT.glob("accounts/access.py")]:
        for name, node in functions(path).items():
            calls.setdefault(name, set()).update(called(node))
    found = set(RECORDING)
    while more := {name for name, uses in calls.items() if uses & found} - found:
        found |= more
    return found


def writes(node):
    """True for an operation that changes something: it has an actor and stores, deletes or asks the ledger."""
    verbs = {
        "save",
        "create",
        "update",
        "delete",
        "bulk_create",
        "save_row",
        "step",
        "assign",
        "unassign",
        "write_share",
    }
    names = [argument.arg for argument in node.args.args]
    return names[:1] == ["actor"] and not node.name.startswith("_") and bool(set(called(node)) & verbs)


def test_every_operation_that_writes_records_it():
    recording = records()
    silent = [
        f"{path.relative_to(ROOT)}:{name}"
        for path in OPERATIONS
        for name, node in functions(path).items()
        if writes(node) and name not in recording | NOT_RECORDED
    ]
    assert silent == []


def test_every_kind_that_is_recorded_is_listed():
    unknown = []
    for path in OPERATIONS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record" and node.args:
                kind = node.args[0]
                if isinstance(kind, ast.Constant) and kind.value not in KINDS:
                    unknown.append(f"{path.name}: {kind.value}")
    assert unknown == []
