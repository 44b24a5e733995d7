"""A suspension is a row of its own: what was shared before it stays ended, whatever is written down, and when.

A trigger writes it, so that an organisation that is suspended by hand is suspended as well.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from core.db import grant

TABLE = "accounts_organisationsuspension"
NOTE = f"""CREATE FUNCTION accounts_note_suspension() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.suspended_at IS NOT NULL THEN
        INSERT INTO {TABLE} (id, organisation_id, suspended_at, shares_ended, referrals_ended)
        VALUES (gen_random_uuid(), NEW.id, NEW.suspended_at, 0, 0);
    ELSE
        UPDATE {TABLE} SET reinstated_at = nrm_now() WHERE organisation_id = NEW.id AND reinstated_at IS NULL;
    END IF;
    RETURN NULL;
END $$"""
TRIGGER = """CREATE TRIGGER note_suspension AFTER UPDATE OF suspended_at ON accounts_organisation FOR EACH ROW
    WHEN ((OLD.suspended_at IS NULL) <> (NEW.suspended_at IS NULL)) EXECUTE FUNCTION accounts_note_suspension()"""
# One answer for a whole statement, from a partial index that is empty on nearly every day.
NOBODY = f"""CREATE FUNCTION nrm_nobody_suspended() RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM {TABLE} WHERE written_at IS NULL);
END $$"""
FUNCTIONS = ("accounts_note_suspension()", "nrm_nobody_suspended()")
ROLES = "nrm_app, nrm_worker, nrm_ledger, nrm_statistics"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_two_people_confirm_roles")]

    operations = [
        migrations.CreateModel(
            name="OrganisationSuspension",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("suspended_at", models.DateTimeField()),
                ("reinstated_at", models.DateTimeField(null=True)),
                ("after_case", models.UUIDField(null=True)),
                ("shares_ended", models.PositiveIntegerField(default=0)),
                ("referrals_ended", models.PositiveIntegerField(default=0)),
                ("written_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        models.F("organisation"),
                        condition=models.Q(("written_at__isnull", True)),
                        name="suspension_to_write",
                    )
                ],
            },
        ),
        grant(TABLE, app="SELECT", worker="SELECT, UPDATE (after_case, shares_ended, referrals_ended, written_at)"),
        RunSQL(
            f"INSERT INTO {TABLE} (id, organisation_id, suspended_at, shares_ended, referrals_ended)"
            " SELECT gen_random_uuid(), id, suspended_at, 0, 0 FROM accounts_organisation"
            " WHERE suspended_at IS NOT NULL",
            RunSQL.noop,
        ),
        RunSQL(NOTE, "DROP FUNCTION accounts_note_suspension()"),
        RunSQL(TRIGGER, "DROP TRIGGER note_suspension ON accounts_organisation"),
        RunSQL(NOBODY, "DROP FUNCTION nrm_nobody_suspended()"),
        RunSQL(
            [
                *[f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC" for one in FUNCTIONS],
                f"GRANT EXECUTE ON FUNCTION nrm_nobody_suspended() TO {ROLES}",
            ],
            RunSQL.noop,
        ),
    ]
