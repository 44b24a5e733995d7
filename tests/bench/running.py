"""Fill, measure, print. Ratio: of database time to that of the same statements without row-level security."""

import argparse
import os
import random
import sys
import time
from typing import Any, Final

import psycopg
from django.contrib.auth.models import Group, Permission
from django.db import connection

from accounts.models import Membership, Organisation, User
from tests.bench import organisations
from tests.bench.copying import Copier
from tests.bench.filling import Filling
from tests.bench.measuring import Measure, Visitor, explain, measure
from tests.bench.organisations import Country
from tests.cluster import Cluster

SIZES: Final = (10_000, 100_000)
LARGE: Final = (10_000, 1_000_000)
LARGE_COUNT: Final = 500
DEEP: Final = 100
HEAD: Final = f"{'page':58} {'queries':>7} {'ms':>9} {'unchecked':>9} {'ratio':>6}"


def main() -> None:
    """Each size in a database of its own; at the end the growth from the first to the last."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="*")
    parser.add_argument("--large", action="store_true", help="500 organisations, 10,000 and 1,000,000 cases")
    parser.add_argument("--explain", type=float, metavar="MILLISECONDS")
    given = parser.parse_args()
    sizes = given.sizes or (LARGE if given.large else SIZES)
    count = LARGE_COUNT if given.large else organisations.COUNT
    cluster = Cluster(os.environ.get("NRM_BENCH_CLUSTER"))
    try:
        cluster.start()
        found = {size: run(cluster, size, count, given.explain) for size in sizes}
    finally:
        connection.close()
        cluster.stop()
    if len(found) > 1:
        compare(found, sizes[0], sizes[-1])


def run(cluster: Cluster, size: int, count: int, over: float | None) -> dict[str, Measure]:
    """Fill one database and measure all pages in it."""
    name = f"nrm_bench_{size}"
    cluster.drop(name)
    cluster.clone(name)
    cluster.point(name)
    say(f"\n== {size:,} cases, {count} organisations")
    rng = random.Random(size)
    country = organisations.make(rng, count)
    fill(cluster, name, country, size, rng)
    found = {}
    say(HEAD)
    for visitor, page, address in pages(country):
        result = measure(visitor, page, address)
        found[page] = result
        ratio = result.checked / result.unchecked
        say(f"{page:58} {result.queries:7} {result.checked:9.2f} {result.unchecked:9.2f} {ratio:6.2f}")
        for taken, plan in explain(visitor, address, over) if over else ():
            say(f"--- {taken:.1f} ms\n{plan}\n")
    connection.close()
    cluster.drop(name)
    return found


def fill(cluster: Cluster, name: str, country: Country, size: int, rng: random.Random) -> None:
    """Cases by COPY, without checks of foreign keys, as the loader; then statistics for the planner."""
    start = time.monotonic()
    with cluster.admin(name) as admin:
        admin.execute("GRANT SET ON PARAMETER session_replication_role TO nrm_loader")
        admin.execute("GRANT nrm_loader TO nrm_app WITH INHERIT FALSE, SET TRUE")
    permissions = dict(
        Permission.objects.filter(content_type__app_label="cases", codename__startswith="view_").values_list(
            "codename", "pk"
        )
    )
    permissions = {codename.removeprefix("view_"): pk for codename, pk in permissions.items()}
    with psycopg.connect(cluster.loader_url(name)) as loader:
        loader.execute("SET session_replication_role = replica")
        copier = Copier(loader)
        filling = Filling(country, copier, permissions, rng)
        for number in range(size):
            filling.case()
            if number % 9 == 0:
                filling.notification()
        copier.flush()
    copied = time.monotonic() - start
    with cluster.admin(name) as admin:
        admin.execute("VACUUM (ANALYZE)")
    say(f"{copier.rows:,} rows by COPY in {copied:.0f} s")


def pages(country: Country) -> Any:
    """Who looks at what: the largest, a median and the smallest organisation, and the country."""
    places = country.registering
    for words, place in (("largest", places[0]), ("median", places[len(places) // 2]), ("smallest", places[-1])):
        supervisor, caseworker = visitor(place.supervisor), visitor(place.workers[0])
        yield supervisor, f"worklist, {words} organisation, supervisor", "/my-work/"
        yield caseworker, f"worklist, {words} organisation, caseworker", "/my-work/"
        if words == "largest":
            yield supervisor, f"worklist, page {DEEP}, {words} organisation, supervisor", supervisor.page_number(DEEP)
            yield supervisor, f"worklist, last activity, {words} organisation, supervisor", "/my-work/?order=activity"
            yield supervisor, f"worklist, label, {words} organisation, supervisor", "/my-work/?q=red+coat"
        yield supervisor, f"case page, {words} organisation, supervisor", supervisor.case_address()
        yield caseworker, f"case page, {words} organisation, caseworker", caseworker.case_address()
        yield supervisor, f"dashboard, {words} organisation, supervisor", "/dashboard/own/"
    coordinator = _coordinator()
    yield coordinator, "dashboard, country, coordinator", "/dashboard/"
    yield coordinator, "overdue steps, country, coordinator", "/dashboard/overdue/"


def visitor(membership: Any) -> Visitor:
    """The member with this key."""
    return Visitor(Membership.objects.select_related("user", "organisation").get(pk=membership))


def _coordinator() -> Visitor:
    group = Group.objects.create(name="coordinator")
    organisation = Organisation.objects.create(name="Coordinator", kind="coordinator", group=group)
    user = User.objects.create(email="coordinator@example.test", name="Coordinator", password="!")
    return visitor(Membership.objects.create(user=user, organisation=organisation, roles=["caseworker"]).pk)


def compare(found: dict[int, dict[str, Measure]], small: int, large: int) -> None:
    """Growth of database time from the smallest to the largest filling."""
    say(f"\n{'growth of database time':58} {small:>9,} {large:>9,} {'times':>6}")
    for page, before in found[small].items():
        after = found[large][page]
        say(f"{page:58} {before.checked:9.2f} {after.checked:9.2f} {after.checked / before.checked:6.2f}")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
