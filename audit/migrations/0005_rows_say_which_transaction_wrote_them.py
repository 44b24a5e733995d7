"""Every audit row carries the number of the transaction that wrote it, and the cluster in which numbers count.

Set by the database, never by the application: what is older than every running transaction is complete and can be
sealed. Numbers begin anew in a cluster that a dump is restored into; the cluster's own number tells the two apart.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect


def written_by_transaction(name):
    table = f"audit_{name}"
    return RunSQL(
        [
            f"""ALTER TABLE {table}
                ADD COLUMN cluster bigint NOT NULL DEFAULT (pg_control_system()).system_identifier,
                ADD COLUMN xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint""",
            f"CREATE INDEX {name}_unsealed ON {table} (cluster, xid)",
        ],
        [f"ALTER TABLE {table} DROP COLUMN cluster, DROP COLUMN xid"],
    )


def worker_reads(table):
    return policy(table, "worker", to="nrm_worker", command="SELECT", using="true")


# The application names its columns when it writes; which transaction it was, it may not say.
SAID = {
    "audit_auditrequest": (
        "id, at, actor_id, actor_label, membership_id, organisation_id, case_id, method, route, reference, categories,"
        " owners, cases_shown, outcome"
    ),
    "audit_auditchange": (
        "id, at, actor_id, actor_label, membership_id, organisation_id, case_id, request_id, kind, category,"
        " owner_organisation_id, object_kind, object_id, detail"
    ),
    "audit_auditlook": (
        "id, request_id, at, case_id, reference, owner_organisation_id, categories, organisation_id, roles, actor_label"
    ),
}


def writers_say(table, *writers):
    columns = SAID[table]
    return RunSQL(
        [f"REVOKE INSERT ON {table} FROM nrm_{name}" for name in writers]
        + [f"GRANT INSERT ({columns}) ON {table} TO nrm_{name}" for name in writers],
        [f"GRANT INSERT ON {table} TO nrm_{name}" for name in writers],
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_looks_seals_hints")]

    operations = [
        *[written_by_transaction(name) for name in ("auditrequest", "auditchange", "auditlook")],
        RunSQL("GRANT SELECT ON audit_auditrequest, audit_auditchange TO nrm_worker", RunSQL.noop),
        worker_reads("audit_auditrequest"),
        worker_reads("audit_auditchange"),
        protect("audit_auditlook"),
        grant("audit_auditlook", app="INSERT", worker="SELECT"),
        policy(
            "audit_auditlook",
            "add",
            to="nrm_app",
            command="INSERT",
            check="organisation_id IS NOT DISTINCT FROM nrm_organisation()",
        ),
        worker_reads("audit_auditlook"),
        writers_say("audit_auditrequest", "app", "worker"),
        writers_say("audit_auditchange", "app", "worker"),
        writers_say("audit_auditlook", "app"),
        protect("audit_auditseal"),
        grant("audit_auditseal", worker="SELECT, INSERT"),
        policy("audit_auditseal", "add", to="nrm_worker", command="INSERT", check="true"),
        worker_reads("audit_auditseal"),
        protect("audit_audithint"),
        grant("audit_audithint", worker="SELECT, INSERT"),
        policy("audit_audithint", "add", to="nrm_worker", command="INSERT", check="true"),
        worker_reads("audit_audithint"),
    ]
