"""What a person is told about a clock: the key of a notice, its settling, and the inbox that is read from notices.

A notice belongs to one membership. It shows a reference only while that person may still know the case. An *alert* says
that something out of the ordinary was done; it also goes to people who can know no case, and then names none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts import mail
from accounts.actors import Actor
from accounts.models import Membership, Notice, Organisation
from audit import trail
from cases.models import Case, Deadline, Reminder
from core import clock
from core.dates import ONE_DAY, civil_day
from profiles.profile import active

DEAD: Final = "reminder_dead"
# Notices that no rule of the profile explains.
OTHER_WORDS: Final = {
    DEAD: gettext_lazy("A reminder could not be delivered: look at the deadline yourself"),
    "draft_warning": gettext_lazy("A draft will be erased"),
}
# What was done, and where a person looks who has no page of it to open.
ALERTS: Final = {
    "override_consent": (
        gettext_lazy("Something was shared without consent because a child or a life was at risk."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "consent_withdrawn": (
        gettext_lazy("Something that your organisation could see has ended: its consent was withdrawn or replaced."),
        gettext_lazy("Stop using what you copied and erase it, unless another legal basis holds."),
    ),
    "break_glass": (
        gettext_lazy("A case was opened in an emergency, without a referral."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "transfer_lead": (
        gettext_lazy("The lead of a case was transferred."),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "find_double": (
        gettext_lazy("Two cases may be about the same person: look at the desk for possible doubles"),
        "",
    ),
    "ask_to_link": (
        gettext_lazy("May this case be linked with another? Ask the person, then answer"),
        gettext_lazy("A supervisor of the organisation that leads the case answers."),
    ),
    "link_cases": (
        gettext_lazy("A case of the same person was linked with this one"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
    "second_reflection_period": (
        gettext_lazy("The person of this case had a reflection period in another case too: look which one counts"),
        gettext_lazy("Ask a supervisor of your organisation which case it is."),
    ),
}
KEY_LENGTH: Final = 36
PAGE: Final = 50
TOLD: Final = """
SELECT n.membership_id, n.key, n.created_at
  FROM unnest(%s::uuid[], %s::text[]) AS asked (person, key)
  JOIN accounts_notice n ON n.membership_id = asked.person AND n.key = asked.key
"""
REPLACE: Final = """
UPDATE accounts_notice n SET read_at = %s
  FROM unnest(%s::uuid[], %s::text[]) AS news (person, about)
 WHERE n.membership_id = news.person AND n.read_at IS NULL AND left(n.key, 36) = news.about
"""


def key(reminder: Reminder, offset: str = "") -> str:
    """One notice per person for each offset of each version of a clock: who is in two audiences hears it once."""
    return f"{reminder.deadline_id}:{reminder.version}:{offset or reminder.offset}"


def dead_key(reminder: Reminder) -> str:
    """The notice that a reminder could not be sent."""
    return f"{reminder.deadline_id}:dead:{reminder.pk.hex}"


def told(asked: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], datetime]:
    """Which of these people (memberships) have been told by which of these keys, and when."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [[pk for pk, _key in asked], [key for _pk, key in asked]])
        return {(pk, key): created_at for pk, key, created_at in cursor.fetchall()}


def replace(pairs: Collection[tuple[UUID, UUID]]) -> None:
    """What these people (memberships) have not read about a clock gives way to the news about it."""
    with connection.cursor() as cursor:
        cursor.execute(REPLACE, [clock.moment(), [pk for pk, _about in pairs], [str(about) for _pk, about in pairs]])


def settle(ended: Collection[Deadline], organisation_ids: Collection[UUID]) -> int:
    """Nothing is left to do: mark what is unread about these clocks as read, for everybody in these organisations."""
    if not ended:
        return 0
    unread = Notice.objects.filter(read_at__isnull=True, membership__organisation__in=organisation_ids)
    about = unread.alias(clock=Left("key", KEY_LENGTH)).filter(clock__in=[str(deadline.pk) for deadline in ended])
    return about.update(read_at=clock.moment())


def alert(
    kind: str,
    case: Case | None,
    *,
    organisations: Iterable[Organisation],
    roles: Iterable[str],
    key: UUID,
    path: str = "",
) -> list[Notice]:
    """Tell everybody with one of ``roles`` in these organisations that ``kind`` of ``ALERTS`` was done, and no more.

    A link leads to ``path``, which must name nobody, or else to the case, for who may know it. ``key`` is what was
    done: who has been told of it is not told again. Returns the new notices; each is followed by a mail that says how
    many tasks wait.
    """
    members = Membership.objects.live().filter(organisation__in=list(organisations)).with_role(*roles)
    people = members.select_related("user").order_by("created_at", "pk")
    return alert_members(kind, case, members=people, key=key, path=path)


def alert_members(
    kind: str, case: Case | None, *, members: Iterable[Membership], key: UUID, path: str = ""
) -> list[Notice]:
    """As ``alert``, for these people: those who work on the case."""
    ALERTS[kind]
    told = []
    for person in members:
        notice, is_new = Notice.objects.get_or_create(
            membership=person,
            key=f"{kind}:{key}",
            defaults={
                "kind": kind,
                "case_id": case.pk if case else None,
                "object_path": path,
                "created_at": clock.moment(),
            },
        )
        if is_new:
            mail.post_tasks(notice)
            told.append(notice)
    return told


# -- the inbox -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of the inbox. Without ``path`` there is nothing that this person may open."""

    notice: Notice
    task: str
    reference: str
    path: str
    due_on: date | None

    @property
    def is_mine(self) -> bool:
        return bool(self.path)


@dataclass(frozen=True)
class Inbox:
    """What one person was told, unread in order of urgency, or read with the newest first."""

    actor: Actor
    entries: tuple[Entry, ...]
    unread: int

    @property
    def is_shortened(self) -> bool:
        return len(self.entries) == PAGE

    @cached_property
    def groups(self) -> list[tuple[str, list[Entry]]]:
        """Overdue, due today, due within a week, later, without a date; empty groups are left out."""
        today = clock.today(active().zone)
        now, week = clock.moment(), today + 7 * ONE_DAY
        parts: dict[str, list[Entry]] = {
            _("Overdue"): [],
            _("Due today"): [],
            _("Due within a week"): [],
            _("Later"): [],
            _("News"): [],
        }
        overdue, due_today, due_soon, later, news = parts.values()
        for entry in self.entries:
            if entry.notice.due_at is None or entry.due_on is None:
                news.append(entry)
            elif entry.notice.due_at <= now:
                overdue.append(entry)
            elif entry.due_on <= today:
                due_today.append(entry)
            elif entry.due_on <= week:
                due_soon.append(entry)
            else:
                later.append(entry)
        return [(heading, entries) for heading, entries in parts.items() if entries]


def inbox(actor: Actor, *, is_read: bool = False) -> Inbox:
    """At most ``PAGE`` notices of the active membership; references only of cases that the actor may still know."""
    mine = own(actor)
    unread = mine.filter(read_at__isnull=True)
    read = mine.filter(read_at__isnull=False)
    notices = list(read.order_by("-created_at", "pk")[:PAGE] if is_read else unread.order_by("due_at", "pk")[:PAGE])
    known = _known_cases(actor, notices)
    return Inbox(actor, tuple(_entry(notice, known) for notice in notices), unread.count())


def own(actor: Actor) -> QuerySet[Notice]:
    """Notices of the active membership only: what another organisation was told stays there."""
    return Notice.objects.filter(membership_id=actor.membership_id) if actor.membership_id else Notice.objects.none()


def mark_read(actor: Actor, pk: UUID) -> bool:
    """Mark one of the own notices as read; false when there is none."""
    return bool(own(actor).filter(pk=pk, read_at__isnull=True).update(read_at=clock.moment()))


def mark_all_read(actor: Actor, until: datetime) -> int:
    """Mark as read what had arrived by ``until``, the moment at which the page was shown."""
    return own(actor).filter(read_at__isnull=True, created_at__lte=until).update(read_at=clock.moment())


def count_unread(actor: Actor) -> int:
    """The number beside the inbox in the navigation."""
    return own(actor).filter(read_at__isnull=True).count()


def _known_cases(actor: Actor, notices: Iterable[Notice]) -> dict[UUID, Case]:
    ids = {notice.case_id for notice in notices if notice.case_id}
    found = Case.objects.visible_to(actor).in_bulk(ids) if ids else {}
    if found:
        trail.note(cases_shown=len(found))
    return found


def _entry(notice: Notice, known: dict[UUID, Case]) -> Entry:
    case = known.get(notice.case_id) if notice.case_id else None
    path = notice.object_path or (reverse("cases:case", args=[case.shown_reference]) if case else "")
    task = _task(notice) if path else _without_page(notice)
    return Entry(notice, task, case.reference if case else "", path, _due_day(notice.due_at))


def _without_page(notice: Notice) -> str:
    """An alert stays one for who may know no case, with where to look; a task was this person's, and is not now."""
    if notice.kind in ALERTS:
        return " ".join(str(words) for words in ALERTS[notice.kind])
    return _("A task that is no longer yours")


def _task(notice: Notice) -> str:
    if notice.kind in ALERTS:
        return str(ALERTS[notice.kind][0])
    if notice.kind in OTHER_WORDS:
        return str(OTHER_WORDS[notice.kind])
    rule = next((rule for rule in active().rules if rule.code == notice.kind), None)
    return rule.task.label(get_language()) if rule else _("A deadline")


def _due_day(due_at: datetime | None) -> date | None:
    """The civil day to show: a day rule falls due at the end of its day, the first instant of the next."""
    return civil_day(due_at - timedelta(microseconds=1), active().zone) if due_at else None
