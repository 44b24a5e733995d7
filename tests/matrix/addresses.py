"""The addresses of the resolver, and the address of each for one world."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from core import reference
from tests.matrix.table import ROUTES
from tests.world import World

NEVER = UUID(int=7)


def names(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every URL name, with its namespace; a pattern without a name by its text."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern, (*spaces, *filter(None, [pattern.namespace])))
        else:
            yield ":".join((*spaces, pattern.name or str(pattern.pattern)))


def converters() -> dict[str, set[str]]:
    """The parameters of every URL name."""
    found: dict[str, set[str]] = {}

    def walk(resolver: Any, spaces: tuple[str, ...], above: set[str]) -> None:
        for one in resolver.url_patterns:
            here = above | set(one.pattern.converters) | set(one.pattern.regex.groupindex)
            if isinstance(one, URLPattern):
                found[":".join((*spaces, one.name or str(one.pattern)))] = here
            else:
                walk(one, (*spaces, *filter(None, [one.namespace])), here)

    walk(get_resolver(), (), set())
    return found


class Addresses:
    """Addresses in a world: of the subject that the table names, and of one that never was."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.converters = converters()
        self.absent_reference = reference.show(reference.new())

    def of(self, name: str) -> str:
        return reverse(name, kwargs=self._values(name, self._subject(name)))

    def absent(self, name: str) -> str:
        """The same address with a reference or key that nobody has."""
        values = self._values(name, self._subject(name))
        key = "reference" if "reference" in values else "pk"
        return reverse(name, kwargs={**values, key: self.absent_reference if key == "reference" else NEVER})

    def _subject(self, name: str) -> SimpleNamespace:
        """The case and the key of the table's subject."""
        subject, keys, cast = ROUTES[name].subject if name in ROUTES else "", self.world.keys, self.world.cast
        key: Any = {
            "own row": keys.identity,
            "read row": keys.identity,
            "own consent": keys.consent,
            "unknown override": keys.consent,
            "share": keys.share,
            "own share": keys.share,
            "line": keys.share,
            "sharing request": keys.sharing_request,
            "duty": keys.duty,
            "block": keys.block,
            "draft": keys.draft,
            "notice": keys.notice,
            "own membership": cast.ngo_caseworker.membership_id,
            "received share": keys.share,
            "absence": keys.absence,
            "grounds": keys.stay,
            "stated": keys.word,
            "release": keys.release,
            "emergency": keys.emergency,
            "member": cast.colleague_unassigned.membership_id,
            "invitation": keys.invitation,
            "role grant": keys.role_grant,
            "referral": self.world.referrals["waiting"].pk,
            "double": keys.double,
            "link question": keys.side,
            "link": keys.link,
            "lead vacancy": keys.vacancy,
            "lead proposal": keys.proposal,
            "lead offer": keys.offer,
            "worked referral": self.world.referrals["working"].pk,
        }.get(subject)
        if name.endswith((":unassign", ":member", ":caseload")):
            key = cast.ngo_caseworker.membership_id
        elif name.startswith("accounts:") and not subject:
            key = cast.organisations.ngo.pk
        return SimpleNamespace(case=self.world.cases.get(subject, self.world.cases["guarded"]), key=key)

    def _values(self, name: str, subject: SimpleNamespace) -> dict[str, Any]:
        every = {
            "reference": subject.case.shown_reference,
            "pk": subject.key,
            "category": "identity",
            "item": NEVER,
            "name": "contact",
            "to": self.world.cast.organisations.shelter.pk,
            "question": self.world.keys.question,
            "token": "none",
            "day": "2026-12-10",
            "key": "none",
            "uidb36": "1",
        }
        return {field: every[field] for field in self.converters[name]}
