"""An organisation that knows the case by a share asks who gave it to share with another one: read by those two alone."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from core.db import grant, policy, protect

TABLE = "cases_sharingrequest"
KNOWS = f"(SELECT true FROM cases_casevisibility v WHERE v.case_id = {TABLE}.case_id LIMIT 1)"
OWN = "= (SELECT nrm_organisation())"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_digest_snooze_absence_calendar"),
        ("cases", "0027_what_a_share_hangs_on"),
    ]

    operations = [
        migrations.CreateModel(
            name="SharingRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("purpose", models.CharField(max_length=40)),
                ("legal_basis", models.CharField(max_length=40)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not answered yet"), ("shared", "Shared"), ("declined", "Not shared")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
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
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("giver"), condition=models.Q(("answer", "")), name="sharingrequest_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")),
                        fields=("case", "owner_organisation", "giver", "receiver", "purpose"),
                        name="sharingrequest_once",
                        violation_error_message="This was asked already and has not been answered yet.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("giver", models.F("owner_organisation")), _negated=True),
                            models.Q(("receiver", models.F("owner_organisation")), _negated=True),
                            models.Q(("receiver", models.F("giver")), _negated=True),
                        ),
                        name="sharingrequest_three_parties",
                        violation_error_message="Choose an organisation that neither asks nor is asked.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("categories__len__gt", 0),
                            (
                                "categories__contained_by",
                                [
                                    "identity",
                                    "contact",
                                    "exploitation",
                                    "narrative",
                                    "exploiters",
                                    "health",
                                    "immigration",
                                    "criminal",
                                    "child",
                                    "services",
                                    "indicators",
                                    "consent",
                                ],
                            ),
                        ),
                        name="sharingrequest_categories_known",
                        violation_error_message="Choose at least one category to share.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sharingrequest_answered_by_somebody",
                        violation_error_message="Say who answered.",
                    ),
                ],
            },
        ),
        protect(TABLE),
        grant(TABLE, app="SELECT, INSERT, UPDATE (answer, answered_at, answered_by_id)"),
        policy(
            TABLE,
            "read",
            to="nrm_app",
            command="SELECT",
            using=f"{KNOWS} AND (owner_organisation_id {OWN} OR giver_id {OWN})",
        ),
        policy(
            TABLE,
            "ask",
            to="nrm_app",
            command="INSERT",
            check=f"{KNOWS} AND owner_organisation_id {OWN} AND asked_by_id = (SELECT nrm_membership())"
            " AND answer = ''",
        ),
        policy(
            TABLE,
            "answer",
            to="nrm_app",
            command="UPDATE",
            using=f"{KNOWS} AND giver_id {OWN} AND answer = ''",
            check=f"{KNOWS} AND giver_id {OWN} AND answered_by_id = (SELECT nrm_membership())",
        ),
    ]
