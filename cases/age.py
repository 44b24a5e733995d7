"""What is known of a person's age: between which days the person was born, by whose word. Pure: no ORM.

Organisations may say different things. For the ends of what a child has, the youngest counts until child protection
settles the age; for reminders, the earliest day that is possible. Of a year its first day counts for reminders and its
last for endings, and so of a month. A correction that makes the person younger takes the place of what was said before;
one that makes the person older stands beside it. Source: ``sharing.md`` rule 24; Directive 2011/36/EU, Art. 13(2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from cases.enums import AgeGroup
from core.dates import ONE_DAY, add_months, age_on, birthday

MAJORITY: Final = 18
MONTHS_TO_MAJORITY: Final = 12 * MAJORITY
# Treated as a child: the person may be younger than 18.
CHILDREN: Final = frozenset({AgeGroup.CHILD, AgeGroup.UNCERTAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an organisation says of the age. ``born`` is empty, ``2010``, ``2010-05`` or ``2010-05-17``.

    ``said_on``: the civil day of ``said_at``. ``is_verified``: an authority has the date from a register or has checked
    the document. ``is_settlement``: child protection has settled the age.
    """

    owner: UUID
    group: str
    born: str
    said_at: datetime
    said_on: date
    basis: str = ""
    is_verified: bool = False
    is_settlement: bool = False

    @property
    def is_dated(self) -> bool:
        """True when the date counts. A date by which somebody treated as a child is an adult says nothing."""
        is_adult = bool(self.born) and birthday(last_day_of(self.born), MAJORITY) <= self.said_on
        return bool(self.born) and not (is_adult and self.group in CHILDREN)

    @property
    def first(self) -> date:
        """The earliest day of birth that this allows: who is said to be a child was one on that day."""
        is_child = self.group == AgeGroup.CHILD or (self.group == AgeGroup.UNCERTAIN and not self.is_dated)
        earliest = _adult_born_by(self.said_on) + ONE_DAY if is_child else date.min
        return max(first_day_of(self.born), earliest) if self.is_dated else earliest

    @property
    def last(self) -> date:
        """The latest day of birth that this allows: who is said to be an adult was one on that day."""
        latest = self.said_on if self.group in CHILDREN else _adult_born_by(self.said_on)
        return min(last_day_of(self.born), latest) if self.is_dated else latest

    @property
    def has_no_end(self) -> bool:
        """True for a child of whom nobody says when it was born."""
        return self.group in CHILDREN and not self.is_dated

    @property
    def comes_of_age_on(self) -> date:
        """The last day on which the 18th birthday may be."""
        return birthday(self.last, MAJORITY)

    @property
    def outranks(self) -> bool:
        """A verified document counts above statements, but it makes no adult of somebody on the day it is shown."""
        return self.is_verified and self.is_dated and self.comes_of_age_on > self.said_on

    def contains(self, other: "Claim") -> bool:
        """True when ``other`` says the same, or more exactly."""
        return self.first <= other.first and other.last <= self.last

    @property
    def says_adult(self) -> bool:
        """True when the person is of age by this on the day on which it is said."""
        return not self.has_no_end and self.comes_of_age_on <= self.said_on

    def contradicts(self, other: "Claim") -> bool:
        """True when both cannot be, or one makes an adult of somebody who is a child by the other."""
        is_impossible = self.last < other.first or other.last < self.first
        return is_impossible or self._ends_what(other) or other._ends_what(self)

    def refines(self, other: "Claim") -> bool:
        """True when it says the same more exactly, and ends nothing that somebody has by ``other``."""
        return other.contains(self) and not self.contains(other) and not self._ends_what(other)

    def _ends_what(self, other: "Claim") -> bool:
        return self.says_adult and (other.has_no_end or other.comes_of_age_on > self.said_on)

    def says_as(self, other: "Claim") -> bool:
        """True when nothing of the age differs: a row that was saved anew for another reason says nothing new."""
        return (self.group, self.born, self.is_verified) == (other.group, other.born, other.is_verified)

    def replaces(self, earlier: "Claim") -> bool:
        """True when it takes the place of what the same organisation said before: the person is as young or younger,
        or it is more exact and ends nothing."""
        return self.last >= earlier.last or self.refines(earlier)


@dataclass(frozen=True, slots=True)
class Age:
    """What is known of one person. ``claims`` count, the settlement among them; ``set_aside`` was said before it."""

    claims: tuple[Claim, ...]
    set_aside: tuple[Claim, ...] = ()

    @property
    def settlement(self) -> Claim | None:
        return next((claim for claim in self.claims if claim.is_settlement), None)

    @property
    def counting(self) -> tuple[Claim, ...]:
        """The claims by which ends and reminders are counted: the most exact of those that agree, and what an
        authority has verified above statements, where child protection has not settled the age."""
        ranked = [claim for claim in self.claims if claim.outranks] if self.settlement is None else []
        return _most_exact(ranked or self.claims)

    @property
    def child_until(self) -> date | None:
        """The last civil day on which the person is treated as a child; None while nobody knows."""
        youngest = self._youngest
        return None if youngest is None or youngest.has_no_end else youngest.comes_of_age_on - ONE_DAY

    @property
    def is_disputed(self) -> bool:
        """True when two claims contradict each other."""
        claims = _most_exact(self.claims)
        return any(one.contradicts(other) for one in claims for other in claims)

    def is_child_on(self, day: date) -> bool:
        """True when the person is younger than 18 on ``day``, or may be; false for somebody of whom nothing is said."""
        youngest = self._youngest
        return youngest is not None and (youngest.has_no_end or youngest.comes_of_age_on > day)

    def is_of_age_on(self, day: date) -> bool:
        """True when something is known, and by it the person is 18 on ``day``."""
        return bool(self.claims) and not self.is_child_on(day)

    def majority_for_reminders(self, day: date) -> date | None:
        """The earliest 18th birthday that is possible, by claims that leave the person a child on ``day``."""
        dated = [claim for claim in self.counting if claim.is_dated and claim.comes_of_age_on > day]
        return min((birthday(claim.first, MAJORITY) for claim in dated), default=None)

    @property
    def _youngest(self) -> Claim | None:
        return max(self.counting, key=lambda claim: (claim.has_no_end, claim.last), default=None)


def known(said: Iterable[Claim], settlement: Claim | None = None) -> Age:
    """What counts of all that was said, oldest first: what stands, and of a settled age what is newer than that."""
    claims = _standing(said)
    if settlement is None:
        return Age(tuple(claims))
    newer = [claim for claim in claims if claim.said_at > settlement.said_at]
    return Age((settlement, *newer), tuple(claim for claim in claims if claim not in newer))


def possible_ages(born: str, day: date) -> tuple[int, int]:
    """The lowest and highest age on ``day`` of somebody born on a day, in a month, or in a year (ISO text)."""
    return age_on(min(last_day_of(born), day), day), age_on(first_day_of(born), day)


def contradicts(group: str, born: str, day: date) -> bool:
    """True when nobody born then is a child on ``day``, or an adult, as ``group`` says. An uncertain age never does."""
    youngest, oldest = possible_ages(born, day)
    return (group == AgeGroup.CHILD and youngest >= MAJORITY) or (group == AgeGroup.ADULT and oldest < MAJORITY)


def first_day_of(born: str) -> date:
    """The first day that a partial date may mean."""
    year, month, day = (*(int(part) for part in born.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day_of(born: str) -> date:
    """The last day that a partial date may mean: of ``2010`` 31 December, of ``2010-05`` 31 May."""
    parts = born.count("-")
    return add_months(first_day_of(born), (12, 1, 0)[parts]) - ONE_DAY * (parts < 2)


def _standing(said: Iterable[Claim]) -> list[Claim]:
    """What was said and not replaced by the same organisation, oldest first."""
    kept: dict[UUID, list[Claim]] = {}
    latest: dict[UUID, Claim] = {}
    for claim in said:
        before = latest.get(claim.owner)
        if before is not None and claim.says_as(before):
            continue
        latest[claim.owner] = claim
        kept[claim.owner] = [one for one in kept.get(claim.owner, []) if not claim.replaces(one)] + [claim]
    return sorted((claim for claims in kept.values() for claim in claims), key=lambda claim: claim.said_at)


def _most_exact(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Without those that another one says more exactly."""
    return tuple(claim for claim in claims if not any(other.refines(claim) for other in claims))


def _adult_born_by(day: date) -> date:
    """The latest day of birth of somebody who is 18 on ``day``."""
    return add_months(day, -MONTHS_TO_MAJORITY)
