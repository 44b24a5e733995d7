"""Who compares, who sees a possible double, who sees a link: rights and row-level security.

The organisation writes what is compared and cannot read it back; only ``nrm_matcher`` can, and of the case file it reads
nothing else but keys, references and leads. The coordinator sees pairs; a lead sees its own side once it is asked.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
LEADS = """EXISTS (SELECT 1 FROM cases_caselead l WHERE l.case_id = {table}.case_id AND l.ends_at IS NULL
    AND l.organisation_id = (SELECT nrm_organisation()))"""
COORDINATES = """(SELECT nrm_scope() <> 'none') AND EXISTS (SELECT 1 FROM accounts_organisation o
    WHERE o.id = (SELECT nrm_organisation()) AND o.kind = 'coordinator')"""
# Child protection and the guardian see that a child has family in other cases.
FOR_A_CHILD = """EXISTS (SELECT 1 FROM cases_share s WHERE s.case_id = {table}.case_id
    AND s.to_organisation_id = (SELECT nrm_organisation()) AND s.office IN ('child_protection', 'guardian')
    AND s.ended_at IS NULL AND s.ends_at > nrm_now())"""

RECORD, DOUBLE, SIDE, LINK = (
    f"cases_{name}" for name in ("matchingrecord", "possibledouble", "doubleside", "caselink")
)
MINE = f"{KNOWS} AND owner_organisation_id = (SELECT nrm_organisation())".format(table=RECORD)
ASKED = f"asked_at IS NOT NULL AND {KNOWS} AND {LEADS}".format(table=SIDE)
LINKED = f"{KNOWS} AND (made_by_organisation_id = (SELECT nrm_organisation()) OR {LEADS} OR {FOR_A_CHILD})".format(
    table=LINK
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_possible_doubles")]

    operations = [
        protect(RECORD),
        grant(
            RECORD,
            app="SELECT (id, case_id, owner_organisation_id), INSERT, UPDATE (sealed, tokens, compared_at)",
            matcher="SELECT, UPDATE (compared_at)",
        ),
        policy(RECORD, "own", to="nrm_app", command="SELECT", using=MINE),
        policy(RECORD, "add", to="nrm_app", command="INSERT", check=MINE),
        policy(RECORD, "replace", to="nrm_app", command="UPDATE", using=MINE, check=MINE),
        policy(RECORD, "compare", to="nrm_matcher", using="true", check="true"),
        # what the matcher needs beside: keys, references, leads
        grant("cases_casekey", matcher="SELECT"),
        policy("cases_casekey", "matcher", to="nrm_matcher", command="SELECT", using="true"),
        grant("cases_case", matcher="SELECT (id, reference, person_id)", ledger="UPDATE (person_id)"),
        policy("cases_case", "matcher", to="nrm_matcher", command="SELECT", using="true"),
        grant("cases_caselead", matcher="SELECT (id, case_id, organisation_id, ends_at)"),
        policy("cases_caselead", "matcher", to="nrm_matcher", command="SELECT", using="true"),
        # pairs
        protect(DOUBLE),
        grant(DOUBLE, app="SELECT", matcher="SELECT, INSERT, UPDATE (score)", ledger="SELECT, UPDATE"),
        policy(DOUBLE, "desk", to="nrm_app", command="SELECT", using=COORDINATES),
        policy(DOUBLE, "matcher", to="nrm_matcher", using="true", check="true"),
        policy(DOUBLE, "ledger", to="nrm_ledger", using="true", check="true"),
        protect(SIDE),
        grant(SIDE, app="SELECT", matcher="SELECT (id, double_id), INSERT", ledger="SELECT, UPDATE"),
        policy(SIDE, "desk", to="nrm_app", command="SELECT", using=COORDINATES),
        policy(SIDE, "lead", to="nrm_app", command="SELECT", using=ASKED),
        policy(SIDE, "matcher", to="nrm_matcher", using="true", check="true"),
        policy(SIDE, "ledger", to="nrm_ledger", using="true", check="true"),
        # links
        protect(LINK),
        grant(LINK, app="SELECT", ledger="SELECT, INSERT, UPDATE"),
        policy(LINK, "read", to="nrm_app", command="SELECT", using=LINKED),
        policy(LINK, "ledger", to="nrm_ledger", using="true", check="true"),
        # one person, one reflection period: also when two cases become one person's
        RunSQL(
            "GRANT SELECT (person_id, offered_on, starts_on, recorded_at, decides_id, is_second),"
            " UPDATE (person_id, is_second) ON cases_reflectionperiod TO nrm_ledger",
            RunSQL.noop,
        ),
    ]
