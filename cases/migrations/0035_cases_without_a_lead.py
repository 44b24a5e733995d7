"""Cases whose lead has nobody left: found by one question, offered by the coordinator's office without content.

Somebody is left at an organisation if, and only if, it is not suspended and has a live member who may act on the case:
intake or a supervisor without a conflict of interest in it, or an assigned colleague with a role for casework.
"""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from core.db import grant, policy, protect

# cases.policies.WORKING and accounts.actors.WHOLE_ORGANISATION, as they stood when this was written; a test compares.
WORKING = "caseworker,decision_maker,guardian,intake,supervisor"
WHOLE = "intake,supervisor"
VACANCY, OFFER = "cases_leadvacancy", "cases_leadoffer"
LIVE = "m.suspended_at IS NULL AND m.ended_at IS NULL AND u.is_active"
SAFE = "SECURITY DEFINER PARALLEL SAFE SET search_path = public, pg_temp"
SOMEBODY = f"""CREATE FUNCTION nrm_has_somebody(of_case uuid, of_organisation uuid) RETURNS boolean
    LANGUAGE sql STABLE {SAFE} COST 1000 AS $$
    SELECT EXISTS (SELECT FROM accounts_organisation o WHERE o.id = of_organisation AND o.suspended_at IS NULL)
       AND (EXISTS (
            SELECT FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
             WHERE m.organisation_id = of_organisation AND {LIVE} AND m.roles::text[] && '{{{WHOLE}}}'
               AND NOT EXISTS (SELECT FROM cases_caseblock b WHERE b.case_id = of_case AND b.lifted_at IS NULL
                                  AND b.owner_organisation_id = of_organisation AND b.person_id = m.user_id))
        OR EXISTS (
            SELECT FROM cases_casevisibility a JOIN accounts_membership m ON m.id = a.membership_id
              JOIN accounts_user u ON u.id = m.user_id
             WHERE a.case_id = of_case AND a.organisation_id = of_organisation AND {LIVE}
               AND (a.ends_at IS NULL OR a.ends_at > nrm_now())
               AND m.roles::text[] && '{{{WORKING}}}')) $$"""
# Organisations with nobody who sees all their cases.
EMPTY = f"""SELECT o.id FROM accounts_organisation o WHERE o.suspended_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
             WHERE m.organisation_id = o.id AND {LIVE} AND m.roles::text[] && '{{{WHOLE}}}')"""
# Organisations with nobody at all, and single cases from which somebody is kept away: nothing else can lack anybody.
VACANT = f"""CREATE FUNCTION nrm_cases_without_lead()
    RETURNS TABLE (case_id uuid, organisation_id uuid, reference varchar, region varchar, is_child boolean)
    LANGUAGE sql STABLE {SAFE} AS $$
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
IS_VACANT = f"""CREATE FUNCTION nrm_is_without_lead(of_case uuid) RETURNS boolean
    LANGUAGE sql STABLE {SAFE} COST 1000 AS $$
    SELECT EXISTS (SELECT FROM cases_caselead l JOIN cases_case c ON c.id = l.case_id
                    WHERE l.case_id = of_case AND l.ends_at IS NULL AND c.state <> 'closed'
                      AND NOT nrm_has_somebody(l.case_id, l.organisation_id)) $$"""
# ``answering``: rules of a referral that waits, whose receiver is bound and does not know the case yet. ``is_whole``: also
# what organisations lack that have somebody but lost the case; that reads every running clock.
UNKEPT = f"""CREATE FUNCTION nrm_clocks_without_keeper(answering text[], is_whole boolean)
    RETURNS TABLE (deadline_id uuid, case_id uuid, organisation_id uuid, rule varchar)
    LANGUAGE sql STABLE {SAFE} AS $$
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
LED = f"""CREATE FUNCTION nrm_count_led(of_organisation uuid) RETURNS TABLE (cases bigint, children bigint)
    LANGUAGE sql STABLE {SAFE} AS $$
    SELECT count(*), count(*) FILTER (WHERE c.is_child_branch) FROM cases_caselead l JOIN cases_case c ON c.id = l.case_id
     WHERE l.organisation_id = of_organisation AND l.ends_at IS NULL AND c.state <> 'closed' $$"""
ASKED = {
    "nrm_has_somebody(uuid, uuid)": "nrm_app, nrm_worker, nrm_ledger, nrm_statistics",
    "nrm_is_without_lead(uuid)": "nrm_app, nrm_worker, nrm_ledger",
    "nrm_cases_without_lead()": "nrm_worker, nrm_ledger, nrm_statistics",
    "nrm_clocks_without_keeper(text[], boolean)": "nrm_worker, nrm_ledger, nrm_statistics",
    "nrm_count_led(uuid)": "nrm_app",
}
COORDINATES = """(SELECT nrm_scope() <> 'none') AND (SELECT true FROM accounts_organisation o
    WHERE o.id = (SELECT nrm_organisation()) AND o.kind = 'coordinator' LIMIT 1)"""
# Asked and not yet too late, or accepted: intake and supervisors of the organisation that the lead is offered to.
OFFERED = """organisation_id = (SELECT nrm_organisation()) AND (SELECT nrm_scope() = 'organisation')
    AND (state = 'accepted' OR state = 'offered' AND answer_due_at > nrm_now())"""
# Which offers are read here is decided by the policy of that table.
OFFERED_TO = f"""(SELECT true FROM {OFFER} o WHERE o.vacancy_id = {VACANCY}.id
    AND o.organisation_id = (SELECT nrm_organisation()) LIMIT 1)"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_suspensions"),
        ("cases", "0034_what_a_suspension_ends"),
    ]

    operations = [
        migrations.CreateModel(
            name="NightlyCount",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"default_permissions": ()},
        ),
        grant("cases_nightlycount", worker="SELECT, INSERT, UPDATE", statistics="SELECT"),
        migrations.CreateModel(
            name="LeadVacancy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=9)),
                ("region", models.CharField(blank=True, max_length=32)),
                ("is_child", models.BooleanField(default=False)),
                (
                    "kept_clocks",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                ("found_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nobody leads it yet"),
                            ("reassigned", "Another organisation leads it"),
                            ("returned", "Its organisation can act again, or it was closed"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="cases.case"),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="LeadOffer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "To be confirmed by a colleague"),
                            ("offered", "Waiting for an answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("lapsed", "Not answered in time"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("answer_due_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.membership"
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offers", to="cases.leadvacancy"
                    ),
                ),
            ],
            options={"default_permissions": (), "ordering": ("proposed_at", "id")},
        ),
        migrations.AddIndex(
            model_name="leadvacancy",
            index=models.Index(
                models.F("found_at"),
                models.F("id"),
                condition=models.Q(("ended_at__isnull", True)),
                name="leadvacancy_desk",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadvacancy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("case",), name="leadvacancy_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="leadvacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("outcome", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="leadvacancy_ended_has_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadoffer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("proposed", "offered"))),
                fields=("vacancy",),
                name="leadoffer_one_open",
                violation_error_message="This case is offered to an organisation already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="leadoffer_two_people",
                violation_error_message="A colleague confirms what you have proposed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadoffer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "offered"), _negated=True),
                    models.Q(("answer_due_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="leadoffer_offered_was_confirmed",
            ),
        ),
        RunSQL(SOMEBODY, "DROP FUNCTION nrm_has_somebody(uuid, uuid)"),
        RunSQL(VACANT, "DROP FUNCTION nrm_cases_without_lead()"),
        RunSQL(IS_VACANT, "DROP FUNCTION nrm_is_without_lead(uuid)"),
        RunSQL(UNKEPT, "DROP FUNCTION nrm_clocks_without_keeper(text[], boolean)"),
        RunSQL(LED, "DROP FUNCTION nrm_count_led(uuid)"),
        RunSQL(
            [
                *[f"REVOKE ALL ON FUNCTION {one} FROM PUBLIC" for one in ASKED],
                *[f"GRANT EXECUTE ON FUNCTION {one} TO {roles}" for one, roles in ASKED.items()],
            ],
            RunSQL.noop,
        ),
        protect(VACANCY),
        grant(VACANCY, app="SELECT", ledger="SELECT, INSERT, UPDATE (kept_clocks, ended_at, outcome)"),
        policy(VACANCY, "desk", to="nrm_app", command="SELECT", using=COORDINATES),
        policy(VACANCY, "offered", to="nrm_app", command="SELECT", using=OFFERED_TO),
        policy(VACANCY, "ledger", to="nrm_ledger", using="true", check="true"),
        protect(OFFER),
        grant(
            OFFER,
            app="SELECT",
            ledger="SELECT, INSERT, UPDATE (state, confirmed_by_id, confirmed_at, answer_due_at, answered_by_id,"
            " answered_at)",
        ),
        policy(OFFER, "desk", to="nrm_app", command="SELECT", using=COORDINATES),
        policy(OFFER, "offered", to="nrm_app", command="SELECT", using=OFFERED),
        policy(OFFER, "ledger", to="nrm_ledger", using="true", check="true"),
    ]
