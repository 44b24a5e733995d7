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

from accounts.actors import Actor
from audit import trail
from cases import policies
from cases.access import own_labels, relock
from cases.models import Case, CaseLabel, CaseVisibility
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.members import INTERNAL
from cases.policies import CaseAccess
from core.errors import Refused

LONGEST: Final = 60
TOKEN_LENGTH: Final = 24
MOST: Final = 50
WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Found:
    """A case that a label led to."""

    case: Case
    label: str


def set_label(actor: Actor, *, access: CaseAccess, label: str) -> CaseLabel:
    """Give the case a working label for the own organisation; an empty one takes it away."""
    access = relock(access)
    policies.require(actor, "set_label", access)
    if len(label) > LONGEST:
        raise Refused(_("Use %(limit)s characters or fewer.") % {"limit": LONGEST}, field="label")
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
