"""Who is left to act on a case: one definition, which every question asks.

``nrm_can_one_act``: whether one of some persons has no conflict of interest in a case. ``nrm_who_sees_all``: the live
members of an organisation with a role for its whole file. On these two rest whether somebody is left at an organisation
(``nrm_has_somebody``), which cases and clocks have nobody (``nrm_cases_without_lead``, ``nrm_clocks_without_keeper``), and
whether the end of a member would leave nobody (``nrm_leaves_nobody``). What they answer does not change.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

# cases.policies.WORKING and accounts.actors.WHOLE_ORGANISATION, as they stood when this was written; a test compares.
WORKING = "caseworker,decision_maker,guardian,intake,supervisor"
WHOLE = "intake,supervisor"
LIVE = "m.suspended_at IS NULL AND m.ended_at IS NULL AND u.is_active"
SAFE = "LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp"
CAN_ONE_ACT = f"""CREATE FUNCTION nrm_can_one_act(of_case uuid, of_organisation uuid, persons uuid[]) RETURNS boolean
    {SAFE} COST 500 AS $$
    SELECT EXISTS (SELECT FROM unnest(persons) AS one (person)
                    WHERE NOT nrm_is_blocked(of_case, of_organisation, one.person)) $$"""
WHO_SEES_ALL = f"""CREATE FUNCTION nrm_who_sees_all(of_organisation uuid) RETURNS uuid[] {SAFE} COST 100 AS $$
    SELECT coalesce(array_agg(m.user_id), '{{}}') FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
     WHERE m.organisation_id = of_organisation AND {LIVE} AND m.roles::text[] && '{{{WHOLE}}}' $$"""
SOMEBODY = f"""CREATE OR REPLACE FUNCTION nrm_has_somebody(of_case uuid, of_organisation uuid) RETURNS boolean
    {SAFE} COST 1000 AS $$
    SELECT EXISTS (SELECT FROM accounts_organisation o WHERE o.id = of_organisation AND o.suspended_at IS NULL)
       AND (nrm_can_one_act(of_case, of_organisation, nrm_who_sees_all(of_organisation))
        OR EXISTS (
            SELECT FROM cases_casevisibility a JOIN accounts_membership m ON m.id = a.membership_id
              JOIN accounts_user u ON u.id = m.user_id
             WHERE a.case_id = of_case AND a.organisation_id = of_organisation AND {LIVE}
               AND (a.ends_at IS NULL OR a.ends_at > nrm_now())
               AND m.roles::text[] && '{{{WORKING}}}')) $$"""
# Cases from which nobody is kept away need no second look while somebody is left at all.
LEAVES_NOBODY = f"""CREATE OR REPLACE FUNCTION nrm_leaves_nobody(of_organisation uuid, persons uuid[]) RETURNS boolean
    {SAFE} AS $$
    SELECT EXISTS (
        SELECT FROM cases_casevisibility v JOIN cases_case c ON c.id = v.case_id
         WHERE v.organisation_id = of_organisation AND v.membership_id IS NULL AND c.state <> 'closed'
           AND (v.ends_at IS NULL OR v.ends_at > nrm_now())
           AND (cardinality(persons) = 0 OR v.blocked IS NOT NULL)
           AND NOT nrm_can_one_act(v.case_id, of_organisation, persons)) $$"""
# Organisations with nobody who sees all their cases; with single cases from which somebody is kept away, nothing else can
# lack anybody.
EMPTY = """SELECT o.id FROM accounts_organisation o
         WHERE o.suspended_at IS NOT NULL OR cardinality(nrm_who_sees_all(o.id)) = 0"""
VACANT = f"""CREATE OR REPLACE FUNCTION nrm_cases_without_lead()
    RETURNS TABLE (case_id uuid, organisation_id uuid, reference varchar, region varchar, is_child boolean) {SAFE} AS $$
    WITH empty AS ({EMPTY}), suspect AS (
        SELECT l.case_id, l.organisation_id FROM cases_caselead l JOIN empty e ON e.id = l.organisation_id
         WHERE l.ends_at IS NULL
        UNION
        SELECT l.case_id, l.organisation_id FROM cases_caselead l
          JOIN cases_caseblock b ON b.case_id = l.case_id AND b.owner_organisation_id = l.organisation_id
         WHERE l.ends_at IS NULL AND b.lifted_at IS NULL
    )
    SELECT c.id, s.organisation_id, c.reference, c.region, c.is_child_branch
      FROM suspect s JOIN cases_case c ON c.id = s.case_id
     WHERE c.state <> 'closed' AND NOT nrm_has_somebody(s.case_id, s.organisation_id) $$"""
# ``answering`` and ``is_whole`` as before: rules of a referral that waits; also what is kept by who lost the case.
UNKEPT = f"""CREATE OR REPLACE FUNCTION nrm_clocks_without_keeper(answering text[], is_whole boolean)
    RETURNS TABLE (deadline_id uuid, case_id uuid, organisation_id uuid, rule varchar) {SAFE} AS $$
    WITH empty AS ({EMPTY}), suspect AS (
        SELECT d.id FROM cases_deadline d JOIN empty e ON e.id = d.bound_organisation_id
         WHERE d.state IN ('open', 'suspended')
        UNION
        SELECT d.id FROM cases_deadline d
          JOIN cases_caseblock b ON b.case_id = d.case_id AND b.owner_organisation_id = d.bound_organisation_id
         WHERE d.state IN ('open', 'suspended') AND b.lifted_at IS NULL
    ), unkept AS (
        SELECT d.id FROM suspect s JOIN cases_deadline d ON d.id = s.id
         WHERE NOT nrm_has_somebody(d.case_id, d.bound_organisation_id)
        UNION
        SELECT d.id FROM cases_deadline d
         WHERE is_whole AND d.state IN ('open', 'suspended') AND d.bound_organisation_id IS NOT NULL
           AND NOT d.rule = ANY (answering) AND NOT EXISTS (
               SELECT FROM cases_casevisibility v WHERE v.case_id = d.case_id AND v.membership_id IS NULL
                  AND v.organisation_id = d.bound_organisation_id AND (v.ends_at IS NULL OR v.ends_at > nrm_now()))
    )
    SELECT d.id, d.case_id, d.bound_organisation_id, d.rule
      FROM unkept u JOIN cases_deadline d ON d.id = u.id JOIN cases_case c ON c.id = d.case_id
     WHERE c.state <> 'closed' $$"""
NEW = {"nrm_can_one_act(uuid, uuid, uuid[])": CAN_ONE_ACT, "nrm_who_sees_all(uuid)": WHO_SEES_ALL}


class Migration(migrations.Migration):
    dependencies = [("cases", "0036_who_is_named_in_an_emergency")]

    operations = [
        *[RunSQL(text, f"DROP FUNCTION {signature}") for signature, text in NEW.items()],
        # Asked by functions of their owner alone: nobody else needs to know who works where.
        RunSQL([f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC" for signature in NEW], RunSQL.noop),
        *[RunSQL(text, RunSQL.noop) for text in (SOMEBODY, LEAVES_NOBODY, VACANT, UNKEPT)],
    ]
