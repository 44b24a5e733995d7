"""Operators see what was given up by rule and fault: two more columns of reminders for the statistics role."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0017_rights_of_changes")]

    operations = [
        migrations.RunSQL(
            "GRANT SELECT (deadline_id, fault) ON cases_reminder TO nrm_statistics", migrations.RunSQL.noop
        ),
    ]
