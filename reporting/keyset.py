"""Pages of a list of any length: a cursor, not an offset, so that the hundredth page costs what the first does."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

SIZE: Final = 25
DUE: Final = "due"
ACTIVITY: Final = "activity"
# Compared as one, so that the planner guesses honestly how much of the list lies beyond a place.
PLACE: Final = Tuple(F("next_due_at"), F("case_id"))
Prepare: TypeAlias = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass(frozen=True)
class Cursor:
    """The place between two rows: the value of the order's column there, and the case that settles ties."""

    value: datetime | None
    case_id: UUID
    is_backward: bool = False

    def encode(self) -> str:
        parts = [self.value.isoformat() if self.value else "", str(self.case_id), int(self.is_backward)]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor | None:
        """None for what is no cursor: a mistyped address shows the first page."""
        try:
            value, case_id, is_backward = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            moment = datetime.fromisoformat(value) if value else None
            is_real = moment is None or moment.tzinfo is not None
            return cls(moment, UUID(case_id), bool(is_backward)) if is_real else None
        except (ValueError, TypeError, AttributeError, binascii.Error):
            return None


def _as_they_are(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True)
class Page:
    """One page of rows with the cursors around it, None where there is nothing more."""

    rows: list[Any]
    next: Cursor | None
    previous: Cursor | None


def page(
    rows: QuerySet[Any], order: str, cursor: Cursor | None, size: int = SIZE, prepare: Prepare = _as_they_are
) -> Page:
    """The rows after (or before) ``cursor`` in ``order``: soonest due first, or last activity first.

    ``prepare`` adds what is shown of a row. It gets the rows of the page only, so that what it joins is never joined
    to a whole list.
    """
    is_backward = cursor is not None and cursor.is_backward
    found = _fetch(rows, order, cursor, size + 1, prepare)
    has_more, found = len(found) > size, found[:size]
    if is_backward:
        found.reverse()
    column = _column(order)
    has_next, has_previous = (True, has_more) if is_backward else (has_more, cursor is not None)
    return Page(
        rows=found,
        next=Cursor(getattr(found[-1], column), found[-1].case_id) if found and has_next else None,
        previous=Cursor(getattr(found[0], column), found[0].case_id, is_backward=True)
        if found and has_previous
        else None,
    )


def _column(order: str) -> str:
    return "last_activity_at" if order == ACTIVITY else "next_due_at"


def _fetch(rows: QuerySet[Any], order: str, cursor: Cursor | None, count: int, prepare: Prepare) -> list[Any]:
    if order == ACTIVITY:
        return _take(_by_activity(rows, cursor), count, prepare)
    if cursor is None:
        return _take(rows.order_by(F("next_due_at").asc(nulls_last=True), "case_id"), count, prepare)
    if cursor.is_backward:
        return _before(rows, cursor, count, prepare)
    return _after(rows, cursor, count, prepare)


def _take(rows: QuerySet[Any], count: int, prepare: Prepare) -> list[Any]:
    """The first rows, chosen by the list's own index alone, then prepared."""
    chosen = rows.model._default_manager.filter(pk__in=rows[:count].values("pk"))
    return list(prepare(chosen).order_by(*rows.query.order_by))


def _by_activity(rows: QuerySet[Any], cursor: Cursor | None) -> QuerySet[Any]:
    if cursor is None:
        return rows.order_by("-last_activity_at", "case_id")
    if cursor.is_backward:
        place = Q(last_activity_at__gt=cursor.value) | Q(last_activity_at=cursor.value, case_id__lt=cursor.case_id)
        return rows.filter(place, last_activity_at__gte=cursor.value).order_by("last_activity_at", "-case_id")
    place = Q(last_activity_at__lt=cursor.value) | Q(last_activity_at=cursor.value, case_id__gt=cursor.case_id)
    return rows.filter(place, last_activity_at__lte=cursor.value).order_by("-last_activity_at", "case_id")


def _after(rows: QuerySet[Any], cursor: Cursor, count: int, prepare: Prepare) -> list[Any]:
    """With a due day first, then those without: two ranges of one index, the second only when the first ran out."""
    found: list[Any] = []
    undated = rows.filter(next_due_at__isnull=True)
    if cursor.value is not None:
        beyond = TupleGreaterThan(PLACE, (cursor.value, cursor.case_id))
        dated = rows.filter(beyond).order_by("next_due_at", "case_id")
        found = _take(dated, count, prepare)
    else:
        undated = undated.filter(case_id__gt=cursor.case_id)
    if len(found) < count:
        found += _take(undated.order_by("case_id"), count - len(found), prepare)
    return found


def _before(rows: QuerySet[Any], cursor: Cursor, count: int, prepare: Prepare) -> list[Any]:
    found: list[Any] = []
    dated = rows.filter(next_due_at__isnull=False)
    if cursor.value is None:
        undated = rows.filter(next_due_at__isnull=True, case_id__lt=cursor.case_id)
        found = _take(undated.order_by("-case_id"), count, prepare)
    else:
        dated = dated.filter(TupleLessThan(PLACE, (cursor.value, cursor.case_id)))
    if len(found) < count:
        found += _take(dated.order_by("-next_due_at", "-case_id"), count - len(found), prepare)
    return found
