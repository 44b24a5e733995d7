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
# Columns that the filling does not name, must not be null and have no default: what stands there instead, by type.
NEEDED: Final = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_nullable = 'NO' AND column_default IS NULL
      AND is_identity = 'NO' ORDER BY ordinal_position
"""
EMPTY_OF: Final = {"boolean": "f", "ARRAY": EMPTY, "jsonb": EMPTY, "integer": "0", "smallint": "0", "bytea": ""}


class Copier:
    """Collects lines by table and copies them when enough have come together."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self.columns: dict[str, tuple[str, ...]] = {}
        self.rest: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}
        self.size = 0
        self.rows = 0

    def add(self, table: str, **values: Any) -> None:
        """One row; every row of a table has the same columns in the same order."""
        if table not in self.columns:
            self._learn(table, tuple(values))
        line = "\t".join([written(value) for value in values.values()]) + self.rest[table]
        self.lines.setdefault(table, []).append(line)
        self.size += len(line)
        if self.size > BATCH:
            self.flush()

    def _learn(self, table: str, named: tuple[str, ...]) -> None:
        """Which columns a line of this table has; newer ones, that the filling does not know, are left empty."""
        needed = [row for row in self.connection.execute(NEEDED, [table]) if row[0] not in named]
        self.columns[table] = (*named, *(name for name, _kind in needed))
        self.rest[table] = "".join(f"\t{EMPTY_OF.get(kind, '')}" for _name, kind in needed)

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
