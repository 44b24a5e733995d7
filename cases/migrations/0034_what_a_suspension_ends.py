"""What a suspension ends has ended when it is read, whether or not it was written down.

A chosen share was cut by a suspension of its giver or receiver if, and only if, it was made before that suspension was
lifted. What the law gives (parties by office) goes on, and so does a referral that the lead gave and that was accepted.
Who knew the case only through what was cut knows it no more (``sharing.md`` rules 4 and 18).

``nrm_nobody_suspended`` answers once for each statement; the long questions are asked only while ends are still to be
written, and only of cases that a suspended organisation shared or received.
"""

from django.db import migrations, models
from django.db.migrations.operations import RunSQL

import core.clock
from core.db import policy

STATUTORY = "'child_protection', 'guardian', 'shelter', 'deciding_authority', 'reassigned_lead'"
LED = """EXISTS (SELECT FROM cases_caselead l WHERE l.case_id = s.case_id
              AND l.organisation_id = s.from_organisation_id AND l.starts_at <= e.suspended_at
              AND (l.ends_at IS NULL OR l.ends_at > e.suspended_at))"""
CUT = f"""CREATE FUNCTION nrm_cut_shares(of_case uuid) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT array_agg(s.id) FROM cases_share s
      JOIN accounts_organisationsuspension e ON e.written_at IS NULL
       AND e.organisation_id IN (s.from_organisation_id, s.to_organisation_id)
       AND s.made_at < coalesce(e.reinstated_at, 'infinity')
     WHERE s.case_id = of_case AND s.ended_at IS NULL AND s.office NOT IN ({STATUTORY})
       AND (e.organisation_id = s.to_organisation_id OR s.office = '' OR s.office = 'referral' AND NOT {LED}) $$"""
# The graph of ``cases.knowledge`` without what was cut: from the roots onwards, each share once, so that a circle ends.
# What this very transaction has written begins after its own instant, which is that of ``nrm_now``.
REACHED = """CREATE FUNCTION nrm_reached_shares(of_case uuid, cut uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp AS $$
    WITH RECURSIVE live AS (
        SELECT s.id, s.from_organisation_id AS giver, s.to_organisation_id AS receiver, s.office, s.roots, s.sources,
               s.kept_until
          FROM cases_share s
         WHERE s.case_id = of_case AND s.ended_at IS NULL AND s.ends_at > nrm_now() AND s.id <> ALL (cut)
           AND (s.opened_at IS NOT NULL OR s.starts_at <= greatest(nrm_now(), clock_timestamp()))
    ), reached AS (
        SELECT live.id, live.receiver, live.office FROM live
         WHERE live.office NOT IN ('', 'referral', 'reassigned_lead') OR 'lead' = ANY (live.roots) OR live.kept_until > nrm_now()
        UNION
        SELECT live.id, live.receiver, live.office FROM live
          JOIN reached r ON r.id = ANY (live.sources) OR (r.receiver = live.giver AND r.office = ANY (live.roots))
    )
    SELECT coalesce(array_agg(DISTINCT id), '{}') FROM reached $$"""
# Who leads or registered the case, or is the receiver of a share that is reached; an emergency opens, and lets know no more.
KNOWING = """CREATE FUNCTION nrm_knowing(of_case uuid, reached uuid[], with_emergencies boolean) RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT array_agg(organisation_id) FROM (
        SELECT l.organisation_id FROM cases_caselead l WHERE l.case_id = of_case AND l.ends_at IS NULL
        UNION SELECT c.registered_by_id FROM cases_case c WHERE c.id = of_case
        UNION SELECT s.to_organisation_id FROM cases_share s
               WHERE s.id = ANY (reached) AND (with_emergencies OR s.office <> 'break_glass')) known $$"""
# COST 1: on nearly every day it is never called, and the planner must not choose its plans for the days on which it is.
IS_KNOWN = """CREATE FUNCTION nrm_is_still_known(of_case uuid, by_organisation uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE COST 1 SET search_path = public, pg_temp AS $$
DECLARE cut uuid[] := nrm_cut_shares(of_case);
BEGIN
    RETURN cut IS NULL OR by_organisation = ANY (nrm_knowing(of_case, nrm_reached_shares(of_case, cut), true));
END $$"""
# To who knows the case anyway a share goes on to its own end, also when its giver knows the case no more.
HOLDS = """CREATE FUNCTION nrm_share_holds(of_share uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE COST 1 SET search_path = public, pg_temp AS $$
DECLARE
    share record;
    cut uuid[];
    reached uuid[];
BEGIN
    SELECT s.case_id, s.to_organisation_id INTO share FROM cases_share s WHERE s.id = of_share;
    cut := nrm_cut_shares(share.case_id);
    IF cut IS NULL THEN
        RETURN true;
    END IF;
    reached := nrm_reached_shares(share.case_id, cut);
    RETURN of_share <> ALL (cut) AND (of_share = ANY (reached)
        OR share.to_organisation_id = ANY (nrm_knowing(share.case_id, reached, false)));
END $$"""
# A referral that waits for an answer, between these two, since then.
IS_CUT = """CREATE FUNCTION nrm_is_cut_between(giver uuid, receiver uuid, since timestamptz) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE COST 1 SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM accounts_organisationsuspension e
                    WHERE e.written_at IS NULL AND e.organisation_id IN (giver, receiver)
                      AND since < coalesce(e.reinstated_at, 'infinity')) $$"""
FUNCTIONS = (
    "nrm_cut_shares(uuid)",
    "nrm_reached_shares(uuid, uuid[])",
    "nrm_knowing(uuid, uuid[], boolean)",
    "nrm_is_still_known(uuid, uuid)",
    "nrm_share_holds(uuid)",
    "nrm_is_cut_between(uuid, uuid, timestamptz)",
)
ASKED = FUNCTIONS[3:]
ROLES = "nrm_app, nrm_worker, nrm_ledger, nrm_statistics"
NOBODY = "(SELECT nrm_nobody_suspended())"
ENDED = "(s.ended_at IS NULL)"


def rests_on_what_holds(apps, schema_editor):
    """The policy that shows a consent to who receives on it asks whether that share still holds."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT qual FROM pg_policies WHERE policyname = 'cases_consent_rests'")
        (text,) = cursor.fetchone()
        if ENDED not in text:
            raise ValueError(f"cases_consent_rests reads otherwise: {text}")
        holds = f"({ENDED} AND ({NOBODY} OR nrm_share_holds(s.id)))"
        cursor.execute(f"ALTER POLICY cases_consent_rests ON cases_consent USING ({text.replace(ENDED, holds)})")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_suspensions"),
        ("cases", "0033_who_is_left_to_act"),
        ("referrals", "0009_legal_bases"),
    ]

    operations = [
        migrations.AddField("share", "made_at", models.DateTimeField(default=core.clock.moment, editable=False)),
        RunSQL("UPDATE cases_share SET made_at = least(starts_at, now())", RunSQL.noop),
        # Changes that wait for a check of foreign keys would keep the table from being altered.
        RunSQL("SET CONSTRAINTS ALL IMMEDIATE", RunSQL.noop),
        migrations.AlterField(
            "share",
            "office",
            models.CharField(
                blank=True,
                choices=[
                    ("", "None"),
                    ("child_protection", "Child protection of the region"),
                    ("guardian", "Appointed guardian"),
                    ("shelter", "Shelter where the person is placed"),
                    ("deciding_authority", "Authority that has to decide"),
                    ("referral", "Duty of an open referral"),
                    ("break_glass", "Opened in an emergency"),
                    ("reassigned_lead", "Lead taken over from a suspended organisation"),
                ],
                default="",
                max_length=24,
            ),
        ),
        RunSQL(CUT, "DROP FUNCTION nrm_cut_shares(uuid)"),
        RunSQL(REACHED, "DROP FUNCTION nrm_reached_shares(uuid, uuid[])"),
        RunSQL(KNOWING, "DROP FUNCTION nrm_knowing(uuid, uuid[], boolean)"),
        RunSQL(IS_KNOWN, "DROP FUNCTION nrm_is_still_known(uuid, uuid)"),
        RunSQL(HOLDS, "DROP FUNCTION nrm_share_holds(uuid)"),
        RunSQL(IS_CUT, "DROP FUNCTION nrm_is_cut_between(uuid, uuid, timestamptz)"),
        RunSQL(
            [
                *[f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC" for one in FUNCTIONS],
                *[f"GRANT EXECUTE ON FUNCTION {one} TO {ROLES}" for one in ASKED],
            ],
            RunSQL.noop,
        ),
        policy(
            "cases_casevisibility",
            "suspended",
            to="nrm_app",
            command="SELECT",
            using=f"{NOBODY} OR nrm_is_still_known(case_id, organisation_id)",
            always=True,
        ),
        policy(
            "cases_casegroupobjectpermission",
            "suspended",
            to="nrm_app",
            command="SELECT",
            using=f"{NOBODY} OR nrm_share_holds(share_id)",
            always=True,
        ),
        migrations.RunPython(rests_on_what_holds, migrations.RunPython.noop),
    ]
