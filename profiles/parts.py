"""What a country profile is made of. Read-only; made by ``profiles.loader`` only, which has checked every value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from hashlib import sha256
from importlib import metadata
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from core.dates import Calendar
from profiles.bases import LegalBasis, Provision
from profiles.enums import ActKind, Audience, Direction, End, Event, Kind, Party, Situation, Tag, Unit
from profiles.words import Words

OFFSET: Final = re.compile(r"(?P<amount>[+-]\d{1,3}|0)(?P<unit>[hdwmy])")
AT_START: Final = "start"
# Of the name of a calendar, as it is stored with a clock.
VERSION_LENGTH: Final = 12
CHILD: Final = "child"
ADULT: Final = "adult"


@dataclass(frozen=True, slots=True)
class Offset:
    """When to remind, from the due day or instant: ``-14d``, ``-6m``, ``-1w``, ``+1d``, ``-2h``; or ``start``."""

    text: str
    amount: int = 0
    unit: str = AT_START

    @classmethod
    def parse(cls, text: str) -> "Offset":
        """Read an offset; raises ``ValueError``."""
        if text == AT_START:
            return cls(text)
        found = OFFSET.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(text, int(found["amount"]), found["unit"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline rule of the profile (``deadlines.md`` 2.1), in the version that is valid from ``valid_from``.

    ``ends`` makes it a period, with ``ends_with`` the acts of an end that is not its length alone. ``counts_event``: a
    period that begins with the day of the event. ``regions``, ``ages``: of whose cases alone; none named: of all.
    """

    code: str
    name: Words
    task: Words
    category: str
    trigger: Event
    length: int
    unit: Unit
    direction: Direction
    kind: Kind
    rolls: bool
    counts_event: bool
    ends: End | None
    ends_with: frozenset[Event]
    regions: frozenset[str]
    ages: frozenset[str]
    on_day: tuple[int, int] | None
    suspend_on: frozenset[Event]
    resume_on: frozenset[Event]
    end_on: frozenset[Event]
    remind_at: tuple[Offset, ...]
    audience: tuple[Audience, ...]
    escalate_to: Audience | None
    escalate_at: tuple[Offset, ...]
    bound: Party
    may_suspend: bool
    may_extend: bool
    extend_by: int
    source: str
    tag: Tag
    valid_from: date
    valid_to: date | None

    @property
    def counts_by_calendar(self) -> bool:
        """True when a holiday moves its due day: it counts working days, or rolls to one."""
        return self.unit is Unit.WORKING_DAYS or self.rolls

    def is_valid(self, on: date) -> bool:
        """True when this version of the rule applies to a clock that starts on ``on``."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def is_for(self, *, region: str, is_child: bool) -> bool:
        """True when the rule holds in the region, and for a child or for an adult."""
        return applies_there(self.regions, self.ages, region=region, is_child=is_child)

    @property
    def is_period(self) -> bool:
        """True for a period: when its day has passed nobody is late."""
        return self.ends is not None

    def closes_at(self, event: Event) -> bool:
        """True when ``event`` ends a clock of this rule at once."""
        return event in self.end_on or (self.ends is End.EARLIER and event in self.ends_with)

    def completes(self, event: Event) -> bool:
        """True when ``event`` is the act that a minimum waits for: the period ends with it, never before its length."""
        return self.ends is End.LATER and event in self.ends_with


def applies_there(regions: frozenset[str], ages: frozenset[str], *, region: str, is_child: bool) -> bool:
    """True when regions and ages that a line names, if any, are those of a case."""
    age = CHILD if is_child else ADULT
    return (not regions or region in regions) and (not ages or age in ages)


@dataclass(frozen=True, slots=True)
class Who:
    """Organisation kinds and membership roles; no kinds: nobody."""

    kinds: frozenset[str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision step: which exists, who records it, what may come out and what a positive outcome opens."""

    code: str
    name: Words
    action: str
    recorded_by: Who
    outcomes: tuple[str, ...]
    opens: frozenset[str]
    after: str
    source: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsideration:
    """Of which steps a negative outcome may be reconsidered, by whom, and whether by somebody else (``domain.md`` 3.8).

    ``second_reader``: never by the person who took the decision.
    """

    of: frozenset[str]
    decided_by: Who
    second_reader: bool
    source: str


@dataclass(frozen=True, slots=True)
class Length:
    """The rule that gives the length of the reflection period: in one situation, a region, for a child or an adult."""

    situation: Situation
    rule: str
    immigration_statuses: frozenset[str]
    regions: frozenset[str]
    ages: frozenset[str]

    def is_for(self, *, region: str, is_child: bool) -> bool:
        """True when this length holds in the region, and for a child or for an adult."""
        return applies_there(self.regions, self.ages, region=region, is_child=is_child)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A residence status with which the period does not apply; ``asks_union_right``: only for whoever derives a right
    of residence from Union law."""

    code: str
    asks_union_right: bool
    source: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that happens outside this application: who records it, and in which category it is kept."""

    code: ActKind
    name: Words
    action: str
    category: str
    recorded_by: Who
    source: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """The recovery and reflection period (``domain.md`` 3.5)."""

    exists: bool
    offered_by: Who
    granted_by: Who
    starts_with: str
    applies_to_children: bool
    exemptions: Mapping[str, Exemption]
    is_extendable: bool
    one_per_person: bool
    end_reasons: tuple[str, ...]
    ended_by: Mapping[ActKind, str]
    lengths: tuple[Length, ...]
    source: str

    def lengths_for(self, *, region: str, is_child: bool) -> dict[Situation, Length]:
        """One length for each situation that a case may be in: the first that holds for its region and age."""
        found: dict[Situation, Length] = {}
        for length in self.lengths:
            if length.is_for(region=region, is_child=is_child):
                found.setdefault(length.situation, length)
        return found

    def length_for(self, immigration_status: str, *, region: str = "", is_child: bool = False) -> Length:
        """The length that applies; the standard one when no situation names the status."""
        lengths = self.lengths_for(region=region, is_child=is_child)
        named = (length for length in lengths.values() if immigration_status in length.immigration_statuses)
        return next(named, lengths[Situation.STANDARD])

    def is_exempt(self, immigration_status: str, *, has_union_right: bool = False) -> bool:
        """True for a residence status that leaves no room for the period.

        A status that asks for a right under Union law is exempt with that right alone.
        """
        exemption = self.exemptions.get(immigration_status)
        return exemption is not None and (has_union_right or not exemption.asks_union_right)

    def asks_union_right(self, immigration_status: str) -> bool:
        """True when it depends on a right of residence under Union law whether the period applies."""
        exemption = self.exemptions.get(immigration_status)
        return exemption is not None and exemption.asks_union_right

    def applies_to(self, *, immigration_status: str, is_child: bool, has_union_right: bool = False) -> bool:
        """False for an exempt residence status, and for children where they get no such period."""
        is_exempt = self.is_exempt(immigration_status, has_union_right=has_union_right)
        return self.exists and not is_exempt and (self.applies_to_children or not is_child)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardians:
    """Limits and steps of guardianship (Directive 2011/36/EU Art. 14(2); Regulation (EU) 2024/1348 Art. 23)."""

    warn_above: int
    refuse_above: int
    has_provisional_step: bool
    assigned_by: frozenset[str]
    guardian_kinds: frozenset[str]
    end_reasons: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A party by office (``sharing.md`` rule 2a): the legal source of its share, its longest term and its review.

    ``provision``: the provision of the profile that its share names; empty where the source alone says it.
    """

    code: str
    name: Words
    kinds: frozenset[str]
    longest_days: int
    review_days: int
    source: str
    provision: str


@dataclass(frozen=True, slots=True)
class Region:
    """A region in which organisations work; ``subdivision`` where it has holidays of its own."""

    code: str
    name: Words
    subdivision: str


@dataclass(frozen=True, slots=True)
class DayChange:
    """A holiday that the library does not have, or has wrongly: every year (``year`` None) or in one."""

    month: int
    day: int
    year: int | None
    source: str

    @property
    def key(self) -> tuple[int, int, int]:
        """Which day it is; year 0 is every year."""
        return self.year or 0, self.month, self.day

    def falls_on(self, on: date) -> bool:
        return (on.month, on.day) == (self.month, self.day) and self.year in {None, on.year}


@dataclass(frozen=True, slots=True)
class Holidays:
    """A calendar of the ``holidays`` library with extra and dropped days."""

    country: str
    subdivision: str
    categories: tuple[str, ...]
    weekend: frozenset[int]
    extra: tuple[DayChange, ...]
    dropped: tuple[DayChange, ...]

    def calendar(self, subdivision: str) -> Calendar:
        """Working days of one part of the country; without ``subdivision`` of the one that stands for the whole."""
        return _calendar(self, subdivision or self.subdivision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Retention of drafts in calendar days after the day of the last save: warned at, erased after."""

    warn_days: int
    erase_days: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """How often a deadline that has passed is told again while it stays open, and to whom it goes then.

    Calendar days after the last day: again every ``every_days``; from ``escalate_days`` on to ``escalate_to`` as well,
    and to the coordinator as a count (``deadlines.md`` 2.14).
    """

    every_days: int
    escalate_days: int
    escalate_to: Audience
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One country. An installation has one (``settings.COUNTRY_PROFILE``)."""

    code: str
    name: Words
    version: date
    country: str
    zone: ZoneInfo
    reminder_time: time
    holidays: Holidays
    regions: Mapping[str, Region]
    steps: Mapping[str, Step]
    acts: Mapping[str, Act]
    reflection: Reflection
    reconsideration: Reconsideration
    guardians: Guardians
    offices: Mapping[str, Office]
    legal_bases: Mapping[str, LegalBasis]
    provisions: Mapping[str, Provision]
    drafts: Drafts
    overdue: Overdue
    rules: tuple[Rule, ...]
    terms: Mapping[str, Words]

    def calendar(self, region: str = "") -> Calendar:
        """The working days of a region; of the country for a region without holidays of its own."""
        return self.holidays.calendar(self.regions[region].subdivision if region in self.regions else "")

    def calendar_version(self, rule: Rule) -> str:
        """By which holidays the days of ``rule`` are counted: a short name that differs as soon as a day of any region
        is added or dropped, here or in the library. Empty for a rule that no holiday moves."""
        if not rule.counts_by_calendar:
            return ""
        days, regions = self.holidays, sorted((one.code, one.subdivision) for one in self.regions.values())
        changed = [sorted(one.key for one in changes) for changes in (days.extra, days.dropped)]
        named = (metadata.version("holidays"), days.country, days.categories, sorted(days.weekend), changed, regions)
        return sha256(repr(named).encode()).hexdigest()[:VERSION_LENGTH]

    def rule(self, code: str, on: date) -> Rule:
        """The version of a rule that is valid on ``on``; raises ``KeyError``."""
        found = next((rule for rule in self.rules if rule.code == code and rule.is_valid(on)), None)
        if found is None:
            raise KeyError(code)
        return found

    def rule_version(self, code: str, valid_from: date) -> Rule:
        """The very version that a stored deadline was made with; raises ``KeyError`` when the profile lost it."""
        found = next((rule for rule in self.rules if (rule.code, rule.valid_from) == (code, valid_from)), None)
        if found is None:
            raise KeyError(f"{code} of {valid_from}")
        return found

    def triggered_by(self, event: Event | str, on: date) -> tuple[Rule, ...]:
        """The rules whose clock ``event`` starts on ``on``."""
        return tuple(rule for rule in self.rules if rule.trigger == event and rule.is_valid(on))

    def ended_by(self, event: Event | str) -> frozenset[str]:
        """The codes of the rules whose clocks ``event`` ends, in any version."""
        return frozenset(rule.code for rule in self.rules if rule.closes_at(Event(event)))

    def completed_by(self, event: Event | str) -> frozenset[str]:
        """The codes of the rules whose minimum ``event`` lets end, in any version."""
        return frozenset(rule.code for rule in self.rules if rule.completes(Event(event)))

    @property
    def periods(self) -> frozenset[str]:
        """The codes of the rules that are periods, in any version."""
        return frozenset(rule.code for rule in self.rules if rule.is_period)

    def who_may(self, action: str) -> Who:
        """Who may take a step that differs by country; nobody where the step does not exist."""
        return self._who().get(action, Who(frozenset(), frozenset()))

    def term(self, code: str, language: str | None = None) -> str:
        """The country's own word for ``code``, such as *bedenktijd* for the reflection period."""
        return self.terms[code].label(language)

    def _who(self) -> Mapping[str, Who]:
        granted = ("grant_reflection_period", "decline_reflection_period", "end_reflection_period")
        return {
            **{step.action: step.recorded_by for step in self.steps.values()},
            **{act.action: act.recorded_by for act in self.acts.values()},
            "reconsider": self.reconsideration.decided_by,
            "offer_reflection_period": self.reflection.offered_by,
            **dict.fromkeys(granted, self.reflection.granted_by),
        }


@cache
def _calendar(days: Holidays, subdivision: str) -> Calendar:
    return Calendar(_ChangedDays(days, subdivision), days.weekend)


class _ChangedDays:
    """The library's days, minus the dropped, plus the extra ones; years are filled in when asked for."""

    def __init__(self, days: Holidays, subdivision: str) -> None:
        self.days = days
        self.library = (
            holidays.country_holidays(days.country, subdiv=subdivision or None, categories=days.categories or None)
            if days.country
            else ()
        )

    def __contains__(self, on: object) -> bool:
        if not isinstance(on, date):
            return False
        if any(change.falls_on(on) for change in self.days.extra):
            return True
        return on in self.library and not any(change.falls_on(on) for change in self.days.dropped)
