"""Append-only: the application may add and read, nobody but the owner may change or remove."""

from django.db import migrations

from core.db import grant, policy, protect


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        protect("audit_auditrequest"),
        grant("audit_auditrequest", app="SELECT, INSERT", worker="SELECT, INSERT"),
        policy("audit_auditrequest", "add", to="nrm_app, nrm_worker", command="INSERT", check="true"),
        policy(
            "audit_auditrequest",
            "read",
            to="nrm_app",
            command="SELECT",
            using="organisation_id = nrm_organisation() OR nrm_organisation() = ANY (owners)",
        ),
        protect("audit_auditchange"),
        grant("audit_auditchange", app="SELECT, INSERT", worker="SELECT, INSERT"),
        policy("audit_auditchange", "add", to="nrm_app, nrm_worker", command="INSERT", check="true"),
    ]
