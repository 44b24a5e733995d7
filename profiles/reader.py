"""Reads the tables of a TOML file; every mistake becomes one line with file, entry and field."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from profiles.codes import CodeList
from profiles.words import Words

E = TypeVar("E", bound=StrEnum)
EPOCH = date(1900, 1, 1)


class Reader:
    """One table. A value that is missing or wrong is noted and replaced, so that all mistakes are found at once."""

    def __init__(self, where: str, table: Mapping[str, Any], mistakes: list[str]) -> None:
        self.where = where
        self.table = table
        self.mistakes = mistakes
        self.read: set[str] = set()

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty, unless a default is given."""
        return str(self._value(key, str, "" if default is None else default, is_optional=default is not None))

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number, zero or more."""
        value = self._value(key, int, default or 0, is_optional=default is not None)
        if isinstance(value, bool) or value < 0:
            self.wrong(key, f"must be a whole number, not {value!r}")
        return int(value)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """True or false."""
        return bool(self._value(key, bool, default or False, is_optional=default is not None))

    def day(self, key: str, default: date | None = None) -> date:
        """A date."""
        found: date = self._value(key, date, default or EPOCH, is_optional=default is not None)
        if isinstance(found, datetime):
            self.wrong(key, "must be a date without a time")
            return found.date()
        return found

    def later_day(self, key: str) -> date | None:
        """A date that may be absent."""
        return self.day(key) if key in self.table else None

    def clock(self, key: str) -> time:
        """A wall-clock time."""
        found: time = self._value(key, time, time.min)
        return found

    def words(self, suffix: str = "") -> Words:
        """The English and the Dutch of a label: ``en`` and ``nl``, or ``en_<suffix>`` and ``nl_<suffix>``."""
        return Words(self.text(f"en{suffix}"), self.text(f"nl{suffix}"))

    def zone(self, key: str) -> ZoneInfo:
        """A time zone of the IANA database."""
        name = self.text(key)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong(key, f"is not a time zone: {name!r}")
            return ZoneInfo("UTC")

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E:
        """A member of an enumeration."""
        return self._member(key, self.text(key, default), kind)

    def some_of(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Members of an enumeration; none when absent."""
        return tuple(self._member(key, value, kind) for value in self.texts(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty when absent."""
        values = self._value(key, list, [], is_optional=True)
        return tuple(str(value) for value in values)

    def code(self, key: str, listed: CodeList) -> str:
        """A code of a list."""
        value = self.text(key)
        if value and value not in listed:
            self.wrong(key, f"{value!r} is not in the list {listed.name}")
        return value

    def codes(self, key: str, listed: CodeList | Collection[str]) -> tuple[str, ...]:
        """Codes of a list; none when absent."""
        values = self.texts(key)
        for value in values:
            if value not in listed:
                self.wrong(key, f"{value!r} is not in the list {getattr(listed, 'name', '')}".rstrip())
        return values

    def part(self, key: str) -> "Reader":
        """A table inside this one."""
        return Reader(f"{self.where}, {key}", self._value(key, dict, {}), self.mistakes)

    def parts(self, key: str, *, is_optional: bool = False) -> Iterator["Reader"]:
        """The tables of a list inside this one, named by their code."""
        for number, table in enumerate(self._value(key, list, [], is_optional=is_optional), start=1):
            if not isinstance(table, dict):
                self.wrong(key, f"must be a list of tables, not {table!r}")
                continue
            name = table.get("code", f"entry {number}")
            yield Reader(f"{self.where}, {key} {name}", table, self.mistakes)

    def wrong(self, key: str, why: str) -> None:
        """Note a mistake in one field."""
        self.mistakes.append(f"{self.where}: {key} {why}")

    def finish(self) -> None:
        """Note the fields that nobody read: a misspelt field must not be passed over in silence."""
        for key in self.table:
            if key not in self.read:
                self.wrong(key, "is not a field")

    def _member(self, key: str, value: str, kind: type[E]) -> E:
        if value in {member.value for member in kind}:
            return kind(value)
        if value:
            self.wrong(key, f"{value!r} is none of {', '.join(kind)}")
        return next(iter(kind))

    def _value(self, key: str, kind: type, default: Any, *, is_optional: bool = False) -> Any:
        self.read.add(key)
        if key not in self.table or (self.table[key] == "" and not is_optional):
            if not is_optional:
                self.wrong(key, "is missing")
            return default
        if not isinstance(self.table[key], kind):
            self.wrong(key, f"must be a {kind.__name__}, not {self.table[key]!r}")
            return default
        return self.table[key]
