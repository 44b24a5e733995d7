"""A referral names what its sender knew the case by, as the share does that its acceptance opens (rule 18)."""

import django.contrib.postgres.fields
from django.db import migrations, models

# What was sent before hung on the lead of then or of now, on an office, or on the shares that its sender had.
SOURCES = """
UPDATE referrals_referral r SET
    roots = ARRAY(
        SELECT 'lead' WHERE EXISTS (SELECT 1 FROM cases_caselead l
                                     WHERE l.case_id = r.case_id AND l.organisation_id = r.from_organisation_id)
        UNION
        SELECT o.office FROM cases_share o
         WHERE o.case_id = r.case_id AND o.to_organisation_id = r.from_organisation_id AND o.ended_at IS NULL
           AND o.office IN ('child_protection', 'guardian', 'shelter', 'deciding_authority')),
    sources = ARRAY(
        SELECT o.id FROM cases_share o
         WHERE o.case_id = r.case_id AND o.to_organisation_id = r.from_organisation_id
           AND o.ended_at IS NULL AND o.office IN ('', 'referral') AND o.starts_at <= r.sent_at)
 WHERE r.state = 'sent'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0027_what_a_share_hangs_on"),
        ("referrals", "0007_conflict_of_interest"),
    ]

    operations = [
        migrations.AddField(
            "referral",
            "roots",
            django.contrib.postgres.fields.ArrayField(models.CharField(max_length=24), default=list),
        ),
        migrations.AddField(
            "referral", "sources", django.contrib.postgres.fields.ArrayField(models.UUIDField(), default=list)
        ),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(SOURCES, migrations.RunSQL.noop),
    ]
