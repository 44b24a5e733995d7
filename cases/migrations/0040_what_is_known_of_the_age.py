"""The age: what child protection settles, and until when the person is treated as a child.

What all organisations of a case say of the age is read by one function, for the ledger alone: rows that the actor may not
read count for the ends of what a child has (``sharing.md`` rule 24). A date of birth of a case from before counts as soon
as its identity is written anew, or child protection settles it; until then what its parties have ends as it stood.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

SETTLEMENT, MINORITY = "cases_agesettlement", "cases_minority"
OWN = "(SELECT nrm_organisation())"
KNOWS = f"(SELECT true FROM cases_casevisibility v WHERE v.case_id = {SETTLEMENT}.case_id LIMIT 1)"
LEADS = f"""(SELECT true FROM cases_caselead l WHERE l.case_id = {SETTLEMENT}.case_id AND l.ends_at IS NULL
    AND l.organisation_id = {OWN} LIMIT 1)"""
READS_IDENTITY = f"""(SELECT true FROM cases_casegroupobjectpermission g WHERE g.content_object_id = {SETTLEMENT}.case_id
    AND g.to_organisation_id = {OWN} AND g.category = 'identity' AND g.expires_at > nrm_now()
    AND ((SELECT nrm_nobody_suspended()) OR nrm_share_holds(g.share_id)) LIMIT 1)"""
SETTLES = f"""{KNOWS} AND owner_organisation_id = {OWN} AND settled_by_id = (SELECT nrm_membership())
    AND EXISTS (SELECT 1 FROM accounts_organisation o WHERE o.id = owner_organisation_id AND o.kind = 'child_protection')"""
# Every version of every identity row of the case, and every settlement, oldest first.
SAID = """CREATE FUNCTION nrm_said_of_age(of_case uuid)
    RETURNS TABLE (id uuid, owner_id uuid, kind varchar, said_at timestamptz, age_group varchar, basis varchar,
                   sealed bytea, is_settlement boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT said.id, said.owner_id, o.kind, said.said_at, said.age_group, said.basis, said.sealed, said.is_settlement
      FROM (SELECT e.id, e.owner_organisation_id AS owner_id, e.updated_at AS said_at, e.age_group,
                   e.age_basis AS basis, e.sealed, false AS is_settlement, e.pgh_id AS number
              FROM cases_identityevent e WHERE e.case_id = of_case
            UNION ALL
            SELECT s.id, s.owner_organisation_id, s.settled_at, s.age_group, s.basis, s.sealed, true, 0
              FROM cases_agesettlement s WHERE s.case_id = of_case) said
      JOIN accounts_organisation o ON o.id = said.owner_id
     ORDER BY said.said_at, said.number, said.id $$"""
SIGNATURE = "nrm_said_of_age(uuid)"
# Until it is counted anew: as long as what a party of the child has by office.
KEEP = f"""INSERT INTO {MINORITY} (case_id, child_until)
    SELECT s.case_id, max(s.ends_on) FROM cases_share s JOIN cases_case c ON c.id = s.case_id
     WHERE c.is_child_branch AND s.ended_at IS NULL AND s.office IN ('child_protection', 'guardian') GROUP BY s.case_id"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_suspensions"),
        ("cases", "0037_one_question_who_can_act"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgeSettlement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField(null=True)),
                (
                    "age_group",
                    models.CharField(
                        choices=[
                            ("adult", "Adult"),
                            ("child", "Child"),
                            ("uncertain", "Age uncertain, treated as a child"),
                        ],
                        max_length=12,
                    ),
                ),
                ("basis", models.CharField(max_length=40)),
                ("settled_at", models.DateTimeField()),
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
                    "settled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_permissions": (),
                "indexes": [
                    models.Index(models.F("case"), models.F("settled_at"), name="agesettlement_of_case"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("age_group__in", ("adult", "child"))),
                        name="agesettlement_adult_or_child",
                        violation_error_message="Choose whether the person is an adult or a child.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("basis", ""), _negated=True),
                        name="agesettlement_has_basis",
                        violation_error_message="Say on what the age is based.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Minority",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("child_until", models.DateField(null=True)),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(models.F("child_until"), name="minority_ends")],
            },
        ),
        protect(SETTLEMENT),
        grant(SETTLEMENT, app="SELECT, INSERT"),
        policy(
            SETTLEMENT,
            "read",
            to="nrm_app",
            command="SELECT",
            using=f"{KNOWS} AND (owner_organisation_id = {OWN} OR {LEADS} OR {READS_IDENTITY})",
        ),
        policy(SETTLEMENT, "settle", to="nrm_app", command="INSERT", check=SETTLES),
        protect(MINORITY),
        grant(MINORITY, ledger="SELECT, INSERT, UPDATE"),
        policy(MINORITY, "ledger", to="nrm_ledger", using="true", check="true"),
        RunSQL(KEEP, RunSQL.noop),
        RunSQL(SAID, f"DROP FUNCTION {SIGNATURE}"),
        RunSQL(
            [
                f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO nrm_ledger",
            ],
            RunSQL.noop,
        ),
    ]
