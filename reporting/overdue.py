"""Overdue steps: reference, step, organisation and since when, the longest overdue first; nothing about the person.

Read as ``nrm_statistics``, like the figures; the coordinator knows no case (``sharing.md`` rules 1 and 16).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases.enums import Category
from cases.masking import Names
from core.db import role
from profiles.profile import active
from reporting.keyset import SIZE, Cursor
from reporting.statistics import KNOWABLE, ROLE, Scope

SELECTED: Final = f"""
  FROM (SELECT id, case_id, rule, bound_organisation_id, due_at FROM cases_deadline
         WHERE state = 'open' AND due_at <= %(now)s AND rule <> ALL (%(periods)s)) d
  JOIN cases_case c ON c.id = d.case_id JOIN accounts_organisation o ON o.id = d.bound_organisation_id
 WHERE (%(region)s = '' OR c.region = %(region)s) AND (%(kind)s = '' OR o.kind = %(kind)s)
   AND (%(organisation)s::uuid IS NULL OR d.bound_organisation_id = %(organisation)s::uuid)
   AND {KNOWABLE.format(case="d.case_id")}
"""  # noqa: S608 - constants of this code; values are parameters
COLUMNS: Final = "d.id, d.case_id, c.reference, d.rule, o.id, o.name, o.kind, d.due_at"
FIRST: Final = f"SELECT {COLUMNS} {SELECTED} ORDER BY d.due_at, d.id LIMIT %(size)s"
AFTER: Final = f"""SELECT {COLUMNS} {SELECTED}
   AND (d.due_at, d.id) > (%(at)s, %(key)s) ORDER BY d.due_at, d.id LIMIT %(size)s"""
BEFORE: Final = f"""SELECT {COLUMNS} {SELECTED}
   AND (d.due_at, d.id) < (%(at)s, %(key)s) ORDER BY d.due_at DESC, d.id DESC LIMIT %(size)s"""
COUNT: Final = f"SELECT count(*) {SELECTED}"


@dataclass(frozen=True)
class Late:
    """An overdue step; ``step`` are the neutral words of the rule."""

    key: UUID
    reference: str
    step: str
    organisation: str
    due_at: datetime


@dataclass(frozen=True)
class LatePage:
    """One page of overdue steps with the cursors around it, None where there is nothing more."""

    rows: Sequence[Late]
    next: Cursor | None
    previous: Cursor | None


def count(scope: Scope) -> int:
    """How many steps are overdue now; the period of ``scope`` does not matter."""
    return int(_rows(COUNT, scope, None, 0)[0][0])


def page(actor: Actor, scope: Scope, cursor: Cursor | None, size: int = SIZE) -> LatePage:
    """The overdue steps after (or before) ``cursor``, each organisation as ``actor`` may see it (rule 6)."""
    is_backward = cursor is not None and cursor.is_backward
    statement = FIRST if cursor is None else BEFORE if is_backward else AFTER
    found = _rows(statement, scope, cursor, size + 1)
    has_more, found = len(found) > size, found[:size]
    if is_backward:
        found.reverse()
    words = {rule.code: str(rule.task) for rule in active().rules}
    names = Names(actor, [case for _key, case, *_rest in found])
    trail.note(categories=(Category.STATUS,), cases_shown=len(found))
    rows = [
        Late(key, shown, words.get(rule, rule), names.of(Organisation(pk=of, name=name, kind=kind), case).name, due)
        for key, case, shown, rule, of, name, kind, due in found
    ]
    has_next, has_previous = (True, has_more) if is_backward else (has_more, cursor is not None)
    return LatePage(
        rows=rows,
        next=Cursor(rows[-1].due_at, rows[-1].key) if rows and has_next else None,
        previous=Cursor(rows[0].due_at, rows[0].key, is_backward=True) if rows and has_previous else None,
    )


def _rows(statement: str, scope: Scope, cursor: Cursor | None, size: int) -> list[tuple[Any, ...]]:
    place = {"at": cursor.value, "key": cursor.case_id} if cursor else {"at": None, "key": None}
    periods = sorted(active().periods)
    with role(ROLE), connection.cursor() as database:
        database.execute(statement, {**scope.parameters(), **place, "size": size, "periods": periods})
        return list(database.fetchall())
