"""Process figures: referrals, decisions, guardian requests, reflection periods, deadlines; never a person.

Read as the role ``nrm_statistics``, which may read coded columns only. ``organisation`` limits everything to what one
organisation sends, receives, leads or is bound by; without it the figures are the country's. Days are calendar days
with one decimal. Source: ``sharing.md`` rule 16, ``domain.md`` 6.8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection

from core import clock
from core.dates import add_months
from core.db import role
from profiles.profile import active

ROLE: Final = "nrm_statistics"
ENDING_WITHIN_DAYS: Final = 14


@dataclass(frozen=True)
class Scope:
    """What the address asks for: first day and last day (inclusive), region, kind of organisation, own organisation.

    Cases that whoever acts is kept away from are left out: figures that are cut by day and kind would tell of one case.
    For everybody else, and for the country, they are exact.
    """

    start: date
    end: date
    region: str = ""
    kind: str = ""
    organisation: UUID | None = None

    def parameters(self) -> dict[str, Any]:
        """Values of the statements below."""
        return {
            "start": self.start,
            "end": self.end,
            "region": self.region,
            "kind": self.kind,
            "organisation": self.organisation,
            "now": clock.moment(),
            "today": clock.today(active().zone),
            "zone": str(active().zone),
            "ending": ENDING_WITHIN_DAYS,
        }


# Of a case that exists for who acts (conflict of interest); asked once for each statement.
KNOWABLE: Final = "NOT {case} = ANY ((SELECT nrm_kept_away())::uuid[])"
REFERRALS_IN_SCOPE: Final = f"""
SELECT r.*, (r.sent_at AT TIME ZONE %(zone)s)::date AS sent_on, f.kind AS from_kind,
       t.kind AS to_kind, t.name AS to_name,
       CASE WHEN r.state = 'sent' AND r.expires_at <= %(now)s THEN 'expired'
            WHEN r.state = 'sent' AND r.answer_due_at <= %(now)s THEN 'overdue' ELSE r.state END AS shown_state
  FROM (SELECT id, case_id, from_organisation_id, to_organisation_id, state, service, phase, region, sent_at,
               answer_due_at, expires_at, answered_at FROM referrals_referral) r
  JOIN accounts_organisation f ON f.id = r.from_organisation_id
  JOIN accounts_organisation t ON t.id = r.to_organisation_id
 WHERE r.sent_at >= %(start)s::timestamp AT TIME ZONE %(zone)s
   AND r.sent_at < (%(end)s::date + 1)::timestamp AT TIME ZONE %(zone)s
   AND (%(region)s = '' OR r.region = %(region)s)
   AND (%(kind)s = '' OR t.kind = %(kind)s)
   AND (%(organisation)s::uuid IS NULL OR %(organisation)s::uuid IN (r.from_organisation_id, r.to_organisation_id))
   AND {KNOWABLE.format(case="r.case_id")}
"""
REFERRALS: Final = f"""
WITH scoped AS ({REFERRALS_IN_SCOPE})
SELECT GROUPING(phase, to_name, to_kind, region, from_kind, date_trunc('month', sent_on)) AS cut,
       phase, to_name, to_kind, region, from_kind, date_trunc('month', sent_on)::date AS month, shown_state,
       count(*)
  FROM scoped
 GROUP BY GROUPING SETS (
    (phase, shown_state), (to_name, shown_state), (to_kind, shown_state), (region, shown_state),
    (from_kind, to_kind, shown_state), (date_trunc('month', sent_on)), (shown_state))
"""
# Registered or led; as an array that is read once, so that cases are found by their key and the country is not read.
OWN_CASES: Final = """
ARRAY(SELECT id FROM cases_case WHERE registered_by_id = %(organisation)s::uuid UNION ALL
      SELECT case_id FROM cases_caselead WHERE ends_at IS NULL AND organisation_id = %(organisation)s::uuid)"""
CASES_IN_SCOPE: Final = f"""
SELECT c.id, c.registered_on, c.reasonable_grounds_on
  FROM cases_case c JOIN accounts_organisation o ON o.id = c.registered_by_id
 WHERE c.registered_on BETWEEN %(start)s AND %(end)s
   AND (%(region)s = '' OR c.region = %(region)s) AND (%(kind)s = '' OR o.kind = %(kind)s)
   AND (%(organisation)s::uuid IS NULL OR c.id = ANY ({OWN_CASES}))
   AND {KNOWABLE.format(case="c.id")}
"""
GUARDIANS_IN_SCOPE: Final = f"""
SELECT g.requested_at, g.provisional_at, g.appointed_at, g.ended_at, g.state
  FROM cases_guardianship g JOIN cases_case c ON c.id = g.case_id
  JOIN accounts_organisation o ON o.id = g.owner_organisation_id
 WHERE (%(region)s = '' OR c.region = %(region)s) AND (%(kind)s = '' OR o.kind = %(kind)s)
   AND (%(organisation)s::uuid IS NULL OR g.owner_organisation_id = %(organisation)s::uuid
        OR g.organisation_id = %(organisation)s::uuid)
   AND {KNOWABLE.format(case="g.case_id")}
"""
WAITS: Final = f"""
WITH referral AS ({REFERRALS_IN_SCOPE}), registered AS ({CASES_IN_SCOPE}), guardian AS ({GUARDIANS_IN_SCOPE}),
span AS (
    SELECT 'answer' AS step, EXTRACT(epoch FROM answered_at - sent_at) / 86400 AS days FROM referral
     WHERE answered_at IS NOT NULL AND state <> 'declined'
    UNION ALL
    SELECT 'grounds', reasonable_grounds_on - registered_on FROM registered WHERE reasonable_grounds_on IS NOT NULL
    UNION ALL
    SELECT 'guardian', EXTRACT(epoch FROM appointed_at - requested_at) / 86400 FROM guardian
     WHERE appointed_at > requested_at AND (requested_at AT TIME ZONE %(zone)s)::date BETWEEN %(start)s AND %(end)s
)
SELECT step, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY days),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY days)
  FROM span GROUP BY step
"""
REFLECTION: Final = f"""
SELECT count(*) FILTER (WHERE p.state = 'running' AND (p.ends_on IS NULL OR p.ends_on >= %(today)s)),
       count(*) FILTER (WHERE p.state = 'running'
                          AND p.ends_on BETWEEN %(today)s AND %(today)s::date + %(ending)s::int),
       count(*) FILTER (WHERE p.state = 'offered'),
       count(*) FILTER (WHERE p.state IN ('declined', 'declined_by_person')
                          AND p.decided_on BETWEEN %(start)s AND %(end)s),
       count(*) FILTER (WHERE p.starts_on BETWEEN %(start)s AND %(end)s)
  FROM (SELECT case_id, state, ends_on, starts_on, decided_on, owner_organisation_id, decides_id
          FROM cases_reflectionperiod) p
  JOIN cases_case c ON c.id = p.case_id JOIN accounts_organisation o ON o.id = p.owner_organisation_id
 WHERE (%(region)s = '' OR c.region = %(region)s) AND (%(kind)s = '' OR o.kind = %(kind)s)
   AND (%(organisation)s::uuid IS NULL OR %(organisation)s::uuid IN (p.owner_organisation_id, p.decides_id))
   AND {KNOWABLE.format(case="p.case_id")}
"""
CHILDREN: Final = f"""
SELECT count(*) FILTER (WHERE state = 'requested'), count(*) FILTER (WHERE state = 'provisional'),
       count(*) FILTER (WHERE state = 'appointed'),
       max(EXTRACT(epoch FROM %(now)s - requested_at) / 86400) FILTER (WHERE state IN ('requested', 'provisional'))
  FROM ({GUARDIANS_IN_SCOPE}) g
"""
MONTHS: Final = f"""
SELECT month, sum(registered)::int, sum(notified)::int FROM (
    SELECT date_trunc('month', registered_on)::date AS month, 1 AS registered, 0 AS notified FROM ({CASES_IN_SCOPE}) c
    UNION ALL
    SELECT date_trunc('month', n.notified_on)::date, 0, 1
      FROM (SELECT id, notified_on, organisation_id, region FROM cases_anonymousnotification) n
      JOIN accounts_organisation o ON o.id = n.organisation_id
     WHERE n.notified_on BETWEEN %(start)s AND %(end)s
       AND (%(region)s = '' OR n.region = %(region)s) AND (%(kind)s = '' OR o.kind = %(kind)s)
       AND (%(organisation)s::uuid IS NULL OR n.organisation_id = %(organisation)s::uuid)
) counted GROUP BY month ORDER BY month
"""
# Which bit of GROUPING is clear tells which column a row is cut by (the first named column is the highest bit).
BY_PHASE, BY_RECEIVER, BY_KIND, BY_REGION = 0b011111, 0b101111, 0b110111, 0b111011
BY_FLOW, BY_MONTH, TOTAL = 0b110101, 0b111110, 0b111111


@dataclass(frozen=True)
class Wait:
    """How long a step takes, in calendar days: over ``count`` occurrences."""

    count: int = 0
    median: float | None = None
    ninetieth: float | None = None


Cut = Mapping[Any, Mapping[str, int]]


@dataclass(frozen=True)
class Figures:
    """Everything the dashboard shows. The cuts are counts by label, then by state."""

    states: Mapping[str, int]
    by_phase: Cut
    by_receiver: Cut
    by_kind: Cut
    by_region: Cut
    flow: Cut
    by_month: Mapping[date, int]
    waits: Mapping[str, Wait]
    reflection: Mapping[str, int]
    children: Mapping[str, int]
    longest_wait_days: float | None
    registrations: Mapping[date, tuple[int, int]]


def figures(scope: Scope) -> Figures:
    """All process figures of ``scope``, in five statements."""
    values = scope.parameters()
    with role(ROLE):
        referrals = _rows(REFERRALS, values)
        waits = {step: Wait(count, median, ninetieth) for step, count, median, ninetieth in _rows(WAITS, values)}
        running, ending, offered, declined, granted = _rows(REFLECTION, values)[0]
        waiting, provisional, appointed, longest = _rows(CHILDREN, values)[0]
        months = _rows(MONTHS, values)
    return Figures(
        states={row[7]: row[8] for row in referrals if row[0] == TOTAL},
        by_phase=_cut(referrals, BY_PHASE, 1),
        by_receiver=_cut(referrals, BY_RECEIVER, 2),
        by_kind=_cut(referrals, BY_KIND, 3),
        by_region=_cut(referrals, BY_REGION, 4),
        flow=_flow(referrals),
        by_month=dict.fromkeys(_months(scope), 0) | {row[6]: row[8] for row in referrals if row[0] == BY_MONTH},
        waits=waits,
        reflection={
            "running": running,
            "ending": ending,
            "offered": offered,
            "declined": declined,
            "granted": granted,
        },
        children={"waiting": waiting, "provisional": provisional, "appointed": appointed},
        longest_wait_days=longest,
        registrations=dict.fromkeys(_months(scope), (0, 0))
        | {month: (registered, notified) for month, registered, notified in months},
    )


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(values))
        return list(cursor.fetchall())


def _months(scope: Scope) -> list[date]:
    """The first days of the months of the period: a month without anything is a month with nought."""
    first = scope.start.replace(day=1)
    count = (scope.end.year - first.year) * 12 + scope.end.month - first.month + 1
    return [add_months(first, number) for number in range(count)]


def _cut(rows: Sequence[tuple[Any, ...]], cut: int, column: int) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if row[0] == cut:
            found.setdefault(row[column], {})[row[7]] = row[8]
    return found


def _flow(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        if row[0] == BY_FLOW:
            found.setdefault((row[5], row[3]), {})[row[7]] = row[8]
    return found
