"""Database time of a page: its statements are caught once, then repeated, with row-level security and without.

"Unchecked" is the same statement in the same transaction as a role that passes by row-level security. Reported is, for
each statement, the best of several, added up; in milliseconds, as the application sees it.
"""

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.test import Client

from accounts.actors import SESSION_MEMBERSHIP, Actor, actor_for
from accounts.context import acting
from accounts.models import Membership
from cases import access as door
from cases.models import Case, CaseVisibility, Identity
from reporting import keyset
from tests.cases.filing import is_counted

ROUNDS: Final = 12
BYPASS: Final = "nrm_loader"
LISTED: Final = '"cases_casevisibility" INNER JOIN "cases_case"'


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
    # Of ``checked``, what the statement needs that chooses the rows of a list.
    listed: float


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
        """The address of a case that is there with everything; of the list, when there is none."""
        found = self.known_case()
        return f"/cases/{found.shown_reference}/" if found else "/my-work/"

    def known_case(self) -> Case | None:
        """A case on the list that has rows of its own."""
        with acting(self.actor):
            known = Case.objects.visible_to(self.actor).filter(Exists(Identity.objects.filter(case=OuterRef("pk"))))
            return known.order_by("pk").first()

    def page_number(self, number: int) -> str:
        """The address of a page far down the list; of the last one, when the list is shorter."""
        with acting(self.actor):
            rows = CaseVisibility.objects.visible_to(self.actor)
            place = min(number, (rows.count() + keyset.SIZE - 1) // keyset.SIZE) - 1
            if place < 1:
                return "/my-work/"
            before = rows.order_by(F("next_due_at").asc(nulls_last=True), "case_id")[place * keyset.SIZE - 1]
        return f"/my-work/?at={keyset.Cursor(before.next_due_at, before.case_id).encode()}"


def measure(visitor: Visitor, page: str, address: str) -> Measure:
    """Catch the page's statements and time them."""
    statements: list[Statement] = []
    with connection.execute_wrapper(_catching(statements)):
        visitor.get(address)
    return _measured(visitor, page, statements)


def measure_access(visitor: Visitor, words: str) -> Measure:
    """The access check of one case: may it be known, is it assigned, who leads, what is shared."""
    statements: list[Statement] = []
    case = visitor.known_case()
    if case is None:
        raise RuntimeError("An organisation without any case cannot be measured.")
    with acting(visitor.actor), connection.execute_wrapper(_catching(statements)):
        door.get_case(visitor.actor, case.shown_reference)
    return _measured(visitor, words, statements)


def _measured(visitor: Visitor, page: str, statements: list[Statement]) -> Measure:
    checked = [float("inf")] * len(statements)
    unchecked = list(checked)
    for _round in range(ROUNDS):
        with acting(visitor.actor):
            for index, statement in enumerate(statements):
                checked[index] = min(checked[index], _timed(statement, statement.role))
                unchecked[index] = min(unchecked[index], _timed(statement, BYPASS))
    slowest = statements[max(range(len(statements)), key=checked.__getitem__)]
    listing = (taken for taken, one in zip(checked, statements, strict=True) if LISTED in one.text)
    return Measure(page, len(statements), sum(checked), sum(unchecked), slowest.text, next(listing, sum(checked)))


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
