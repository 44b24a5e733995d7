"""Who sees and writes the changes of a clock; what the clocks that run already count from."""

from django.db import migrations

from core.db import grant, policy, protect

TABLE = "cases_deadlinechange"
# As the clock itself: its own policy decides. Nobody may change or remove a row.
READ = f"EXISTS (SELECT 1 FROM cases_deadline d WHERE d.id = {TABLE}.deadline_id)"

# Clocks that count back began when their event became known, so that it is not known of those that run already.
COUNTED_BACK = "('EU-T18', 'EU-MAJORITY')"
BACKFILL = f"UPDATE cases_deadline SET counted_from = started_at WHERE rule NOT IN {COUNTED_BACK}"
OCCURRENCES = """
UPDATE cases_deadline d SET occurrence = n.place
  FROM (SELECT id, row_number() OVER (PARTITION BY case_id, rule, subject_id, started_at ORDER BY due_at) AS place
          FROM cases_deadline WHERE rule = 'NL-BT-MELD') n
 WHERE d.id = n.id
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_changed_clocks")]

    operations = [
        protect(TABLE),
        grant(TABLE, app="SELECT", ledger="SELECT, INSERT", worker="SELECT, INSERT"),
        policy(TABLE, "read", to="nrm_app", command="SELECT", using=READ),
        policy(TABLE, "ledger", to="nrm_ledger", using="true", check="true"),
        policy(TABLE, "worker", to="nrm_worker", using="true", check="true"),
        # A period ends with its clock, also when a new version of the rule moves it.
        migrations.RunSQL("GRANT UPDATE (ends_on) ON cases_reflectionperiod TO nrm_ledger", migrations.RunSQL.noop),
        migrations.RunSQL([BACKFILL, OCCURRENCES], migrations.RunSQL.noop),
    ]
