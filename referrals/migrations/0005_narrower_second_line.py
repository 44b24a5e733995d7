"""What was agreed when a referral was sent, and what was recorded on the way, is changed by nobody; a share is read by
who may know its case or its referral."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

CHANGED = (
    "state, sealed, answered_at, answered_by_id, assigned_to_id, decline_reason, share_id, outcome, failure_reason,"
    " ended_at"
)
OWN = "(to_organisation_id = (SELECT nrm_organisation()) OR from_organisation_id = (SELECT nrm_organisation()))"
KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
# A referral tells whether it has ended from its share, also to those that have lost the case with it.
SHARE = f"""{OWN} AND ((SELECT nrm_scope() = 'organisation') OR {KNOWS.format(table="cases_share")}
    OR EXISTS (SELECT 1 FROM referrals_referral r WHERE r.share_id = cases_share.id))"""
PARTY = f"""{OWN} AND (SELECT nrm_scope() <> 'none') AND ((SELECT nrm_scope() = 'organisation')
    OR assigned_to_id = (SELECT nrm_membership()) OR sent_by_id = (SELECT nrm_membership())
    OR {KNOWS.format(table="referrals_referral")})"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_statistics_rights"), ("cases", "0006_narrower_second_line")]

    operations = [
        RunSQL(f"ALTER POLICY cases_share_read ON cases_share USING ({SHARE})", RunSQL.noop),
        RunSQL(f"ALTER POLICY referrals_referral_read ON referrals_referral USING ({PARTY})", RunSQL.noop),
        RunSQL(
            f"ALTER POLICY referrals_referral_work ON referrals_referral USING ({PARTY}) WITH CHECK ({PARTY})",
            RunSQL.noop,
        ),
        RunSQL(
            [
                "REVOKE UPDATE ON referrals_referral FROM nrm_app",
                f"GRANT UPDATE ({CHANGED}) ON referrals_referral TO nrm_app",
                "REVOKE UPDATE ON referrals_referralstep FROM nrm_app",
                "REVOKE UPDATE ON referrals_referralquestion FROM nrm_app",
                "GRANT UPDATE (sealed, answered_at, answered_by_id) ON referrals_referralquestion TO nrm_app",
            ],
            RunSQL.noop,
        ),
    ]
