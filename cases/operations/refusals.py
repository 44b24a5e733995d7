"""What the person has said no to, whoever recorded it, bars every basis that is chosen (``sharing.md`` rule 21).

The register of another organisation cannot be read, so the ledger is asked; the answer is yes or no, never a row. That
a refusal of somebody else's register shows in this one answer is foreseen (docs/decisions/0032).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Organisation
from cases import ledger
from cases.access import scope
from cases.enums import Category, ConsentState
from cases.knowledge import CHOSEN
from cases.models import Consent, Share
from cases.models.categories import OVERRIDING
from cases.policies import CaseAccess
from cases.querysets import in_force
from core.dates import civil_day
from core.db import role
from profiles import codes
from profiles.profile import active

SAID_NO: Final = (ConsentState.REFUSED, ConsentState.WITHDRAWN)
COLUMNS: Final = (
    "owner_organisation_id",
    "state",
    "purpose",
    "recipient_id",
    "categories",
    "given_on",
    "withdrawn_at",
    "updated_at",
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """For which purpose, with whom (None: nobody in particular), which categories."""

    purpose: str
    to: Organisation | None
    categories: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a person said: when, for which purpose, to whom (None: whoever serves the purpose), for which categories.

    ``recorder``: the organisation whose register it stands in.
    """

    recorder: UUID
    is_no: bool
    purpose: str
    recipient: UUID | None
    categories: frozenset[str]
    said: tuple[date, datetime]

    def bars(self, wanted: Wanted) -> bool:
        """True for a no to this purpose or to this receiver.

        A no that names a receiver is a no to it for every purpose. A no that names none is a no to the purpose, and to
        the kinds of organisations that the purpose stands for (police, for “police”) for every other purpose: who
        shares cannot get around it by choosing other words.
        """
        if not self.is_no:
            return False
        to = wanted.to
        if self.recipient is not None:
            return to is not None and self.recipient == to.pk
        return self.purpose == wanted.purpose or (to is not None and to.kind in _towards(self.purpose))

    def lifts(self, no: "Answer", wanted: Wanted) -> bool:
        """True for a newer yes that covers the categories and either takes the no back or answers what is wanted.

        A no that names a receiver is taken back only by a yes that names it: a yes to “any shelter” is none to the one.
        What the receiver itself recorded lifts nothing: nobody is let in by an act of their own.
        """
        to = wanted.to.pk if wanted.to is not None else None
        is_by_receiver = to is not None and self.recorder == to
        if self.is_no or is_by_receiver or self.said <= no.said or not wanted.categories <= self.categories:
            return False
        takes_back = self.purpose == no.purpose and self.recipient in {no.recipient, to}
        answers = self.purpose == wanted.purpose and self.recipient is not None and self.recipient == to
        return takes_back or answers


def is_refused(case_id: UUID, *, purpose: str, to: Organisation | None, categories: Collection[str]) -> bool:
    """True while the last answer of the person to this purpose or receiver, whoever recorded it, is no."""
    wanted = Wanted(purpose=purpose, to=to, categories=frozenset(categories))
    with role(ledger.LEDGER):
        given = Q(state=ConsentState.GIVEN) & in_force()
        said_no = Q(state__in=SAID_NO) & ~Q(legal_basis__in=OVERRIDING)
        rows = Consent.objects.filter(given | said_no, case_id=case_id).order_by("pk").values(*COLUMNS)
        answers = [_answer(row) for row in rows]
    return bool(_standing(answers, wanted))


def barred_by(refusal: Consent, shares: Collection[Share]) -> list[Share]:
    """Of live shares those that this no of the person bars: what was chosen and no override carries, whoever gave it,
    unless an answer that is newer by its day covers it."""
    with role(ledger.LEDGER):
        rows = Consent.objects.filter(case=refusal.case_id).order_by("pk")
        given = rows.filter(Q(state=ConsentState.GIVEN) & in_force()).values(*COLUMNS)
        answers = [_answer(row) for row in (*given, *rows.filter(pk=refusal.pk).values(*COLUMNS))]
        overriding = rows.filter(legal_basis__in=OVERRIDING)
        carried = set(overriding.exclude(state__in=SAID_NO).values_list("pk", flat=True))
    chosen = [share for share in shares if share.office in CHOSEN and share.consent_id not in carried]
    return [share for share in chosen if _standing(answers, _wanted(share))]


def _wanted(share: Share) -> Wanted:
    return Wanted(purpose=share.purpose, to=share.to_organisation, categories=frozenset(share.categories))


def words(access: CaseAccess, *, purpose: str, to: Organisation | None, categories: Collection[str]) -> str:
    """What is said to who meets a refusal: its day to who may read it, to everybody else only what to do."""
    wanted = Wanted(purpose=purpose, to=to, categories=frozenset(categories))
    readable = Consent.objects.filter(scope(access, Category.CONSENT), state__in=SAID_NO)
    rows = readable.exclude(legal_basis__in=OVERRIDING).order_by("pk").values(*COLUMNS)
    known = [answer for answer in map(_answer, rows) if answer.bars(wanted)]
    if not known:
        return _("Ask the person again, or record why it is necessary.")
    last = max(answer.said for answer in known)
    return _("The person said no on %(day)s. Ask the person again, or record why it is necessary.") % {
        "day": date_format(last[0], "j F Y")
    }


def _standing(answers: Iterable[Answer], wanted: Wanted) -> list[Answer]:
    found = list(answers)
    return [no for no in found if no.bars(wanted) and not any(yes.lifts(no, wanted) for yes in found)]


def _answer(row: Mapping[str, Any]) -> Answer:
    """The day of the answer counts, then the moment at which it was recorded."""
    recorded_at = row["withdrawn_at"] or row["updated_at"]
    is_by_moment = row["withdrawn_at"] is not None or row["given_on"] is None
    return Answer(
        recorder=row["owner_organisation_id"],
        is_no=row["state"] in SAID_NO,
        purpose=row["purpose"],
        recipient=row["recipient_id"],
        categories=frozenset(row["categories"]),
        said=(civil_day(recorded_at, active().zone) if is_by_moment else row["given_on"], recorded_at),
    )


def _towards(purpose: str) -> frozenset[str]:
    listed = codes.get("purpose")
    return frozenset(listed[purpose].extra.get("towards", ())) if purpose in listed else frozenset()
