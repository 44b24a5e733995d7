"""Tell a scenario by hand: each act on the model, judged as in a walk."""

from typing import Any

from tests.adversary.invariants import Broken, Judge
from tests.adversary.rules import Model
from tests.adversary.state import Faults
from tests.adversary.words import (
    ANY,
    BY_NAME,
    CATEGORIES,
    CONTRIBUTE,
    DAY,
    MEMBER_OF,
    MEMBERS_OF,
    Basis,
    Purpose,
)
from tests.adversary.world import Done, Observation, Refused, Step

EVERYTHING = (1 << len(CATEGORIES)) - 1
WEEK = 7 * DAY


def worker_beside(member: str) -> int:
    """The caseworker of somebody's organisation."""
    return MEMBERS_OF[MEMBER_OF[BY_NAME[member]]][1]


class Story:
    """A case, told act by act. ``broken`` is what the judge has found; without faults a story may find nothing."""

    def __init__(self, **faults: bool) -> None:
        self.model = Model(Faults(**faults))
        self.judge = Judge()
        self.number = 0
        self.broken: list[Broken] = []
        self.is_fair = not faults

    def act(self, player: str, name: str, *, key: int = 0, **arguments: Any) -> int:
        """Carry out an act; fails if it is refused. Returns its number. Members may be given by name."""
        answer = self._try(player, name, key, arguments)
        assert isinstance(answer, Done), f"{player}: {name}: {answer.reason}"
        return answer.number

    def refused(self, player: str, name: str, *, key: int = 0, **arguments: Any) -> str:
        """Try an act that must be refused. Returns the reason."""
        answer = self._try(player, name, key, arguments)
        assert isinstance(answer, Refused), f"{player}: {name} was carried out"
        return answer.reason

    def _try(self, player: str, name: str, key: int, arguments: dict[str, Any]) -> Done | Refused:
        self.number += 1
        arguments = {name: BY_NAME[a] if isinstance(a, str) else a for name, a in arguments.items()}
        step = Step(self.number, BY_NAME[player], name, arguments, key)
        answer = self.model.act(step)
        seen = self.model.observe() if isinstance(answer, Done) else None
        self.broken += self.judge.after(step, answer, seen)
        assert not (self.is_fair and self.broken), self.broken
        return answer

    def wait(self, hours: int) -> None:
        """Let time pass."""
        self.act("ngo_supervisor", "wait", hours=hours)

    def register(self, player: str = "ngo_supervisor", *, child: bool = False) -> int:
        """A presumed victim is registered."""
        return self.act(player, "register_presumed_victim", child=child)

    def consent(self, player: str, purpose: Purpose, receiver: int = ANY, *, days: int = 60) -> int:
        """The person says yes, to everything for this purpose."""
        until = self.now + days * DAY
        return self.act(
            player,
            "record_consent",
            purpose=int(purpose),
            receiver=receiver,
            categories=EVERYTHING,
            until=until,
        )

    def terms(
        self,
        receiver: int,
        purpose: Purpose,
        categories: int,
        *,
        level: int = CONTRIBUTE,
        basis: Basis = Basis.CONSENT,
        provision: int = 0,
        days: int = 30,
    ) -> dict[str, int]:
        """The terms of a share or referral."""
        return {
            "receiver": receiver,
            "purpose": int(purpose),
            "basis": int(basis),
            "provision": provision,
            "categories": categories,
            "level": level,
            "until": self.now + days * DAY,
        }

    def share(self, player: str, receiver: int, purpose: Purpose, categories: int, **more: Any) -> int:
        """Share on a consent that is recorded first, by the same player, unless another basis is named."""
        if "basis" not in more:
            self.consent(player, purpose, receiver)
        return self.act(player, "share", **self.terms(receiver, purpose, categories, **more))

    def refer(self, player: str, receiver: int, purpose: Purpose, categories: int, by: str, **more: Any) -> int:
        """Refer, and have it accepted by ``by``. Returns the referral."""
        if "basis" not in more:
            self.consent(player, purpose, receiver)
        referral = self.act(player, "send_referral", **self.terms(receiver, purpose, categories, **more))
        self.act(by, "accept_referral", referral=referral, member=worker_beside(by))
        return referral

    @property
    def now(self) -> int:
        """The hour."""
        return self.model.case.now

    @property
    def seen(self) -> Observation:
        """What everybody meets."""
        return self.model.observe()

    def reads(self, viewer: int, owner: int) -> int:
        """The categories of the owner's rows that open to the viewer."""
        return self.seen.reads.get((viewer, owner), 0)

    def knows(self, organisation: int) -> bool:
        """Whether an organisation knows the case."""
        return self.seen.reads_until[organisation] > self.now

    def contributes(self, organisation: int) -> bool:
        """Whether an organisation may write and bring others in."""
        return self.seen.contributes_until[organisation] > self.now

    def opens(self, member: str) -> bool:
        """Whether the case opens to a member by the organisation's right."""
        return any(mask >> BY_NAME[member] & 1 for mask in self.seen.readers)

    def locates(self, member: str, host: int) -> bool:
        """Whether a member reads where a host is."""
        return bool(self.seen.location.get(BY_NAME[member], 0) >> host & 1)
