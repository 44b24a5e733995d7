"""``python -m tests.adversary [acts]``: find each seeded fault, walk the pure model, print attacks and figures."""

import sys

from tests.adversary.state import FAULTS, Faults
from tests.adversary.walk import explore, search


def main(acts: int) -> int:
    """Returns 1 if the model broke an invariant, or a fault was not found."""
    failed = 0
    for fault in FAULTS:
        figures, attack = search(Faults(**{fault: True}), range(20_000))
        failed |= attack is None
        print(f"-- {fault} ({figures.done.total():,} acts, {figures.seconds:.1f} s)\n{attack or 'NOT FOUND'}\n")
    figures, attack = explore(acts)
    print(figures)
    print(attack or "nothing broken")
    return failed or attack is not None


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000))
