"""A cursor that somebody made up shows the first page."""

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from reporting.keyset import Cursor


def made_up(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        made_up(1),
        made_up("soon", str(UUID(int=7)), 0),
        made_up("", "no key", 0),
        made_up("2026-01-01", str(UUID(int=7)), 0),
    ],
)
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert Cursor.decode(text) is None


@pytest.mark.parametrize("value", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_a_cursor_is_read_back(value: datetime | None) -> None:
    cursor = Cursor(value, UUID(int=7), is_backward=True)
    assert Cursor.decode(cursor.encode()) == cursor
