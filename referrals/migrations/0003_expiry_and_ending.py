"""When a referral expires, that it may have ended, and what the ledger and the worker must read to say so."""

from datetime import UTC, datetime

from django.db import migrations, models

from core.db import policy

PARTIES = "category = 'referral' AND detail -> 'parties' ? nrm_organisation()::text"
KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = audit_auditchange.case_id)"


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_row_level_security")]

    operations = [
        migrations.AddField(
            "referral",
            "expires_at",
            models.DateTimeField(default=datetime(2000, 1, 1, tzinfo=UTC)),
            preserve_default=False,
        ),
        migrations.AlterField(
            "referral",
            "state",
            models.CharField(
                choices=[
                    ("sent", "Waiting for an answer"),
                    ("accepted", "Accepted"),
                    ("in_progress", "In progress"),
                    ("done", "Done"),
                    ("declined", "Declined"),
                    ("revoked", "Revoked"),
                    ("expired", "Not answered in time"),
                    ("ended", "Ended"),
                ],
                default="sent",
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            "referral",
            models.Index(models.F("expires_at"), condition=models.Q(("state", "sent")), name="referral_to_expire"),
        ),
        # Sender and receiver, and nobody else that knows the case, see in its timeline what became of a referral.
        policy("audit_auditchange", "referral", to="nrm_app", command="SELECT", using=f"{PARTIES} AND {KNOWS}"),
        # The receiver may not read the consent that its referral rests on: the ledger looks whether it still stands.
        migrations.RunSQL(
            "GRANT SELECT (id, state, valid_until) ON cases_consent TO nrm_ledger, nrm_worker", migrations.RunSQL.noop
        ),
        policy("cases_consent", "stands", to="nrm_ledger, nrm_worker", command="SELECT", using="true"),
    ]
