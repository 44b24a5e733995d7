"""Two questions that managing people asks about cases, answered yes or no: it may read no case.

``nrm_has_cases``: whether an organisation knows a case, has registered one or was ever asked to take one over; its first
supervisor is named by one person only while there is none. ``nrm_leaves_nobody``: whether some case that the
organisation knows now would have nobody to act on it if only these persons were left: none of them, or all of them
with a conflict of interest.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp"
HAS_CASES = f"""CREATE FUNCTION nrm_has_cases(of_organisation uuid) RETURNS boolean {DEFINER} AS $$
    SELECT EXISTS (SELECT 1 FROM cases_casevisibility WHERE organisation_id = of_organisation)
        OR EXISTS (SELECT 1 FROM cases_case WHERE registered_by_id = of_organisation)
        OR EXISTS (SELECT 1 FROM cases_share WHERE to_organisation_id = of_organisation) $$"""
LEAVES_NOBODY = f"""CREATE FUNCTION nrm_leaves_nobody(of_organisation uuid, persons uuid[]) RETURNS boolean {DEFINER} AS $$
    SELECT EXISTS (
        SELECT 1 FROM cases_casevisibility v
         WHERE v.organisation_id = of_organisation AND v.membership_id IS NULL
           AND (v.ends_at IS NULL OR v.ends_at > nrm_now())
           AND (cardinality(persons) = 0 OR (v.blocked IS NOT NULL AND persons <@ v.blocked))
           AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = v.case_id AND c.state <> 'closed')) $$"""
QUESTIONS = {"nrm_has_cases(uuid)": HAS_CASES, "nrm_leaves_nobody(uuid, uuid[])": LEAVES_NOBODY}


class Migration(migrations.Migration):
    dependencies = [("cases", "0032_arrival_is_confirmed"), ("accounts", "0009_two_people_confirm_roles")]

    operations = [
        operation
        for signature, text in QUESTIONS.items()
        for operation in (
            RunSQL(text, f"DROP FUNCTION {signature}"),
            RunSQL(
                [
                    f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC",
                    f"GRANT EXECUTE ON FUNCTION {signature} TO nrm_app",
                ],
                RunSQL.noop,
            ),
        )
    ]
