"""When a mail about tasks leaves: at once for what is due within a day, else once a day (``deadlines.md`` 2.9).

The mail counts what waits when it is sent, so one stands for many notices. While somebody is away no mail is sent about
the tasks of that membership: their deputy hears of them (``accounts.absences``). A person may want fewer mails; what
the law demands is mailed in any case (``accounts.kinds``).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Max

from accounts import absences, kinds, mail
from accounts.models import MailPurpose, MailState, MailWish, Notice, OutboxMail, User
from core import clock
from core.dates import civil_day
from profiles.profile import active

# At once for what falls due within 24 hours, is overdue, or is news without a day.
AT_ONCE: Final = timedelta(hours=24)
# Two mails to one person lie at least so far apart: what is told meanwhile is counted in the second.
QUIET: Final = timedelta(minutes=10)
# Compare-and-set on the person's own civil day: once a day, however many alarm clocks ring, and also after an outage.
# Only for something that no mail of this day has counted yet.
CLAIM: Final = """
UPDATE accounts_user u SET digest_on = here.today
  FROM (SELECT p.id, p.digest_at AS at, p.mails,
               (nrm_now() AT TIME ZONE coalesce(nullif(p.time_zone, ''), %(zone)s)) AS wall,
               (nrm_now() AT TIME ZONE coalesce(nullif(p.time_zone, ''), %(zone)s))::date AS today,
               coalesce(nullif(p.time_zone, ''), %(zone)s) AS zone
          FROM accounts_user p WHERE p.is_active) here
 WHERE here.id = u.id AND (u.digest_on IS NULL OR u.digest_on < here.today) AND here.wall::time >= here.at
   AND EXISTS (
       SELECT 1 FROM accounts_notice n
         JOIN accounts_membership m ON m.id = n.membership_id
         JOIN accounts_organisation o ON o.id = m.organisation_id
        WHERE m.user_id = u.id AND m.suspended_at IS NULL AND m.ended_at IS NULL AND o.suspended_at IS NULL
          AND n.read_at IS NULL AND n.done_at IS NULL
          AND (n.snoozed_until IS NULL OR n.snoozed_until <= nrm_now())
          AND coalesce(n.snoozed_until, n.created_at) <= (here.today + here.at) AT TIME ZONE here.zone
          AND (here.mails <> %(in_app)s OR n.kind = ANY(%(always)s))
          AND NOT EXISTS (
              SELECT 1 FROM accounts_outboxmail x WHERE x.user_id = u.id AND x.purpose = %(tasks)s
                 AND (x.state = 'queued'
                      OR x.sent_at >= coalesce(n.snoozed_until, n.created_at)
                         AND (x.sent_at AT TIME ZONE here.zone)::date = here.today))
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

    One mail for all that a person is told before it leaves, at the earliest ``QUIET`` after the last; none for whoever
    is away, nor for whoever wants none at once, unless the law demands it.
    """
    urgent = [notice for notice in notices if is_urgent(notice)]
    if not urgent:
        return []
    away = absences.running(civil_day(clock.moment(), active().zone), [notice.membership_id for notice in urgent])
    wants = dict(User.objects.filter(pk__in={one.membership.user_id for one in urgent}).values_list("pk", "mails"))
    first: dict[UUID, Notice] = {}
    for notice in urgent:
        user_id = notice.membership.user_id
        is_wanted = wants[user_id] == MailWish.AT_ONCE or notice.kind in kinds.always_mailed()
        if is_wanted and notice.membership_id not in away:
            first.setdefault(user_id, notice)
    own = OutboxMail.objects.filter(user__in=first, purpose=MailPurpose.TASKS)
    waiting = set(own.filter(state=MailState.QUEUED, attempts=0).values_list("user_id", flat=True))
    return [mail.post_tasks(first[user_id], not_before=_quiet_until(user_id)) for user_id in set(first) - waiting]


def _quiet_until(user_id: UUID) -> datetime:
    """From when on the next mail about tasks may leave to this person."""
    own = OutboxMail.objects.filter(user=user_id, purpose=MailPurpose.TASKS, sent_at__gt=clock.moment() - QUIET)
    last = own.aggregate(last=Max("sent_at"))["last"]
    return last + QUIET if last else clock.moment()


def is_urgent(notice: Notice) -> bool:
    """True for what falls due within 24 hours, is overdue, or has no day; news of what a case holds can wait."""
    if notice.kind in kinds.ABOUT_A_CASE:
        return False
    return notice.due_at is None or notice.due_at - clock.moment() <= AT_ONCE


def post_digests() -> int:
    """Post one mail for everybody whose morning has come and who has unread notices of before; returns how many.

    Claim and mail stand in one transaction: a crash between them leaves neither.
    """
    with mail.as_worker(), connection.cursor() as cursor:
        asked: dict[str, str | list[str]] = {
            "zone": str(active().zone),
            "in_app": MailWish.IN_APP,
            "always": sorted(kinds.always_mailed()),
            "tasks": MailPurpose.TASKS,
        }
        cursor.execute(CLAIM, asked)
        people: list[UUID] = [row[0] for row in cursor.fetchall()]
        for user_id in people:
            mail.post_digest(user_id, not_before=_quiet_until(user_id))
    return len(people)
