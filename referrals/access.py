"""The one door to a referral: for sender and receiver, 404 for everybody else.

A receiver that has not accepted may not read the case row: never touch ``referral.case`` before asking ``door.access``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.actors import Actor
from audit import trail
from cases import access as cases
from cases.enums import Category
from cases.masking import Names
from cases.policies import CaseAccess
from core.errors import Missing
from referrals import policies, workflow
from referrals.models import Referral, ReferralQuestion, ReferralStep
from referrals.querysets import ReferralQuerySet

PEOPLE = ("sent_by__user", "answered_by__user", "assigned_to__user")


@dataclass(frozen=True)
class ReferralAccess:
    """What one actor has to do with one referral; ``access`` is None while the actor may not know the case."""

    actor: Actor
    referral: Referral
    access: CaseAccess | None
    names: Names

    @property
    def is_sender(self) -> bool:
        return self.referral.from_organisation_id == self.actor.organisation_id

    @property
    def is_receiver(self) -> bool:
        return not self.is_sender

    @property
    def reads_texts(self) -> bool:
        """False for who was taken off the case: of a referral that they once sent or worked on the card remains."""
        if self.access is not None or self.actor.scope == "organisation":
            return True
        return self.is_receiver and self.referral.state_now not in workflow.WORKED

    @property
    def is_open(self) -> bool:
        """True when the message may be read: by the sender, and by the receiver from acceptance to the end; then the
        card remains (``sharing.md`` rule 3)."""
        return self.reads_texts and (self.is_sender or self.referral.state_now in workflow.WORKED)

    def may(self, action: str) -> bool:
        """True when the actor may do ``action`` and the referral stands so that it can be done."""
        is_possible = workflow.is_possible(action, self.referral.state_now)
        return is_possible and policies.may(self.actor, action, self.referral, self.access)


def get_referral(actor: Actor, pk: UUID) -> ReferralAccess:
    """The referral with this key, when ``actor`` may see it; raises ``Missing`` for hidden and absent alike."""
    referral = seen(actor).filter(pk=pk).select_related(*PEOPLE).first()
    if referral is None:
        raise Missing
    trail.note(
        case_id=referral.case_id,
        reference=referral.card["reference"],
        categories=(Category.STATUS,),
        owners=(referral.from_organisation_id,),
    )
    return ReferralAccess(actor, referral, _case_of(actor, referral), Names(actor, [referral.case_id]))


def seen(actor: Actor) -> ReferralQuerySet[Referral]:
    """Every referral that ``actor`` may see, with its parties, share and ``state_now``."""
    rows = Referral.objects.visible_to(actor).with_state_now()
    return rows.select_related("from_organisation", "to_organisation", "share")


def of_case(access: CaseAccess) -> list[Referral]:
    """The referrals of a case that the own organisation sent or received, newest first."""
    return list(seen(access.actor).filter(case=access.case).order_by("-sent_at", "pk"))


def listed(actor: Actor, rows: ReferralQuerySet[Referral], limit: int) -> list[Referral]:
    """At most ``limit`` of ``rows``, noted for the audit."""
    found = list(rows[:limit])
    trail.note(cases_shown=len(found))
    return found


def texts(door: ReferralAccess) -> dict[str, Any]:
    """Message, explanation and feedback; who may not read the message reads what the receiver said of the end."""
    content = door.referral.open() if door.reads_texts else {}
    return {name: said for name, said in content.items() if door.is_open or name != "message"}


def steps(door: ReferralAccess) -> list[ReferralStep]:
    """The steps, oldest first, each with ``content``; none for who was taken off the case."""
    if not door.reads_texts:
        return []
    rows = door.referral.steps.select_related("recorded_by__user").order_by("happened_on", "recorded_at")
    return list(_opened(door.referral, rows))


def questions(door: ReferralAccess) -> list[ReferralQuestion]:
    """Questions and answers, oldest first, each with ``content``; none for who was taken off the case."""
    if not door.reads_texts:
        return []
    return list(_opened(door.referral, door.referral.questions.order_by("asked_at")))


def get_question(door: ReferralAccess, pk: UUID) -> ReferralQuestion:
    """One question of this referral; raises ``Missing`` for any other."""
    found = next((question for question in questions(door) if question.pk == pk), None)
    if found is None:
        raise Missing
    return found


def _case_of(actor: Actor, referral: Referral) -> CaseAccess | None:
    try:
        return cases.get_case_by_id(actor, referral.case_id)
    except Missing:
        return None


def _opened(referral: Referral, rows: Any) -> Iterator[Any]:
    for row in rows:
        row.referral = referral
        row.content = row.open()
        yield row
