"""``python -m tests.chaos [seeds] [reminders] [faults]``: a table; exit code 1 when a promise breaks."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from tests.chaos.running import Outcome, run  # noqa: E402 - models can be imported only now
from tests.cluster import Cluster  # noqa: E402

HEAD = (
    f"{'seed':>5} {'reminders':>9} {'faults':>6} {'crashes':>7} {'lost':>5} {'early':>5} {'twice':>5} "
    f"{'mails':>6} {'repeated':>8} {'seconds':>7}"
)


def line(one: Outcome) -> str:
    return (
        f"{one.seed:>5} {one.reminders:>9} {one.faults.total():>6} {one.crashes:>7} {one.lost:>5} {one.early:>5} "
        f"{one.twice:>5} {one.mails:>6} {one.repeated:>8} {one.seconds:>7.0f}"
    )


def main(seeds: int = 5, reminders: int = 10_000, faults: int = 40) -> int:
    cluster = Cluster(None, is_durable=True)
    outcomes = []
    print(HEAD, flush=True)
    try:
        cluster.start()
        for seed in range(1, seeds + 1):
            outcomes.append(run(cluster, seed=seed, reminders=reminders, faults=faults, pause=2.5))
            print(line(outcomes[-1]), flush=True)
    finally:
        cluster.stop()
    kinds = sum((one.faults for one in outcomes), start=outcomes[0].faults.__class__())
    print("faults: " + ", ".join(f"{count} × {name}" for name, count in sorted(kinds.items())))
    is_whole = all(one.is_whole for one in outcomes)
    print("chaos: every reminder was told once and on time." if is_whole else "chaos: A PROMISE WAS BROKEN.")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
