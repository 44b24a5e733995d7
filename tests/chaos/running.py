"""One life under faults: fill, start, break things at random, wait until everything is sent, count."""

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import redis

from tests.cases.filing import filed_case
from tests.cast import Cast
from tests.chaos.filling import fill
from tests.chaos.machines import SKEWS, Machines
from tests.chaos.post_office import MOODS
from tests.cluster import Cluster

DRAIN_SECONDS: Final = 240
COUNTED: Final = """
SELECT count(*) AS reminders,
       count(*) FILTER (WHERE r.state <> 'sent') AS unsent,
       count(*) FILTER (WHERE n.id IS NULL) AS untold,
       count(*) FILTER (WHERE n.created_at < r.due_at OR r.sent_at < r.due_at) AS early,
       count(*) FILTER (WHERE a.times > 1) AS twice
  FROM cases_reminder r
  JOIN cases_deadline d ON d.id = r.deadline_id
  LEFT JOIN accounts_notice n ON n.key = d.id || ':1:0d'
  LEFT JOIN (SELECT object_id, detail ->> 'offset' AS at, detail ->> 'audience' AS audience, count(*) AS times
               FROM audit_auditchange WHERE kind = 'send_reminder' GROUP BY 1, 2, 3) a
         ON a.object_id = d.id AND a.at = r."offset" AND a.audience = r.audience
 WHERE d.subject_id IS NOT NULL AND r."offset" = '0d'
"""
OPEN: Final = """
SELECT (SELECT count(*) FROM cases_reminder r JOIN cases_deadline d ON d.id = r.deadline_id
         WHERE d.subject_id IS NOT NULL AND r."offset" = '0d' AND r.state = 'waiting')
     + (SELECT count(*) FROM accounts_outboxmail WHERE state = 'queued')
"""


@dataclass
class Outcome:
    """What came of one seed. ``crashes`` are the faults that can make a mail leave twice."""

    seed: int
    reminders: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    lost: int = 0
    early: int = 0
    twice: int = 0
    mails: int = 0
    repeated: int = 0
    seconds: float = 0

    @property
    def is_whole(self) -> bool:
        """Nothing lost, nothing early, told exactly once; not more repeated mails than crashes."""
        return not (self.lost or self.early or self.twice) and self.repeated <= self.crashes and self.mails > 0


class Life:
    """The faults, each told by name; a crash is what can stop a process between sending and marking."""

    def __init__(self, machines: Machines, outcome: Outcome) -> None:
        self.machines, self.outcome, self.dice = machines, outcome, machines.dice

    def faults(self) -> Mapping[str, Callable[[], None]]:
        return {
            "worker killed": self.kill_worker,
            "worker's child killed": self.kill_child,
            "worker with a wrong clock": self.skew_worker,
            "beat killed": lambda: self.machines.start_one("beat"),
            "two beats": self.two_beats,
            "Redis flushed": self.flush,
            "Redis away": self.lose_redis,
            "database crashed": self.crash_database,
            "mail server in another mood": self.change_mood,
        }

    def strike(self, name: str) -> None:
        self.outcome.faults[name] += 1
        self.faults()[name]()

    def kill_worker(self) -> None:
        self.outcome.crashes += 1
        self.machines.start_one(self._worker())

    def kill_child(self) -> None:
        self.outcome.crashes += self.machines.kill_child(self._worker())

    def skew_worker(self) -> None:
        self.outcome.crashes += 1
        self.machines.start_one(self._worker(), skew=self.dice.choice(SKEWS[1:]))

    def two_beats(self) -> None:
        self.machines.start_one("beat-2")

    def flush(self) -> None:
        with redis.Redis(port=self.machines.redis_port) as client:
            client.flushall()

    def lose_redis(self) -> None:
        """Only cron rings meanwhile."""
        self.machines.stop_redis()
        self.machines.ring_by_cron()
        self.machines.start_redis()

    def crash_database(self) -> None:
        self.outcome.crashes += 2  # both workers may stand between sending and marking
        self.machines.crash_database()

    def change_mood(self) -> None:
        self.machines.office.mood = self.dice.choice(MOODS)

    def _worker(self) -> str:
        return self.dice.choice(("worker-1", "worker-2"))


def run(cluster: Cluster, *, seed: int, reminders: int, faults: int, pause: float) -> Outcome:
    """Live through ``faults`` faults, one every ``pause`` seconds, while ``reminders`` fall due."""
    outcome, dice, began = Outcome(seed), random.Random(seed), time.monotonic()
    with _database(cluster, f"chaos_{seed}") as name, tempfile.TemporaryDirectory(prefix="nrm-chaos-") as folder:
        load = _fill(cluster, name, reminders, seconds=faults * pause)
        machines = Machines(Path(folder), cluster.postgres, name, dice)
        life = Life(machines, outcome)
        try:
            machines.start()
            for fault in _drawn(dice, list(life.faults()), faults):
                time.sleep(dice.uniform(0.5, 1.5) * pause)
                life.strike(fault)
            machines.office.mood = "well"
            machines.start_redis()
            _drain(cluster, name)
        finally:
            machines.stop()
        outcome.mails, outcome.repeated = len(machines.office.received), machines.office.repeated
        _count(cluster, name, outcome)
        assert outcome.reminders == load.reminders
    outcome.seconds = time.monotonic() - began
    return outcome


def _drawn(dice: random.Random, names: list[str], count: int) -> list[str]:
    """Every kind of fault as often as the others, in a random order."""
    drawn = [names[number % len(names)] for number in range(count)]
    dice.shuffle(drawn)
    return drawn


def _fill(cluster: Cluster, name: str, reminders: int, *, seconds: float) -> Any:
    cluster.point(name)
    case = filed_case(Cast())
    with cluster.admin(name) as admin:
        return fill(admin, case, reminders=reminders, seconds=seconds)


def _drain(cluster: Cluster, name: str) -> None:
    """Until nothing waits any more, or the time is up: what then waits counts as lost."""
    until = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < until:
        time.sleep(1)
        with cluster.admin(name) as admin:
            if admin.execute(OPEN).fetchone() == (0,):
                return


def _count(cluster: Cluster, name: str, outcome: Outcome) -> None:
    with psycopg.connect(cluster.postgres.url(name)) as admin:
        row = admin.execute(COUNTED).fetchone()
    assert row is not None
    outcome.reminders, unsent, untold, outcome.early, outcome.twice = row
    outcome.lost = max(unsent, untold)


@contextmanager
def _database(cluster: Cluster, name: str) -> Iterator[str]:
    cluster.clone(name)
    try:
        yield name
    finally:
        cluster.drop(name)
