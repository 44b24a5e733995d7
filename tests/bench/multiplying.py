"""Many cases out of some: the rows that lists are made of, copied inside PostgreSQL under new keys.

What is filled by COPY is complete, with sealed rows, referrals and timeline. Each of its cases is then repeated as
often as wanted with what decides over lists: person, case, key, lead, visibility, shares, grants and clocks, each a
little later.
"""

from typing import Any, Final

import psycopg

from tests.bench.filling import Filling

# Keys that other tables refer to are made anew from the old key and the number of the copy, alike everywhere.
TABLES: Final = (
    "cases_person",
    "cases_case",
    "cases_casekey",
    "cases_caselead",
    "cases_casevisibility",
    "cases_share",
    "cases_casegroupobjectpermission",
    "cases_deadline",
)
REFERRED_TO: Final = frozenset({"cases_person", "cases_case", "cases_share"})
FOLLOWED: Final = frozenset({"case_id", "person_id", "content_object_id", "share_id"})
LATER: Final = frozenset({"next_due_at", "due_at", "last_activity_at"})
COLUMNS: Final = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'
      AND coalesce(column_default, '') NOT LIKE 'nextval%%' ORDER BY ordinal_position
"""
INDEXES: Final = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid = %s::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
"""


def multiply(loader: "psycopg.Connection[Any]", owner: "psycopg.Connection[Any]", times: int, filling: Filling) -> int:
    """``times`` as many cases; indexes are made again at the end. Returns how many rows were added."""
    indexes = [row for table in TABLES for row in owner.execute(INDEXES, [table]).fetchall()]
    for name, _definition in indexes:
        owner.execute(f"DROP INDEX {name}")
    _references(loader, times, filling)
    rows = sum(_copy(loader, table, times - 1) for table in TABLES)
    loader.commit()
    for _name, definition in indexes:
        owner.execute(definition)
    return rows


def _references(loader: "psycopg.Connection[Any]", times: int, filling: Filling) -> None:
    """Valid references for all that is to come."""
    taken = {reference for (reference,) in loader.execute("SELECT reference FROM cases_case").fetchall()}
    wanted = len(taken) * (times - 1)
    loader.execute("CREATE TEMPORARY TABLE fresh (number bigint PRIMARY KEY, reference text)")
    with loader.cursor() as cursor, cursor.copy("COPY fresh FROM STDIN") as copy:
        for number in range(wanted):
            while (fresh := filling.reference()) in taken:
                pass
            taken.add(fresh)
            copy.write_row((number, fresh))


def _copy(loader: "psycopg.Connection[Any]", table: str, copies: int) -> int:
    columns = [name for (name,) in loader.execute(COLUMNS, [table]).fetchall()]
    values = ", ".join(_value(table, column) for column in columns)
    statement = f"""
        INSERT INTO {table} ({", ".join(columns)}) SELECT {values}
        FROM (SELECT t.*, row_number() OVER () - 1 AS place FROM {table} t) t CROSS JOIN generate_series(1, {copies}) k
    """
    if table == "cases_case":
        statement += f" JOIN fresh ON fresh.number = t.place * {copies} + k - 1"
    return loader.execute(statement).rowcount


def _value(table: str, column: str) -> str:
    if column in FOLLOWED or (column == "id" and table in REFERRED_TO):
        return f"md5(t.{column}::text || k)::uuid"
    if column == "id":
        return "uuidv7()"
    if column in LATER:
        return f"t.{column} + k * interval '17 minutes'"
    return "fresh.reference" if column == "reference" else f"t.{column}"
