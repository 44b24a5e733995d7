"""Database time of a page: its statements are caught once, then repeated, with row-level security and without.

"Unchecked" is the same statement in the same transaction as a role that passes by row-level security. Reported is, for
each statement, the best of several, added up; in milliseconds, as the application sees it.
"""

import re
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.test import Client

from accounts.actors import SESSION_MEMBERSHIP, Actor, actor_for
from accounts.context import acting
from accounts.models import Membership
from tests.cases.filing import is_counted

ROUNDS: Final = 12
BYPASS: Final = "nrm_loader"
NEXT: Final = re.compile(r'rel="next" href="([^"]+)"')
ROW: Final = re.compile(r'href="/cases/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])/"')


@dataclass(frozen=True)
class Statement:
    """One statement of a page, with the role that it was asked in."""

    text: str
    parameters: Any
    role: str | None


@dataclass(frozen=True)
class Measure:
    """A page: how many statements, their time, and their time unchecked, in milliseconds."""

    page: str
    queries: int
    checked: float
    unchecked: float
    slowest: str


class Visitor:
    """One signed-in member."""

    def __init__(self, membership: Membership) -> None:
        self.actor: Actor = actor_for(membership)
        self.client = Client()
        self.client.force_login(membership.user)
        session = self.client.session
        session[SESSION_MEMBERSHIP] = str(membership.pk)
        session.save()
        # The first request of a session writes it; that is not the page's.
        self.get("/")

    def get(self, address: str) -> str:
        response = self.client.get(address, follow=True)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return response.content.decode()

    def case_address(self) -> str:
        """The first case on the worklist."""
        found = ROW.search(self.get("/my-work/"))
        return f"/cases/{found[1]}/" if found else "/my-work/"

    def page_number(self, number: int) -> str:
        """The address of a page far down the list, reached as people reach it."""
        address = "/my-work/"
        for _step in range(number - 1):
            found = NEXT.search(self.get(address))
            if found is None:
                break
            address = "/my-work/" + found[1].replace("&amp;", "&")
        return address


def measure(visitor: Visitor, page: str, address: str) -> Measure:
    """Catch the page's statements and time them."""
    statements: list[Statement] = []
    with connection.execute_wrapper(_catching(statements)):
        visitor.get(address)
    checked = [float("inf")] * len(statements)
    unchecked = list(checked)
    for _round in range(ROUNDS):
        with acting(visitor.actor):
            for index, statement in enumerate(statements):
                checked[index] = min(checked[index], _timed(statement, statement.role))
                unchecked[index] = min(unchecked[index], _timed(statement, BYPASS))
    slowest = statements[max(range(len(statements)), key=checked.__getitem__)]
    return Measure(page, len(statements), sum(checked), sum(unchecked), slowest.text)


def explain(visitor: Visitor, address: str, over: float) -> list[tuple[float, str]]:
    """The plans of the statements of a page that need more than ``over`` milliseconds."""
    statements: list[Statement] = []
    with connection.execute_wrapper(_catching(statements)):
        visitor.get(address)
    plans = []
    with acting(visitor.actor):
        for statement in statements:
            taken = min(_timed(statement, statement.role) for _round in range(3))
            if taken > over and not statement.text.startswith("INSERT"):
                asked = Statement(f"EXPLAIN (ANALYZE, BUFFERS) {statement.text}", statement.parameters, statement.role)
                with _in_role(asked.role), connection.cursor() as cursor:
                    cursor.execute(asked.text, asked.parameters)
                    plans.append((taken, "\n".join(row[0] for row in cursor.fetchall())))
    return plans


def _catching(statements: list[Statement]) -> Callable[..., Any]:
    def catch(execute: Any, text: str, parameters: Any, many: bool, context: Any) -> Any:
        if is_counted(text):
            statements.append(Statement(text, parameters, getattr(connection, "nrm_role", None)))
        return execute(text, parameters, many, context)

    return catch


def _timed(statement: Statement, role: str | None) -> float:
    parameters = statement.parameters
    if statement.text.startswith("INSERT"):
        # The row of the page itself stands; a repetition is a row of its own.
        parameters = (uuid4(), *parameters[1:])
    with _in_role(role), connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(statement.text, parameters)
        if cursor.description:
            cursor.fetchall()
        return (time.perf_counter() - start) * 1000


@contextmanager
def _in_role(role: str | None) -> Any:
    """In a savepoint that is rolled back, so that a statement may be repeated; the role goes with it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if role:
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(role)}")
        yield
        transaction.set_rollback(True)
