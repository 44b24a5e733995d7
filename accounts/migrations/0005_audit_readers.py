"""Who reads the audit, decided by the database too: the role ``nrm_auditor``, taken for the statements that read it.

Supervisors, data-protection officers and auditors read what their own organisation did and who looked at its rows; an
auditor of the national coordinator reads what everybody did. Nobody reads the details of a change this way.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy

MEMBER = """EXISTS (SELECT 1 FROM accounts_membership m JOIN accounts_organisation o ON o.id = m.organisation_id
    WHERE m.id = nrm_membership() AND m.organisation_id = nrm_organisation()
      AND m.ended_at IS NULL AND m.suspended_at IS NULL AND {what})"""
READS = MEMBER.format(what="m.roles && ARRAY['supervisor', 'data_protection_officer', 'auditor']::varchar[]")
OVERSEES = MEMBER.format(what="'auditor' = ANY (m.roles) AND o.kind = 'coordinator'")


def read_by_auditors(table, own):
    """Asked once for each statement, not for each row."""
    return policy(
        table,
        "auditor",
        to="nrm_auditor",
        command="SELECT",
        using=f"(({own}) AND (SELECT {READS})) OR (SELECT {OVERSEES})",
    )


ORGANISATION = "organisation_id = (SELECT nrm_organisation())"
OWNER = "owner_organisation_id = (SELECT nrm_organisation())"
CHANGE = (
    "id, at, actor_id, actor_label, membership_id, organisation_id, case_id, request_id, kind, category,"
    " owner_organisation_id, object_kind"
)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_screen_lock"),
        ("audit", "0005_rows_say_which_transaction_wrote_them"),
    ]

    operations = [
        grant("accounts_membership", auditor="SELECT (id, organisation_id, roles, ended_at, suspended_at)"),
        grant("accounts_organisation", auditor="SELECT (id, kind, name)"),
        grant("audit_auditrequest", auditor="SELECT"),
        read_by_auditors("audit_auditrequest", ORGANISATION),
        grant("audit_auditchange", auditor=f"SELECT ({CHANGE})"),
        read_by_auditors("audit_auditchange", f"{ORGANISATION} OR {OWNER}"),
        grant("audit_auditlook", auditor="SELECT"),
        read_by_auditors("audit_auditlook", OWNER),
        grant("audit_audithint", auditor="SELECT"),
        read_by_auditors("audit_audithint", ORGANISATION),
        # The application itself reads one member's own requests, to count them. What another organisation's request
        # showed of third parties is nobody's business; of its own rows each organisation has the looks.
        RunSQL(
            "ALTER POLICY audit_auditrequest_read ON audit_auditrequest USING (membership_id = nrm_membership())",
            "ALTER POLICY audit_auditrequest_read ON audit_auditrequest"
            " USING (organisation_id = nrm_organisation() OR nrm_organisation() = ANY (owners))",
        ),
    ]
