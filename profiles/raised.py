"""Which events something in this application can raise, so that no rule waits for one that never comes.

A country without a step, an act or a period has no event of it either. ``tests/structure/test_events.py`` holds this
table against the operations that name the events. Operations say that an event happened; nothing else does.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from profiles.enums import ActKind, Event
from profiles.parts import Profile, Rule

GROUNDS: Final = "reasonable_grounds"
IDENTIFICATION: Final = "identification"
# The steps that operations take; a step of another name would have nobody to take it.
STEP_ACTIONS: Final[Mapping[str, str]] = {
    GROUNDS: "record_reasonable_grounds",
    IDENTIFICATION: "record_identification_decision",
}

Condition = Callable[[Profile], bool]


def _always(_profile: Profile) -> bool:
    return True


def _outcome(step: str, *outcomes: str) -> Condition:
    """One of these outcomes may be recorded at the step, by somebody."""

    def is_possible(profile: Profile) -> bool:
        found = profile.steps.get(step)
        return found is not None and bool(found.recorded_by.kinds) and bool({*found.outcomes} & {*outcomes})

    return is_possible


def _either(*outcomes: str) -> Condition:
    steps = [_outcome(step, *outcomes) for step in STEP_ACTIONS]
    return lambda profile: any(step(profile) for step in steps)


def _act(kind: ActKind) -> Condition:
    return lambda profile: kind in profile.acts and bool(profile.acts[kind].recorded_by.kinds)


def _offered(profile: Profile) -> bool:
    return profile.reflection.exists and bool(profile.reflection.offered_by.kinds)


def _granted(event: Event) -> Condition:
    """A period starts the rule of its length, and with it the rules of the same trigger."""

    def is_possible(profile: Profile) -> bool:
        begins = profile.reflection.starts_with or _offered(profile)
        lengths = {length.rule for length in profile.reflection.lengths}
        return bool(begins) and any(rule.trigger == event for rule in profile.rules if rule.code in lengths)

    return is_possible


def _exists(profile: Profile) -> bool:
    return profile.reflection.exists


def _reconsidered(profile: Profile) -> bool:
    return bool(profile.reconsideration.of) and bool(profile.reconsideration.decided_by.kinds)


def _provisional(profile: Profile) -> bool:
    return profile.guardians.has_provisional_step and bool(profile.guardians.assigned_by)


def _guarded(profile: Profile) -> bool:
    return bool(profile.guardians.assigned_by)


# Raised by an operation of its own, in every country or under a condition.
RAISED: Final[Mapping[Event, Condition]] = {
    **dict.fromkeys(
        (
            Event.CASE_REGISTERED,
            Event.CASE_CLOSED,
            Event.CASE_REOPENED,
            Event.SERVICE_STARTED,
            Event.SERVICE_ENDED,
            Event.CONSENT_GIVEN,
            Event.CONSENT_WITHDRAWN,
            Event.IDENTIFICATION_DECLINED,
            Event.REFERRAL_SENT,
            Event.REFERRAL_SENT_URGENT,
            Event.REFERRAL_ANSWERED,
            Event.REFERRAL_DECLINED,
            Event.REFERRAL_REVOKED,
            Event.REFERRAL_EXPIRED,
            Event.SHARE_MADE,
            Event.SHARE_ENDED,
            Event.BRANCH_KEPT,
            Event.BRANCH_ANSWERED,
            Event.OFFICE_OPENED,
            Event.OFFICE_REVIEWED,
            Event.BREAK_GLASS_USED,
            Event.BREAK_GLASS_REVIEWED,
            Event.LEAD_TAKEN_OVER,
            Event.LEAD_CONSENT_ANSWERED,
        ),
        _always,
    ),
    Event.GROUNDS_REQUESTED: _outcome(GROUNDS, "positive", "negative"),
    Event.REASONABLE_GROUNDS_POSITIVE: _outcome(GROUNDS, "positive"),
    Event.REASONABLE_GROUNDS_NEGATIVE: _outcome(GROUNDS, "negative"),
    Event.IDENTIFICATION_POSITIVE: _outcome(IDENTIFICATION, "positive"),
    Event.IDENTIFICATION_NEGATIVE: _outcome(IDENTIFICATION, "negative"),
    Event.IDENTIFICATION_SUSPENDED: _either("suspended"),
    Event.IDENTIFICATION_WITHDRAWN: _either("withdrawn"),
    Event.DISQUALIFIED: _outcome(IDENTIFICATION, "disqualified"),
    Event.REFLECTION_OFFERED: _offered,
    Event.REFLECTION_DECIDED: _offered,
    Event.REFLECTION_GRANTED: _granted(Event.REFLECTION_GRANTED),
    Event.REFLECTION_GRANTED_DUBLIN: _granted(Event.REFLECTION_GRANTED_DUBLIN),
    Event.REFLECTION_ENDED: _exists,
    Event.RECONSIDERATION_REQUESTED: _reconsidered,
    Event.RECONSIDERATION_DECIDED: _reconsidered,
    Event.CHILD_BRANCH_OPENED: _guarded,
    Event.MAJORITY: _guarded,
    Event.CAME_OF_AGE: _guarded,
    Event.BIRTH_DATE_WITHDRAWN: _guarded,
    Event.AGE_DISPUTED: _guarded,
    Event.AGE_AGREED: _guarded,
    Event.AGE_SETTLED: _guarded,
    Event.ASSESSED_ADULT: _guarded,
    Event.GUARDIAN_ASSIGNED: _guarded,
    Event.GUARDIANSHIP_ENDED: _guarded,
    Event.GUARDIAN_NAMED: _guarded,
    Event.GUARDIAN_LEFT: _guarded,
    Event.PROVISIONAL_GUARDIAN_ASSIGNED: _provisional,
    Event.REPORT_MADE: _act(ActKind.REPORT),
    Event.REPORT_MADE_RESIDENCE: _act(ActKind.REPORT),
    Event.REPORT_MADE_DUBLIN: _act(ActKind.REPORT),
    Event.STATEMENT_WITHDRAWN: _act(ActKind.STATEMENT_WITHDRAWAL),
    Event.LEFT_UNKNOWN: _act(ActKind.DEPARTURE),
    Event.ASYLUM_APPLIED: _act(ActKind.ASYLUM_APPLICATION),
}
# Recorded as done on the clock of a rule that ends with it (``cases.operations.duties``): raised where such a rule is.
DONE_ON_A_CLOCK: Final = frozenset(
    {
        Event.INFORMATION_GIVEN,
        Event.NEEDS_ASSESSED,
        Event.MONTHLY_REPORT_MADE,
        Event.TRANSITION_PLANNED,
        Event.CONSENT_RECONFIRMED,
        Event.COORDINATOR_NOTIFIED,
        Event.RESIDENCE_REQUEST_SENT,
        Event.RESIDENCE_DECIDED,
        Event.LEADS_ASSESSED,
        Event.AUTHORITY_REQUESTED,
        Event.ALERT_REVIEWED,
        Event.ADULT_CONSENT_RECORDED,
        Event.ADVOCATE_REFERRED,
        Event.RECONSIDERATION_SETTLED,
        Event.MOVE_ON_PLANNED,
        Event.EXIT_PLANNED,
        Event.CHILD_MET,
    }
)


def dead_rules(profile: Profile) -> Iterator[Rule]:
    """The rules whose trigger nothing can raise in this country: their clock could never run."""
    raised = {event for event, condition in RAISED.items() if condition(profile)}
    waiting = list(profile.rules)
    while True:
        alive = [rule for rule in waiting if rule.trigger in raised]
        if not alive:
            break
        waiting = [rule for rule in waiting if rule.trigger not in raised]
        raised |= DONE_ON_A_CLOCK & frozenset[Event]().union(*(rule.end_on | rule.ends_with for rule in alive))
    yield from waiting
