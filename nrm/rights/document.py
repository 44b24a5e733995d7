"""``docs/who_may.md``: the same two tables for readers of the repository, written by ``manage.py who_may``."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import override

from cases import policies
from cases.enums import SHAREABLE
from nrm.rights import tables
from profiles import codes
from profiles.profile import named

LANGUAGE: Final = "en"
COUNTRIES: Final = ("eu", "nl", "uk")
HEAD: Final = """# Who may see what, who may do what

Written by `manage.py who_may` from the policies that the application asks; a test holds it equal to them. The same
stands in the application under *Who may see and do what*. Sources: `sharing.md` sections 4 and 5; each country fills in
who decides.

## Who may see what

Of another organisation's rows, at most: **d** offered by default, **g** may be granted, **–** never. Nobody sees
anything of a case without assignment and a live share, whatever stands here. The own organisation's rows need no share.
The safe location is no category.
"""


def document() -> str:
    """The whole page, in English."""
    with override(LANGUAGE):
        return "\n".join([HEAD, *_ceiling(), "", *_acts(), ""])


def _ceiling() -> Iterator[str]:
    kinds = codes.get("organisation_kind")
    yield _row(["category", *(kinds.label(kind) for kind in policies.COLUMNS)])
    yield _row(["---"] * (len(policies.COLUMNS) + 1))
    for category in SHAREABLE:
        letters = [tables.letter(category, kind).replace(tables.NEVER, "–") for kind in policies.COLUMNS]
        yield _row([codes.get("category").label(category), *letters])
    yield ""
    yield f"Never anything: {', '.join(tables.without_grants())}."


def _acts() -> Iterator[str]:
    yield "## Who may do what"
    yield ""
    yield "Every act checks this in its operation; who may not know the case gets 404, who may not do it 403."
    for subject in tables.acts():
        yield ""
        yield f"### {subject.heading}"
        yield ""
        yield _row(["act", "who"])
        yield _row(["---", "---"])
        for act in subject.acts:
            yield _row([f"{act.label} (`{act.name}`)", "<br>".join(_ways(act))])


def _ways(act: tables.Act) -> Iterator[str]:
    """The ways; for what each country decides, those of every country that ships."""
    if act.name not in policies.PROFILE_STEPS:
        yield from act.who
        return
    for code in COUNTRIES:
        who = "; ".join(tables.who_may(act.name, named(code))) or "nobody"
        yield f"{code.upper()}: {who}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
