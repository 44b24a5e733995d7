"""``docs/derived.md``: the list of derived values for readers of the repository, written by ``manage.py derived``."""

from collections.abc import Iterator
from typing import Final

from nrm.derived.values import DERIVED, Derived

HEAD: Final = """# What follows from what

Every value that is worked out of others, what it is worked out of, where, and the test that changes a source and looks
at the value. Written by `manage.py derived` from `nrm/derived/values.py`.

Tests hold the list whole. Each column of the case file and of referrals stands there either as a fact (what somebody
said or did) or as derived. A column that is written where something is derived stands among the derived. Who adds a
column says which of the two it is.

What is known of the age, and what follows from it: [decision 40](decisions/0040-what-is-known-of-the-age.md).
"""


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_table(), ""])


def _table() -> Iterator[str]:
    yield "| value | stands in | follows from | worked out by | test |"
    yield "|---|---|---|---|---|"
    yield from (_row(one) for one in DERIVED)


def _row(one: Derived) -> str:
    place = f"`{one.model}`: {', '.join(one.columns.split())}" if one.columns else "worked out when it is read"
    homes = ", ".join(f"`{home.strip()}`" for home in one.home.split(","))
    return f"| {one.value} | {place} | {one.sources} | {homes} | {', '.join(f'`{test}`' for test in one.tests)} |"
