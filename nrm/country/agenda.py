"""What happens when. A story is a generator: it does something and yields for how long nothing happens in it."""

import heapq
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from core.dates import civil_day, start_of_day

# Yields a number of days, or a span that runs by the clock, also at night.
Story: TypeAlias = Generator[int | timedelta, None, None]
OPENS: Final = timedelta(hours=9)
OFFICE_MINUTES: Final = 7 * 60
SATURDAY: Final = 5


@dataclass(order=True)
class Entry:
    """The next step of one story."""

    at: datetime
    number: int
    story: Story = field(compare=False)
    random: Random = field(compare=False)
    is_over: Callable[[], bool] = field(compare=False)


class Agenda:
    """All stories, the soonest step first; equal times in the order in which they were written down."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._entries: list[Entry] = []
        self._numbers = count()

    def begin(self, at: datetime, story: Story, random: Random, is_over: Callable[[], bool] = lambda: False) -> None:
        """Start ``story`` at ``at``. It is dropped as soon as it ``is_over``."""
        heapq.heappush(self._entries, Entry(at, next(self._numbers), story, random, is_over))

    def until(self, end: datetime) -> Iterator[Entry]:
        """Take the steps up to ``end``, with those that are written down meanwhile."""
        while self._entries and self._entries[0].at <= end:
            entry = heapq.heappop(self._entries)
            if not entry.is_over():
                yield entry

    def go_on(self, entry: Entry) -> None:
        """Live one step, at its time, and write down the next."""
        pause = next(entry.story, None)
        if pause is not None:
            later = entry.at + pause if isinstance(pause, timedelta) else self._after(entry, pause)
            self.begin(later, entry.story, entry.random, entry.is_over)

    def office_time(self, day: date, random: Random) -> datetime:
        """Some minute of the working day, or of the Monday after a weekend."""
        while day.weekday() >= SATURDAY:
            day += timedelta(days=1)
        return start_of_day(day, self.zone) + OPENS + timedelta(minutes=random.randrange(OFFICE_MINUTES))

    def _after(self, entry: Entry, days: int) -> datetime:
        """Some days later in office hours; for none a little later on the same day."""
        if not days:
            return entry.at + timedelta(minutes=entry.random.randint(15, 90))
        return self.office_time(civil_day(entry.at, self.zone) + timedelta(days=days), entry.random)
