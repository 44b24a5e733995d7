"""A share names what its giver knew the case by; a grant says until when its receiver contributes (rule 18)."""

import django.contrib.postgres.fields
from django.db import migrations, models

from core.db import policy

CONTRIBUTE = """
CREATE OR REPLACE FUNCTION cases_may_contribute(uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM cases_caselead l
                    WHERE l.case_id = $1 AND l.organisation_id = nrm_organisation() AND l.ends_at IS NULL)
        OR EXISTS (SELECT 1 FROM cases_casegroupobjectpermission g
                    WHERE g.content_object_id = $1 AND g.to_organisation_id = nrm_organisation()
                      AND g.contributes_until > nrm_now() AND g.expires_at > nrm_now())
$$
"""
# Who registered the case and leads it no longer corrects its own rows and takes the steps of the profile, no more.
CORRECT = """
CREATE FUNCTION cases_may_correct(uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT cases_may_contribute($1)
        OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = $1 AND c.registered_by_id = nrm_organisation())
$$
"""
ROWS = (
    "identity",
    "contact",
    "exploitation",
    "narrative",
    "exploiters",
    "health",
    "immigration",
    "criminal",
    "child",
    "service",
    "indicator",
)
STEPS = ("identificationdecision", "reflectionperiod")
OFFICES = "('child_protection', 'guardian', 'shelter', 'deciding_authority')"
# What stood before hung on the lead of then or of now, on an office, or on the shares that its giver had.
SOURCES = f"""
UPDATE cases_share s SET
    roots = ARRAY(
        SELECT 'lead' WHERE EXISTS (SELECT 1 FROM cases_caselead l
                                     WHERE l.case_id = s.case_id AND l.organisation_id = s.from_organisation_id)
        UNION
        SELECT o.office FROM cases_share o
         WHERE o.case_id = s.case_id AND o.to_organisation_id = s.from_organisation_id
           AND o.ended_at IS NULL AND o.office IN {OFFICES}),
    sources = ARRAY(
        SELECT o.id FROM cases_share o
         WHERE o.case_id = s.case_id AND o.to_organisation_id = s.from_organisation_id
           AND o.ended_at IS NULL AND o.office IN ('', 'referral') AND o.starts_at <= s.starts_at)
 WHERE s.ended_at IS NULL AND s.office IN ('', 'referral')
"""
LEVELS = """
UPDATE cases_casegroupobjectpermission SET contributes_until = CASE WHEN may_contribute THEN expires_at END
"""


def mine(table: str, may: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
        f" AND {table}.owner_organisation_id = nrm_organisation() AND {may}({table}.case_id)"
    )


def correct(name: str) -> migrations.RunSQL:
    table = f"cases_{name}"
    using = mine(table, "cases_may_correct")
    return migrations.RunSQL(
        f"ALTER POLICY {table}_correct ON {table} USING ({using}) WITH CHECK ({using})", migrations.RunSQL.noop
    )


def step(name: str) -> migrations.RunSQL:
    table = f"cases_{name}"
    check = mine(table, "cases_may_correct")
    return migrations.RunSQL(f"ALTER POLICY {table}_add ON {table} WITH CHECK ({check})", migrations.RunSQL.noop)


ASK = """
ALTER POLICY cases_guardianship_request ON cases_guardianship WITH CHECK (
    EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = cases_guardianship.case_id)
    AND cases_may_contribute(cases_guardianship.case_id)
    AND requested_by_id = nrm_organisation() AND state = 'requested' AND guardian_id IS NULL AND sealed IS NULL
    AND EXISTS (SELECT 1 FROM accounts_organisation o
                 WHERE o.id = cases_guardianship.owner_organisation_id AND o.kind = 'child_protection'))
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0026_policies_are_planned_once")]

    operations = [
        migrations.AddField(
            "share",
            "roots",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=24), default=list),
        ),
        migrations.AddField(
            "share", "sources", django.contrib.postgres.fields.ArrayField(models.UUIDField(), default=list)
        ),
        migrations.AddField("share", "kept_until", models.DateTimeField(null=True)),
        migrations.AddField("casegroupobjectpermission", "contributes_until", models.DateTimeField(null=True)),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(SOURCES, migrations.RunSQL.noop),
        migrations.RunSQL(LEVELS, migrations.RunSQL.noop),
        migrations.RunSQL(CONTRIBUTE, migrations.RunSQL.noop),
        migrations.RunSQL(CORRECT, "DROP FUNCTION cases_may_correct(uuid)"),
        *[correct(name) for name in ROWS],
        *[step(name) for name in STEPS],
        migrations.RunSQL(ASK, migrations.RunSQL.noop),
        # Whether an authority has decided what it was asked, for whoever takes the request back.
        migrations.RunSQL(
            "GRANT SELECT (id, case_id, owner_organisation_id, addressed_to_id, step)"
            " ON cases_identificationdecision TO nrm_ledger",
            migrations.RunSQL.noop,
        ),
        policy("cases_identificationdecision", "ledger", to="nrm_ledger", command="SELECT", using="true"),
        migrations.RemoveField("casegroupobjectpermission", "may_contribute"),
        migrations.AddIndex(
            "share",
            models.Index(
                models.F("kept_until"),
                condition=models.Q(ended_at__isnull=True, kept_until__isnull=False),
                name="share_kept",
            ),
        ),
        migrations.AddConstraint(
            "share",
            models.CheckConstraint(
                condition=models.Q(
                    roots__contained_by=["lead", "child_protection", "deciding_authority", "guardian", "shelter"]
                ),
                name="share_roots_known",
                violation_error_message="An organisation knows a case by leading it, by an office, or by a share.",
            ),
        ),
    ]
