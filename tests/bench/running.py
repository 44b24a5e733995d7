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
from tests.bench import organisations, stock
from tests.bench.copying import Copier
from tests.bench.filling import Filling
from tests.bench.measuring import Measure, Visitor, explain, measure, measure_access
from tests.bench.multiplying import multiply
from tests.bench.organisations import Country
from tests.cluster import Cluster

SIZES: Final = (10_000, 100_000)
LARGE: Final = (10_000, 1_000_000)
LARGE_COUNT: Final = 500
# Of more cases so many are filled by COPY with everything, and then multiplied.
FULL: Final = 25_000
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
        found[page] = measure(visitor, page, address)
        say(line(found[page]))
        for taken, plan in explain(visitor, address, over) if over else ():
            say(f"--- {taken:.1f} ms\n{plan}\n")
    for words, place in three(country):
        access = measure_access(visitor_of(place.supervisor), f"access check of one case, {words} organisation")
        found[access.page] = access
        say(line(access))
    if count == LARGE_COUNT:
        beside_guardian(cluster, name, country, found)
    connection.close()
    cluster.drop(name)
    return found


def line(found: Measure) -> str:
    ratio = found.checked / found.unchecked
    return f"{found.page:58} {found.queries:7} {found.checked:9.2f} {found.unchecked:9.2f} {ratio:6.2f}"


def beside_guardian(cluster: Cluster, name: str, country: Country, found: dict[str, Measure]) -> None:
    """The same first page by ``get_objects_for_user``, without row-level security, and a page without any check."""
    with cluster.admin(name) as admin:
        say(f"\nstock django-guardian: {stock.fill(admin):,} permissions, one for each person and case")
    say(f"{'first page of cases, a page without any check':58} {stock.unchecked_page():17.2f}")
    for words, place in three(country):
        for role, member in (("supervisor", place.supervisor), ("caseworker", place.workers[0])):
            taken, rows = stock.first_page(member)
            own = found[f"worklist, {words} organisation, {role}"]
            say(
                f"{f'get_objects_for_user, {words} organisation, {role}':58} {rows:7} {taken:9.2f}"
                f"   {taken / own.listed:.0f} times our list, {taken / own.checked:.0f} times our whole page"
            )


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
        times = max(1, size // FULL)
        for number in range(size // times):
            filling.case()
            if number % 9 == 0:
                filling.notification()
        copier.flush()
        loader.commit()
        say(f"{copier.rows:,} rows by COPY in {time.monotonic() - start:.0f} s")
        if times > 1:
            with cluster.admin(name) as owner:
                owner.execute("SET maintenance_work_mem = '512MB'")
                added = multiply(loader, owner, times, filling)
            say(f"{added:,} more rows of lists in {time.monotonic() - start:.0f} s")
    with cluster.admin(name) as admin:
        admin.execute("VACUUM (ANALYZE)")
    with cluster.admin(name) as admin:
        rows = admin.execute("SELECT count(*) FROM cases_casevisibility").fetchone()
        say(f"{rows[0] if rows else 0:,} rows of visibility")


def three(country: Country) -> Any:
    places = country.registering
    return ("largest", places[0]), ("median", places[len(places) // 2]), ("smallest", places[-1])


def pages(country: Country) -> Any:
    """Who looks at what: the largest, a median and the smallest organisation, and the country."""
    for words, place in three(country):
        supervisor, caseworker = visitor_of(place.supervisor), visitor_of(place.workers[0])
        for role, person in (("supervisor", supervisor), ("caseworker", caseworker)):
            yield person, f"worklist, {words} organisation, {role}", "/my-work/"
            yield person, f"worklist, page {DEEP}, {words} organisation, {role}", person.page_number(DEEP)
            yield person, f"case page, {words} organisation, {role}", person.case_address()
        if words == "largest":
            yield supervisor, f"worklist, last activity, {words} organisation, supervisor", "/my-work/?order=activity"
            yield supervisor, f"worklist, nobody assigned, {words} organisation, supervisor", "/my-work/?tab=nobody"
            yield supervisor, f"worklist, label, {words} organisation, supervisor", "/my-work/?q=red+coat"
        yield supervisor, f"dashboard, {words} organisation, supervisor", "/dashboard/own/"
    coordinator = _coordinator()
    yield coordinator, "dashboard, country, coordinator", "/dashboard/"
    yield coordinator, "overdue steps, country, coordinator", "/dashboard/overdue/"


def visitor_of(membership: Any) -> Visitor:
    """The member with this key."""
    return Visitor(Membership.objects.select_related("user", "organisation").get(pk=membership))


def _coordinator() -> Visitor:
    group = Group.objects.create(name="coordinator")
    organisation = Organisation.objects.create(name="Coordinator", kind="coordinator", group=group)
    user = User.objects.create(email="coordinator@example.test", name="Coordinator", password="!")
    return visitor_of(Membership.objects.create(user=user, organisation=organisation, roles=["caseworker"]).pk)


def compare(found: dict[int, dict[str, Measure]], small: int, large: int) -> None:
    """Growth of database time from the smallest to the largest filling."""
    say(f"\n{'growth of database time':58} {small:>9,} {large:>9,} {'times':>6}")
    for page, before in found[small].items():
        after = found[large][page]
        say(f"{page:58} {before.checked:9.2f} {after.checked:9.2f} {after.checked / before.checked:6.2f}")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()
