"""A repeated key is compared with what it was first sent with. Older rows fit nothing: their keys are refused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_digest_snooze_absence_calendar"),
    ]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="fingerprint",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="submission",
            name="location",
            field=models.TextField(blank=True),
        ),
        migrations.RemoveField(
            model_name="submission",
            name="path",
        ),
    ]
