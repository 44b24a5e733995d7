"""The second line where it was wider than ``access``: roles that know no case, colleagues who are not assigned, columns
that no operation changes, keys of other people's cases, and the sealed drafts that the worker only counts and erases.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import policy

VISIBILITY = "cases_casevisibility"
# As before, and nothing for data-protection officers, auditors and administrators, assigned once or not.
READ = """organisation_id = (SELECT nrm_organisation())
    AND (membership_id = (SELECT nrm_membership()) OR (SELECT nrm_scope() = 'organisation'))
    AND (SELECT nrm_scope() <> 'none') AND (ends_at IS NULL OR ends_at > nrm_now())"""

GRANTS = "cases_casegroupobjectpermission"
GRANTED = f"""(to_organisation_id = (SELECT nrm_organisation()) OR from_organisation_id = (SELECT nrm_organisation()))
    AND EXISTS (SELECT 1 FROM {VISIBILITY} v WHERE v.case_id = {GRANTS}.content_object_id)"""

REGISTERED = "SELECT 1 FROM cases_case c WHERE c.id = cases_casekey.case_id AND c.registered_by_id = nrm_organisation()"
CASE_COLUMNS = (
    "state, identification, is_child_branch, language, do_not_contact, region, reasonable_grounds_on,"
    " assistance_started_on, closed_on, closing_outcome"
)
# Whose row it is, of which case and by whom, is never changed (architecture 5).
FIXED = ("id", "case_id", "owner_organisation_id", "created_at", "created_by_id")
CATEGORY_TABLES = (
    "identity",
    "contact",
    "exploitation",
    "narrative",
    "exploiters",
    "health",
    "immigration",
    "criminal",
    "child",
    "service",
    "indicator",
    "consent",
)


def only_these_change(table, columns):
    return RunSQL(
        [f"REVOKE UPDATE ON {table} FROM nrm_app", f"GRANT UPDATE ({columns}) ON {table} TO nrm_app"], RunSQL.noop
    )


def all_but_fixed_change(table):
    fixed = ", ".join(f"'{column}'" for column in FIXED)
    columns = f"""SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ({fixed})"""
    return RunSQL(
        [
            f"REVOKE UPDATE ON {table} FROM nrm_app",
            f"DO $$ BEGIN EXECUTE format('GRANT UPDATE (%s) ON {table} TO nrm_app', ({columns})); END $$",
        ],
        RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_visibility_asks_once")]

    operations = [
        RunSQL(f"ALTER POLICY {VISIBILITY}_read ON {VISIBILITY} USING ({READ})", RunSQL.noop),
        RunSQL(f"ALTER POLICY {GRANTS}_read ON {GRANTS} USING ({GRANTED})", RunSQL.noop),
        RunSQL(
            f"ALTER POLICY cases_casekey_add ON cases_casekey WITH CHECK (EXISTS ({REGISTERED}))",
            RunSQL.noop,
        ),
        RunSQL("DROP POLICY cases_person_all ON cases_person", RunSQL.noop),
        policy("cases_person", "add", to="nrm_app", command="INSERT", check="nrm_organisation() IS NOT NULL"),
        policy(
            "cases_person",
            "read",
            to="nrm_app",
            command="SELECT",
            using="EXISTS (SELECT 1 FROM cases_case c WHERE c.person_id = cases_person.id)",
        ),
        only_these_change("cases_case", CASE_COLUMNS),
        *[all_but_fixed_change(f"cases_{name}") for name in CATEGORY_TABLES],
        RunSQL(
            [
                "REVOKE SELECT, UPDATE ON cases_draft FROM nrm_worker",
                "GRANT SELECT (id, organisation_id, author_id, saved_at, warned_at), UPDATE (warned_at)"
                " ON cases_draft TO nrm_worker",
            ],
            RunSQL.noop,
        ),
    ]
