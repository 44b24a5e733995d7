"""The calendar belongs to the version of a rule: a clock names the holidays that it was counted by.

Clocks of before name none. The next ``manage.py deadlines recalculate`` counts them once more and names them.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0040_what_is_known_of_the_age")]

    operations = [
        migrations.AddField(
            "deadline",
            "calendar_version",
            models.CharField(blank=True, default="", max_length=12),
            preserve_default=False,
        ),
        migrations.AlterField(
            "deadlinechange",
            "kind",
            models.CharField(
                choices=[
                    ("moved", "Counted from another day"),
                    ("extended", "Extended"),
                    ("suspended", "Suspended"),
                    ("resumed", "Goes on"),
                    ("recalculated", "Recalculated by a new version of the rule or of the holidays"),
                ],
                max_length=16,
            ),
        ),
    ]
