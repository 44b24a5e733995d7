"""Small countries in databases of their own, with real commits, and a look at all of their rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from nrm.country import loader
from tests.cluster import Cluster, database_name

Ask = Callable[..., list[tuple[Any, ...]]]


def in_silence(_day: int, _days: int) -> None:
    return


@contextmanager
def country(cluster: Cluster, blocker: Any, name: str, **wanted: Any) -> Iterator[Ask]:
    """A country in the database ``name``; yields how to ask for everybody's rows, as no role may."""
    cluster.clone(name)
    try:
        with blocker.unblock():
            cluster.point(name)
            loader.load(**{"cases": 48, "length": 100, "seed": "tests", "progress": in_silence, "hands": 1, **wanted})
            with cluster.admin(name) as admin:
                yield lambda statement, *values: admin.execute(statement, values).fetchall()
    finally:
        with blocker.unblock():
            connection.close()
            cluster.point(database_name())
        cluster.drop(name)


@pytest.fixture(scope="module")
def ask(cluster: Cluster, django_db_setup: None, django_db_blocker: Any) -> Iterator[Ask]:
    """One country for all tests of a module, which only look at it."""
    with country(cluster, django_db_blocker, f"{database_name()}_country") as asking, django_db_blocker.unblock():
        yield asking
