"""The store in which attempts to sign in are counted, for all web processes (``django.core.cache.backends.db``)."""

from django.db import migrations

from core.db import grant

TABLE = """
CREATE TABLE accounts_limits (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX accounts_limits_expires ON accounts_limits (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_done_notices_and_preferences")]

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE accounts_limits"),
        grant("accounts_limits", app="SELECT, INSERT, UPDATE, DELETE"),
    ]
