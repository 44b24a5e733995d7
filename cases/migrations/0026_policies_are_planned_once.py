"""What a policy looks up is one value, not EXISTS: the same rows, planned once and not twice.

PostgreSQL plans an EXISTS that hangs on a row in two ways, one that asks for each row and one that hashes them all, and
so does each EXISTS inside it. A page of 25 rows never takes the second way, and planning was most of what row-level
security cost. A missing row makes the value NULL, which lets nothing through, as false did; none stands behind a NOT.
"""

from typing import Any

from django.db import migrations

LOOKS_UP = """
    SELECT tablename, policyname, qual FROM pg_policies
     WHERE 'nrm_app' = ANY (roles) AND cmd = 'SELECT' AND qual LIKE '%EXISTS%' ORDER BY tablename, policyname
"""
EXISTS = "EXISTS ( SELECT 1"


def one_value(text: str) -> str:
    """Each ``EXISTS (SELECT 1 …)`` of ``text`` as ``(SELECT true … LIMIT 1)``."""
    if f"NOT ({EXISTS}" in text:
        raise ValueError(f"NULL behind a NOT would let nothing through: {text}")
    while EXISTS in text:
        before, _exists, rest = text.partition(EXISTS)
        end = _closing(rest)
        text = f"{before}(SELECT true{rest[:end]} LIMIT 1{rest[end:]}"
    return text


def _closing(text: str) -> int:
    """Where the bracket closes that was opened before ``text``."""
    depth = 1
    for place, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if not depth:
            return place
    raise ValueError(f"A bracket stays open: {text}")


def plan_once(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(LOOKS_UP)
        for table, name, text in cursor.fetchall():
            cursor.execute(f"ALTER POLICY {name} ON {table} USING ({one_value(text)})")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_digest_snooze_absence_calendar"),
        ("audit", "0005_rows_say_which_transaction_wrote_them"),
        ("cases", "0025_cases_that_nobody_works_on"),
        ("referrals", "0007_conflict_of_interest"),
    ]

    operations = [migrations.RunPython(plan_once, migrations.RunPython.noop)]
