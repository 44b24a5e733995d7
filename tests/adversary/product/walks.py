"""Several cases side by side in one database: who plays, who judges, and what is counted."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from tests.adversary.invariants import Broken, Judge
from tests.adversary.players import Players
from tests.adversary.product.acts import ACTS, SHARED, Acts, look_for_vacancies
from tests.adversary.product.people import Stage
from tests.adversary.product.requests import No, Wire
from tests.adversary.product.sight import Sight, statuses
from tests.adversary.product.vocabulary import LAST_HOUR
from tests.adversary.rules import OF_PEOPLE
from tests.adversary.walk import Figures, words
from tests.adversary.words import ANY, CONTRIBUTE, DAY, MEMBER_OF, NOWHERE, PERSONS, Basis
from tests.adversary.world import Answer, Done, Observation, Refused, Step

CASES: Final = 3
TRIES: Final = 1_600
# Beside each try that is aimed at what exists, so many that are not: nearly all of them are refused.
BLIND: Final = 3
WHOLE_AFTER: Final = 200


class Turn(NamedTuple):
    """One try, and in which case."""

    case: int
    step: Step


class ProductCase:
    """One case of the product, as a world."""

    def __init__(self, wire: Wire, rows: dict[int, UUID], posted: dict[tuple[int, int], int]) -> None:
        self.wire = wire
        self.acts = Acts(wire, rows)
        self.sight = Sight(wire, self.acts)
        self.posted = posted

    def prepared(self, step: Step) -> Step:
        """The step as a form of the product can say it: whole days, a referral to contribute, a refusal to a receiver
        for every purpose."""
        asked = dict(step.arguments)
        if "until" in asked:
            asked["until"] = -(-asked["until"] // DAY) * DAY
        if step.name == "send_referral":
            asked["level"] = CONTRIBUTE
        if asked.get("basis") == Basis.CONSENT and step.name in ("share", "send_referral") and step.number % 8:
            asked.update(self.acts.offered_consent(step.player, step.number, asked))
        if step.name == "record_refusal" and asked["receiver"] != ANY:
            asked["purpose"] = ANY
        return step._replace(arguments=asked)

    def act(self, step: Step) -> Answer:
        """Carry it out by requests; a refusal has written nothing."""
        if step.name not in ACTS:
            return Refused("no such act in the product")
        self.wire.key = step.key
        before = self.wire.changes()
        try:
            with self.wire.at():
                getattr(self.acts, step.name)(step.player, step.number, **step.arguments)
        except No as no:
            return Refused(str(no))
        finally:
            self.wire.key = 0
        if step.name == "wait":
            return Done(step.number, NOWHERE)
        if step.name in OF_PEOPLE:
            self.wire.actors.clear()
            look_for_vacancies(self.wire)
        if step.key:
            key = (PERSONS[step.player], step.key)
            if self.wire.changes() == before and key in self.posted:
                return Done(self.posted[key], MEMBER_OF[step.player])
            self.posted[key] = step.number
        if step.name == "switch_organisation":
            return Done(step.number, MEMBER_OF[step.player])
        return Done(step.number, self._organisation(step), self._consent(step))

    def _organisation(self, step: Step) -> int:
        """For which organisation the last change of the person was written."""
        user = self.wire.people.accounts[step.player].pk
        row = self.wire.one(
            "SELECT organisation_id FROM audit_auditchange WHERE actor_id = %s ORDER BY at DESC, id DESC LIMIT 1", user
        )
        if row is None or row[0] is None:
            return NOWHERE
        return self.sight.numbers[row[0]]

    def _consent(self, step: Step) -> int:
        """The step that recorded the consent on which the share rests that this act made or changed."""
        number = step.arguments.get("share", step.arguments.get("referral", step.number))
        key = self.acts.rows.get(step.number) or self.acts.rows.get(number)
        row = self.wire.one("SELECT consent_id FROM cases_share WHERE id = %s", key) if key else None
        if row is None and key is not None:
            row = self.wire.one("SELECT consent_id FROM referrals_referral WHERE id = %s", key)
        return self.acts.consents.get(row[0], 0) if row and row[0] else 0

    def observe(self, *, everybody: bool = False) -> Observation:
        """What everybody meets."""
        return self.sight.look(everybody=everybody)


@dataclass
class ProductAttack:
    """What broke an invariant on the product: the turns, and what was broken."""

    seed: int
    turns: list[Turn]
    broken: Broken
    case: int = 0

    def __str__(self) -> str:
        lines = [f"{index}. case {turn.case}: {words(turn.step)}" for index, turn in enumerate(self.turns, 1)]
        return "\n".join([*lines, f"=> case {self.case}: ({self.broken.invariant}) {self.broken.words}"])


@dataclass
class Played:
    """A walk: its world, its judges, and the turns that were carried out."""

    wire: Wire
    cases: list[ProductCase]
    judges: list[Judge]
    turns: list[Turn] = field(default_factory=list)
    is_whole: int = 0

    @classmethod
    def begin(cls, stage: Stage) -> "Played":
        """An empty database with the cast."""
        wire = Wire(stage)
        posted: dict[tuple[int, int], int] = {}
        return cls(wire, [ProductCase(wire, {}, posted) for _ in range(CASES)], [Judge() for _ in range(CASES)])

    def turn(self, turn: Turn) -> tuple[Answer, tuple[int, Broken] | None]:
        """One try, judged: the touched case at once, the others when everything is looked at."""
        case, step = turn
        world, judge = self.cases[case], self.judges[case]
        answer = world.act(step)
        if isinstance(answer, Refused):
            broken = judge.after(step, answer, None)
            if broken:
                self.turns.append(turn)
            return answer, (case, broken[0]) if broken else None
        self.turns.append(turn)
        broken = judge.after(step, answer, world.observe())
        if broken:
            return answer, (case, broken[0])
        if step.name in SHARED:
            for number, other in enumerate(self.judges):
                if number != case and (found := other.after(step, answer, None)):
                    return answer, (number, found[0])
        if len(self.turns) % WHOLE_AFTER == 0:
            return answer, self.whole()
        return answer, None

    def whole(self) -> tuple[int, Broken] | None:
        """All cases, all members, by the door and by a request of each."""
        self.is_whole += 1
        look = Step(0, 0, "wait", {"hours": 0})
        for number, (world, judge) in enumerate(zip(self.cases, self.judges, strict=True)):
            if not world.acts.reference:
                continue
            seen = world.observe(everybody=True)
            broken = judge.after(look, Done(0, NOWHERE), seen)
            if broken:
                return number, broken[0]
            opened = {m for mask in seen.readers for m in range(mask.bit_length()) if mask >> m & 1}
            opened |= {member for member, _owner in seen.emergencies}
            asked = {member for member, is_open in statuses(self.wire, world.acts).items() if is_open}
            if asked != opened:
                return number, Broken("i", f"a request opens the case to others than the door: {asked ^ opened}")
        return None


def walk(stage: Stage, seed: int, figures: Figures, tries: int = TRIES) -> ProductAttack | None:
    """One walk of several cases; ends with the first thing broken."""
    dice = random.Random(seed)
    played = Played.begin(stage)
    players = [Players(seed * CASES + number) for number in range(CASES)]
    figures.walks += 1
    found = None
    for number in range(1, tries + 1):
        case = dice.randrange(CASES)
        is_blind = number % (BLIND + 1) > 0
        step = players[case].blind(number) if is_blind else players[case].next(number)
        step = played.cases[case].prepared(step)
        if played.wire.now + step.arguments.get("hours", 0) > LAST_HOUR:
            break
        answer, found = played.turn(Turn(case, step))
        told = players if step.name in SHARED else [players[case]]
        for one in told:
            one.told(step, answer)
            one.hour = played.wire.now
        (figures.done if isinstance(answer, Done) else figures.refused)[step.name] += 1
        if found:
            break
    else:
        found = played.whole()
    for judge in played.judges:
        figures.checks.update(judge.checks)
    return ProductAttack(seed, played.turns, found[1], found[0]) if found else None


def replay(
    stage: Stage, turns: Sequence[Turn], dig: Callable[[Wire], AbstractContextManager[None]] | None = None
) -> tuple[int, tuple[int, Broken] | None]:
    """Try turns again in a fresh database, with a hole in it if one is dug; how many it took, and what is broken."""
    played = Played.begin(stage)
    with dig(played.wire) if dig else nullcontext():
        return _replay(played, turns)


def _replay(played: Played, turns: Sequence[Turn]) -> tuple[int, tuple[int, Broken] | None]:
    for index, turn in enumerate(turns, 1):
        _answer, found = played.turn(turn)
        if found:
            return index, found
    return len(turns), played.whole()


def shrink(stage: Stage, attack: ProductAttack, seconds: float = 600) -> ProductAttack:
    """Leave out what is not needed, in ever smaller pieces, as long as there is time."""
    until = time.monotonic() + seconds
    turns, broken, case = list(attack.turns), attack.broken, attack.case
    piece = max(1, len(turns) // 2)
    while piece and time.monotonic() < until:
        index, has_shrunk = 0, False
        while index < len(turns) and time.monotonic() < until:
            fewer = turns[:index] + turns[index + piece :]
            length, found = replay(stage, fewer)
            if found is not None and found[1].invariant == broken.invariant:
                turns, (case, broken), has_shrunk = fewer[:length], found, True
            else:
                index += piece
        if piece > 1 or not has_shrunk:
            piece //= 2
    return ProductAttack(attack.seed, turns, broken, case)


def explore(
    stage: Stage, *, acts: int, first: int = 0, stride: int = 1, told: Callable[[str], None] = lambda line: None
) -> tuple[Figures, ProductAttack | None]:
    """Walk until as many acts were carried out, or something broke."""
    figures, began, seed = Figures(), time.perf_counter(), first
    attack = None
    while figures.done.total() < acts and attack is None:
        attack = walk(stage, seed, figures)
        seed += stride
        told(f"{figures.done.total():,} acts, {figures.refused.total():,} refused, {time.perf_counter() - began:.0f} s")
    figures.seconds = time.perf_counter() - began
    return figures, attack
