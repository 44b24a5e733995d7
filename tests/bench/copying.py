"""Rows into tables by COPY: text of PostgreSQL's own format, some thousand rows at a time."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

NULL: Final = r"\N"
EMPTY: Final = "{}"
BATCH: Final = 2_000_000


class Copier:
    """Collects lines by table and copies them when enough have come together."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self.columns: dict[str, tuple[str, ...]] = {}
        self.lines: dict[str, list[str]] = {}
        self.size = 0
        self.rows = 0

    def add(self, table: str, **values: Any) -> None:
        """One row; every row of a table has the same columns in the same order."""
        self.columns.setdefault(table, tuple(values))
        line = "\t".join([written(value) for value in values.values()])
        self.lines.setdefault(table, []).append(line)
        self.size += len(line)
        if self.size > BATCH:
            self.flush()

    def flush(self) -> None:
        """Copy what has been collected."""
        with self.connection.cursor() as cursor:
            for table, lines in self.lines.items():
                columns = sql.SQL(", ").join(map(sql.Identifier, self.columns[table]))
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
                with cursor.copy(statement) as copy:
                    copy.write("\n".join(lines) + "\n")
                self.rows += len(lines)
        self.lines.clear()
        self.size = 0


def written(value: Any) -> str:
    """A value in COPY's text format."""
    match value:
        case str():
            return value
        case None:
            return NULL
        case UUID():
            return value.hex
        case bool():
            return "t" if value else "f"
        case int():
            return str(value)
        case bytes():
            return "\\\\x" + value.hex()
        case datetime() | date():
            return value.isoformat()
        case dict():
            return json.dumps(value).replace("\\", "\\\\")
        case Iterable():
            return "{" + ",".join(value) + "}"
    raise TypeError(f"{type(value)} has no text here")
