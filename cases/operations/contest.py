"""What can still be said against a negative decision: read from the dated rows, never stored (``domain.md`` 3.8)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from cases.enums import DecisionStep, Identification
from cases.models import Case, Deadline, IdentificationDecision
from profiles.enums import Event
from profiles.profile import active

# The step that has left a case where it stands.
NEGATIVE: Final = {
    Identification.NO_REASONABLE_GROUNDS: DecisionStep.REASONABLE_GROUNDS,
    Identification.NOT_IDENTIFIED: DecisionStep.IDENTIFICATION,
}
ABOUT_A_DECISION: Final = frozenset({DecisionStep.RECONSIDERATION_REQUEST, DecisionStep.RECONSIDERATION})


@dataclass(frozen=True)
class Contest:
    """The negative decision that stands, the request about it that waits, and whether one was turned down before."""

    decision: IdentificationDecision
    request: IdentificationDecision | None
    is_upheld: bool


def contest(case: Case) -> Contest | None:
    """The contest of the decision that stands; None unless that is a negative one which the profile lets reconsider."""
    step = NEGATIVE.get(Identification(case.identification))
    if step is None or step not in active().reconsideration.of:
        return None
    rows = IdentificationDecision.objects.filter(case=case).select_related("owner_organisation")
    found = list(rows.order_by("recorded_at"))
    decision = next((row for row in reversed(found) if row.step == step), None)
    if decision is None:
        return None
    later = [row for row in found if row.step in ABOUT_A_DECISION and row.recorded_at >= decision.recorded_at]
    asked = [row for row in later if row.step == DecisionStep.RECONSIDERATION_REQUEST]
    is_waiting = len(asked) > len(later) - len(asked)
    return Contest(decision, asked[-1] if is_waiting else None, is_upheld=len(later) > len(asked))


def is_late(case: Case, on: date) -> bool:
    """True when the country's term for a request was over on ``on``: its last day, or the later one it was given."""
    terms = Deadline.objects.filter(case=case, rule__in=active().ended_by(Event.RECONSIDERATION_REQUESTED))
    last = terms.order_by("-started_at").first()
    return last is not None and on > last.due_on
