"""Who is kept away from a case finds no trace of it in the database either: not by role, not by assignment.

``CaseVisibility.blocked`` stands in the row itself, so that the policy that all others ask looks nothing up. Where an
organisation deals with a case that it may not know yet (a referral's card), ``nrm_is_blocked`` answers yes or no.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

BLOCKS = "cases_caseblock"
VISIBILITY = "cases_casevisibility"
OPEN = "blocked IS NULL OR NOT ((SELECT nrm_user()) = ANY (blocked))"
MINE = f"""owner_organisation_id = (SELECT nrm_organisation()) AND (SELECT nrm_scope() = 'organisation')
    AND EXISTS (SELECT 1 FROM {VISIBILITY} v WHERE v.case_id = {BLOCKS}.case_id)"""
USER = """CREATE FUNCTION nrm_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT user_id FROM accounts_membership WHERE id = nrm_membership() $$"""
# The owner answers: whoever asks may not read the row, and must not learn from its absence either.
IS_BLOCKED = f"""CREATE FUNCTION nrm_is_blocked(of_case uuid, of_organisation uuid, of_person uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE COST 500 SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM {BLOCKS} WHERE case_id = of_case AND owner_organisation_id = of_organisation
                      AND person_id = of_person AND lifted_at IS NULL) $$"""
SIGNATURE = "nrm_is_blocked(uuid, uuid, uuid)"


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_conflict_of_interest")]

    operations = [
        RunSQL(USER, "DROP FUNCTION nrm_user()"),
        protect(BLOCKS),
        grant(BLOCKS, app="SELECT, INSERT", ledger="SELECT"),
        RunSQL(f"GRANT UPDATE (sealed, lifted_by_id, lifted_at) ON {BLOCKS} TO nrm_app", RunSQL.noop),
        policy(BLOCKS, "read", to="nrm_app", command="SELECT", using=MINE),
        policy(BLOCKS, "add", to="nrm_app", command="INSERT", check=MINE),
        policy(BLOCKS, "lift", to="nrm_app", command="UPDATE", using=MINE, check=MINE),
        policy(BLOCKS, "ledger", to="nrm_ledger", command="SELECT", using="true"),
        policy(VISIBILITY, "blocked", to="nrm_app", command="SELECT", using=OPEN, always=True),
        RunSQL(IS_BLOCKED, f"DROP FUNCTION {SIGNATURE}"),
        RunSQL(
            [
                f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO nrm_app, nrm_worker, nrm_ledger, nrm_statistics",
            ],
            RunSQL.noop,
        ),
        policy(
            "cases_share",
            "blocked",
            to="nrm_app",
            command="SELECT",
            using="NOT nrm_is_blocked(case_id, (SELECT nrm_organisation()), (SELECT nrm_user()))",
            always=True,
        ),
    ]
