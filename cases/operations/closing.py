"""Closing a case: the outcome is chosen, clocks and shares end, the rows stay with who wrote them."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.actors import Actor
from audit import trail
from cases import ledger, policies, workflow
from cases.access import relock
from cases.enums import CaseState, Category
from cases.models import Case
from cases.operations import clocks, placement
from cases.operations.sharing import end_all
from cases.policies import CaseAccess
from core import clock
from core.errors import Refused
from profiles import codes
from profiles.enums import Event
from profiles.profile import active


def close_case(actor: Actor, *, access: CaseAccess, outcome: str, closed_on: date | None = None) -> Case:
    """Close with an outcome of ``domain.md`` 3.10: every share and clock ends (``sharing.md`` rule 4).

    Raises ``Conflict`` when it is already closed, ``Refused`` for a day before registration or in the future.
    """
    access = relock(access)
    policies.require(actor, "close_case", access)
    case, today = access.case, clock.today(active().zone)
    state = workflow.step(workflow.CASE, case.state, CaseState.CLOSED)
    if outcome not in codes.get("closing_outcome"):
        raise Refused(_("Choose how the case ended."), field="outcome")
    if not case.registered_on <= (closed_on or today) <= today:
        raise Refused(_("Choose a day between registration and today."), field="closed_on")
    case.state, case.closed_on, case.closing_outcome = state, closed_on or today, outcome
    case.save(update_fields=("state", "closed_on", "closing_outcome"))
    ledger.mark_unattended(case)
    trail.record(
        "close_case",
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
        closed_on=case.closed_on.isoformat(),
    )
    ledger.touch(case.pk, owner=access.lead.pk, category=Category.STATUS)
    clocks.close(case, Event.CASE_CLOSED, actor=actor)
    end_all(actor, case=case, reason="case_closed")
    placement.end(actor, case=case, reason="case_closed")
    return case
