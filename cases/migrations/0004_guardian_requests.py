"""Guardian requests: the registrar asks in the name of the child, the answer is child protection's.

The lead sees who the guardian is and may report a conflict of interest. The ledger counts the children of a guardian over
all cases and records that a period has run out; it reads no sealed column.
"""

from django.db import migrations

from core.db import policy

TABLE = "cases_guardianship"
KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = cases_guardianship.case_id)"
LEADS = """EXISTS (SELECT 1 FROM cases_caselead l WHERE l.case_id = cases_guardianship.case_id
    AND l.ends_at IS NULL AND l.organisation_id = nrm_organisation())"""
# A request names the service that has to answer as its owner; nothing else may be written for another organisation.
REQUEST = f"""{KNOWS} AND requested_by_id = nrm_organisation() AND state = 'requested' AND guardian_id IS NULL
    AND sealed IS NULL AND EXISTS (SELECT 1 FROM accounts_organisation o WHERE o.id = owner_organisation_id
    AND o.kind = 'child_protection')"""
COUNTED = (
    "id, case_id, owner_organisation_id, state, guardian_id, organisation_id, requested_by_id, ended_at, end_reason"
)
PERIOD = "id, case_id, owner_organisation_id, state, starts_on, ends_on, ended_on, end_reason"


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_ticks")]

    operations = [
        policy(TABLE, "request", to="nrm_app", command="INSERT", check=REQUEST),
        policy(TABLE, "lead_reads", to="nrm_app", command="SELECT", using=f"{KNOWS} AND {LEADS}"),
        policy(
            TABLE,
            "lead_reports",
            to="nrm_app",
            command="UPDATE",
            using=f"{KNOWS} AND {LEADS}",
            check=f"{KNOWS} AND {LEADS}",
        ),
        migrations.RunSQL(
            f"GRANT SELECT ({COUNTED}), UPDATE (state, ended_at, end_reason) ON {TABLE} TO nrm_ledger",
            migrations.RunSQL.noop,
        ),
        policy(TABLE, "ledger", to="nrm_ledger", using="true", check="true"),
        migrations.RunSQL(
            f"GRANT SELECT ({PERIOD}), UPDATE (state, ended_on, end_reason) ON cases_reflectionperiod TO nrm_ledger",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL("GRANT UPDATE (is_child_branch) ON cases_case TO nrm_ledger", migrations.RunSQL.noop),
        policy("cases_reflectionperiod", "ledger", to="nrm_ledger", using="true", check="true"),
    ]
