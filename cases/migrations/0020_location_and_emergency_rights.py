"""Row-level security of placements, safe locations, their releases, and cases opened in an emergency.

A safe location is read by its four relations, each by a person assigned to the case, and by whom two custodians let in
for hours. Nobody changes or removes one. The worker, the statistics and the ledger read none.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
ASSIGNED = (
    "EXISTS (SELECT 1 FROM cases_casevisibility v"
    " WHERE v.case_id = {table}.case_id AND v.membership_id = (SELECT nrm_membership()))"
)
OWN = "= (SELECT nrm_organisation())"
LEADS = f"""EXISTS (SELECT 1 FROM cases_caselead l
    WHERE l.case_id = {{table}}.case_id AND l.organisation_id {OWN} AND l.ends_at IS NULL)"""
PROTECTS = f"""EXISTS (SELECT 1 FROM cases_share s JOIN cases_case c ON c.id = s.case_id
    WHERE s.case_id = {{table}}.case_id AND s.office = 'child_protection' AND s.to_organisation_id {OWN}
    AND s.ended_at IS NULL AND s.ends_at > nrm_now() AND c.is_child_branch)"""
GUARDS = """EXISTS (SELECT 1 FROM cases_guardianship g WHERE g.case_id = {{table}}.case_id AND {who}
    AND g.state IN ('provisional', 'appointed'))"""
ROLE = (
    "EXISTS (SELECT 1 FROM accounts_membership m"
    " WHERE m.id = (SELECT nrm_membership()) AND m.roles && ARRAY[{roles}]::varchar[])"
)
CUSTODIAN = ROLE.format(roles="'custodian'")
REVIEWER = ROLE.format(roles="'supervisor', 'data_protection_officer'")

# Which organisations may know where somebody is placed; all others know only that it is a shelter.
PLACEMENT = f"""{KNOWS} AND (organisation_id {OWN} OR placed_by_id {OWN} OR {LEADS} OR {PROTECTS}
    OR {GUARDS.format(who="g.organisation_id = (SELECT nrm_organisation())")})""".format(table="cases_placement")
HOSTS = f"""EXISTS (SELECT 1 FROM cases_placement p WHERE p.id = cases_safelocation.placement_id
    AND p.ended_at IS NULL AND p.organisation_id {OWN})"""
PLACED = f"""EXISTS (SELECT 1 FROM cases_placement p WHERE p.id = cases_safelocation.placement_id
    AND p.case_id = cases_safelocation.case_id AND p.ended_at IS NULL
    AND (p.organisation_id {OWN} OR p.placed_by_id {OWN}))"""
CURRENT = "nrm_is_current_placement(cases_safelocation.placement_id)"
RELEASED = f"""{KNOWS} AND EXISTS (SELECT 1 FROM cases_locationrelease r
    WHERE r.placement_id = cases_safelocation.placement_id
    AND r.organisation_id = cases_safelocation.owner_organisation_id AND r.person_id = (SELECT nrm_membership())
    AND r.state = 'given' AND r.ends_at > nrm_now())"""
RELATION = f"""{ASSIGNED} AND ({HOSTS} OR {LEADS} OR {PROTECTS}
    OR {GUARDS.format(who="g.guardian_id = (SELECT nrm_membership())")})"""
LOCATION = f"{CURRENT} AND (({RELATION}) OR ({RELEASED}))".format(table="cases_safelocation")
WRITES = f"owner_organisation_id {OWN} AND {ASSIGNED} AND {PLACED}".format(table="cases_safelocation")

RELEASE = f"""asked_by_id = (SELECT nrm_membership()) OR person_id = (SELECT nrm_membership())
    OR (organisation_id {OWN} AND {CUSTODIAN})"""
OPENING = f"""(organisation_id {OWN} OR (SELECT nrm_organisation()) = ANY (concerned))
    AND (opened_by_id = (SELECT nrm_membership()) OR {REVIEWER})"""
ENDING = f"opened_by_id = (SELECT nrm_membership()) OR ({REVIEWER} AND (SELECT nrm_organisation()) = ANY (concerned))"

FUNCTION = """
CREATE FUNCTION nrm_is_current_placement(placement uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$SELECT EXISTS (SELECT 1 FROM cases_placement p WHERE p.id = placement AND p.ended_at IS NULL)$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0019_location_and_emergency"),
        ("accounts", "0003_names_mail_sessions"),
    ]

    operations = [
        # Whoever was let in by a release may not see the placement itself, only whether it is still the current one.
        RunSQL(FUNCTION, "DROP FUNCTION nrm_is_current_placement(uuid)"),
        RunSQL(
            [
                "REVOKE ALL ON FUNCTION nrm_is_current_placement(uuid) FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION nrm_is_current_placement(uuid) TO nrm_app",
            ],
            RunSQL.noop,
        ),
        protect("cases_placement"),
        grant("cases_placement", app="SELECT", ledger="SELECT, INSERT, UPDATE (ended_at, end_reason)"),
        policy("cases_placement", "read", to="nrm_app", command="SELECT", using=PLACEMENT),
        policy("cases_placement", "ledger", to="nrm_ledger", using="true", check="true"),
        protect("cases_locationrelease"),
        grant(
            "cases_locationrelease",
            app="SELECT, INSERT, UPDATE (sealed, state, first_by_user_id, second_by_user_id, starts_at, ends_at,"
            " closed_at, closed_by_user_id)",
        ),
        policy("cases_locationrelease", "read", to="nrm_app", command="SELECT", using=RELEASE),
        policy(
            "cases_locationrelease",
            "ask",
            to="nrm_app",
            command="INSERT",
            check="asked_by_id = (SELECT nrm_membership()) AND state = 'asked' AND first_by_user_id IS NULL AND "
            + KNOWS.format(table="cases_locationrelease"),
        ),
        policy(
            "cases_locationrelease",
            "decide",
            to="nrm_app",
            command="UPDATE",
            using=f"organisation_id {OWN} AND {CUSTODIAN}",
            check=f"organisation_id {OWN} AND {CUSTODIAN}",
        ),
        protect("cases_safelocation"),
        grant(
            "cases_safelocation",
            app="SELECT, INSERT",
            ledger="SELECT (id, case_id, placement_id, owner_organisation_id, starts_on, written_at)",
        ),
        policy("cases_safelocation", "read", to="nrm_app", command="SELECT", using=LOCATION),
        policy("cases_safelocation", "write", to="nrm_app", command="INSERT", check=WRITES),
        policy("cases_safelocation", "ledger", to="nrm_ledger", command="SELECT", using="true"),
        # Who looked at it, for the custodians of who wrote it; the people of other organisations by function only.
        policy(
            "audit_auditlook",
            "custodians",
            to="nrm_app",
            command="SELECT",
            using=f"owner_organisation_id {OWN} AND 'location' = ANY (categories) AND {CUSTODIAN}",
        ),
        # emergencies
        protect("cases_breakglass"),
        grant(
            "cases_breakglass",
            app="SELECT, INSERT, UPDATE (sealed, ended_at, reviewed_at, reviewed_by_id, reviewed_by_user_id, outcome)",
        ),
        policy("cases_breakglass", "read", to="nrm_app", command="SELECT", using=OPENING),
        policy(
            "cases_breakglass",
            "open",
            to="nrm_app",
            command="INSERT",
            check=f"organisation_id {OWN} AND opened_by_id = (SELECT nrm_membership()) AND reviewed_at IS NULL",
        ),
        policy("cases_breakglass", "review", to="nrm_app", command="UPDATE", using=ENDING, check=ENDING),
        protect("cases_breakglasstry"),
        grant("cases_breakglasstry", app="SELECT, INSERT"),
        policy("cases_breakglasstry", "own", to="nrm_app", command="SELECT", using=f"organisation_id {OWN}"),
        policy(
            "cases_breakglasstry",
            "add",
            to="nrm_app",
            command="INSERT",
            check=f"organisation_id {OWN} AND membership_id = (SELECT nrm_membership())",
        ),
    ]
