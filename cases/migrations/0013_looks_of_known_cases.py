"""Who looked at rows of the own organisation is shown in the cases that one knows: on the case, and in the report for
the person concerned. Across cases it is read as ``nrm_auditor``.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import policy

TABLE = "audit_auditlook"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0012_who_sees_doubles"),
        ("audit", "0005_rows_say_which_transaction_wrote_them"),
    ]

    operations = [
        RunSQL(f"GRANT SELECT ON {TABLE} TO nrm_app", f"REVOKE SELECT ON {TABLE} FROM nrm_app"),
        policy(
            TABLE,
            "read",
            to="nrm_app",
            command="SELECT",
            using="owner_organisation_id = (SELECT nrm_organisation())"
            f" AND EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {TABLE}.case_id)",
        ),
    ]
