"""When a child comes of age, as far as the visible identity rows tell (``sharing.md`` rule 2a)."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from cases.models import CategoryRow
from core import clock
from core.dates import ONE_DAY, add_months, birthday
from profiles.profile import active

YEARS: Final = 18


def majority_on(rows: Iterable[CategoryRow]) -> date | None:
    """The 18th birthday, exactly known and still ahead; None when no opened row holds a full date of birth."""
    known = [birthday(date.fromisoformat(born), YEARS) for born in _births(rows) if len(born) == len("2010-05-17")]
    return max(_ahead(known), default=None)


def minority_until(rows: Iterable[CategoryRow]) -> date | None:
    """The last day on which the person may still be a child; None when nothing is known of the date of birth.

    Of a year or a month its last day counts, of several claims the youngest: treated as a child as long as possible.
    """
    latest = max(_ahead(birthday(_latest(born), YEARS) for born in _births(rows)), default=None)
    return latest - ONE_DAY if latest else None


def has_come_of_age(rows: Iterable[CategoryRow]) -> bool:
    """True when a date of birth is known and, by every one of them, the 18th birthday has passed."""
    known = list(rows)
    return bool(_births(known)) and minority_until(known) is None


def _births(rows: Iterable[CategoryRow]) -> list[str]:
    return [born for row in rows if (born := str(row.content.get("birth_date") or ""))]  # type: ignore[attr-defined]


def _ahead(days: Iterable[date]) -> list[date]:
    today = clock.today(active().zone)
    return [day for day in days if day > today]


def _latest(born: str) -> date:
    """The last day that a partial date may mean: 2010, 2010-05 or 2010-05-17."""
    parts = [int(part) for part in born.split("-")]
    if len(parts) == 1:
        return date(parts[0], 12, 31)
    if len(parts) == 2:
        return add_months(date(parts[0], parts[1], 1), 1) - ONE_DAY
    return date(*parts)
