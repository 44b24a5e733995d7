"""Fixtures of the whole suite: a PostgreSQL of its own, a browser that forgives nothing, and a hostile environment.

* ``db`` (pytest-django): one database per process, as ``nrm_app``, inside a transaction that is rolled back.
* ``own_database``: a fresh clone with real commits, for races, denials and browsers. Never together with ``db``.
* ``database``: whichever of the two the test has asked for; for fixtures such as ``cast``.
* ``site``: the application served over HTTP on its own database. ``page``, ``open_page``: a browser at it.
* ``redis_url``, ``smtp``: real servers on loopback, started by the first test that asks.
"""

import gc
import os
import socket
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache
from django.db import connection
from django.utils import translation

from nrm.embedded import free_port, start_redis
from tests.cast import Cast
from tests.cluster import Cluster, database_name
from tests.smtp import Letters

pytest_plugins = ["tests.browser", "tests.world", "tests.proofs.figures"]

# Playwright keeps an event loop running in the main thread; Django would refuse every query beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# What a test leaves is freed by counting references; to look for circles among all that Django loads takes long.
gc.set_threshold(200_000, 50, 1_000)
LOOPBACK = ("127.", "::1", "localhost")
_numbers = count(1)


# -- database --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster(django_db_blocker: Any) -> Iterator[Cluster]:
    """The run's PostgreSQL; with pytest-xdist each worker has one, unless ``NRM_TEST_CLUSTER`` keeps one for all."""
    made = Cluster(os.environ.get("NRM_TEST_CLUSTER"))
    try:
        with django_db_blocker.unblock():
            made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="session")
def django_db_setup(cluster: Cluster, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's own: a clone of the template, as the application's role."""
    name = database_name()
    cluster.clone(name)
    with django_db_blocker.unblock():
        cluster.point(name)
    yield
    with django_db_blocker.unblock():
        connection.close()
    cluster.drop(name)


@pytest.fixture
def own_database(
    request: pytest.FixtureRequest, cluster: Cluster, django_db_setup: None, django_db_blocker: Any
) -> Iterator[str]:
    """The name of a database of this test's own, with real transactions; Django is connected to it."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        pytest.fail("own_database has real transactions: do not combine it with db or the django_db mark.")
    name = f"{database_name()}_{next(_numbers)}"
    cluster.clone(name)
    with django_db_blocker.unblock():
        cluster.point(name)
        yield name
        cluster.point(database_name())
    cluster.drop(name)


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """Whichever database the test works on: its own when it asked for one, else the rolled-back transaction."""
    is_own = {"own_database", "site", "page", "open_page"} & set(request.fixturenames)
    request.getfixturevalue("own_database" if is_own else "db")


@pytest.fixture(autouse=True)
def _no_language_left_over() -> Iterator[None]:
    """A request in another language leaves none to the next test."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_count_left_over() -> Iterator[None]:
    """Logins and looks that a test counted limit no other test."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _no_actor_left_over() -> Iterator[None]:
    """A test that fails inside a context leaves none to the next."""
    yield
    connection.__dict__.pop("nrm_context", None)


# -- servers on loopback ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis."""
    port = free_port()
    process = start_redis(tmp_path_factory.mktemp("redis"), port)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


@pytest.fixture
def smtp(settings: Any) -> Iterator[Letters]:
    """A real SMTP server that keeps what it receives; Django's mail goes there."""
    letters = Letters()
    controller = Controller(letters, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", controller.port, False
    yield letters
    controller.stop()


# -- a hostile environment -------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Nothing beyond this machine can be reached by Python code under test."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
    patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
    yield
    patch.undo()


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"A test tried to reach {address[0]}: only loopback is allowed.")
        return connect(self, address)

    return guarded


@pytest.fixture
def cast(database: None) -> "Cast":
    """The named cast, made in whichever database the test works on."""
    return Cast()
