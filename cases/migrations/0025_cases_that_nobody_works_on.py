"""Which open cases of an organisation nobody works on stands in its row of visibility; asking each case grew with all.

What changes with the case or with who is assigned, ``ledger`` marks, which holds the lock of the case. What changes with
a colleague (suspended, gone, other roles, an account shut) a trigger marks, since accounts know nothing of cases, and an
account may be shut by hand. It waits for whoever works on the colleague's cases, and ``ledger.assign`` waits for it: of
a case assigned and a colleague suspended at the same moment, whichever comes second sees the other.
"""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

# cases.policies.WORKING, as it stood when this was written; a test compares them.
WORKING = "caseworker,decision_maker,guardian,intake,supervisor"
UNATTENDED = f"""EXISTS (SELECT 1 FROM cases_case c WHERE c.id = v.case_id AND c.state <> 'closed')
    AND NOT EXISTS (
        SELECT 1 FROM cases_casevisibility a
          JOIN accounts_membership m ON m.id = a.membership_id JOIN accounts_user u ON u.id = m.user_id
         WHERE a.case_id = v.case_id AND a.organisation_id = v.organisation_id
           AND m.suspended_at IS NULL AND m.ended_at IS NULL AND m.roles::text[] && '{{{WORKING}}}' AND u.is_active)"""
# The owner answers: the ledger may not read who has an account. Rows that have ended are not marked, so that a list does
# not wade through them; they begin again by the ledger alone, which marks them anew.
MARK = f"""CREATE FUNCTION cases_mark_unattended(of_cases uuid[], at timestamptz) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE cases_casevisibility v SET is_unattended = NOT v.is_unattended
     WHERE v.case_id = ANY (of_cases) AND v.membership_id IS NULL
       AND v.is_unattended <> ((v.ends_at IS NULL OR v.ends_at > at) AND {UNATTENDED}) $$"""
HOLD = """CREATE FUNCTION cases_hold_membership(of_member uuid) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT FROM accounts_membership WHERE id = of_member FOR SHARE $$"""
# The new row is that of a membership or of a person. First nobody assigns them any more, then nobody works on theirs.
CHANGED = """CREATE FUNCTION cases_colleague_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    theirs uuid[];
    locked uuid[];
BEGIN
    theirs := ARRAY(SELECT m.id FROM accounts_membership m WHERE m.id = NEW.id OR m.user_id = NEW.id
                     ORDER BY m.id FOR NO KEY UPDATE);
    locked := ARRAY(SELECT c.id FROM cases_case c
                     WHERE c.id IN (SELECT a.case_id FROM cases_casevisibility a WHERE a.membership_id = ANY (theirs))
                     ORDER BY c.id FOR NO KEY UPDATE);
    PERFORM cases_mark_unattended(locked, nrm_now());
    RETURN NULL;
END $$"""
OF_A_MEMBERSHIP = """CREATE TRIGGER colleague_changed AFTER UPDATE OF roles, suspended_at, ended_at
    ON accounts_membership FOR EACH ROW
    WHEN (ROW(OLD.roles, OLD.suspended_at, OLD.ended_at) IS DISTINCT FROM ROW(NEW.roles, NEW.suspended_at, NEW.ended_at))
    EXECUTE FUNCTION cases_colleague_changed()"""
OF_A_PERSON = """CREATE TRIGGER colleague_changed AFTER UPDATE OF is_active ON accounts_user FOR EACH ROW
    WHEN (OLD.is_active <> NEW.is_active) EXECUTE FUNCTION cases_colleague_changed()"""
FOR_THE_LEDGER = ("cases_mark_unattended(uuid[], timestamptz)", "cases_hold_membership(uuid)")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0024_reconsideration"),
        ("accounts", "0007_digest_snooze_absence_calendar"),
    ]

    operations = [
        migrations.AddField("casevisibility", "is_unattended", models.BooleanField(default=False)),
        RunSQL(
            "UPDATE cases_casevisibility v SET is_unattended = true"
            f" WHERE v.membership_id IS NULL AND (v.ends_at IS NULL OR v.ends_at > now()) AND {UNATTENDED}",
            RunSQL.noop,
        ),
        # Changes that wait for a check of foreign keys would keep the table from being altered.
        RunSQL("SET CONSTRAINTS ALL IMMEDIATE", RunSQL.noop),
        migrations.AddConstraint(
            "casevisibility",
            models.CheckConstraint(
                condition=models.Q(("is_unattended", False), ("membership__isnull", True), _connector="OR"),
                name="casevisibility_unattended_by_all",
            ),
        ),
        migrations.AddIndex(
            "casevisibility",
            models.Index(
                models.F("organisation"),
                models.OrderBy(models.F("next_due_at"), nulls_last=True),
                models.F("case"),
                condition=models.Q(("is_unattended", True), ("membership__isnull", True)),
                include=("membership", "ends_at", "blocked"),
                name="casevisibility_org_unattended",
            ),
        ),
        RunSQL(MARK, "DROP FUNCTION cases_mark_unattended(uuid[], timestamptz)"),
        RunSQL(HOLD, "DROP FUNCTION cases_hold_membership(uuid)"),
        RunSQL(
            [
                *[f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC" for signature in FOR_THE_LEDGER],
                *[f"GRANT EXECUTE ON FUNCTION {signature} TO nrm_ledger" for signature in FOR_THE_LEDGER],
            ],
            RunSQL.noop,
        ),
        RunSQL(CHANGED, "DROP FUNCTION cases_colleague_changed()"),
        RunSQL(OF_A_MEMBERSHIP, "DROP TRIGGER colleague_changed ON accounts_membership"),
        RunSQL(OF_A_PERSON, "DROP TRIGGER colleague_changed ON accounts_user"),
    ]
