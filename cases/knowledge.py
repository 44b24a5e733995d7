"""How an organisation comes to know a case, as far as live shares lead to it from a root. Pure: no ORM.

*Roots* are the lead and each office, which hangs on its own fact. Every other share names what its giver knew the case
by when it gave. On one path the lowest level and the earliest end count, of several paths the best; a circle that no
root reaches opens nothing. Source: ``sharing.md`` rule 18.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from cases.enums import Office, ShareLevel

if TYPE_CHECKING:
    from cases.models import Share

LEAD: Final = "lead"
# Offices that follow from a fact and are no choice of the organisation that shares (rule 2a): each is a root.
STATUTORY: Final = frozenset({Office.CHILD_PROTECTION, Office.GUARDIAN, Office.SHELTER, Office.DECIDING_AUTHORITY})
ROOTS: Final = (LEAD, *sorted(STATUTORY))
# What an organisation holds by choice of another: of these a share that is given onward names the ones it hangs on.
CHOSEN: Final = (Office.NONE, Office.REFERRAL)


@dataclass(frozen=True, slots=True)
class Reach:
    """Until when somebody reads and until when they contribute; None: not at all."""

    reads_until: datetime
    contributes_until: datetime | None

    def narrowed(self, share: "Share") -> "Reach":
        """What is left of it after one more step: never longer than the share, never more than its level."""
        contributes = self.contributes_until if share.level == ShareLevel.CONTRIBUTE else None
        return Reach(
            min(self.reads_until, share.ends_at), min(contributes, share.ends_at) if contributes is not None else None
        )


@dataclass(frozen=True, slots=True)
class Sources:
    """What an organisation knows a case by: roots by name, and shares to it by key."""

    roots: tuple[str, ...]
    shares: tuple[UUID, ...]


class Knowledge:
    """Who knows one case, by which of its live shares; ``lead`` and ``registrar`` need none."""

    def __init__(self, shares: Iterable["Share"], *, lead: UUID | None, registrar: UUID, now: datetime) -> None:
        """``shares``: those that have begun and not ended at ``now``."""
        self.shares: Mapping[UUID, Share] = {share.pk: share for share in shares}
        self.lead = lead
        self.registrar = registrar
        self.now = now
        self.reach = self._spread()

    def of(self, organisation_id: UUID) -> Reach | None:
        """Until when an organisation knows the case through shares, emergencies left out; None when it does not."""
        return best(self.reach[share.pk] for share in self._to(organisation_id) if share.office != Office.BREAK_GLASS)

    def knows(self, organisation_id: UUID) -> bool:
        """True for the lead, the registrar, and whomever a live share reaches."""
        return organisation_id in {self.lead, self.registrar} or self.of(organisation_id) is not None

    def grant(self, share: "Share") -> Reach | None:
        """What a share opens: as far as it is reached; else, to somebody who knows the case anyway, reading to its own
        end; nothing to anybody else."""
        if share.pk in self.reach:
            return self.reach[share.pk]
        return Reach(share.ends_at, None) if self.knows(share.to_organisation_id) else None

    def sources_of(self, organisation_id: UUID) -> Sources:
        """What an organisation knows the case by now; for a share that it is about to give."""
        held = self._to(organisation_id)
        offices = sorted({str(share.office) for share in held if share.office in STATUTORY})
        chosen = tuple(share.pk for share in held if share.office in CHOSEN)
        return Sources((*((LEAD,) if organisation_id == self.lead else ()), *offices), chosen)

    def lost(self) -> list["Share"]:
        """Chosen shares that open nothing any more: no source is left, and the receiver knows the case by nothing."""
        return [share for share in self.shares.values() if share.office in CHOSEN and self.grant(share) is None]

    def hanging_on_lead(self) -> list["Share"]:
        """Shares by which others know the case through the lead, each after the one that it hangs on; those that wait
        for the lead's answer among them."""
        through = [share for share in self.shares.values() if share.pk in self.reach and share.office in CHOSEN]
        found = [share for share in through if LEAD in share.roots or self.is_kept(share)]
        keys = {share.pk for share in found}
        for parent in found:
            for child in self.next_steps(parent):
                if child.pk not in keys:
                    keys.add(child.pk)
                    found.append(child)
        return found

    def is_kept(self, share: "Share") -> bool:
        """True while its receiver only reads on, since the last source was completed and the lead has not answered."""
        is_waiting = share.kept_until is not None and share.kept_until > self.now
        return is_waiting and LEAD not in share.roots and not any(pk in self.reach for pk in share.sources)

    def next_steps(self, share: "Share") -> list["Share"]:
        """Shares that name this one as a source."""
        return [one for one in self.shares.values() if share.pk in one.sources and one.pk in self.reach]

    def below(self, share: "Share") -> list["Share"]:
        """Everything that hangs on a share, at any distance, nearest first."""
        found: list[Share] = []
        keys = {share.pk}
        waiting = [share]
        for parent in waiting:
            for child in self.next_steps(parent):
                if child.pk not in keys:
                    keys.add(child.pk)
                    found.append(child)
                    waiting.append(child)
        return found

    def without(self, keys: Collection[UUID]) -> "Knowledge":
        """As it would stand if these shares ended."""
        left = [share for share in self.shares.values() if share.pk not in keys]
        return Knowledge(left, lead=self.lead, registrar=self.registrar, now=self.now)

    def limit(self, share: "Share") -> Reach | None:
        """How far the sources of a share reach now: what its renewal cannot pass. None where nothing limits it."""
        if LEAD in share.roots or share.pk not in self.reach:
            return None
        return best([*self._by_office(share), *(self.reach[pk] for pk in share.sources if pk in self.reach)])

    def with_one(self, share: "Share") -> "Knowledge":
        """As it would stand with one share more."""
        more = [*self.shares.values(), share]
        return Knowledge(more, lead=self.lead, registrar=self.registrar, now=self.now)

    # -- parts -------------------------------------------------------------------------------------------------------

    def _to(self, organisation_id: UUID) -> list["Share"]:
        """The shares that reach an organisation."""
        return [share for pk in self.reach if (share := self.shares[pk]).to_organisation_id == organisation_id]

    def _spread(self) -> dict[UUID, Reach]:
        """From the roots onwards until nothing changes: so a circle that no root reaches stays outside."""
        reach: dict[UUID, Reach] = {}
        while True:
            found = {
                share.pk: opened for share in self.shares.values() if (opened := self._step(share, reach)) is not None
            }
            if found == reach:
                return reach
            reach = found

    def _step(self, share: "Share", reach: Mapping[UUID, Reach]) -> Reach | None:
        own = Reach(share.ends_at, share.ends_at if share.level == ShareLevel.CONTRIBUTE else None)
        if share.office in STATUTORY or share.office == Office.BREAK_GLASS or LEAD in share.roots:
            return own
        through = best([*self._by_office(share), *(reach[pk] for pk in share.sources if pk in reach)])
        reached = through.narrowed(share) if through else None
        if share.kept_until is None or share.kept_until <= self.now:
            return reached
        kept = Reach(min(share.ends_at, share.kept_until), None)
        return best([kept, reached] if reached else [kept])

    def _by_office(self, share: "Share") -> Sequence[Reach]:
        """What the giver still has by the offices that the share names."""
        return [
            Reach(one.ends_at, one.ends_at if one.level == ShareLevel.CONTRIBUTE else None)
            for one in self.shares.values()
            if one.to_organisation_id == share.from_organisation_id
            and one.office in STATUTORY
            and one.office in share.roots
        ]


def best(reaches: Iterable[Reach]) -> Reach | None:
    """The best of several paths: each end the latest that any of them gives; None of none."""
    found = list(reaches)
    if not found:
        return None
    contributes = [one.contributes_until for one in found if one.contributes_until is not None]
    return Reach(max(one.reads_until for one in found), max(contributes, default=None))
