"""Placements, safe locations and their releases; cases opened in an emergency, and every attempt."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_mail_sessions"),
        ("cases", "0018_what_was_given_up"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="casevisibility",
            name="reason",
            field=models.CharField(
                choices=[
                    ("registered", "Registered the case"),
                    ("lead", "Leads the case"),
                    ("share", "Others share with it"),
                    ("break_glass", "Opened it in an emergency"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="share",
            name="office",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("child_protection", "Child protection of the region"),
                    ("guardian", "Appointed guardian"),
                    ("shelter", "Shelter where the person is placed"),
                    ("deciding_authority", "Authority that has to decide"),
                    ("referral", "Duty of an open referral"),
                    ("break_glass", "Opened in an emergency"),
                ],
                default="",
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("referral_id", models.UUIDField(null=True)),
                ("starts_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(blank=True, max_length=24)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "placed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LocationRelease",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wrapped_key", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("reference", models.CharField(max_length=9)),
                ("hours", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for two custodians"),
                            ("given", "Given"),
                            ("refused", "Refused"),
                            ("revoked", "Revoked"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "asked_by_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "closed_by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first_by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "person_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "second_by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.placement"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SafeLocation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wrapped_key", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("starts_on", models.DateField()),
                ("written_at", models.DateTimeField(editable=False)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "owner_organisation",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.placement"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BreakGlass",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("wrapped_key", models.BinaryField()),
                ("sealed", models.BinaryField()),
                ("reference", models.CharField(max_length=9)),
                ("reason", models.CharField(max_length=40)),
                ("concerned", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("opened_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("review_due_at", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "opened_by_user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "reviewed_by_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["organisation", "-opened_at"], name="breakglass_by_organisation"),
                    models.Index(fields=["opened_by_user", "-opened_at"], name="breakglass_by_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("opened_at"))),
                        name="breakglass_ends",
                        violation_error_message="The end must lie after the start.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reviewed_at__isnull", True),
                            models.Q(("reviewed_by_user__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="breakglass_review_has_outcome",
                        violation_error_message="Say what the review found.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reviewed_by_user", models.F("opened_by_user")), _negated=True),
                        name="breakglass_reviewed_by_another",
                        violation_error_message="Whoever opened the case cannot review it.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreakGlassTry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("opened", "Opened a case"),
                            ("missed", "No case with this reference"),
                            ("not_proven", "Password or code was wrong"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["user", "-at"], name="breakglasstry_by_person")],
            },
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("case",),
                name="placement_one_at_a_time",
                violation_error_message="The person already stays somewhere. End that first.",
            ),
        ),
        migrations.AddIndex(
            model_name="locationrelease",
            index=models.Index(fields=["organisation", "state", "-asked_at"], name="locationrelease_queue"),
        ),
        migrations.AddConstraint(
            model_name="locationrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gte", 1), ("hours__lte", 48)),
                name="locationrelease_for_hours",
                violation_error_message="Choose between 1 and 48 hours.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locationrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_by_user__isnull", True),
                    models.Q(
                        ("first_by_user__isnull", False),
                        models.Q(("first_by_user", models.F("second_by_user")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="locationrelease_two_people",
                violation_error_message="Two different custodians must approve.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locationrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_by_user", models.F("asked_by_user")), _negated=True),
                    models.Q(("second_by_user", models.F("asked_by_user")), _negated=True),
                    models.Q(("first_by_user", models.F("person_user")), _negated=True),
                    models.Q(("second_by_user", models.F("person_user")), _negated=True),
                ),
                name="locationrelease_by_others",
                violation_error_message="Whoever asks, or would read it, cannot approve.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locationrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "given"), _negated=True),
                    models.Q(
                        ("ends_at__isnull", False), ("second_by_user__isnull", False), ("starts_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="locationrelease_given_by_two",
                violation_error_message="Two different custodians must approve.",
            ),
        ),
        migrations.AddConstraint(
            model_name="locationrelease",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("placement", "person"),
                name="locationrelease_asked_once",
                violation_error_message="The location has already been asked for this person.",
            ),
        ),
        migrations.AddIndex(
            model_name="safelocation",
            index=models.Index(fields=["placement", "-written_at"], name="safelocation_newest"),
        ),
    ]
