"""Many open clocks with one reminder each, falling due while the faults go on. Bulk data, put in by a superuser."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from accounts.models import Membership, Organisation, User
from cases.models import Case

PEOPLE: Final = 25
PER_CASE: Final = 20
RULE: Final = "EU-NEEDS"

CASES: Final = """
WITH numbered AS (SELECT n, gen_random_uuid() AS case_id, gen_random_uuid() AS person_id
                    FROM generate_series(1, %(cases)s) AS n),
     people AS (INSERT INTO cases_person (id) SELECT person_id FROM numbered),
     made AS (
        INSERT INTO cases_case
        SELECT copied.*
          FROM numbered n, cases_case t,
               jsonb_populate_record(t, jsonb_build_object(
                    'id', n.case_id, 'person_id', n.person_id, 'reference', lpad(n.n::text, 9, 'X'))) AS copied
         WHERE t.id = %(case)s
        RETURNING id)
SELECT id FROM made
"""
# Each copies a row of the model case, whatever columns it has. The model is read once, before: a scan for each copy
# would pass by all the copies that were made already. And ``(f(x)).*`` would call the function once for each column.
LEADS: Final = """
WITH model AS MATERIALIZED (SELECT l FROM cases_caselead l WHERE l.case_id = %(case)s)
INSERT INTO cases_caselead
SELECT copied.*
  FROM unnest(%(keys)s::uuid[]) AS c (id), model,
       jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'case_id', c.id)) AS copied
"""
VISIBILITY: Final = """
WITH model AS MATERIALIZED (SELECT v, v.membership_id FROM cases_casevisibility v WHERE v.case_id = %(case)s)
INSERT INTO cases_casevisibility
SELECT copied.*
  FROM unnest(%(keys)s::uuid[]) WITH ORDINALITY AS c (id, n), model,
       jsonb_populate_record(v, jsonb_build_object(
            'id', gen_random_uuid(), 'case_id', c.id,
            'membership_id', CASE WHEN model.membership_id IS NULL THEN NULL
                                  ELSE (%(members)s::uuid[])[1 + (c.n %% %(people)s)] END)) AS copied
"""
DEADLINES: Final = """
WITH model AS MATERIALIZED (SELECT d FROM cases_deadline d WHERE d.case_id = %(case)s AND d.rule = %(rule)s),
     numbered AS MATERIALIZED (SELECT c.id AS case_id, gen_random_uuid() AS id
                                 FROM unnest(%(keys)s::uuid[]) AS c (id), generate_series(1, %(each)s))
INSERT INTO cases_deadline
SELECT copied.*
  FROM numbered n, model,
       jsonb_populate_record(d, jsonb_build_object(
            'id', n.id, 'case_id', n.case_id, 'subject_id', gen_random_uuid(),
            'due_at', now() + interval '6 hours', 'due_on', (now() + interval '6 hours')::date)) AS copied
"""
REMINDERS: Final = """
WITH model AS MATERIALIZED (
    SELECT r, r."offset" FROM cases_reminder r JOIN cases_deadline m ON m.id = r.deadline_id
     WHERE m.case_id = %(case)s AND m.rule = %(rule)s)
INSERT INTO cases_reminder
SELECT copied.*
  FROM cases_deadline d, model,
       jsonb_populate_record(r, jsonb_build_object(
            'id', gen_random_uuid(), 'deadline_id', d.id,
            'state', CASE WHEN model."offset" LIKE '-%%' THEN 'superseded' ELSE 'waiting' END,
            'due_at', CASE WHEN model."offset" = '0d' THEN now() + random() * %(seconds)s * interval '1 second'
                           ELSE now() + interval '2 days' END)) AS copied
 WHERE d.case_id = ANY(%(keys)s)
"""


@dataclass(frozen=True)
class Load:
    """What was put in."""

    reminders: int
    members: list[UUID]


def fill(admin: "psycopg.Connection[Any]", case: Case, *, reminders: int, seconds: float) -> Load:
    """``reminders`` clocks on copies of ``case``, which has RULE; a reminder of each falls due within ``seconds``."""
    organisation = Organisation.objects.get(pk=case.registered_by_id)
    members = _colleagues(organisation)
    wanted = max(1, reminders // PER_CASE)
    values: dict[str, Any] = {
        "case": case.pk,
        "cases": wanted,
        "organisation": organisation.pk,
        "members": members,
        "people": len(members),
        "rule": RULE,
        "each": reminders // wanted,
        "seconds": seconds,
    }
    # Copies of rows that hold together: each key need not be looked up once more.
    admin.execute("SET session_replication_role = replica")
    values["keys"] = [row[0] for row in admin.execute(CASES, values)]
    for statement in (LEADS, VISIBILITY, DEADLINES, REMINDERS):
        admin.execute(statement, values)
    admin.execute("RESET session_replication_role")
    admin.execute("ANALYZE")
    return Load(wanted * (reminders // wanted), members)


def _colleagues(organisation: Organisation) -> list[UUID]:
    users = [User(email=f"person{number}@example.test", name=f"Person {number}") for number in range(PEOPLE)]
    User.objects.bulk_create(users)
    rows = [Membership(user=user, organisation=organisation, roles=["caseworker"]) for user in users]
    return [row.pk for row in Membership.objects.bulk_create(rows)]
