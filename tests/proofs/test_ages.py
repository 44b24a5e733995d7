"""Generated histories of what organisations say of the age: what rule 24 promises holds after every claim."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

from cases.age import Age, Claim, contradicts, known
from tests.proofs import SEED, size

ORGANISATIONS = [UUID(int=number) for number in range(1, 5)]
SERVICE = UUID(int=9)
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
ADULT, CHILD, UNCERTAIN = "adult", "child", "uncertain"


def eighteen(born: date) -> date:
    """The 18th birthday, counted by other means: never a day early."""
    same: date = born + relativedelta(years=18)
    return same if same.day == born.day else same + timedelta(days=1)


def days_of(born: str) -> tuple[date, date]:
    """The days that a partial date may mean, found by walking through the year."""
    day, found = date(int(born[:4]), 1, 1), []
    while day.year == int(born[:4]):
        if day.isoformat().startswith(born):
            found.append(day)
        day += timedelta(days=1)
    return found[0], found[-1]


def some_claim(chance: random.Random, at: datetime, owner: UUID) -> Claim:
    """What a form would take: no date that contradicts the group."""
    while True:
        day = date(chance.randint(2003, 2014), chance.randint(1, 12), chance.randint(1, 28))
        if chance.random() < 0.05:
            day = date(2008, 2, 29)
        born = day.isoformat()[: chance.choice([0, 4, 7, 10, 10, 10])]
        group = chance.choice([ADULT, CHILD, CHILD, UNCERTAIN])
        if not (born and contradicts(group, born, at.date())):
            verified = owner == ORGANISATIONS[0] and bool(born) and chance.random() < 0.3
            return Claim(owner=owner, group=group, born=born, said_at=at, said_on=at.date(), is_verified=verified)


def some_history(chance: random.Random) -> Iterator[Claim]:
    at = START + timedelta(days=chance.randint(0, 900))
    for _number in range(chance.randint(1, 6)):
        at += timedelta(days=chance.randint(0, 120), minutes=1)
        yield some_claim(chance, at, chance.choice(ORGANISATIONS))


def faults(before: Age, after: Age, claim: Claim) -> Iterator[str]:
    """What rule 24 forbids, of one claim more."""
    day = claim.said_on
    if before.is_child_on(day) and not after.is_child_on(day):
        yield "a claim has ended what a child has"
    last, reminders = after.child_until, after.majority_for_reminders(day)
    if last is not None and reminders is not None and reminders > last + timedelta(days=1):
        yield "the reminder comes after the end"
    is_unverified = not any(one.is_verified for one in (*before.claims, claim))
    if is_unverified and claim.group != ADULT and not after.is_child_on(day):
        yield "somebody says that it is a child, and it is treated as an adult"
    if before.is_child_on(day) and claim.group == ADULT and not after.is_disputed:
        yield "somebody says that it is an adult, and nobody has to settle it"
    if is_unverified and len(claim.born) == 10 and claim.group == CHILD:
        youngest = eighteen(date.fromisoformat(claim.born)) - timedelta(days=1)
        if last is not None and last < youngest:
            yield "a younger claim does not count for the end"
        if reminders is None or reminders > youngest + timedelta(days=1):
            yield "an earlier day does not count for reminders"


@pytest.mark.proof("what counts of the age")
def test_rule_24_holds_after_every_claim(figure: Any) -> None:
    chance, wrong, wanted, claims = random.Random(SEED), [], size(short=1_000, full=60_000), 0
    for _number in range(wanted):
        said: list[Claim] = []
        for claim in some_history(chance):
            before, after = known(said), known([*said, claim])
            wrong += [(fault, said, claim) for fault in faults(before, after, claim)]
            said.append(claim)
            claims += 1
    figure(histories=wanted, claims=claims, broken=len(wrong))
    assert not wrong, "\n".join(map(str, wrong[:3]))


@pytest.mark.proof("what counts of the age")
def test_one_claim_ends_and_reminds_on_the_days_that_the_calendar_says() -> None:
    chance = random.Random(SEED)
    for _number in range(size(short=400, full=20_000)):
        claim = some_claim(chance, START, ORGANISATIONS[1])
        if claim.group == CHILD and claim.born:
            first, last = days_of(claim.born)
            age = known([claim])
            assert age.child_until == eighteen(last) - timedelta(days=1)
            earliest = max(eighteen(first), claim.said_on + timedelta(days=1))
            assert age.majority_for_reminders(claim.said_on) == earliest


@pytest.mark.proof("what counts of the age")
def test_a_settled_age_is_the_age_until_something_younger_is_said() -> None:
    chance = random.Random(SEED)
    for _number in range(size(short=400, full=20_000)):
        said = list(some_history(chance))
        at = said[-1].said_at + timedelta(days=1)
        settled = some_claim(chance, at, SERVICE)
        values = {"group": ADULT if settled.group == ADULT else CHILD, "born": settled.born, "owner": SERVICE}
        if contradicts(values["group"], values["born"] or "2000", at.date()) or not values["born"]:
            continue
        settlement = Claim(**values, said_at=at, said_on=at.date(), is_verified=True, is_settlement=True)
        age = known(said, settlement)
        assert age.is_child_on(at.date()) == (values["group"] == CHILD)
        if values["group"] == CHILD:
            assert age.child_until == eighteen(days_of(settlement.born)[1]) - timedelta(days=1)
        assert not age.is_disputed
        assert set(age.set_aside).isdisjoint(age.claims)
