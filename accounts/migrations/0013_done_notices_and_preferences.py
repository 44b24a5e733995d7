"""To read is not to have done: a notice says since when nothing is left to do. How and when a person is mailed.

What was read or settled before counts as done; what is still overdue is told again within a week.
"""

import datetime

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

READ_IS_DONE = "UPDATE accounts_notice SET done_at = read_at WHERE read_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_suspensions")]

    operations = [
        migrations.AddField("notice", "done_at", models.DateTimeField(null=True)),
        RunSQL(READ_IS_DONE, RunSQL.noop),
        migrations.RemoveIndex("notice", "notice_unread"),
        migrations.AddIndex(
            "notice",
            models.Index(models.F("membership"), condition=models.Q(("done_at__isnull", True)), name="notice_not_done"),
        ),
        migrations.AddField("user", "digest_at", models.TimeField(default=datetime.time(8, 30))),
        migrations.AddField(
            "user",
            "mails",
            models.CharField(
                choices=[
                    ("at_once", "Once a day, and at once for what falls due within 24 hours"),
                    ("daily", "Once a day"),
                    ("in_app", "Not at all: I look at the inbox"),
                ],
                default="at_once",
                max_length=8,
            ),
        ),
    ]
