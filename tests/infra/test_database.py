"""The suite's own ground: the role, the clock, and clones that share nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.context import acting
from core import clock
from tests.cluster import Cluster


def ask(statement: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


@pytest.mark.django_db
def test_tests_run_as_the_applications_role() -> None:
    assert ask("SELECT current_user") == ("nrm_app",)


@pytest.mark.django_db
def test_both_clocks_travel_together() -> None:
    then = datetime(2024, 2, 29, 12, tzinfo=UTC)
    with clock.travel(then), acting(Actor.system()):
        assert ask("SELECT nrm_now()") == (then,)
    with acting(Actor.system()):
        assert ask("SELECT nrm_now() = now()") == (True,)


def test_a_test_may_have_a_database_of_its_own(own_database: str) -> None:
    assert ask("SELECT current_database(), current_user") == (own_database, "nrm_app")


def test_the_server_is_postgresql_18(cluster: Cluster) -> None:
    with cluster.admin() as admin:
        assert admin.info.server_version // 10000 == 18
