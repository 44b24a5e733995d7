"""Row-level security and table rights of the case file: the second line behind ``access``.

``nrm_app`` reads what the context of the transaction may see; ``nrm_ledger`` writes visibility, shares, grants and
clocks; ``nrm_worker`` keeps the clocks and erases drafts; ``nrm_statistics`` reads coded columns only.
"""

from django.db import migrations

from core.db import grant, policy, protect

MINE = """organisation_id = nrm_organisation()
    AND (membership_id = nrm_membership() OR (membership_id IS NULL AND nrm_scope() = 'organisation'))
    AND (ends_at IS NULL OR ends_at > nrm_now())"""
# A colleague's assignment is shown to those that know the case; the sub-select would recurse, so a function asks.
KNOWS_CASE = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.{case})"
OWN = "{table}.{owner} = nrm_organisation()"
SHARED = """EXISTS (SELECT 1 FROM cases_casegroupobjectpermission g WHERE g.content_object_id = {table}.{case}
    AND g.from_organisation_id = {table}.{owner} AND g.category = {category} AND g.expires_at > nrm_now())"""

CATEGORY_TABLES = {
    "identity": "identity",
    "contact": "contact",
    "exploitation": "exploitation",
    "narrative": "narrative",
    "exploiters": "exploiters",
    "health": "health",
    "immigration": "immigration",
    "criminal": "criminal",
    "child": "child",
    "service": "services",
    "indicator": "indicators",
    "consent": "consent",
}


def knows(table, case="case_id"):
    return KNOWS_CASE.format(table=table, case=case)


def own(table, owner="owner_organisation_id"):
    return OWN.format(table=table, owner=owner)


def shared(table, category, case="case_id", owner="owner_organisation_id"):
    return SHARED.format(table=table, case=case, owner=owner, category=category)


def category_table(name, category):
    table = f"cases_{name}"
    seen = f"{knows(table)} AND ({own(table)} OR {shared(table, repr(category))})"
    mine = f"{knows(table)} AND {own(table)}"
    return [
        protect(table),
        grant(table, app="SELECT, INSERT, UPDATE"),
        policy(table, "read", to="nrm_app", command="SELECT", using=seen),
        policy(table, "add", to="nrm_app", command="INSERT", check=mine),
        policy(table, "correct", to="nrm_app", command="UPDATE", using=mine, check=mine),
    ]


def case_table():
    table, seen = "cases_case", knows("cases_case", "id")
    return [
        protect(table),
        grant(table, app="SELECT, INSERT, UPDATE", ledger="SELECT, UPDATE (state)", worker="SELECT"),
        policy(table, "read", to="nrm_app", command="SELECT", using=seen),
        policy(table, "add", to="nrm_app", command="INSERT", check="registered_by_id = nrm_organisation()"),
        policy(table, "change", to="nrm_app", command="UPDATE", using=seen, check=seen),
        policy(table, "ledger", to="nrm_ledger", using="true", check="true"),
        policy(table, "worker", to="nrm_worker", command="SELECT", using="true"),
    ]


def ledger_table(table, *, read, worker="SELECT", rights="SELECT, INSERT, UPDATE, DELETE"):
    return [
        protect(table),
        grant(table, app="SELECT", ledger=rights, worker=worker),
        policy(table, "read", to="nrm_app", command="SELECT", using=read),
        policy(table, "ledger", to="nrm_ledger", using="true", check="true"),
        policy(table, "worker", to="nrm_worker", using="true", check="true"),
    ]


def clock_read(table):
    return (
        f"{knows(table)} AND ({own(table, 'bound_organisation_id')} OR {table}.category = 'status'"
        f" OR {shared(table, table + '.category', owner='bound_organisation_id')})"
    )


def written_with_case(table, *, read, write="SELECT, INSERT, UPDATE"):
    """Rows that an organisation owns and others may see by ``read``."""
    mine = f"{knows(table)} AND {own(table)}"
    return [
        protect(table),
        grant(table, app=write),
        policy(table, "read", to="nrm_app", command="SELECT", using=read),
        policy(table, "add", to="nrm_app", command="INSERT", check=mine),
        policy(table, "correct", to="nrm_app", command="UPDATE", using=read, check=read),
    ]


def statistics(table, columns):
    from django.db.migrations.operations import RunSQL

    return [
        RunSQL(f"GRANT SELECT ({columns}) ON {table} TO nrm_statistics", RunSQL.noop),
        policy(table, "statistics", to="nrm_statistics", command="SELECT", using="true"),
    ]


GUARDIAN_READ = (
    f"{knows('cases_guardianship')} AND ({own('cases_guardianship')}"
    f" OR {own('cases_guardianship', 'requested_by_id')} OR {own('cases_guardianship', 'organisation_id')}"
    f" OR {shared('cases_guardianship', repr('child'))})"
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("accounts", "0002_rights"),
        ("audit", "0002_append_only"),
    ]

    operations = [
        # who may know
        *ledger_table("cases_casevisibility", read=MINE),
        policy(
            "cases_casevisibility",
            "colleagues",
            to="nrm_app",
            command="SELECT",
            using="organisation_id = nrm_organisation() AND membership_id IS NOT NULL AND nrm_scope() = 'organisation'"
            " AND (ends_at IS NULL OR ends_at > nrm_now())",
        ),
        *ledger_table(
            "cases_casegroupobjectpermission",
            read="to_organisation_id = nrm_organisation() OR from_organisation_id = nrm_organisation()",
        ),
        migrations.RunSQL(
            "GRANT USAGE ON SEQUENCE cases_casegroupobjectpermission_id_seq TO nrm_ledger", migrations.RunSQL.noop
        ),
        *ledger_table(
            "cases_share",
            read="to_organisation_id = nrm_organisation() OR from_organisation_id = nrm_organisation()",
        ),
        *ledger_table("cases_caselead", read=knows("cases_caselead")),
        # clocks
        *ledger_table(
            "cases_deadline",
            read=clock_read("cases_deadline"),
            worker="SELECT, INSERT, UPDATE",
        ),
        *ledger_table(
            "cases_reminder",
            worker="SELECT, INSERT, UPDATE",
            read="EXISTS (SELECT 1 FROM cases_deadline d WHERE d.id = cases_reminder.deadline_id)",
        ),
        # the case and what is written in it
        protect("cases_person"),
        grant("cases_person", app="SELECT, INSERT"),
        policy("cases_person", "all", to="nrm_app", using="true", check="true"),
        *case_table(),
        protect("cases_casekey"),
        grant("cases_casekey", app="SELECT, INSERT"),
        policy("cases_casekey", "read", to="nrm_app", command="SELECT", using=knows("cases_casekey")),
        policy("cases_casekey", "add", to="nrm_app", command="INSERT", check="nrm_organisation() IS NOT NULL"),
        *[operation for name, category in CATEGORY_TABLES.items() for operation in category_table(name, category)],
        *written_with_case(
            "cases_caselabel",
            read=f"{knows('cases_caselabel')} AND {own('cases_caselabel')}",
        ),
        *written_with_case(
            "cases_identificationdecision",
            read=knows("cases_identificationdecision"),
            write="SELECT, INSERT",
        ),
        *written_with_case("cases_reflectionperiod", read=knows("cases_reflectionperiod")),
        *written_with_case("cases_guardianship", read=GUARDIAN_READ),
        # what is not a case
        protect("cases_draft"),
        grant("cases_draft", app="SELECT, INSERT, UPDATE, DELETE", worker="SELECT, UPDATE, DELETE"),
        policy(
            "cases_draft",
            "organisation",
            to="nrm_app",
            using="organisation_id = nrm_organisation() AND (author_id = nrm_membership() OR nrm_scope() = 'organisation')",
            check="organisation_id = nrm_organisation()",
        ),
        policy("cases_draft", "worker", to="nrm_worker", using="true"),
        protect("cases_anonymousnotification"),
        grant("cases_anonymousnotification", app="INSERT"),
        policy(
            "cases_anonymousnotification",
            "add",
            to="nrm_app",
            command="INSERT",
            check="organisation_id = nrm_organisation()",
        ),
        # what happened: own acts, what all may see, and what is shared
        policy(
            "audit_auditchange",
            "read",
            to="nrm_app",
            command="SELECT",
            using=f"(case_id IS NULL AND organisation_id = nrm_organisation()) OR ({knows('audit_auditchange')}"
            f" AND ({own('audit_auditchange')} OR audit_auditchange.category = 'status'"
            f" OR {shared('audit_auditchange', 'audit_auditchange.category')}))",
        ),
        # statistics: coded columns
        *statistics(
            "cases_case",
            "id, profile, state, identification, is_child_branch, region, registered_by_id, registered_at,"
            " registered_on, reasonable_grounds_on, assistance_started_on, closed_on, closing_outcome, reference",
        ),
        *statistics("cases_caselead", "case_id, organisation_id, starts_at, ends_at"),
        *statistics(
            "cases_reflectionperiod",
            "id, case_id, state, owner_organisation_id, decides_id, offered_on, decided_on, starts_on, ends_on,"
            " ended_on, end_reason",
        ),
        *statistics(
            "cases_guardianship",
            "id, case_id, state, owner_organisation_id, organisation_id, requested_at, provisional_at, appointed_at,"
            " ended_at, end_reason",
        ),
        *statistics(
            "cases_deadline",
            "id, case_id, rule, category, kind, bound_organisation_id, started_at, due_at, due_on, state, closed_at",
        ),
        *statistics(
            "cases_identificationdecision",
            "case_id, step, outcome, decided_on, owner_organisation_id",
        ),
        *statistics("cases_anonymousnotification", "id, notified_on, organisation_id, region, age_group"),
    ]
