"""Seeded walks through a world, in several processes, and the shortest attack from a walk that broke something."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final, NamedTuple

from tests.adversary.invariants import INVARIANTS, Broken, Judge
from tests.adversary.players import Players
from tests.adversary.rules import Model
from tests.adversary.state import Faults
from tests.adversary.words import MEMBERS, NOWHERE, ORGANISATIONS, Basis, Purpose
from tests.adversary.world import Done, Step, World

TRIES: Final = 150  # of one walk; then another case, other people
MakeWorld = Callable[[], World]


class Attack(NamedTuple):
    """What broke an invariant: the seed of the walk, the steps, and what was broken."""

    seed: int
    steps: list[Step]
    broken: Broken

    def __str__(self) -> str:
        lines = [f"{index}. {words(step)}" for index, step in enumerate(self.steps, 1)]
        return "\n".join([*lines, f"=> ({self.broken.invariant}) {self.broken.words}"])


@dataclass
class Figures:
    """What walks counted."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    walks: int = 0
    seconds: float = 0.0

    def add(self, other: "Figures") -> None:
        """Add the figures of another process."""
        self.done += other.done
        self.refused += other.refused
        self.checks += other.checks
        self.walks += other.walks
        self.seconds = max(self.seconds, other.seconds)

    def __str__(self) -> str:
        acts = [
            f"  {name:26} {self.done[name]:>10,} {self.refused[name]:>12,}" for name in sorted(self.refused | self.done)
        ]
        checks = ", ".join(f"{invariant} {count:,}" for invariant, count in sorted(self.checks.items()))
        total, refused = self.done.total(), self.refused.total()
        head = f"{self.walks:,} walks, {total:,} acts carried out, {refused:,} tries refused, {self.seconds:.0f} s"
        return "\n".join([head, f"  {'act':26} {'carried out':>10} {'refused':>12}", *acts, f"checks: {checks}"])


def walk(world: World, seed: int, figures: Figures, tries: int = TRIES) -> Attack | None:
    """One walk: each act judged as soon as it was carried out. Ends with the first thing broken."""
    players, judge = Players(seed), Judge()
    steps: list[Step] = []
    done, refused = figures.done, figures.refused
    figures.walks += 1
    attack = None
    for number in range(1, tries + 1):
        step = players.next(number)
        answer = world.act(step)
        players.told(step, answer)
        if isinstance(answer, Done):
            done[step.name] += 1
            steps.append(step)
            players.hour = judge.log.now + step.arguments.get("hours", 0)
            broken = judge.after(step, answer, world.observe())
        else:
            refused[step.name] += 1
            broken = judge.after(step, answer, None)
            if broken:
                steps.append(step)
        if broken:
            attack = Attack(seed, steps, broken[0])
            break
    figures.checks.update(judge.checks)
    return attack


def replay(world: World, steps: Sequence[Step]) -> tuple[int, Broken | None]:
    """Try steps again; how many it took, and the first thing broken."""
    judge = Judge()
    for index, step in enumerate(steps, 1):
        answer = world.act(step)
        broken = judge.after(step, answer, world.observe() if isinstance(answer, Done) else None)
        if broken:
            return index, broken[0]
    return len(steps), None


def shrink(make: MakeWorld, attack: Attack) -> Attack:
    """Leave out what is not needed, in ever smaller pieces, until no single step can be left out."""
    steps, broken = list(attack.steps), attack.broken
    piece = max(1, len(steps) // 2)
    while piece:
        index, has_shrunk = 0, False
        while index < len(steps):
            fewer = steps[:index] + steps[index + piece :]
            length, found = replay(make(), fewer)
            if found is not None and found.invariant == broken.invariant:
                steps, broken, has_shrunk = fewer[:length], found, True
            else:
                index += piece
        if piece > 1 or not has_shrunk:
            piece //= 2
    for index, step in enumerate(steps):
        plain = [*steps[:index], step._replace(key=0), *steps[index + 1 :]]
        if step.key and (found := replay(make(), plain)[1]) is not None and found.invariant == broken.invariant:
            steps, broken = plain, found
    return Attack(attack.seed, steps, broken)


def search(faults: Faults, seeds: range, wanted: Collection[str] = INVARIANTS) -> tuple[Figures, Attack | None]:
    """Walk the model with each seed until one of these invariants is broken; the attack is the shortest form."""
    figures, began = Figures(), time.perf_counter()
    found = None
    for seed in seeds:
        found = walk(Model(faults), seed, figures)
        if found is not None and found.broken.invariant in wanted:
            found = shrink(lambda: Model(faults), found)
            break
        found = None
    figures.seconds = time.perf_counter() - began
    return figures, found


def _walk_until(arguments: tuple[int, int, int]) -> tuple[Figures, Attack | None]:
    """One process: every ``step``-th seed until as many acts were carried out."""
    first, step, acts = arguments
    figures, began, seed = Figures(), time.perf_counter(), first
    carried_out = 0
    found = None
    while carried_out < acts and found is None:
        found = walk(Model(), seed, figures)
        if found:
            found = shrink(Model, found)
        seed += step
        carried_out = figures.done.total()
    figures.seconds = time.perf_counter() - began
    return figures, found


def explore(acts: int, *, processes: int = 2, first: int = 0) -> tuple[Figures, Attack | None]:
    """Walk the model without faults until ``acts`` were carried out, shared among processes."""
    if processes == 1:
        return _walk_until((first, 1, acts))
    tasks = [(first + index, processes, -(-acts // processes)) for index in range(processes)]
    figures, found = Figures(), None
    with get_context("spawn").Pool(processes) as pool:
        for part, attack in pool.imap_unordered(_walk_until, tasks):
            figures.add(part)
            found = found or attack
    return figures, found


def words(step: Step) -> str:
    """A step as a line of a report."""
    told = {name: _word(name, value) for name, value in step.arguments.items()}
    arguments = ", ".join(f"{name}={value}" for name, value in told.items())
    who = "" if step.name == "wait" else f"{MEMBERS[step.player].name}: "
    return f"{who}{step.name}({arguments}){f' key {step.key}' if step.key else ''}  [{step.number}]"


def _word(name: str, value: int) -> str:
    if name in ("receiver", "organisation", "authority", "shelter", "host"):
        return ORGANISATIONS[value].name if value != NOWHERE else "any"
    if name in ("member", "colleague"):
        return MEMBERS[value].name
    if name in ("purpose", "basis") and value >= 0:
        return (Purpose if name == "purpose" else Basis)(value).name.lower()
    return f"{value:b}" if name == "categories" else str(value)
