"""An emergency opens the case to whoever gave the reason and one colleague named with it, not to the whole desk (rule 11).

The visibility row of the organisation does not count for anybody else there: ``blocked`` names them, as it names who is
kept away for a conflict of interest, so that no policy and no index of a worklist changes.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

REVIEWER = (
    "(SELECT true FROM accounts_membership m WHERE m.id = (SELECT nrm_membership())"
    " AND m.roles && ARRAY['supervisor', 'data_protection_officer']::varchar[] LIMIT 1)"
)
OWN = "(SELECT nrm_organisation())"
SIDES = f"(organisation_id = {OWN} OR {OWN} = ANY (concerned))"
BEFORE = f"{SIDES} AND (opened_by_id = (SELECT nrm_membership()) OR {REVIEWER})"
READS = (
    f"{SIDES} AND (opened_by_id = (SELECT nrm_membership()) OR colleague_id = (SELECT nrm_membership()) OR {REVIEWER})"
)
NOT_NAMED = """CREATE FUNCTION nrm_not_named(of_case uuid, of_organisation uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT m.user_id FROM accounts_membership m
     WHERE m.organisation_id = of_organisation AND m.ended_at IS NULL
       AND NOT EXISTS (SELECT FROM cases_breakglass g
                        WHERE g.case_id = of_case AND g.organisation_id = of_organisation
                          AND g.ended_at IS NULL AND g.ends_at > nrm_now()
                          AND m.user_id IN (g.opened_by_user_id, g.colleague_user_id)) $$"""
SIGNATURE = "nrm_not_named(uuid, uuid)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_suspensions"),
        ("cases", "0035_cases_without_a_lead"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "breakglass",
            "colleague",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.membership",
            ),
        ),
        migrations.AddField(
            "breakglass",
            "colleague_user",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "breakglass",
            models.CheckConstraint(
                condition=models.Q(colleague_user__isnull=True)
                | ~models.Q(colleague_user=models.F("opened_by_user"))
                & (models.Q(reviewed_by_user__isnull=True) | ~models.Q(reviewed_by_user=models.F("colleague_user"))),
                name="breakglass_colleague_is_another",
                violation_error_message="Choose somebody else: not yourself, and not who reviews it.",
            ),
        ),
        RunSQL(NOT_NAMED, f"DROP FUNCTION {SIGNATURE}"),
        RunSQL(
            [
                f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO nrm_ledger, nrm_worker",
            ],
            RunSQL.noop,
        ),
        RunSQL(
            f"ALTER POLICY cases_breakglass_read ON cases_breakglass USING ({READS})",
            f"ALTER POLICY cases_breakglass_read ON cases_breakglass USING ({BEFORE})",
        ),
    ]
