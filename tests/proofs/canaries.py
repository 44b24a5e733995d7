"""One unique value for each category and owner, sealed into rows of the world, and who may come across it.

Who may is reckoned from the written table of who knows a case (``tests/matrix/table.py``) and from the rows of shares;
nothing here asks the policies under test.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from redis import Redis

from accounts.context import acting
from cases.models import (
    CategoryRow,
    Child,
    Contact,
    Criminal,
    Exploitation,
    Exploiters,
    Health,
    Identity,
    Immigration,
    Indicator,
    Narrative,
    Service,
)
from cases.operations.labels import set_label
from tests.cases.files import inside
from tests.cast import PERSONAS
from tests.matrix.table import KNOWN
from tests.referrals.scenes import row
from tests.world import World

# The sealed field that a page shows, and what else a row of the table needs.
FIELDS: Final[Mapping[type[CategoryRow], tuple[str, Mapping[str, Any]]]] = {
    Identity: ("other_names", {"age_group": "adult"}),
    Contact: ("code_word", {"has_safe_channel": True}),
    Exploitation: ("remarks", {"form": "labour"}),
    Narrative: ("text", {}),
    Exploiters: ("text", {}),
    Health: ("text", {}),
    Immigration: ("remarks", {}),
    Criminal: ("remarks", {}),
    Child: ("remarks", {}),
    Service: ("remarks", {"service": "counselling", "status": "started"}),
    Indicator: ("note", {"indicator": "", "nature": "fact"}),
}
# Subject of the matrix → persona of each organisation that writes in the case.
WRITERS: Final[Mapping[str, tuple[str, ...]]] = {
    "guarded": ("ngo_caseworker", "shelter_worker", "child_protection_supervisor", "guardian_supervisor"),
    "grounds": ("police_officer", "shelter_worker", "authority_decision_maker"),
}


@dataclass(frozen=True)
class Canary:
    """A value, whose it is, and of which category; ``label`` is the working label of an organisation."""

    value: str
    subject: str
    owner: str
    category: str

    def may_reach(self, persona: str, shares: set[tuple[str, str, str, str]]) -> bool:
        """Own rows of a case that one knows, and what is shared with one's organisation."""
        if persona not in KNOWN[self.subject]:
            return False
        own = PERSONAS[persona][0]
        return own == self.owner or (self.subject, self.owner, own, self.category) in shares


def plant(world: World) -> list[Canary]:
    """Write every canary; rows that exist once for each owner are changed, the others are added."""
    found = []
    for subject, writers in WRITERS.items():
        for writer in writers:
            person, case = getattr(world.cast, writer), world.cases[subject]
            owner = PERSONAS[writer][0]
            with inside(person, case) as (actor, access):
                label = Canary(f"zz{owner}{subject}label".replace("_", ""), subject, owner, "label")
                set_label(actor, access=access, label=label.value)
                found.append(label)
            for model, (field, columns) in FIELDS.items():
                canary = Canary(f"zz{owner}{subject}{model.__name__.lower()}", subject, owner, model.category)
                _write(person, case, model, {field: canary.value}, columns)
                found.append(canary)
    return found


def _write(person: Any, case: Any, model: type[CategoryRow], content: Mapping[str, str], columns: Any) -> None:
    with acting(person.actor):
        kept = model._default_manager.filter(case=case, owner_organisation=person.organisation).first()
        if kept is not None and model.is_single:
            kept.case = case
            kept.seal({**kept.open(), **content})
            kept.save(update_fields=["sealed"])
        else:
            row(person, case, model, dict(content), **columns)


def shares(world: World, admin: "psycopg.Connection[Any]") -> set[tuple[str, str, str, str]]:
    """Subject, giver, taker, category of every live share, as a superuser reads them."""
    cases = {case.pk: name for name, case in world.cases.items()}
    names = {organisation.pk: name for name, organisation in vars(world.cast.organisations).items()}
    rows = admin.execute(
        "SELECT case_id, from_organisation_id, to_organisation_id, unnest(categories) FROM cases_share"
        " WHERE ended_at IS NULL AND ends_at > now()"
    )
    return {(cases[case], names[giver], names[taker], word) for case, giver, taker, word in rows if case in cases}


def in_redis(url: str) -> Iterator[str]:
    """Every message that waits in Redis: its envelope, and its body decoded."""
    client: Any = Redis.from_url(url, decode_responses=True)
    for key in client.scan_iter(_type="list"):
        for message in client.lrange(key, 0, -1):
            yield message + b64decode(json.loads(message)["body"]).decode()
    for key in client.scan_iter():
        yield key if client.type(key) == "list" else f"{key} {client.dump(key)!r}"
    client.close()
