"""What views hand to the ``ui`` tags: small values without behaviour, and the words of a deadline."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, get_args

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.fields import civil_zone

Words = str | Promise
Colour = Literal["grey", "blue", "teal", "green", "yellow", "orange", "red", "purple"]
COLOURS: Final = frozenset(get_args(Colour))
SOON_DAYS: Final = 5
# Nobody counts more days than these.
COUNTED_DAYS: Final = 90
# What falls due at an hour, not at the end of a day, is told in hours while it is near.
SHOWN_IN_HOURS: Final = timedelta(hours=48)
SHOWN_IN_MINUTES: Final = 90


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A link of a row of tabs."""

    label: Words
    url: str
    current: bool = False
    count: int | str | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """A line of a task list: a page of a form or a thing to do."""

    label: Words
    status: Words
    url: str = ""
    hint: Words = ""
    colour: Colour | Literal[""] = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A head of a table; with ``sort_url`` it is a link, ``sorted`` says the order shown now."""

    label: Words
    sort_url: str = ""
    sorted: Literal["", "ascending", "descending"] = ""
    numeric: bool = False


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number or address of a person. Only where it is safe does it become a link."""

    label: Words
    number: str
    safe: bool
    note: Words = ""
    # Another way than calling is safe, for example a text message.
    safe_otherwise: bool = False


@dataclass(frozen=True, kw_only=True)
class SafeContact:
    """What one must know before trying to reach the person: stands above every contact detail."""

    headline: Words
    lines: tuple[Words, ...] = ()
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """An organisation or person who may see something: who, what, and until when."""

    who: Words
    what: Words = ""
    until: date | None = None
    url: str = ""


@dataclass(frozen=True)
class Due:
    """A deadline in words and colour; the words alone say everything."""

    words: str
    colour: Colour


def due(at: date | datetime) -> Due:
    """“2 days overdue”, “Due today”, “Due in 9 days”, counted in civil days from now; an hour that is near is said
    in hours: “Due in 4 hours”; what is months away is “Due later”, and the day beside it says when."""
    at = last_day(at)
    if isinstance(at, datetime) and abs(at - clock.moment()) < SHOWN_IN_HOURS:
        return _due_at_an_hour(at - clock.moment())
    days = (civil_day(at) - clock.today(civil_zone())).days
    if days < 0:
        return Due(ngettext("%(days)d day overdue", "%(days)d days overdue", -days) % {"days": -days}, "red")
    if days == 0:
        return Due(_("Due today"), "orange")
    if days == 1:
        return Due(_("Due tomorrow"), "orange")
    if days > COUNTED_DAYS:
        return Due(_("Due later"), "grey")
    words = ngettext("Due in %(days)d day", "Due in %(days)d days", days) % {"days": days}
    return Due(words, "yellow" if days <= SOON_DAYS else "grey")


def last_day(at: date | datetime) -> date | datetime:
    """What to show of a deadline: one at midnight is the end of a day, and that day is the last that counts."""
    local = timezone.localtime(at) if isinstance(at, datetime) else None
    return local.date() - timedelta(days=1) if local is not None and local.time() == time.min else at


def civil_day(at: date | datetime) -> date:
    """The day on which an instant falls here; a date is itself."""
    return timezone.localtime(at).date() if isinstance(at, datetime) else at


def _due_at_an_hour(left: timedelta) -> Due:
    """Minutes below an hour and a half, else hours, rounded."""
    minutes = round(abs(left).total_seconds() / 60)
    hours = round(minutes / 60)
    if left <= timedelta(0):
        words = ngettext("%(n)d minute overdue", "%(n)d minutes overdue", minutes) % {"n": minutes}
        if minutes >= SHOWN_IN_MINUTES:
            words = ngettext("%(n)d hour overdue", "%(n)d hours overdue", hours) % {"n": hours}
        return Due(words, "red")
    words = ngettext("Due in %(n)d minute", "Due in %(n)d minutes", minutes) % {"n": minutes}
    if minutes >= SHOWN_IN_MINUTES:
        words = ngettext("Due in %(n)d hour", "Due in %(n)d hours", hours) % {"n": hours}
    return Due(words, "orange")
