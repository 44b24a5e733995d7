"""The second line of legal bases: nothing rests on what does not hold, and nobody confirms what they record themselves."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import policy

MOVES = "confirmed_by_id, confirmed_at, unconfirmed_until"
# A life at risk holds at once, for a day at most (counted from the start of the transaction, hence the minutes).
# Everything else, and every confirmation, is the ledger's to write.
ALONE = """confirmed_by_id IS NULL AND confirmed_at IS NULL AND CASE state
    WHEN 'overridden' THEN legal_basis = 'vital_interests'
        AND unconfirmed_until <= nrm_now() + interval '24 hours 5 minutes'
    ELSE unconfirmed_until IS NULL END"""
CHECK = """
CREATE FUNCTION cases_share_rests_on_what_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    resting record;
BEGIN
    IF NEW.consent_id IS NULL OR NEW.ended_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT state, unconfirmed_until INTO resting FROM cases_consent WHERE id = NEW.consent_id;
    IF NOT FOUND OR resting.state NOT IN ('given', 'overridden') OR NEW.ends_at > resting.unconfirmed_until THEN
        RAISE EXCEPTION 'what this share rests on does not hold, or not so long'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_rests_on_what_holds';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER share_rests_on_what_holds BEFORE INSERT OR UPDATE OF consent_id, ends_at ON cases_share
    FOR EACH ROW EXECUTE FUNCTION cases_share_rests_on_what_holds()
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0029_legal_bases")]

    operations = [
        RunSQL(
            f"GRANT SELECT (provision, created_by_id, {MOVES}), UPDATE ({MOVES}) ON cases_consent TO nrm_ledger",
            RunSQL.noop,
        ),
        # What rests on it ends with it: the worker writes that down.
        RunSQL("GRANT SELECT (unconfirmed_until) ON cases_consent TO nrm_worker", RunSQL.noop),
        policy("cases_consent", "alone", to="nrm_app", command="INSERT", check=ALONE, always=True),
        RunSQL(CHECK, "DROP FUNCTION cases_share_rests_on_what_holds()"),
        RunSQL(TRIGGER, "DROP TRIGGER share_rests_on_what_holds ON cases_share"),
    ]
