"""``python -m tests.adversary.product [acts]``: walk the product in two processes, print figures and what broke.

With a first seed and a stride as well it is one of them: progress goes to the error stream, and the last line printed
is what was counted, as JSON, with the shortest attack if something broke.
"""

import logging
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402 - settings can be read only now

from tests.adversary.product.people import stage  # noqa: E402 - models can be imported only now
from tests.adversary.product.processes import explore_in_processes, written  # noqa: E402
from tests.adversary.product.vocabulary import COUNTRY  # noqa: E402
from tests.adversary.product.walks import explore, shrink  # noqa: E402
from tests.cluster import Cluster  # noqa: E402


def main(acts: int = 20_000) -> int:
    """Returns 1 if an invariant was broken."""
    figures, attack = explore_in_processes(acts)
    print(figures)
    print(attack or "nothing broken")
    return int(bool(attack))


def walk_alone(acts: int, first: int, stride: int) -> int:
    """Returns 1 if an invariant was broken."""
    logging.disable(logging.CRITICAL)
    settings.COUNTRY_PROFILE = COUNTRY
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    cluster = Cluster(os.environ.get("NRM_TEST_CLUSTER"))
    try:
        cluster.start()
        with stage(cluster) as ready:
            figures, attack = explore(ready, acts=acts, first=first, stride=stride, told=_tell)
            shortest = str(shrink(ready, attack)) if attack else ""
    finally:
        cluster.stop()
    print(written(figures, shortest))
    return int(bool(shortest))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(walk_alone(*given) if len(given) == len(("acts", "first", "stride")) else main(*given))
