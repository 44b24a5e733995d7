"""A recovery period that was written down as ended when its minimum was over goes on, or ended with its decision.

Nationality and Borders Act 2022 s. 61(3); CETS 197, Articles 10(2), 13. Of a closed case nothing is opened again.
"""

from django.db import migrations

MINIMUMS = "('EU-RR', 'UK-RR')"
DECIDED = """(SELECT min(d.decided_on) FROM cases_identificationdecision d
               WHERE d.case_id = p.case_id AND d.step = 'identification' AND d.decided_on >= p.starts_on)"""
RUNNING = f"""
UPDATE cases_reflectionperiod p
   SET minimum_until = p.ends_on,
       ends_on = CASE WHEN {DECIDED} IS NULL THEN NULL ELSE greatest(p.ends_on, {DECIDED}) END,
       end_reason = CASE WHEN {DECIDED} IS NULL THEN '' ELSE 'decision' END
 WHERE p.length_rule IN {MINIMUMS} AND p.state = 'running' AND p.ends_on IS NOT NULL
"""
ENDED_ALONE = f"""
UPDATE cases_reflectionperiod p
   SET minimum_until = p.ends_on,
       ends_on = CASE WHEN {DECIDED} IS NULL THEN NULL ELSE greatest(p.ends_on, {DECIDED}) END,
       state = CASE WHEN {DECIDED} IS NULL THEN 'running' ELSE 'ended' END,
       ended_on = CASE WHEN {DECIDED} IS NULL THEN NULL ELSE greatest(p.ends_on, {DECIDED}) END,
       end_reason = CASE WHEN {DECIDED} IS NULL THEN '' ELSE 'decision' END
  FROM cases_case c
 WHERE c.id = p.case_id AND c.state <> 'closed' AND p.length_rule IN {MINIMUMS}
   AND p.state = 'ended' AND p.end_reason = 'elapsed' AND p.ends_on IS NOT NULL
"""
ACTED = """
UPDATE cases_deadline d
   SET acted_on = (SELECT min(i.decided_on) FROM cases_identificationdecision i
                    WHERE i.case_id = d.case_id AND i.step = 'identification')
 WHERE d.rule = 'EU-RR' AND d.state IN ('open', 'suspended')
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0045_acts_and_how_a_period_ends")]

    operations = [migrations.RunSQL(text, migrations.RunSQL.noop) for text in (RUNNING, ENDED_ALONE, ACTED)]
