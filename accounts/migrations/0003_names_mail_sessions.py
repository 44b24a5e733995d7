"""Closed lists of the outbox; an organisation's name as a named constraint; the worker, who makes the links of new passwords, reads the addresses of sign-in."""

from django.db import migrations, models
from django.db.models.functions import Lower

from core.db import grant


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rights")]

    operations = [
        migrations.AlterField(
            model_name="outboxmail",
            name="purpose",
            field=models.CharField(
                choices=[("tasks", "Tasks waiting"), ("invitation", "Invitation"), ("password", "New password")],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="outboxmail",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("sent", "Sent"),
                    ("dead", "Could not be sent"),
                    ("dropped", "No longer needed"),
                ],
                default="queued",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="name",
            field=models.CharField(max_length=120),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.UniqueConstraint(
                Lower("name"),
                name="organisation_name_once",
                violation_error_message="An organisation with this name already exists.",
            ),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user_id", models.UUIDField(db_index=True, null=True)),
            ],
            options={"default_permissions": ()},
        ),
        grant("accounts_session", app="SELECT, INSERT, UPDATE, DELETE", worker="SELECT, DELETE"),
        grant("account_emailaddress", worker="SELECT"),
    ]
