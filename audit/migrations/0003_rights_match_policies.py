"""Every right has its policy and every policy its right, as ``nrm.protection`` demands.

The worker adds to the audit and never read a row of it; no operation corrects a decision, so its policy goes too.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only"), ("cases", "0006_narrower_second_line")]

    operations = [
        RunSQL(
            [
                "REVOKE SELECT ON audit_auditrequest, audit_auditchange FROM nrm_worker",
                "DROP POLICY cases_identificationdecision_correct ON cases_identificationdecision",
            ],
            RunSQL.noop,
        )
    ]
