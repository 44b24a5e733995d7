"""Who is kept away from a case learns of it by no emergency, release, figure or search of the audit either.

``nrm_kept_away`` answers for who acts, once for each statement: the cases of the active organisation that do not exist
for this person. The roles that count and that read the audit ask it; they see the keys of all cases anyway.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import policy

KEPT_AWAY = """CREATE FUNCTION nrm_kept_away() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(b.case_id), '{}') FROM cases_caseblock b
      JOIN accounts_membership m ON m.user_id = b.person_id AND m.organisation_id = b.owner_organisation_id
     WHERE m.id = nrm_membership() AND b.owner_organisation_id = nrm_organisation() AND b.lifted_at IS NULL $$"""
NOT_BLOCKED = "NOT nrm_is_blocked(case_id, (SELECT nrm_organisation()), (SELECT nrm_user()))"
AUDITED = "case_id IS NULL OR NOT case_id = ANY ((SELECT nrm_kept_away())::uuid[])"


def never(table, *, to, using):
    """No row that ``using`` does not let through, whatever other policies allow."""
    return policy(table, f"kept_away_{to.removeprefix('nrm_')}", to=to, command="SELECT", using=using, always=True)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0022_lapsed_releases_asked_again"),
        ("audit", "0005_rows_say_which_transaction_wrote_them"),
        ("accounts", "0005_audit_readers"),
    ]

    operations = [
        RunSQL(KEPT_AWAY, "DROP FUNCTION nrm_kept_away()"),
        RunSQL(
            [
                "REVOKE ALL ON FUNCTION nrm_kept_away() FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION nrm_kept_away() TO nrm_statistics, nrm_auditor",
            ],
            RunSQL.noop,
        ),
        never("cases_breakglass", to="nrm_app", using=NOT_BLOCKED),
        never("cases_locationrelease", to="nrm_app", using=NOT_BLOCKED),
        never("audit_auditrequest", to="nrm_auditor", using=AUDITED),
        never("audit_auditchange", to="nrm_auditor", using=AUDITED),
        never("audit_auditlook", to="nrm_auditor", using=AUDITED),
    ]
