"""The same seed gives the same country, however many processes live it; an interrupted one is begun anew."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from multiprocessing import get_context
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from nrm.country import loader, scenes
from nrm.country.days import Alone, InStep, live_in_step
from nrm.country.scenes import Share
from tests.cluster import Cluster, database_name
from tests.demo.conftest import Ask, country

pytestmark = pytest.mark.processes
FEW: Any = {"cases": 12, "length": 25}
# Coded values that stand in every country; keys and references are random and stay out.
CODED = (
    "SELECT 'case', region, language, identification, state, registered_on::text FROM cases_case",
    "SELECT 'identity', sex, age_group, age_basis, citizenships::text, birth_year::text FROM cases_identity",
    "SELECT 'exploitation', form, sub_form, sector, control::text, is_online FROM cases_exploitation",
    "SELECT 'indicator', indicator, nature FROM cases_indicator",
    "SELECT 'referral', service, urgency, state, region, legal_basis FROM referrals_referral",
    "SELECT 'decision', step, outcome, decided_on::text FROM cases_identificationdecision",
    "SELECT 'deadline', rule, state, due_on::text FROM cases_deadline",
    "SELECT 'notification', region, sex, citizenship_group, forms::text FROM cases_anonymousnotification",
)


@pytest.fixture(autouse=True)
def _few_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenes, "SCENES", scenes.SCENES[5:11])


def coded(ask: Ask) -> Counter[tuple[Any, ...]]:
    return Counter(row for statement in CODED for row in ask(statement))


@pytest.fixture
def made(cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Any:
    """What a country with these wishes holds, in codes."""

    def make(**wanted: Any) -> Counter[tuple[Any, ...]]:
        with country(cluster, django_db_blocker, f"{database_name()}_seed", **{**FEW, **wanted}) as ask:
            return coded(ask)

    return make


def test_the_same_seed_gives_the_same_country(made: Any) -> None:
    first = made(seed="one")

    assert made(seed="one") == first
    assert made(seed="one", hands=2) == first
    assert made(seed="another") != first


def test_each_process_has_a_connection_of_its_own_whatever_the_parent_has_open(own_database: str) -> None:
    """As beside a browser: Django keeps one connection in an event loop and another outside, where a fork wakes up."""
    with ThreadPoolExecutor(1) as thread:  # a browser's loop may run in the main thread
        before, inside, after = thread.submit(_backends_around_a_fork).result()

    assert inside != before == after


def _backends_around_a_fork() -> tuple[int, int, int]:
    before, told = backend(), get_context("fork").Queue()

    async def live_beside_a_loop() -> None:
        together = InStep(get_context("fork"), 1)
        living = (lambda _share, _together: told.put(backend()), Share(), together)
        child = get_context("fork").Process(target=live_in_step, args=living)
        child.start()
        child.join()

    asyncio.run(live_beside_a_loop())
    after = backend()
    connection.close()
    return before, told.get(timeout=5), after


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_an_interrupted_country_is_cleared_and_begun_anew(
    own_database: str, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Alone, "wait", _stop)
    with pytest.raises(KeyboardInterrupt):
        loader.load(**FEW, seed="one", hands=1, progress=lambda _day, _days: None)
    assert loader.is_interrupted()
    monkeypatch.undo()
    monkeypatch.setattr(scenes, "SCENES", scenes.SCENES[5:7])
    monkeypatch.setenv("ADMIN_DATABASE_URL", cluster.postgres.url(own_database))

    call_command("load_demo", cases=3, days=5, hands=1, stdout=StringIO(), stderr=StringIO())

    assert loader.is_loaded()
    with cluster.admin(own_database) as admin:
        assert admin.execute("SELECT count(*) FROM accounts_organisation").fetchone() == (27,)


def _stop(_self: Alone) -> None:
    raise KeyboardInterrupt
