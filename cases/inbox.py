"""The inbox, read from notices: what waits by urgency, what was put off, what was read.

A line shows a reference only while the person may still know the case. To read is not to have done: what may not be put
off stays until the act that it waits for (``deadlines.md`` 2.14).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, Value
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import kinds
from accounts.access import count_waiting_in, own_memberships
from accounts.actors import NO_KEY, Actor
from accounts.models import Membership, Notice
from accounts.querysets import NoticeQuerySet
from audit import trail
from cases.models import Case, CaseVisibility
from cases.notices import ALERTS, COUNTS, OTHER_WORDS
from cases.querysets import IsBlocked
from core import clock
from core.dates import ONE_DAY, civil_day, instant_at
from core.errors import Missing, Refused
from profiles.profile import active

PAGE: Final = 50


class Show(StrEnum):
    """Which notices: those that wait, those put off until later, those that were read."""

    WAITING = "waiting"
    SNOOZED = "later"
    READ = "read"

    @classmethod
    def of(cls, text: str) -> "Show":
        """What an address asks for; those that wait for anything unknown."""
        return next((one for one in cls if one == text), cls.WAITING)


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

    @property
    def may_be_put_off(self) -> bool:
        """True while it can come back before its last day and no law sets the day."""
        is_close = self.due_on is not None and self.due_on <= clock.today(active().zone) + ONE_DAY
        return not is_close and not is_statutory(self.notice)

    @property
    def is_news(self) -> bool:
        """True until the person has read it."""
        return self.notice.read_at is None


@dataclass(frozen=True)
class Inbox:
    """What one person was told: waiting by urgency, put off by when it comes back, read with the newest first.

    ``elsewhere``: how much waits for the same person in other organisations, and nothing else of it.
    """

    actor: Actor
    entries: tuple[Entry, ...]
    waiting: int
    snoozed: int = 0
    elsewhere: tuple[tuple[Membership, int], ...] = ()

    @property
    def is_shortened(self) -> bool:
        return len(self.entries) == PAGE

    @property
    def has_news(self) -> bool:
        return any(entry.is_news for entry in self.entries)

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


def inbox(actor: Actor, show: Show = Show.WAITING) -> Inbox:
    """At most ``PAGE`` notices of the active membership; references only of cases that the actor may still know."""
    mine = own(actor)
    now = clock.moment()
    waiting, snoozed = mine.waiting(now), mine.snoozed(now)
    chosen = {
        Show.WAITING: waiting.order_by("due_at", "-created_at", "pk"),
        Show.SNOOZED: snoozed.order_by("snoozed_until", "pk"),
        Show.READ: mine.put_aside(now).order_by("-created_at", "pk"),
    }
    notices = list(chosen[show][:PAGE])
    known = _known_cases(actor, notices)
    entries = tuple(_entry(notice, known) for notice in notices)
    counts = waiting.values_list(Value("waiting")).annotate(n=Count("pk")).order_by()
    counted = dict(counts.union(snoozed.values_list(Value("snoozed")).annotate(n=Count("pk")).order_by(), all=True))
    return Inbox(actor, entries, counted.get("waiting", 0), counted.get("snoozed", 0), waiting_elsewhere(actor))


def waiting_elsewhere(actor: Actor) -> tuple[tuple[Membership, int], ...]:
    """The other live memberships of the same person in which something waits, and how much."""
    if not actor.has_several_organisations:
        return ()
    others = own_memberships(actor).exclude(pk=actor.membership_id or NO_KEY)
    counted = count_waiting_in(others)
    return tuple((one, counted[one.pk]) for one in others if one.pk in counted)


def waiting_entry(actor: Actor, pk: UUID) -> Entry:
    """One of the own notices that wait; raises ``Missing``."""
    notice = own(actor).waiting(clock.moment()).filter(pk=pk).first()
    if notice is None:
        raise Missing
    return _entry(notice, _known_cases(actor, [notice]))


def own(actor: Actor) -> NoticeQuerySet[Notice]:
    """Notices of the active membership only: what another organisation was told stays there. None about a case that
    ``actor`` is kept away from, and none that waits though the person may not know its case any more."""
    mine = Notice.objects.filter(membership_id=actor.membership_id) if actor.membership_id else Notice.objects.none()
    return mine.exclude(IsBlocked.of(actor)).exclude(_is_lost(actor), done_at__isnull=True)


def _is_lost(actor: Actor) -> Q:
    """A task about a case that the person may not know; a referral has a page of its own."""
    known = CaseVisibility.objects.visible_to(actor).values("case_id")
    return Q(kind__in=kinds.about_clocks(), object_path="", case_id__isnull=False) & ~Q(case_id__in=known)


def mark_read(actor: Actor, pk: UUID) -> bool:
    """Mark one of the own notices as read; false when there is none."""
    return bool(own(actor).filter(pk=pk, read_at__isnull=True).update(read_at=clock.moment()))


def snooze(actor: Actor, pk: UUID, *, days: int) -> Notice:
    """Put one of the own notices off for so many calendar days, until the morning (``reminder_time`` of the profile).

    Raises ``Missing`` for a notice that is not one's own or no longer waits, ``Refused`` for a clock of the law, and
    where the notice would come back on its last day or later.
    """
    now, profile = clock.moment(), active()
    notice = own(actor).waiting(now).select_for_update().filter(pk=pk).first()
    if notice is None:
        raise Missing
    if is_statutory(notice):
        raise Refused(_("The law sets this day: it cannot be put off."), field="notice")
    until = instant_at(clock.today(profile.zone) + days * ONE_DAY, profile.reminder_time, profile.zone)
    last = _due_day(notice.due_at)
    if last is not None and civil_day(until, profile.zone) >= last:
        raise Refused(_("It falls due before then. Choose fewer days, or do it now."), field="days")
    notice.snoozed_until = until
    notice.save(update_fields=("snoozed_until",))
    return notice


def is_statutory(notice: Notice) -> bool:
    """True when a law, not a target of the mechanism, sets the day that the notice is about."""
    return notice.kind in kinds.of_the_law()


def mark_all_read(actor: Actor, until: datetime) -> int:
    """Mark as read what had arrived by ``until``, the moment at which the page was shown. What may not be put off goes
    on waiting all the same."""
    unread = own(actor).waiting(clock.moment()).filter(created_at__lte=until, read_at__isnull=True)
    return unread.update(read_at=clock.moment())


def count_waiting(actor: Actor) -> int:
    """The number beside the inbox in the navigation: what is to be done or looked at."""
    return own(actor).waiting(clock.moment()).count()


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
    if notice.kind in COUNTS:
        return str(COUNTS[notice.kind][0] % {"count": notice.number or 0})
    if notice.kind in OTHER_WORDS:
        return str(OTHER_WORDS[notice.kind])
    rule = next((rule for rule in active().rules if rule.code == notice.kind), None)
    return rule.name.label(get_language()) if rule else _("A deadline")


def _due_day(due_at: datetime | None) -> date | None:
    """The civil day to show: a day rule falls due at the end of its day, the first instant of the next."""
    return civil_day(due_at - timedelta(microseconds=1), active().zone) if due_at else None
