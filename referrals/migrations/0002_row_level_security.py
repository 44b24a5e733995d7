"""Row-level security of referrals: sender and receiver, nobody else, not even the lead."""

from django.db import migrations

from core.db import grant, policy, protect

KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = referrals_referral.case_id)"
PARTY = f"""(to_organisation_id = nrm_organisation() OR from_organisation_id = nrm_organisation())
    AND (nrm_scope() = 'organisation' OR assigned_to_id = nrm_membership() OR sent_by_id = nrm_membership() OR {KNOWS})"""


def part(table):
    seen = f"EXISTS (SELECT 1 FROM referrals_referral r WHERE r.id = {table}.referral_id)"
    return [
        protect(table),
        grant(table, app="SELECT, INSERT, UPDATE"),
        policy(table, "parties", to="nrm_app", using=seen, check=seen),
    ]


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("cases", "0002_row_level_security")]

    operations = [
        protect("referrals_referral"),
        grant("referrals_referral", app="SELECT, INSERT, UPDATE", worker="SELECT, UPDATE (state, ended_at)"),
        policy("referrals_referral", "read", to="nrm_app", command="SELECT", using=PARTY),
        policy(
            "referrals_referral",
            "send",
            to="nrm_app",
            command="INSERT",
            check=f"from_organisation_id = nrm_organisation() AND {KNOWS}",
        ),
        policy("referrals_referral", "work", to="nrm_app", command="UPDATE", using=PARTY, check=PARTY),
        policy("referrals_referral", "worker", to="nrm_worker", using="true", check="true"),
        *part("referrals_referralstep"),
        *part("referrals_referralquestion"),
        migrations.RunSQL(
            "GRANT SELECT (id, case_id, from_organisation_id, to_organisation_id, state, service, phase, urgency, region,"
            " sent_at, answer_due_at, answered_at, decline_reason, outcome, failure_reason, ended_at, ends_on)"
            " ON referrals_referral TO nrm_statistics",
            migrations.RunSQL.noop,
        ),
        policy("referrals_referral", "statistics", to="nrm_statistics", command="SELECT", using="true"),
        migrations.RunSQL(
            "GRANT SELECT (id, referral_id, kind, happened_on) ON referrals_referralstep TO nrm_statistics",
            migrations.RunSQL.noop,
        ),
        policy("referrals_referralstep", "statistics", to="nrm_statistics", command="SELECT", using="true"),
    ]
