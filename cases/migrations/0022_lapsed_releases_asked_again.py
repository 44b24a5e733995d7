"""A request for a safe location on which nobody decided in time may be asked again: the constraint kept it for ever."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0021_children_of_an_organisation")]

    operations = [
        migrations.RemoveConstraint(model_name="locationrelease", name="locationrelease_asked_once"),
    ]
