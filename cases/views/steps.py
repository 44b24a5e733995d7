"""Which step of identification, reflection and guardianship is next: who may, and whether the case is ready for it.

Buttons, pages and “do next” ask here. The operations judge again, under the lock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.http import Request
from cases import access as door
from cases import policies, workflow
from cases.enums import DecisionStep, GuardianshipState, Identification, ReflectionState
from cases.models import Guardianship, ReflectionPeriod
from cases.operations.child_branch import OPEN, current
from cases.operations.contest import Contest, contest
from cases.operations.guardianship import IN_OFFICE
from cases.operations.placement import to_confirm
from cases.operations.reconsideration import may_answer
from cases.operations.reflection import USED_UP, WITHOUT_PERIOD, state_today
from cases.operations.running import OVER
from cases.policies import CaseAccess
from core.errors import Conflict
from profiles.profile import active


@dataclass(frozen=True)
class Step:
    """An act that is open to the reader now, with its page."""

    act: str
    label: Promise | str
    url: str


class Standing:
    """Where a case stands; each part is read only when a step asks for it."""

    def __init__(self, access: CaseAccess) -> None:
        self.access = access

    @cached_property
    def period(self) -> ReflectionPeriod | None:
        return door.reflection_period(self.access)

    @cached_property
    def guardian(self) -> Guardianship | None:
        return current(self.access.case)

    @cached_property
    def contest(self) -> Contest | None:
        return contest(self.access.case)

    @property
    def is_asked_again(self) -> bool:
        """True while a request for reconsideration waits for its answer."""
        return self.contest is not None and self.contest.request is not None

    def leads_to(self, *targets: Identification) -> bool:
        """True when identification may still become one of ``targets``."""
        state = self.access.case.identification
        return any(workflow.is_possible(workflow.IDENTIFICATION, state, target) for target in targets)

    def is_decided_here(self, state: ReflectionState) -> bool:
        """True when the period stands at ``state`` and the own organisation decides on it."""
        own = self.access.actor.organisation_id
        return self.period is not None and self.period.decides_id == own and state_today(self.period) == state

    def is_guarded(self, *states: GuardianshipState) -> bool:
        """True when the guardianship stands at one of ``states``."""
        return self.guardian is not None and self.guardian.state in states

    def is_answered_here(self, *states: GuardianshipState) -> bool:
        """True when, besides, the own organisation is the service that answers."""
        own = self.access.actor.organisation_id
        return self.guardian is not None and self.guardian.owner_organisation_id == own and self.is_guarded(*states)


def _may_be_decided(standing: Standing) -> bool:
    is_first = active().steps[DecisionStep.IDENTIFICATION].after != DecisionStep.REASONABLE_GROUNDS
    is_in_order = is_first or standing.access.case.reasonable_grounds_on is not None
    return (
        is_in_order
        and standing.leads_to(Identification.IDENTIFIED, Identification.NOT_IDENTIFIED)
        and not standing.is_asked_again
    )


def _may_be_offered(standing: Standing) -> bool:
    case = standing.access.case
    has_grounds = case.reasonable_grounds_on is not None and case.identification not in WITHOUT_PERIOD
    return has_grounds and (standing.period is None or standing.period.state not in USED_UP)


REQUESTED, PROVISIONAL, APPOINTED = OPEN
READY: Final[dict[str, Callable[[Standing], bool]]] = {
    "record_reasonable_grounds": lambda standing: (
        standing.leads_to(Identification.REASONABLE_GROUNDS, Identification.NO_REASONABLE_GROUNDS)
        and not standing.is_asked_again
    ),
    "record_identification_decision": _may_be_decided,
    "decline_identification": lambda standing: standing.leads_to(Identification.DECLINED),
    "request_reconsideration": lambda standing: standing.contest is not None and not standing.is_asked_again,
    "reconsider": lambda standing: (
        standing.contest is not None and standing.is_asked_again and may_answer(standing.access.actor, standing.contest)
    ),
    "offer_reflection_period": _may_be_offered,
    "grant_reflection_period": lambda standing: standing.is_decided_here(ReflectionState.OFFERED),
    "decline_reflection_period": lambda standing: standing.is_decided_here(ReflectionState.OFFERED),
    "end_reflection_period": lambda standing: standing.is_decided_here(ReflectionState.RUNNING),
    **dict.fromkeys(
        ("record_report", "record_statement_withdrawal", "record_departure", "record_asylum_application"),
        lambda _standing: True,
    ),
    "request_guardian": lambda standing: standing.access.case.is_child_branch and standing.guardian is None,
    "assign_provisional_guardian": lambda standing: (
        active().guardians.has_provisional_step and standing.is_answered_here(REQUESTED)
    ),
    "assign_guardian": lambda standing: standing.is_answered_here(REQUESTED, PROVISIONAL),
    "replace_guardian": lambda standing: standing.is_answered_here(*IN_OFFICE),
    "end_guardianship": lambda standing: standing.is_answered_here(*OPEN),
    "confirm_arrival": lambda standing: bool(to_confirm(standing.access)),
    "flag_guardian_conflict": lambda standing: (
        standing.is_guarded(*IN_OFFICE)
        and standing.guardian is not None
        and standing.guardian.conflict_flagged_at is None
    ),
}
IDENTIFICATION: Final[dict[str, tuple[Promise, str]]] = {
    "record_reasonable_grounds": (gettext_lazy("Record reasonable grounds"), "cases:reasonable_grounds"),
    "record_identification_decision": (gettext_lazy("Record the identification decision"), "cases:identification"),
    "request_reconsideration": (gettext_lazy("Ask for reconsideration"), "cases:request_reconsideration"),
    "reconsider": (gettext_lazy("Answer the request for reconsideration"), "cases:reconsider"),
    "decline_identification": (
        gettext_lazy("Record that the person does not want to be identified"),
        "cases:decline_identification",
    ),
}
REFLECTION: Final[dict[str, tuple[Promise, str]]] = {
    "offer_reflection_period": (gettext_lazy("Offer the reflection period"), "cases:offer_reflection"),
    "grant_reflection_period": (gettext_lazy("Grant the reflection period"), "cases:grant_reflection"),
    "decline_reflection_period": (gettext_lazy("Decline the reflection period"), "cases:decline_reflection"),
    "end_reflection_period": (gettext_lazy("End the reflection period"), "cases:end_reflection"),
}
GUARDIAN: Final[dict[str, tuple[Promise, str]]] = {
    "request_guardian": (gettext_lazy("Ask for a guardian"), "cases:request_guardian"),
    "assign_provisional_guardian": (gettext_lazy("Name a provisional guardian"), "cases:provisional_guardian"),
    "assign_guardian": (gettext_lazy("Appoint the guardian"), "cases:appoint_guardian"),
    "replace_guardian": (gettext_lazy("Replace the guardian"), "cases:replace_guardian"),
    "end_guardianship": (gettext_lazy("End the guardianship or the request"), "cases:end_guardianship"),
    "flag_guardian_conflict": (gettext_lazy("Report a conflict of interest"), "cases:guardian_conflict"),
}
# What happened elsewhere may be recorded at any time.
ACTS: Final[dict[str, tuple[Promise, str]]] = {
    "record_report": (gettext_lazy("Record a report to the police or other cooperation"), "cases:record_report"),
    "record_statement_withdrawal": (
        gettext_lazy("Record that the person withdrew the statement"),
        "cases:record_statement_withdrawal",
    ),
    "record_departure": (
        gettext_lazy("Record that the person left to an unknown destination"),
        "cases:record_departure",
    ),
    "record_asylum_application": (
        gettext_lazy("Record an asylum application"),
        "cases:record_asylum_application",
    ),
}
ARRIVAL: Final[dict[str, tuple[Promise, str]]] = {
    "confirm_arrival": (gettext_lazy("Confirm that the person has arrived at the shelter"), "cases:location"),
}
EVERY: Final = ARRIVAL | IDENTIFICATION | REFLECTION | GUARDIAN | ACTS


def steps(access: CaseAccess, acts: Iterable[str] = EVERY) -> list[Step]:
    """The acts among ``acts`` that the reader may do now, in order; none on a case that is over."""
    standing = Standing(access)
    if access.case.state in OVER:
        return []
    return [
        Step(act, EVERY[act][0], reverse(EVERY[act][1], args=[access.case.shown_reference]))
        for act in acts
        if policies.may(access.actor, act, access) and READY[act](standing)
    ]


def at_step(request: Request, reference: str, act: str) -> CaseAccess:
    """The case, for the page of ``act``: 404 and 403 as everywhere, 409 before asking anything in vain.

    A form that was sent goes to the operation, which says the same beside what was typed.
    """
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, act, access)
    if request.method != "POST" and not steps(access, [act]):
        raise Conflict(_("This step is not possible at the moment: the case has moved on, or is not there yet."))
    return access
