"""Roles that open cases without an assignment are confirmed by a second person; what was given before is written down."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.db import grant

EARLIER = """
    INSERT INTO accounts_rolegrant (id, membership_id, person_id, roles, asked_at, expires_at, state, way, answered_at)
    SELECT gen_random_uuid(), id, user_id, held, created_at, created_at, 'granted', 'earlier', created_at
      FROM (SELECT m.*, ARRAY(SELECT one FROM unnest(m.roles) one
                               WHERE one IN ('supervisor', 'intake', 'custodian', 'data_protection_officer')) AS held
              FROM accounts_membership m) found
     WHERE cardinality(held) > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_fingerprint_of_a_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("caseworker", "Caseworker"),
                                ("intake", "Intake"),
                                ("supervisor", "Supervisor"),
                                ("decision_maker", "Decision-maker"),
                                ("guardian", "Guardian"),
                                ("custodian", "Custodian"),
                                ("data_protection_officer", "Data-protection officer"),
                                ("auditor", "Auditor"),
                                ("organisation_administrator", "Organisation administrator"),
                            ],
                            max_length=32,
                        ),
                        size=None,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for confirmation"),
                            ("granted", "Given"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("colleague", "Confirmed by a colleague"),
                            ("data_protection", "Confirmed by the data-protection officer: no colleague could"),
                            ("platform", "Confirmed by two platform administrators: nobody in the organisation could"),
                            ("first", "Given by the administrator alone: the first, and no case yet"),
                            ("earlier", "Given before a second person had to confirm"),
                        ],
                        max_length=15,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_has_role",
        ),
        migrations.AddField(
            model_name="organisation",
            name="email_domains",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=120), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="accounts.membership"
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="seconded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "waiting")),
                fields=("membership",),
                name="rolegrant_one_waiting",
                violation_error_message="Roles of this colleague wait for confirmation already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("roles__contained_by", ["custodian", "data_protection_officer", "intake", "supervisor"]),
                    ("roles__len__gt", 0),
                ),
                name="rolegrant_roles_known",
                violation_error_message="These roles need no second person.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        models.Q(("confirmed_by", models.F("person")), _negated=True),
                        models.Q(
                            ("asked_by__isnull", True),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="rolegrant_confirmed_by_another",
                violation_error_message="Somebody else must confirm these roles.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("seconded_by__isnull", True),
                    models.Q(
                        models.Q(("seconded_by", models.F("person")), _negated=True),
                        models.Q(("seconded_by", models.F("asked_by")), _negated=True),
                        models.Q(("seconded_by", models.F("confirmed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rolegrant_seconded_by_another",
                violation_error_message="A second platform administrator must confirm these roles.",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "granted"), _negated=True),
                    models.Q(("asked_by__isnull", False), ("way", "first")),
                    models.Q(("asked_by__isnull", True), ("way", "earlier")),
                    models.Q(
                        ("asked_by__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("way__in", ("colleague", "data_protection")),
                    ),
                    models.Q(
                        ("asked_by__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("seconded_by__isnull", False),
                        ("way", "platform"),
                    ),
                    _connector="OR",
                ),
                name="rolegrant_given_by_two",
                violation_error_message="A second person must confirm these roles.",
            ),
        ),
        grant("accounts_rolegrant", app="SELECT, INSERT", worker="SELECT"),
        migrations.RunSQL(
            "GRANT UPDATE (state, way, confirmed_by_id, seconded_by_id, answered_at) ON accounts_rolegrant TO nrm_app",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
    ]
