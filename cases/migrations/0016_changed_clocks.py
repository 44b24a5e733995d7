"""A clock can stand still, be extended and be counted anew; every change of it is a row."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_mail_sessions"),
        ("cases", "0015_conflict_of_interest_second_line"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeadlineChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("moved", "Counted from another day"),
                            ("extended", "Extended"),
                            ("suspended", "Suspended"),
                            ("resumed", "Goes on"),
                            ("recalculated", "Recalculated by a new version of the rule"),
                        ],
                        max_length=16,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("due_before", models.DateField()),
                ("due_after", models.DateField(null=True)),
                ("rule_version", models.DateField()),
                ("reason", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="deadline",
            name="counted_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="occurrence",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="deadline",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="version_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="deadline",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("suspended", "Suspended"),
                    ("met", "Met"),
                    ("superseded", "Superseded"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "suspended"), ("suspended_at__isnull", False)),
                    models.Q(models.Q(("state", "suspended"), _negated=True), ("suspended_at__isnull", True)),
                    _connector="OR",
                ),
                name="deadline_suspended_since",
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="case",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="deadline",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="cases.deadline"
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="made_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="deadlinechange",
            name="organisation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddConstraint(
            model_name="deadlinechange",
            constraint=models.UniqueConstraint(fields=("deadline", "version"), name="deadlinechange_once_per_version"),
        ),
    ]
