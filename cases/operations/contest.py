"""What can still be said against a negative decision: read from the dated rows, never stored (``domain.md`` 3.8)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from cases.enums import DecisionOutcome, DecisionStep, Identification
from cases.models import Case, Deadline, IdentificationDecision
from profiles.enums import Event
from profiles.profile import active

NEGATIVE: Final = frozenset({Identification.NO_REASONABLE_GROUNDS, Identification.NOT_IDENTIFIED})
ABOUT_A_DECISION: Final = frozenset({DecisionStep.RECONSIDERATION_REQUEST, DecisionStep.RECONSIDERATION})


@dataclass(frozen=True)
class Contest:
    """The negative decision that stands, the request about it that waits, and whether one was turned down before."""

    decision: IdentificationDecision
    request: IdentificationDecision | None
    is_upheld: bool


def contest(case: Case) -> Contest | None:
    """The contest of the decision that stands; None unless that is a negative one which the profile lets reconsider."""
    if case.identification not in NEGATIVE:
        return None
    rows = IdentificationDecision.objects.filter(case=case).select_related("owner_organisation")
    found = list(rows.order_by("recorded_at", "pk"))
    later: list[IdentificationDecision] = []
    while found and found[-1].step in ABOUT_A_DECISION:
        later.append(found.pop())
    if not found or found[-1].step not in active().reconsideration.of:
        return None
    request = later[0] if later and later[0].step == DecisionStep.RECONSIDERATION_REQUEST else None
    return Contest(found[-1], request, any(row.outcome == DecisionOutcome.UPHELD for row in later))


def is_late(case: Case, on: date) -> bool:
    """True when the country's term for a request was over on ``on``: its last day, or the later one it was given."""
    terms = Deadline.objects.filter(case=case, rule__in=active().ended_by(Event.RECONSIDERATION_REQUESTED))
    last = terms.order_by("-started_at").first()
    return last is not None and on > last.due_on
