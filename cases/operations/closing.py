"""Closing a case: the outcome is chosen, clocks and shares end, the rows stay with who wrote them. And reopening it.

What closing has ended stays ended, but for what runs by law: clocks whose last day lies ahead, the parties of a child,
and what an authority has yet to answer.
"""

from datetime import date
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Membership
from audit import trail
from cases import ledger, notices, policies, workflow
from cases.access import assigned_members, own_single, reflection_period, relock
from cases.enums import CaseState, Category
from cases.models import Case, Consent, Identity
from cases.operations import clocks, placement
from cases.operations.authorship import membership_of, organisation_of
from cases.operations.child_branch import reopen_child_branch
from cases.operations.reconsideration import put_again
from cases.operations.reflection import return_to_authority
from cases.operations.rows import follow_identity
from cases.operations.sharing import end_all
from cases.policies import CaseAccess
from core import clock
from core.errors import Conflict, Refused
from profiles import codes
from profiles.enums import Event
from profiles.profile import active

# No reason to reopen, but where a new episode begins.
TRAFFICKED_AGAIN: Final = "trafficked_again"


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
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)
    clocks.close(case, Event.CASE_CLOSED, actor=actor)
    end_all(actor, case=case, reason="case_closed")
    placement.end(actor, case=case, reason="case_closed")
    return case


def reopen_case(actor: Actor, *, access: CaseAccess, reason: str) -> Case:
    """Let work on a closed case go on (``domain.md`` 3.1): active again, with the colleagues who were assigned.

    1. the state, without day and outcome of closing, which the trail keeps; 2. the child branch, a reflection period
    that waits or runs, and a request for reconsideration that waits, with their parties; 3. clocks that closing ended
    and whose last day lies ahead, and one for needs and risks; 4. the assigned are told. Raises ``Conflict`` when it is
    not closed, ``Refused`` for who was trafficked again: that is another case.
    """
    access = relock(access)
    policies.require(actor, "reopen_case", access)
    case = access.case
    if case.state != CaseState.CLOSED:
        raise Conflict(_("The case is not closed any more. Look at the case again."))
    _check_reason(reason)
    closed_on, outcome = case.closed_on, case.closing_outcome
    case.state = workflow.step(workflow.CASE, case.state, CaseState.ACTIVE)
    case.closed_on, case.closing_outcome = None, ""
    case.save(update_fields=("state", "closed_on", "closing_outcome"))
    ledger.mark_unattended(case)
    recorded = trail.record(
        "reopen_case",
        actor=actor,
        case_id=case.pk,
        category=Category.STATUS,
        object_kind="case",
        object_id=case.pk,
        reason=reason,
        closed_on=closed_on.isoformat() if closed_on else "",
        outcome=outcome,
    )
    ledger.touch(case.pk, owner=organisation_of(actor), category=Category.STATUS)
    if case.is_child_branch:
        reopen_child_branch(actor, access=access)
    period = _put_period_again(actor, access)
    # After the period: an authority that has both to answer keeps the longer term, that of the request.
    put_again(actor, case)
    _let_clocks_go_on(case, period)
    clocks.start(case, Event.CASE_REOPENED, actor=actor)
    # What was corrected while the case was closed: after its clocks are there again, which it may move.
    follow_identity(actor, access=access, row=own_single(access, Identity))
    _tell_the_assigned(access, key=recorded.pk)
    return case


def _check_reason(reason: str) -> None:
    if reason not in codes.get("reopening_reason"):
        raise Refused(_("Choose why the case is reopened."), field="reason")
    if reason == TRAFFICKED_AGAIN:
        raise Refused(
            _(
                "That is a new episode, with a case of its own. Register the person anew, then link the two cases: "
                "“The same person, trafficked again”."
            ),
            field="reason",
        )


def _put_period_again(actor: Actor, access: CaseAccess) -> set[UUID]:
    """The period that waits or runs, when its authority is a party again."""
    period = reflection_period(access)
    return {period.pk} if period is not None and return_to_authority(actor, access.case, period) else set()


def _let_clocks_go_on(case: Case, period: set[UUID]) -> None:
    """Of the case, of a reflection period that waits or runs, and of consents, which closing does not end."""
    consents = {consent.pk for consent in Consent.objects.filter(case=case)}
    clocks.let_go_on(case, Event.CASE_CLOSED, subjects=consents | period)


def _tell_the_assigned(access: CaseAccess, key: UUID) -> None:
    """Colleagues of the lead, but for who reopened it."""
    assigned = {row.membership.pk for row in assigned_members(access) if row.membership}
    others = Membership.objects.live().filter(pk__in=assigned - {membership_of(access.actor)})
    members = others.select_related("user").order_by("pk")
    notices.alert_members("reopen_case", access.case, members=members, key=key)
