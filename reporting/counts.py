"""Counts on tabs: exact up to 1,000, then "1,000+", all in one question to the database."""

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Value
from django.utils.formats import number_format

LIMIT: Final = 1000


def capped(querysets: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each has, at most ``LIMIT`` + 1."""
    if not querysets:
        return {}
    parts: list[str] = []
    values: list[Any] = []
    for queryset in querysets.values():
        try:
            statement, parameters = (
                queryset.order_by().annotate(one=Value(1)).values("one")[: LIMIT + 1].query.sql_with_params()
            )
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({statement}) capped)")  # noqa: S608 - Django's own SQL
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)
        found = cursor.fetchone()
    return dict(zip(querysets, found, strict=True))


def shown(count: int) -> str:
    """“37”, “1,000+”."""
    return f"{number_format(LIMIT, force_grouping=True)}+" if count > LIMIT else str(count)
