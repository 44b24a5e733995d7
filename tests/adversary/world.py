"""What a world offers to be played in: acts go in, answers and observations come out.

The pure model (``rules.Model``) is a world, and a driver over the product is another. What an act makes is named by the
number of the step that made it: a driver keeps one table from these numbers to the keys of its rows, nothing else.
"""

from typing import Any, NamedTuple, Protocol


class Step(NamedTuple):
    """One try: ``player`` is the membership for which the page was opened; ``key`` is the form's key, if repeated.

    ``wait`` has no player: ``arguments["hours"]`` pass.
    """

    number: int
    player: int
    name: str
    arguments: dict[str, Any]
    key: int = 0


class Done(NamedTuple):
    """Carried out: the number of the step whose rows were written, and the organisation that they are of.

    ``consent``: the number of the consent that the share rests on, where the world says which; 0: the newest that fits.
    """

    number: int
    organisation: int
    consent: int = 0


class Refused(NamedTuple):
    """Not carried out, and nothing has changed."""

    reason: str


Answer = Done | Refused


class Observation(NamedTuple):
    """What everybody meets at this hour. Bits of a mask count organisations, members or categories from 0.

    * ``reads_until``, ``contributes_until``: by organisation, the hour at which its right ends; 0 is none. A registrar
      that no longer leads reads its own rows: ``reads_until`` is set, ``reads`` is not.
    * ``reads``: (viewer, owner) to the categories of the owner's rows that open to the viewer's readers.
    * ``readers``: by organisation, the members to whom its right opens the case.
    * ``emergencies``: (member, owner) to categories, by an opening in an emergency alone.
    * ``location``: member to the organisations whose location row opens.
    * ``offices``: (kind, holder) of each office in force.
    * ``tree``: the lines that the lead is shown, share to whether its receiver is named.
    * ``gifts``: share to the number of lines that hang below it, as who gave it is told; none is left out. None: not
      looked at.
    * ``hosts_named``: by organisation, the hosts whose name it is shown as the host.
    """

    now: int
    is_open: bool
    lead: int
    is_stranded: bool
    reads_until: list[int]
    contributes_until: list[int]
    reads: dict[tuple[int, int], int]
    readers: list[int]
    emergencies: dict[tuple[int, int], int]
    location: dict[int, int]
    offices: list[tuple[int, int]]
    tree: dict[int, bool]
    gifts: dict[int, int] | None
    hosts_named: list[int]


class World(Protocol):
    """Something that can be played in."""

    def act(self, step: Step) -> Answer:
        """Try one step. A refusal leaves everything as it was."""
        ...

    def observe(self) -> Observation:
        """What everybody meets now."""
        ...
