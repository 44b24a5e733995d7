"""``python -m tests.bench.deadlines [open …]``: one tick's claim, clearing what is due, a rule that changes.

With 10,000 and 1,000,000 open deadlines, of which 10,000 fall due at once. It starts a PostgreSQL of its own.
"""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.db import connection  # noqa: E402 - models can be imported only now

from cases import reminders  # noqa: E402
from cases.operations import recalculation  # noqa: E402
from core import clock  # noqa: E402
from profiles import profile as profiles  # noqa: E402
from profiles.parts import Rule  # noqa: E402
from tests.cases.filing import filed_case  # noqa: E402
from tests.cast import Cast  # noqa: E402
from tests.chaos.filling import RULE, fill  # noqa: E402
from tests.cluster import Cluster  # noqa: E402

ROOT: Final = Path(__file__).resolve().parents[2]
SIZES: Final = (10_000, 1_000_000)
DUE: Final = 10_000
CLAIMS: Final = 20
MOVED: Final = 100_000
TICK: Final = "import django; django.setup(); from cases import reminders; print(dict(reminders.tick(batches=10**6)))"
FALL_DUE: Final = """
UPDATE cases_reminder SET due_at = now() - interval '1 second' WHERE id IN (
    SELECT r.id FROM cases_reminder r JOIN cases_deadline d ON d.id = r.deadline_id
     WHERE d.subject_id IS NOT NULL AND r."offset" = '0d' AND r.state = 'waiting' LIMIT %s)
"""


def main(sizes: list[int]) -> int:
    cluster, claims = Cluster(None), {}
    try:
        cluster.start()
        for size in sizes:
            name = f"deadlines_{size}"
            cluster.clone(name)
            cluster.point(name)
            case = filed_case(Cast())
            with cluster.admin(name) as admin:
                fill(admin, case, reminders=size, seconds=90 * 86_400)
                admin.execute(FALL_DUE, [DUE])
                admin.execute("VACUUM ANALYZE cases_reminder")
            claims[size] = claim_time()
            print(f"{size:>9} open: one claim of {reminders.BATCH} takes {claims[size]:.1f} ms", flush=True)
            print(f"{size:>9} open: {DUE} due cleared by two workers in {clear(cluster, name):.1f} s", flush=True)
            if size >= MOVED:
                print(f"{size:>9} open: {change_rule(cluster, name)}", flush=True)
            connection.close()
            cluster.drop(name)
    finally:
        cluster.stop()
    if len(claims) > 1:
        print(f"claim, growth from {sizes[0]} to {sizes[-1]}: {claims[sizes[-1]] / claims[sizes[0]]:.2f}")
    return 0


def claim_time() -> float:
    """Median milliseconds of one claim; what was claimed is given back."""
    times = []
    for _number in range(CLAIMS):
        began = time.perf_counter()
        reminders.claim(reminders.BATCH)
        times.append(1000 * (time.perf_counter() - began))
    with reminders.as_worker(), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_reminder SET lease_until = NULL, attempts = 0 WHERE lease_until IS NOT NULL")
    return median(times)


def clear(cluster: Cluster, name: str) -> float:
    """Seconds until two processes have sent everything that is due, start included."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "nrm.settings",
        "DATABASE_URL": f"postgresql://127.0.0.1:{cluster.postgres.port}/{name}",
        "NRM_MODE": "test",
        "NRM_ROLE": "worker",
    }
    began = time.perf_counter()
    workers = [subprocess.Popen([sys.executable, "-c", TICK], cwd=ROOT, env=environment) for _number in range(2)]
    for worker in workers:
        worker.wait()
    took = time.perf_counter() - began
    with cluster.admin(name) as admin:
        row = admin.execute("SELECT count(*) FROM cases_reminder WHERE state = 'sent'").fetchone()
    assert row is not None
    assert row[0] >= DUE, row
    return took


def change_rule(cluster: Cluster, name: str) -> str:
    """A rule gets another length; its open deadlines are counted anew while somebody reads."""
    with cluster.admin(name) as admin:
        admin.execute(
            "UPDATE cases_deadline SET rule = 'EU-OTHER' WHERE rule = %s AND id NOT IN ("
            " SELECT id FROM cases_deadline WHERE rule = %s LIMIT %s)",
            [RULE, RULE, MOVED],
        )
    present = profiles.active()
    changed = replace(present, rules=tuple(version for rule in present.rules for version in versions(rule)))
    recalculation.active = lambda: changed  # type: ignore[attr-defined]
    waits: list[float] = []
    done = threading.Event()
    reader = threading.Thread(target=read, args=(cluster, name, done, waits))
    reader.start()
    began = time.perf_counter()
    outcome = recalculation.recalculate(RULE, progress=say)
    took = time.perf_counter() - began
    done.set()
    reader.join()
    assert outcome.counts["moved"] == MOVED, outcome.counts
    slowest = sorted(waits)[int(0.99 * len(waits))]
    return (
        f"{outcome.counts['moved']} deadlines recalculated in {took:.0f} s; meanwhile {len(waits)} reads,"
        f" median {1000 * median(waits):.1f} ms, 99 % within {1000 * slowest:.1f} ms"
    )


def versions(rule: Rule) -> tuple[Rule, ...]:
    """A rule as it is; RULE and, valid from today, its longer version."""
    if rule.code != RULE:
        return (rule,)
    today = clock.today(profiles.active().zone)
    old = replace(rule, valid_to=today - timedelta(days=1))
    return old, replace(rule, valid_from=today, length=rule.length + 30)


def read(cluster: Cluster, name: str, done: threading.Event, waits: list[float]) -> None:
    """Somebody looks at the clocks of cases all the time."""
    with cluster.admin(name) as admin:
        while not done.is_set():
            began = time.perf_counter()
            admin.execute(
                "SELECT * FROM cases_deadline WHERE case_id = (SELECT id FROM cases_case OFFSET 17 LIMIT 1)"
                " AND state = 'open' ORDER BY due_at"
            ).fetchall()
            waits.append(time.perf_counter() - began)
            time.sleep(0.01)


def say(so_far: int, of: int) -> None:
    if so_far % 10_000 < recalculation.BATCH:
        print(f"          {so_far} of {of}", flush=True)


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]] or list(SIZES)))
