"""Cases that were opened in an emergency: for who opened one, and for who answers for either side (rule 11)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actors import NO_KEY, Actor
from audit import trail
from cases import policies
from cases.enums import TryOutcome
from cases.models import BreakGlass, BreakGlassTry
from cases.querysets import IsBlocked
from core import clock
from core.errors import Missing

MONTH: Final = timedelta(days=31)
DAY: Final = timedelta(days=1)
PAGE: Final = 50
PEOPLE: Final = ("organisation", "opened_by_user", "colleague_user", "reviewed_by_user", "reviewed_by__organisation")


@dataclass(frozen=True)
class Left:
    """How many openings and attempts are left to a person now."""

    of_person: int
    of_organisation: int
    attempts: int

    @property
    def is_over(self) -> bool:
        return min(self.of_person, self.of_organisation, self.attempts) <= 0


def left(actor: Actor) -> Left:
    """What the limits leave: openings of 31 days by person and by organisation, failed attempts of one day."""
    now = clock.moment()
    month = BreakGlassTry.objects.filter(outcome=TryOutcome.OPENED, at__gt=now - MONTH)
    failed = BreakGlassTry.objects.filter(user=actor.user_id, at__gt=now - DAY).exclude(outcome=TryOutcome.OPENED)
    return Left(
        policies.EMERGENCIES_OF_A_PERSON - month.filter(user=actor.user_id).count(),
        policies.EMERGENCIES_OF_AN_ORGANISATION - month.filter(organisation=actor.organisation_id).count(),
        policies.FAILED_ATTEMPTS_OF_A_PERSON - failed.count(),
    )


def seen(actor: Actor) -> QuerySet[BreakGlass]:
    """Openings by the own organisation or of its rows: all for supervisors and data protection, else those in which one
    is named; of no case that ``actor`` is kept away from."""
    own = actor.organisation_id or NO_KEY
    rows = BreakGlass.objects.filter(Q(organisation=own) | Q(concerned__contains=[own])).exclude(IsBlocked.of(actor))
    named = Q(opened_by=actor.membership_id) | Q(colleague=actor.membership_id)
    rows = rows if policies.may(actor, "review_break_glass") else rows.filter(named)
    return rows.select_related(*PEOPLE).order_by("-opened_at", "pk")


def emergencies(actor: Actor) -> list[BreakGlass]:
    """The newest openings that ``actor`` may see."""
    policies.require(actor, "view_break_glass")
    found = list(seen(actor)[:PAGE])
    trail.note(cases_shown=len(found))
    return found


def get_emergency(actor: Actor, pk: UUID) -> BreakGlass:
    """One opening with its reason in words; raises ``Missing`` for any other."""
    found = seen(actor).filter(pk=pk).first() if policies.may(actor, "view_break_glass") else None
    if found is None:
        raise Missing
    found.content = found.open()  # type: ignore[attr-defined]
    trail.note(case_id=found.case_id, reference=found.reference, owners=found.concerned)
    return found
