"""When a mail about tasks leaves: at once for what is due within a day, else once a day (``deadlines.md`` 2.9).

The mail counts what is unread when it is sent, so one stands for many notices. While somebody is away no mail is sent
about the tasks of that membership: their deputy hears of them (``accounts.absences``).
"""

from collections.abc import Collection, Sequence
from datetime import time, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from accounts import absences, mail
from accounts.models import MailPurpose, MailState, Notice, OutboxMail
from core import clock
from core.dates import civil_day
from profiles.profile import active

# At once for what falls due within 24 hours, is overdue, or is news without a day.
AT_ONCE: Final = timedelta(hours=24)
# Half an hour after the reminders of the morning; wall-clock time in the person's own zone.
DIGEST_AT: Final = time(8, 30)
# Compare-and-set on the person's own civil day: once a day, however many alarm clocks ring, and also after an outage.
CLAIM: Final = """
UPDATE accounts_user u SET digest_on = here.today
  FROM (SELECT p.id, (nrm_now() AT TIME ZONE coalesce(nullif(p.time_zone, ''), %(zone)s)) AS wall,
               (nrm_now() AT TIME ZONE coalesce(nullif(p.time_zone, ''), %(zone)s))::date AS today,
               coalesce(nullif(p.time_zone, ''), %(zone)s) AS zone
          FROM accounts_user p WHERE p.is_active) here
 WHERE here.id = u.id AND (u.digest_on IS NULL OR u.digest_on < here.today) AND here.wall::time >= %(at)s::time
   AND EXISTS (
       SELECT 1 FROM accounts_notice n
         JOIN accounts_membership m ON m.id = n.membership_id
         JOIN accounts_organisation o ON o.id = m.organisation_id
        WHERE m.user_id = u.id AND m.suspended_at IS NULL AND m.ended_at IS NULL AND o.suspended_at IS NULL
          AND n.read_at IS NULL AND (n.snoozed_until IS NULL OR n.snoozed_until <= nrm_now())
          AND coalesce(n.snoozed_until, n.created_at) <= (here.today + %(at)s::time) AT TIME ZONE here.zone
          AND NOT EXISTS (
              SELECT 1 FROM accounts_absence a WHERE a.membership_id = m.id AND a.ended_at IS NULL
                 AND a.starts_on <= here.today AND a.ends_on >= here.today))
RETURNING u.id
"""


def post(notices: Sequence[Notice]) -> list[Notice]:
    """Store what people are told, each key once for a person, with the mails that cannot wait; returns what is new."""
    asked = Notice.objects.filter(
        membership__in={one.membership_id for one in notices}, key__in={one.key for one in notices}
    )
    told = set(asked.values_list("membership_id", "key"))
    new = [one for one in notices if (one.membership_id, one.key) not in told]
    Notice.objects.bulk_create(new, ignore_conflicts=True)
    tell_all(new)
    return new


def tell_all(notices: Collection[Notice]) -> list[OutboxMail]:
    """Post the mails of notices that cannot wait for the digest; in the transaction that makes the notices.

    One mail for all that a person is told before it leaves; none for who is away.
    """
    urgent = [notice for notice in notices if is_urgent(notice)]
    if not urgent:
        return []
    away = absences.running(civil_day(clock.moment(), active().zone), [notice.membership_id for notice in urgent])
    first: dict[UUID, Notice] = {}
    for notice in urgent:
        if notice.membership_id not in away:
            first.setdefault(notice.membership.user_id, notice)
    waiting = OutboxMail.objects.filter(user__in=first, purpose=MailPurpose.TASKS, state=MailState.QUEUED, attempts=0)
    return [mail.post_tasks(first[user_id]) for user_id in set(first) - set(waiting.values_list("user_id", flat=True))]


def is_urgent(notice: Notice) -> bool:
    """True for what falls due within 24 hours, is overdue already, or has no day."""
    return notice.due_at is None or notice.due_at - clock.moment() <= AT_ONCE


def post_digests() -> int:
    """Post one mail for everybody whose morning has come and who has unread notices of before; returns how many.

    Claim and mail stand in one transaction: a crash between them leaves neither.
    """
    with mail.as_worker(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"zone": str(active().zone), "at": DIGEST_AT.isoformat()})
        people: list[UUID] = [row[0] for row in cursor.fetchall()]
        for user_id in people:
            mail.post_digest(user_id)
    return len(people)
