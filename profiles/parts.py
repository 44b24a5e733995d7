"""What a country profile is made of. Read-only; made by ``profiles.loader`` only, which has checked every value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from core.dates import Calendar
from profiles.bases import LegalBasis, Provision
from profiles.enums import Audience, Direction, Event, Kind, Party, Situation, Tag, Unit
from profiles.words import Words

OFFSET: Final = re.compile(r"(?P<amount>[+-]\d{1,3}|0)(?P<unit>[hdwmy])")
AT_START: Final = "start"


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
    """One deadline rule of the profile (``deadlines.md`` 2.1), in the version that is valid from ``valid_from``."""

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

    def is_valid(self, on: date) -> bool:
        """True when this version of the rule applies to a clock that starts on ``on``."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


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
    """The rule that gives the length of the reflection period in one situation."""

    situation: Situation
    rule: str
    immigration_statuses: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflection:
    """The recovery and reflection period (``domain.md`` 3.5)."""

    exists: bool
    offered_by: Who
    granted_by: Who
    starts_with: str
    applies_to_children: bool
    not_applicable_for: frozenset[str]
    is_extendable: bool
    one_per_person: bool
    end_reasons: tuple[str, ...]
    lengths: tuple[Length, ...]
    source: str

    def length_for(self, immigration_status: str) -> Length:
        """The length that applies; the standard one when no situation names the status."""
        named = (length for length in self.lengths if immigration_status in length.immigration_statuses)
        standard = next(length for length in self.lengths if length.situation is Situation.STANDARD)
        return next(named, standard)

    def applies_to(self, *, immigration_status: str, is_child: bool) -> bool:
        """False for lawful residents where the profile says so, and for children where they get no such period."""
        return (
            self.exists
            and immigration_status not in self.not_applicable_for
            and (self.applies_to_children or not is_child)
        )


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
    """A party by office (``sharing.md`` rule 2a): the legal source of its share, its longest term and its review."""

    code: str
    name: Words
    kinds: frozenset[str]
    longest_days: int
    review_days: int
    source: str


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

    def falls_on(self, on: date) -> bool:
        return (on.month, on.day) == (self.month, self.day) and self.year in {None, on.year}


@dataclass(frozen=True, slots=True)
class Holidays:
    """A calendar of the ``holidays`` library with extra and dropped days."""

    country: str
    categories: tuple[str, ...]
    weekend: frozenset[int]
    extra: tuple[DayChange, ...]
    dropped: tuple[DayChange, ...]

    def calendar(self, subdivision: str) -> Calendar:
        """Working days of the country, or of one of its parts."""
        return _calendar(self, subdivision)


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
        return frozenset(rule.code for rule in self.rules if event in rule.end_on)

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
