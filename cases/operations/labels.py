"""An organisation's own working labels ("the one with the red coat"; not a name), and finding a case by them.

A label is sealed. It is found by tokens: keyed hashes of its words, with a key per organisation, so that equal words of
two organisations cannot be compared and the table alone tells nothing.
"""

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from audit import trail
from cases import policies
from cases.access import label_of, own_labels, relock
from cases.models import Case, CaseLabel, CaseVisibility, Identity
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.members import INTERNAL
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused
from profiles.profile import active

LONGEST: Final = 60
TOKEN_LENGTH: Final = 24
MOST: Final = 50
COLOURS: Final = (
    gettext_lazy("amber"),
    gettext_lazy("blue"),
    gettext_lazy("green"),
    gettext_lazy("grey"),
    gettext_lazy("red"),
    gettext_lazy("white"),
)
THINGS: Final = (
    gettext_lazy("lantern"),
    gettext_lazy("bicycle"),
    gettext_lazy("bridge"),
    gettext_lazy("harbour"),
    gettext_lazy("ladder"),
    gettext_lazy("umbrella"),
    gettext_lazy("willow"),
)
NAMES: Final = ("given_names", "family_name", "other_names")
# An initial names nobody.
SHORTEST_NAME: Final = 2
WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Found:
    """A case that a label led to."""

    case: Case
    label: str


def proposal() -> str:
    """A label that says nothing of the person, in the reader's language; another each day, the same for everybody."""
    day = clock.today(active().zone).toordinal()
    return f"{COLOURS[day % len(COLOURS)]} {THINGS[day % len(THINGS)]}"


def version_of(label: str) -> int:
    """A number that tells one label from another: what the page showed, when it comes back to be saved."""
    return int.from_bytes(sha256(label.encode()).digest()[:4])


def set_label(actor: Actor, *, access: CaseAccess, label: str, version: int | None = None) -> CaseLabel:
    """Give the case a working label for the own organisation; an empty one takes it away.

    ``version`` is ``version_of`` the label that the page showed. Raises ``Conflict`` with both when a colleague has
    changed it since, ``Refused`` for one that is too long or holds the person's name as the organisation wrote it.
    """
    access = relock(access)
    policies.require(actor, "set_label", access)
    if len(label) > LONGEST:
        raise Refused(_("Use %(limit)s characters or fewer.") % {"limit": LONGEST}, field="label")
    if _names(access.case, organisation_of(actor)) & set(_words(label)):
        raise Refused(
            _("Leave out the person’s name: the label stands in lists and is found by search. Use something neutral."),
            field="label",
        )
    current = label_of(access)
    if version is not None and current != label and version != version_of(current):
        raise Conflict(current={"label": current}, version=version_of(current))
    row = own_labels(actor, [access.case.pk]).first() or CaseLabel(
        owner_organisation_id=organisation_of(actor), case=access.case
    )
    row.case = access.case
    row.tokens = tokens(actor, label)
    row.changed_by_id = membership_of(actor)
    row.seal({"label": label})
    row.save()
    trail.record(
        "set_label", actor=actor, case_id=access.case.pk, category=INTERNAL, object_kind="caselabel", object_id=row.pk
    )
    return row


def leave_out_names(actor: Actor, case: Case) -> None:
    """Take away the own label when what was just written of the person's identity shows that it holds the name."""
    row = own_labels(actor, [case.pk]).first()
    if row is None:
        return
    row.case = case
    if _names(case, organisation_of(actor)) & set(_words(str(row.open()["label"]))):
        row.tokens = []
        row.changed_by_id = membership_of(actor)
        row.seal({"label": ""})
        row.save()
        trail.record(
            "set_label", actor=actor, case_id=case.pk, category=INTERNAL, object_kind="caselabel", object_id=row.pk
        )


def _names(case: Case, owner: UUID) -> set[str]:
    """The words of the person's names as the organisation itself wrote them; what others wrote is not looked at."""
    found: set[str] = set()
    for row in Identity.objects.filter(case=case, owner_organisation_id=owner):
        row.case = case
        content = row.open()
        found.update(word for field in NAMES for word in _words(str(content.get(field) or "")))
    return {word for word in found if len(word) >= SHORTEST_NAME}


def tokens(actor: Actor, text: str) -> list[str]:
    """The tokens of the words of ``text`` for the actor's organisation, each once, in a fixed order."""
    key = _key(actor.organisation_id)
    return sorted({hmac.new(key, word.encode(), sha256).hexdigest()[:TOKEN_LENGTH] for word in _words(text)})


def find(actor: Actor, text: str) -> list[Found]:
    """Cases that the actor may know and whose own label has every word of ``text``; at most 50, latest first."""
    wanted = tokens(actor, text)
    if not wanted:
        return []
    labelled = CaseLabel.objects.filter(owner_organisation_id=actor.organisation_id, tokens__contains=wanted)
    visible = CaseVisibility.objects.visible_to(actor).filter(case__in=labelled.values("case_id"))
    rows = visible.select_related("case", "case__key").order_by("-last_activity_at", "case_id")[:MOST]
    cases = [row.case for row in rows]
    trail.note(cases_shown=len(cases))
    shown = of_cases(actor, cases)
    return [Found(case, shown.get(case.pk, "")) for case in cases]


def of_cases(actor: Actor, cases: Sequence[Case]) -> dict[UUID, str]:
    """The own labels of cases that the actor was shown to know; load them with their key (one more query for all)."""
    by_id = {case.pk: case for case in cases}
    labels: dict[UUID, str] = {}
    for row in own_labels(actor, list(by_id)):
        row.case = by_id[row.case_id]
        labels[row.case_id] = str(row.open()["label"])
    return labels


def _words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _key(organisation_id: UUID | None) -> bytes:
    return salted_hmac("cases.label", str(organisation_id), secret=settings.SECRET_KEY, algorithm="sha256").digest()
