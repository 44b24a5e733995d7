"""Statistics tell a referral that has expired from one that waits before the worker has written it down."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("referrals", "0003_expiry_and_ending")]

    operations = [
        migrations.RunSQL("GRANT SELECT (expires_at) ON referrals_referral TO nrm_statistics", migrations.RunSQL.noop),
    ]
