"""Table rights of accounts and of the framework's tables that sign-in needs. Guardian's generic tables get none."""

from django.db import migrations

from core.db import grant

WHOLE = "SELECT, INSERT, UPDATE, DELETE"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
        ("account", "0001_initial"),
        ("mfa", "0001_initial"),
    ]

    operations = [
        grant("accounts_user", app="SELECT, INSERT, UPDATE", worker="SELECT"),
        grant(
            "accounts_organisation",
            app="SELECT, INSERT, UPDATE",
            worker="SELECT",
            ledger="SELECT",
            statistics="SELECT (id, name, kind, region)",
        ),
        grant("accounts_membership", app="SELECT, INSERT, UPDATE", worker="SELECT", ledger="SELECT"),
        grant("accounts_invitation", app="SELECT, INSERT, UPDATE"),
        grant("accounts_notice", app="SELECT, INSERT, UPDATE", worker="SELECT, INSERT, UPDATE"),
        grant("accounts_outboxmail", app="SELECT, INSERT", worker="SELECT, INSERT, UPDATE"),
        grant("accounts_submission", app=WHOLE, worker="SELECT, DELETE"),
        grant("auth_group", app="SELECT, INSERT"),
        migrations.RunSQL("GRANT USAGE ON SEQUENCE auth_group_id_seq TO nrm_app", migrations.RunSQL.noop),
        grant("auth_permission", app="SELECT", ledger="SELECT", worker="SELECT"),
        grant("django_content_type", app="SELECT", ledger="SELECT", worker="SELECT"),
        grant("django_session", app=WHOLE),
        grant("django_migrations", app="SELECT", worker="SELECT"),
        *[
            operation
            for table in ("account_emailaddress", "account_emailconfirmation", "mfa_authenticator")
            for operation in (
                grant(table, app=WHOLE),
                migrations.RunSQL(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO nrm_app", migrations.RunSQL.noop),
            )
        ],
    ]
