"""When the clocks were last looked at, and what the health page may count of the reminders."""

from django.db import migrations, models

from core.db import grant, policy


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_row_level_security")]

    operations = [
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "source",
                    models.CharField(
                        choices=[("beat", "Celery beat"), ("cron", "Cron")],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
        grant("cases_tick", worker="SELECT, INSERT, UPDATE", statistics="SELECT"),
        migrations.RunSQL("GRANT SELECT (state, due_at) ON cases_reminder TO nrm_statistics", migrations.RunSQL.noop),
        policy("cases_reminder", "statistics", to="nrm_statistics", command="SELECT", using="true"),
    ]
