"""An authority that leads reads neither the safe location nor which shelter it is, by leading (``sharing.md`` rule 6).

The policies of 0020 let every lead in. Kinds are named here and not imported: a migration keeps what was right then.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

OWN = "= (SELECT nrm_organisation())"
KNOWS = "(SELECT true FROM cases_casevisibility v WHERE v.case_id = {table}.case_id LIMIT 1)"
ASSIGNED = """(SELECT true FROM cases_casevisibility v
    WHERE v.case_id = {table}.case_id AND v.membership_id = (SELECT nrm_membership()) LIMIT 1)"""
UNTOLD = "'police', 'border', 'labour_inspectorate', 'immigration', 'asylum', 'prosecution'"
EVERY_LEAD = f"""(SELECT true FROM cases_caselead l
    WHERE l.case_id = {{table}}.case_id AND l.organisation_id {OWN} AND l.ends_at IS NULL LIMIT 1)"""
LEADS = f"""(SELECT true FROM cases_caselead l JOIN accounts_organisation o ON o.id = l.organisation_id
    WHERE l.case_id = {{table}}.case_id AND l.organisation_id {OWN} AND l.ends_at IS NULL
    AND o.kind NOT IN ({UNTOLD}) LIMIT 1)"""
PROTECTS = f"""(SELECT true FROM cases_share s JOIN cases_case c ON c.id = s.case_id
    WHERE s.case_id = {{table}}.case_id AND s.office = 'child_protection' AND s.to_organisation_id {OWN}
    AND s.ended_at IS NULL AND s.ends_at > nrm_now() AND c.is_child_branch LIMIT 1)"""
GUARDS = """(SELECT true FROM cases_guardianship g WHERE g.case_id = {{table}}.case_id AND {who}
    AND g.state IN ('provisional', 'appointed') LIMIT 1)"""
HOSTS = f"""(SELECT true FROM cases_placement p WHERE p.id = cases_safelocation.placement_id
    AND p.ended_at IS NULL AND p.organisation_id {OWN} LIMIT 1)"""
CURRENT = "nrm_is_current_placement(cases_safelocation.placement_id)"
RELEASED = f"""{KNOWS} AND (SELECT true FROM cases_locationrelease r
    WHERE r.placement_id = cases_safelocation.placement_id
    AND r.organisation_id = cases_safelocation.owner_organisation_id AND r.person_id = (SELECT nrm_membership())
    AND r.state = 'given' AND r.ends_at > nrm_now() LIMIT 1)"""


def placement(leads: str) -> str:
    """Who may know where somebody is placed: the host, who placed the person, and three relations to the case."""
    guards = GUARDS.format(who=f"g.organisation_id {OWN}")
    text = f"{KNOWS} AND (organisation_id {OWN} OR placed_by_id {OWN} OR {leads} OR {PROTECTS} OR {guards})"
    return text.format(table="cases_placement")


def location(leads: str) -> str:
    """Who reads the safe location of a placement of today: four relations, each who is assigned, and by a release."""
    guards = GUARDS.format(who="g.guardian_id = (SELECT nrm_membership())")
    related = f"{ASSIGNED} AND ({HOSTS} OR {leads} OR {PROTECTS} OR {guards})"
    return f"{CURRENT} AND (({related}) OR ({RELEASED}))".format(table="cases_safelocation")


def read(table: str, using: str, before: str) -> RunSQL:
    """Change who reads a table, and back."""
    statement = f"ALTER POLICY {table}_read ON {table} USING "
    return RunSQL(f"{statement}({using})", f"{statement}({before})")


class Migration(migrations.Migration):
    dependencies = [("cases", "0030_legal_bases_second_line")]

    operations = [
        read("cases_placement", placement(LEADS), placement(EVERY_LEAD)),
        read("cases_safelocation", location(LEADS), location(EVERY_LEAD)),
    ]
