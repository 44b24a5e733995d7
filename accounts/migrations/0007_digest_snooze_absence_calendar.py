"""A person's mornings and the day of the last daily mail; notices put off; who is away; the feed for calendars."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import core.clock
from core.db import grant


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_membership_ends_for_good"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="snoozed_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="number",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="digest_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("created_at", models.DateTimeField(default=core.clock.moment, editable=False)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "deputy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="absences", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("membership",),
                        name="absence_one_at_a_time",
                        violation_error_message="An absence is already planned. End that one first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="absence_ends_after_start",
                        violation_error_message="The last day lies before the first.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deputy", models.F("membership")), _negated=True),
                        name="absence_deputy_is_another",
                        violation_error_message="Choose somebody else as deputy.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("membership",),
                        name="calendarfeed_one_open",
                        violation_error_message="A feed is already open.",
                    )
                ],
            },
        ),
        grant("accounts_calendarfeed", app="SELECT, INSERT, UPDATE"),
        grant("accounts_absence", app="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE"),
        migrations.RunSQL("GRANT UPDATE (digest_on) ON accounts_user TO nrm_worker", migrations.RunSQL.noop),
    ]
