"""Hints at unusual use: computed in the database by the worker, from request rows alone; numbers, never content.

For each member and civil day: how many cases, how many of them outside working hours, how much was refused or slowed
down; against what colleagues of the same roles in the same organisation usually open in a day. A hint blocks nobody.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db import connection

from core import clock
from core.db import database_context, role
from profiles.profile import active

WORKER: Final = "nrm_worker"


@dataclass(frozen=True)
class Thresholds:
    """When a number becomes a hint. Change them here; ``docs/decisions/0019-hints-and-limits.md`` says why these."""

    first_hour: int = 6
    last_hour: int = 21
    cases_out_of_hours: int = 5
    times_usual: int = 4
    cases_at_least: int = 20
    daily_ceiling: int = 80
    refused: int = 20
    days_of_comparison: int = 28
    # Night duties are their work.
    always_open: tuple[str, ...] = ("shelter", "police", "border", "child_protection", "health")


THRESHOLDS: Final = Thresholds()

FIND: Final = """
WITH days AS (
    SELECT r.membership_id, (r.at AT TIME ZONE %(zone)s)::date AS day,
           count(DISTINCT r.case_id) FILTER (WHERE r.outcome < 400) AS cases,
           count(DISTINCT r.case_id) FILTER (WHERE r.outcome < 400 AND (
               extract(hour FROM r.at AT TIME ZONE %(zone)s) < %(first_hour)s
            OR extract(hour FROM r.at AT TIME ZONE %(zone)s) >= %(last_hour)s
            OR extract(isodow FROM r.at AT TIME ZONE %(zone)s) > 5)) AS late,
           count(*) FILTER (WHERE r.outcome IN (403, 404)) AS refused,
           count(*) FILTER (WHERE r.outcome = 429) AS slowed
      FROM audit_auditrequest r
     WHERE r.at >= %(since)s AND r.at < %(until)s AND r.membership_id IS NOT NULL
     GROUP BY 1, 2
), usual AS (
    SELECT m.organisation_id, m.roles, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.cases) AS cases
      FROM days d JOIN accounts_membership m ON m.id = d.membership_id
     WHERE d.day < %(first)s AND d.cases > 0 GROUP BY 1, 2
)
INSERT INTO audit_audithint (id, made_at, kind, "on", organisation_id, membership_id, actor_label, count, usual)
SELECT gen_random_uuid(), %(now)s, hint.kind, d.day, m.organisation_id, m.id, p.name, hint.number,
       CASE WHEN hint.kind = 'far_above_usual' THEN ceil(u.cases) ELSE 0 END
  FROM days d
  JOIN accounts_membership m ON m.id = d.membership_id
  JOIN accounts_user p ON p.id = m.user_id
  JOIN accounts_organisation o ON o.id = m.organisation_id
  LEFT JOIN usual u ON u.organisation_id = m.organisation_id AND u.roles = m.roles
 CROSS JOIN LATERAL (VALUES
    ('out_of_hours', d.late, d.late >= %(cases_out_of_hours)s AND NOT o.kind = ANY (%(always_open)s)),
    ('far_above_usual', d.cases, d.cases >= %(cases_at_least)s AND d.cases > %(times_usual)s * u.cases),
    ('daily_ceiling', d.cases, d.cases >= %(daily_ceiling)s),
    ('many_refused', d.refused, d.refused >= %(refused)s),
    ('slowed_down', d.slowed, d.slowed > 0)) AS hint (kind, number, is_so)
 WHERE d.day >= %(first)s AND hint.is_so
ON CONFLICT (membership_id, kind, "on") DO NOTHING
"""


def find(thresholds: Thresholds = THRESHOLDS) -> int:
    """Write down the hints of yesterday and today that are not there yet; returns how many."""
    zone = active().zone
    today = clock.today(zone)
    first = today - timedelta(days=1)
    since = first - timedelta(days=thresholds.days_of_comparison)
    values: dict[str, Any] = {
        **vars(thresholds),
        "always_open": list(thresholds.always_open),
        "zone": zone.key,
        "now": clock.moment(),
        "first": first,
        "since": _midnight(since),
        "until": _midnight(today + timedelta(days=1)),
    }
    as_worker = database_context(organisation=None, membership=None, scope="none")
    with as_worker, role(WORKER), connection.cursor() as cursor:
        cursor.execute(FIND, values)
        return int(cursor.rowcount)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, active().zone)
