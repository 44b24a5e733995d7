"""The second line of consent and shares: a share to read lets nobody write, a consent is changed by the ledger alone, who
receives on a consent may read it, and nothing is shared above the ceiling.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from core.db import policy

CONTRIBUTE = """
CREATE FUNCTION cases_may_contribute(uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = $1 AND c.registered_by_id = nrm_organisation())
        OR EXISTS (SELECT 1 FROM cases_caselead l
                    WHERE l.case_id = $1 AND l.organisation_id = nrm_organisation() AND l.ends_at IS NULL)
        OR EXISTS (SELECT 1 FROM cases_casegroupobjectpermission g
                    WHERE g.content_object_id = $1 AND g.to_organisation_id = nrm_organisation()
                      AND g.may_contribute AND g.expires_at > nrm_now())
$$
"""
ROWS = (
    "identity",
    "contact",
    "exploitation",
    "narrative",
    "exploiters",
    "health",
    "immigration",
    "criminal",
    "child",
    "service",
    "indicator",
)
ADDED_ONLY = ("consent", "identificationdecision", "reflectionperiod", "guardianship")
# sharing.md section 4, as it stood when this was written; a test compares it with cases.policies.CEILING.
CEILING = {
    "ngo": "identity contact exploitation narrative health immigration child services indicators consent",
    "shelter": "identity contact exploitation health child services consent",
    "police": "identity contact exploitation narrative exploiters criminal child indicators",
    "border": "identity contact exploitation narrative exploiters immigration criminal child indicators",
    "labour_inspectorate": "identity exploitation indicators",
    "child_protection": "identity contact exploitation narrative health immigration child services indicators consent",
    "guardian_organisation": "identity contact exploitation narrative health immigration child services indicators"
    " consent",
    "competent_authority": "identity exploitation narrative exploiters immigration criminal child indicators consent",
    "immigration": "identity contact exploitation narrative health immigration criminal child indicators",
    "asylum": "identity contact exploitation narrative health immigration child indicators",
    "health": "identity contact health services",
    "legal_aid": "identity contact exploitation narrative exploiters health immigration criminal child services"
    " indicators consent",
    "prosecution": "identity exploitation exploiters criminal indicators",
    "focal_point": "identity contact exploitation health immigration child services",
}
CASES = "\n".join(
    f"        WHEN '{kind}' THEN '{{{','.join(categories.split())}}}'::text[]" for kind, categories in CEILING.items()
)
WITHIN = f"""
CREATE FUNCTION cases_ceiling(text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE $1
{CASES}
        ELSE '{{}}'::text[] END
$$
"""
CHECK = """
CREATE FUNCTION cases_share_within_ceiling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.categories::text[] <@ cases_ceiling(
        (SELECT o.kind FROM accounts_organisation o WHERE o.id = NEW.to_organisation_id)::text) THEN
        RAISE EXCEPTION 'above the ceiling of what this organisation may be granted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'share_within_ceiling';
    END IF;
    RETURN NEW;
END $$
"""
TRIGGER = """
CREATE TRIGGER share_within_ceiling BEFORE INSERT OR UPDATE OF categories, to_organisation_id ON cases_share
    FOR EACH ROW EXECUTE FUNCTION cases_share_within_ceiling()
"""
MOVES = (
    "state, given_on, form, language, has_interpreter, information_given, valid_until, withdrawn_at, withdrawn_via,"
    " superseded_by_id, version, updated_at"
)
SCOPE = "id, case_id, owner_organisation_id, purpose, legal_basis, categories, recipient_id"
RESTS = """EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = cases_consent.case_id)
    AND EXISTS (SELECT 1 FROM cases_share s WHERE s.consent_id = cases_consent.id
        AND s.to_organisation_id = nrm_organisation() AND s.ended_at IS NULL
        AND s.opened_at IS NOT NULL AND s.ends_at > nrm_now())"""


def mine(table):
    return (
        f"EXISTS (SELECT 1 FROM cases_casevisibility v WHERE v.case_id = {table}.case_id)"
        f" AND {table}.owner_organisation_id = nrm_organisation() AND cases_may_contribute({table}.case_id)"
    )


def add(name):
    table = f"cases_{name}"
    return RunSQL(f"ALTER POLICY {table}_add ON {table} WITH CHECK ({mine(table)})", RunSQL.noop)


def correct(name):
    table = f"cases_{name}"
    return RunSQL(
        f"ALTER POLICY {table}_correct ON {table} USING ({mine(table)}) WITH CHECK ({mine(table)})", RunSQL.noop
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_consent_and_shares")]

    operations = [
        # What was shared before could be added to, and had begun.
        RunSQL("SET CONSTRAINTS ALL IMMEDIATE", RunSQL.noop),
        RunSQL("UPDATE cases_share SET opened_at = starts_at, level = 'contribute'", RunSQL.noop),
        RunSQL(
            "UPDATE cases_casegroupobjectpermission g SET may_contribute = true,"
            " purpose = CASE WHEN s.office = '' THEN s.purpose ELSE '' END"
            " FROM cases_share s WHERE s.id = g.share_id",
            RunSQL.noop,
        ),
        RunSQL(CONTRIBUTE, "DROP FUNCTION cases_may_contribute(uuid)"),
        *[add(name) for name in (*ROWS, *ADDED_ONLY)],
        *[correct(name) for name in ROWS],
        # A consent: the scope never changes, its state through the ledger.
        RunSQL("DROP POLICY cases_consent_correct ON cases_consent", RunSQL.noop),
        RunSQL(
            [
                "REVOKE UPDATE ON cases_consent FROM nrm_app",
                f"GRANT SELECT ({SCOPE}, {MOVES}), UPDATE ({MOVES}) ON cases_consent TO nrm_ledger",
            ],
            RunSQL.noop,
        ),
        policy("cases_consent", "ledger", to="nrm_ledger", using="true", check="true"),
        # The trigger of its history writes as whoever moves it; nobody writes there without one.
        RunSQL("GRANT INSERT ON cases_consentevent TO nrm_ledger", RunSQL.noop),
        policy("cases_consentevent", "ledger", to="nrm_ledger", command="INSERT", check="pg_trigger_depth() > 0"),
        policy("cases_consent", "rests", to="nrm_app", command="SELECT", using=RESTS),
        RunSQL(WITHIN, "DROP FUNCTION cases_ceiling(text)"),
        RunSQL(CHECK, "DROP FUNCTION cases_share_within_ceiling()"),
        RunSQL(TRIGGER, "DROP TRIGGER share_within_ceiling ON cases_share"),
    ]
