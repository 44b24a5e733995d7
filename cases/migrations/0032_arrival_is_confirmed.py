"""A placement is provisional until sender or lead confirm that the person arrived; it may end by itself.

Placements from before were somebody's word that stood: they count as confirmed by who recorded them.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from core.db import grant

OWN = "= (SELECT nrm_organisation())"
# The host writes its own; who placed the person, once it is confirmed that the person is there.
WRITES = f"""owner_organisation_id {OWN}
    AND (SELECT true FROM cases_casevisibility v WHERE v.case_id = cases_safelocation.case_id
         AND v.membership_id = (SELECT nrm_membership()) LIMIT 1)
    AND (SELECT true FROM cases_placement p WHERE p.id = cases_safelocation.placement_id
         AND p.case_id = cases_safelocation.case_id AND p.ended_at IS NULL
         AND (p.ends_at IS NULL OR p.ends_at > nrm_now())
         AND (p.organisation_id {OWN} OR (p.placed_by_id {OWN} AND p.ends_at IS NULL)) LIMIT 1)"""
BEFORE = f"""owner_organisation_id {OWN}
    AND EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = cases_safelocation.case_id
        AND v.membership_id = (SELECT nrm_membership()))
    AND EXISTS (SELECT 1 FROM cases_placement p WHERE p.id = cases_safelocation.placement_id
        AND p.case_id = cases_safelocation.case_id AND p.ended_at IS NULL
        AND (p.organisation_id {OWN} OR p.placed_by_id {OWN}))"""
FUNCTION = """
CREATE OR REPLACE FUNCTION nrm_is_current_placement(placement uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$SELECT EXISTS (SELECT 1 FROM cases_placement p WHERE p.id = placement AND p.ended_at IS NULL{})$$
"""
IN_TIME = " AND (p.ends_at IS NULL OR p.ends_at > nrm_now())"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_names_mail_sessions"),
        ("cases", "0031_who_knows_the_shelter"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="placement", name="placement_one_at_a_time"),
        migrations.AddField(model_name="placement", name="confirmed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="placement",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(model_name="placement", name="ends_at", field=models.DateTimeField(null=True)),
        RunSQL(
            [
                "UPDATE cases_placement SET confirmed_at = recorded_at, confirmed_by_id = recorded_by_id",
                "SET CONSTRAINTS ALL IMMEDIATE",
            ],
            RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("confirmed_at__isnull", False), ("ended_at__isnull", True), ("ends_at__isnull", True)
                ),
                fields=("case",),
                name="placement_one_confirmed",
                violation_error_message="The person already stays somewhere. End that first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("ended_at__isnull", True)),
                fields=("case", "organisation"),
                name="placement_one_unconfirmed",
                violation_error_message="This shelter has said already that the person arrived.",
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_at__isnull", False),
                    ("confirmed_by__isnull", False),
                )
                | models.Q(
                    ("confirmed_at__isnull", True),
                    ("confirmed_by__isnull", True),
                    ("ends_at__isnull", False),
                ),
                name="placement_provisional_ends",
                violation_error_message="A placement that nobody has confirmed needs an end.",
            ),
        ),
        migrations.AddIndex(
            model_name="placement",
            index=models.Index(
                models.F("ends_at"), condition=models.Q(("ended_at__isnull", True)), name="placement_to_end"
            ),
        ),
        # Whoever reads a location by a relation or a release reads it of a placement that has not ended by itself.
        RunSQL(FUNCTION.format(IN_TIME), FUNCTION.format("")),
        grant("cases_placement", ledger="UPDATE (confirmed_at, confirmed_by_id, ends_at, ended_at, end_reason)"),
        RunSQL(
            f"ALTER POLICY cases_safelocation_write ON cases_safelocation WITH CHECK ({WRITES})",
            f"ALTER POLICY cases_safelocation_write ON cases_safelocation WITH CHECK ({BEFORE})",
        ),
    ]
