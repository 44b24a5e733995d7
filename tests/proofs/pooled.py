"""The application on real server threads that share a pool of two connections."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final

from django.db import connection

from tests.cast import Cast

POOL: Final = {"pool": {"min_size": 1, "max_size": 2, "timeout": 60}}
# What code sees that has forgotten to say who acts: settings of an earlier request, and rows.
FORGOTTEN: Final = """
    SELECT coalesce(current_setting('nrm.organisation', true), ''), coalesce(current_setting('nrm.scope', true), ''),
           (SELECT count(*) FROM cases_casevisibility), (SELECT count(*) FROM cases_identity)
"""


@contextmanager
def pool_of_two() -> Iterator[None]:
    """Every thread of this process takes its connection from one pool."""
    before = connection.settings_dict["OPTIONS"]
    connection.close()
    connection.settings_dict["OPTIONS"] = POOL
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        connection.settings_dict["OPTIONS"] = before


@dataclass(frozen=True)
class Asked:
    """One request of one persona, and what came back."""

    persona: str
    path: str
    status: int
    text: str


class Visitors:
    """Several browsers at once, each with the session of its persona; after every answer the pool is looked at."""

    def __init__(self, cast: Cast, port: int, personas: tuple[str, ...], paths: tuple[str, ...]) -> None:
        self.port, self.paths = port, paths
        self.cookies = {name: cast.client(name).cookies["sessionid"].value for name in personas}
        self.asked: list[Asked] = []
        self.left_over: list[tuple[Any, ...]] = []
        self.faults: list[BaseException] = []

    def ask(self, threads: int, each: int) -> None:
        """``threads`` × ``each`` requests, interleaved."""
        personas = list(self.cookies)
        crowd = [
            threading.Thread(target=self._ask_some, args=(personas[number % len(personas)], number, each))
            for number in range(threads)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        if self.faults:
            raise self.faults[0]

    def _ask_some(self, persona: str, offset: int, count: int) -> None:
        try:
            for number in range(count):
                self._ask_once(persona, self.paths[(offset + number) % len(self.paths)])
                self._look_at_the_pool()
        except Exception as fault:  # noqa: BLE001 - of a thread: told to the test
            self.faults.append(fault)
        finally:
            connection.close()

    def _ask_once(self, persona: str, path: str) -> None:
        browser = HTTPConnection("127.0.0.1", self.port, timeout=120)
        browser.request("GET", path, headers={"Cookie": f"sessionid={self.cookies[persona]}"})
        answer = browser.getresponse()
        self.asked.append(Asked(persona, path, answer.status, answer.read().decode()))
        browser.close()

    def _look_at_the_pool(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(FORGOTTEN)
            self.left_over.append(cursor.fetchone())
        connection.close()
