"""Every test of this folder stands on a copy of the prepared world, served over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page

from tests.cluster import Cluster
from tests.matrix.addresses import Addresses
from tests.world import World, clone_world


@pytest.fixture
def own_database(world: World, cluster: Cluster, django_db_blocker: Any) -> Iterator[str]:
    """In place of the empty one: a copy of the world."""
    with clone_world(world, cluster, django_db_blocker, "site") as name:
        yield name
        connection.close()


@pytest.fixture
def addresses(world: World, own_database: str) -> Addresses:
    return Addresses(world)


@pytest.fixture
def as_persona(world: World, open_page: Any) -> Any:
    """``as_persona("police_officer", viewport=PHONE)``: a window of that person."""

    def make(who: str, **options: Any) -> Page:
        opened: Page = open_page(world.cast.client(who), **options)
        return opened

    return make
