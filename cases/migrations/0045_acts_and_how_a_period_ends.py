"""What happens elsewhere is a dated row; a period says until when its minimum lasts, a clock when its act happened.

An act is read by who recorded it, by whom it shares the category with, and one of the category *status* by all that know
the case. It is added only. The ledger learns which acts there are, so that what follows from a report follows once.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from core.db import grant, policy, protect

TABLE = "cases_recordedact"
KNOWS = f"(SELECT true FROM cases_casevisibility v WHERE v.case_id = {TABLE}.case_id LIMIT 1)"
OWN = f"{TABLE}.owner_organisation_id = (SELECT nrm_organisation())"
SHARED = f"""(SELECT true FROM cases_casegroupobjectpermission g
    WHERE g.content_object_id = {TABLE}.case_id AND g.from_organisation_id = {TABLE}.owner_organisation_id
      AND g.category = {TABLE}.category AND g.expires_at > nrm_now() LIMIT 1)"""
IDENTIFICATION = [
    ("presumed", "Presumed victim"),
    ("reasonable_grounds", "Presumed victim, reasonable grounds"),
    ("no_reasonable_grounds", "No reasonable grounds"),
    ("declined", "Presumed victim, declined identification"),
    ("identified", "Identified victim"),
    ("not_identified", "Not identified as a victim"),
    ("withdrawn", "Presumed victim, withdrew from identification"),
    ("disqualified", "Presumed victim, disqualified from protection"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_digest_snooze_absence_calendar"),
        ("cases", "0041_by_which_holidays"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="case", name="case_identification_known"),
        migrations.AlterField(
            "case",
            "identification",
            models.CharField(choices=IDENTIFICATION, default="presumed", max_length=24),
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=models.Q(("identification__in", [code for code, _label in IDENTIFICATION])),
                name="case_identification_known",
                violation_error_message="Unknown identification status.",
            ),
        ),
        migrations.AlterField(
            "identificationdecision",
            "outcome",
            models.CharField(
                choices=[
                    ("positive", "Positive"),
                    ("negative", "Negative"),
                    ("suspended", "Suspended"),
                    ("withdrawn", "Withdrawn"),
                    ("disqualified", "Disqualified from protection"),
                    ("declined", "Declined by the person"),
                    ("requested", "Asked for"),
                    ("overturned", "Decided anew, in favour of the person"),
                    ("upheld", "The decision stands"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddField("deadline", "acted_on", models.DateField(null=True)),
        migrations.AddField("reflectionperiod", "minimum_until", models.DateField(null=True)),
        migrations.AddConstraint(
            "reflectionperiod",
            models.CheckConstraint(
                condition=models.Q(
                    ("minimum_until__isnull", True),
                    ("ends_on__isnull", True),
                    ("ends_on__gte", models.F("minimum_until")),
                    _connector="OR",
                ),
                name="reflectionperiod_keeps_its_minimum",
                violation_error_message="The reflection period cannot end before its minimum is over.",
            ),
        ),
        migrations.CreateModel(
            name="RecordedAct",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(null=True)),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("report", "Report to the police, or other cooperation"),
                            ("statement_withdrawal", "Withdrawal of the statement"),
                            ("departure", "Departure to an unknown destination"),
                            ("asylum_application", "Asylum application"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("status", "Status"),
                            ("identity", "Identity"),
                            ("contact", "Contact"),
                            ("exploitation", "Exploitation"),
                            ("narrative", "Account in own words"),
                            ("exploiters", "Alleged exploiters"),
                            ("health", "Health"),
                            ("immigration", "Residence"),
                            ("criminal", "Criminal proceedings"),
                            ("child", "Child and guardian"),
                            ("services", "Needs and services"),
                            ("indicators", "Indicators and assessments"),
                            ("consent", "Consent register"),
                        ],
                        max_length=20,
                    ),
                ),
                ("manner", models.CharField(blank=True, max_length=40)),
                ("happened_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
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
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("case"), models.F("happened_on"), name="recordedact_history"),
                ],
            },
        ),
        protect(TABLE),
        grant(TABLE, app="SELECT, INSERT", ledger="SELECT (id, case_id, act)"),
        policy(
            TABLE,
            "read",
            to="nrm_app",
            command="SELECT",
            using=f"{KNOWS} AND ({OWN} OR {TABLE}.category = 'status' OR {SHARED})",
        ),
        policy(
            TABLE,
            "add",
            to="nrm_app",
            command="INSERT",
            check=f"{KNOWS} AND {OWN} AND cases_may_correct(case_id) AND recorded_by_id = (SELECT nrm_membership())",
        ),
        policy(TABLE, "ledger", to="nrm_ledger", command="SELECT", using="true"),
        # A period follows its clock, also when the ledger recalculates that.
        migrations.RunSQL(
            "GRANT UPDATE (minimum_until) ON cases_reflectionperiod TO nrm_ledger", migrations.RunSQL.noop
        ),
    ]
