"""A referral shows nothing to who is kept away from its case, on either side."""

from django.db import migrations

from core.db import policy


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0006_transfer_of_the_lead"),
        ("cases", "0015_conflict_of_interest_second_line"),
    ]

    operations = [
        policy(
            "referrals_referral",
            "blocked",
            to="nrm_app",
            command="SELECT",
            using="NOT nrm_is_blocked(case_id, (SELECT nrm_organisation()), (SELECT nrm_user()))",
            always=True,
        ),
    ]
