"""Who reads an event is decided as for its row; nobody writes one but the triggers, nobody changes or removes one.

What was written before is kept as a first version, so that the next correction has something to differ from.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

CATEGORIES = {
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
KNOWS = "EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
OWN = "{table}.owner_organisation_id = nrm_organisation()"
SHARED = """EXISTS (SELECT 1 FROM cases_casegroupobjectpermission g WHERE g.content_object_id = {table}.case_id
    AND g.from_organisation_id = {table}.owner_organisation_id AND g.category = '{category}'
    AND g.expires_at > nrm_now())"""
FIRST_VERSIONS = """
DO $$
DECLARE kept text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = '{event}'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT LIKE 'pgh\\_%');
BEGIN
    EXECUTE format('INSERT INTO {event} (%s, pgh_created_at, pgh_label, pgh_obj_id)
        SELECT %s, updated_at, ''insert'', id FROM {row}', kept, kept);
END $$
"""


def event_table(name, category):
    table, row = f"cases_{name}event", f"cases_{name}"
    knows, own = KNOWS.format(table=table), OWN.format(table=table)
    shared = SHARED.format(table=table, category=category)
    return [
        protect(table),
        grant(table, app="SELECT, INSERT"),
        RunSQL(f"GRANT SELECT ON SEQUENCE {table}_pgh_id_seq TO nrm_backup", RunSQL.noop),
        policy(table, "read", to="nrm_app", command="SELECT", using=f"{knows} AND ({own} OR {shared})"),
        # From a trigger only: the application can make none, so it cannot write a history that did not happen.
        policy(table, "add", to="nrm_app", command="INSERT", check=f"pg_trigger_depth() > 0 AND {knows} AND {own}"),
        RunSQL(FIRST_VERSIONS.format(event=table, row=row), RunSQL.noop),
    ]


class Migration(migrations.Migration):
    dependencies = [("cases", "0007_history")]

    operations = [one for name, category in CATEGORIES.items() for one in event_table(name, category)]
