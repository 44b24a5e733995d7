"""The recovery and reflection period: offered, not wanted, granted or declined, ended. One per person.

Who offers, who grants, how long, how it ends and for whom it does not apply stand in the profile. Days are calendar
days and ``ends_on`` is the last one; a minimum has none until the act has happened with which it may end. No weekend
shortens it and, in the Netherlands, nothing extends it (Vreemdelingencirculaire B8/3.1; CETS 197, Article 13;
Nationality and Borders Act 2022 s. 61).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import access as door
from cases import deadlines, ledger, policies, workflow
from cases.enums import Category, DeadlineState, DecisionStep, Identification, ReflectionState
from cases.models import Case, CaseVisibility, Deadline, IdentificationDecision, ReflectionPeriod
from cases.operations import clocks
from cases.operations.authorities import hold_office
from cases.operations.report_duties import PURPOSE, start_duties_of_report
from cases.operations.running import membership_of, organisation_of, relock_running
from cases.policies import CaseAccess
from core import clock
from core.db import role
from core.errors import Conflict, NotAllowed, Refused, from_integrity
from profiles import codes
from profiles.enums import ActKind, End, Event, Party, Situation
from profiles.parts import Rule
from profiles.profile import active

ELAPSED: Final = clocks.ELAPSED
REPORTED: Final = "reported"
DECISION: Final = "decision"
# Reasons that an act of its own brings, so that nobody chooses them.
BY_AN_ACT: Final[Mapping[str, str]] = {Event.IDENTIFICATION_WITHDRAWN: "withdrawn", Event.DISQUALIFIED: "disqualified"}
NEVER_CHOSEN: Final = frozenset({ELAPSED, DECISION, *BY_AN_ACT.values()})
STARTS_WITH_GROUNDS: Final = "reasonable_grounds"
# A start may be agreed a little ahead, for example with the first appointment.
LATEST_START: Final = timedelta(days=30)
# Where identification has ended, no period is offered any more.
WITHOUT_PERIOD: Final = frozenset(
    {Identification.NOT_IDENTIFIED, Identification.WITHDRAWN, Identification.DISQUALIFIED}
)
# A refusal or an answer that it does not apply does not use up the one period.
USED_UP: Final = frozenset({ReflectionState.OFFERED, ReflectionState.RUNNING, ReflectionState.ENDED})


def offer_reflection_period(
    actor: Actor,
    *,
    access: CaseAccess,
    residence: str,
    is_wanted: bool | None,
    offered_on: date,
    decides: Organisation | None = None,
    has_union_right: bool | None = None,
    remarks: str = "",
) -> ReflectionPeriod:
    """Offer the period to a person for whom there are reasonable grounds, and record the answer.

    ``residence`` is the person's status (code list ``immigration_status``): where the profile says that the period does
    not apply, that is recorded and nothing is asked. ``has_union_right``: whether the person derives a right of
    residence from Union law, of a status of which the profile asks it. ``decides`` grants or declines it, as a party by
    office.
    """
    access = relock_running(access)
    policies.require(actor, "offer_reflection_period", access)
    case = access.case
    _check_offer(case, residence, offered_on)
    _check_first(door.reflection_period(access))
    has_right = check_union_right(residence, has_union_right)
    applies_to = active().reflection.applies_to
    if not applies_to(immigration_status=residence, is_child=case.is_child_branch, has_union_right=has_right):
        period = _write(actor, case, ReflectionState.NOT_APPLICABLE, offered_on=offered_on, remarks=remarks)
        return _told("reflection_does_not_apply", actor, period)
    if is_wanted is None:
        raise Refused(_("Choose whether the person wants the reflection period."), field="is_wanted")
    if not is_wanted:
        period = _write(actor, case, ReflectionState.DECLINED_BY_PERSON, offered_on=offered_on, remarks=remarks)
        return _told("offer_reflection_period", actor, period, answer="not_wanted")
    authority = _deciding(case, decides)
    period = _write(actor, case, ReflectionState.OFFERED, offered_on=offered_on, decides=authority, remarks=remarks)
    _hold(actor, period)
    _start_clocks(actor, period, Event.REFLECTION_OFFERED, authority)
    return _told("offer_reflection_period", actor, period, answer="wanted")


def grant_reflection_period(
    actor: Actor, *, access: CaseAccess, situation: str, decided_on: date, starts_on: date
) -> ReflectionPeriod:
    """Grant the offered period from ``starts_on``; its last day follows from the rule of the profile for the situation.

    Starts the clock of the period and what hangs on it (the monthly report), and lets the authority keep what it needs
    until the end and its review.
    """
    access, period = _deciding_now(actor, access, "grant_reflection_period", ReflectionState.RUNNING)
    if period.is_second:
        raise Conflict(_("This person has had the one reflection period that the law gives."))
    _check_decision(period, decided_on)
    _check_start(period, starts_on)
    rule, last_day = span(access.case, situation, starts_on)
    _store(
        period,
        state=ReflectionState.RUNNING,
        decided_on=decided_on,
        decided_by_id=actor.membership_id,
        starts_on=starts_on,
        length_rule=rule.code,
        **ends_of(rule, last_day),
    )
    clocks.close(access.case, Event.REFLECTION_DECIDED, actor=actor, subject_id=period.pk)
    _start_clocks(actor, period, rule.trigger, _organisation(actor))
    _hold(actor, period, from_day=period.ends_on)
    return _told("grant_reflection_period", actor, period, **_days(period))


def decline_reflection_period(actor: Actor, *, access: CaseAccess, decided_on: date, reason: str) -> ReflectionPeriod:
    """Decline the offered period, with a coded reason. The authority keeps what it needs for the review, no longer."""
    access, period = _deciding_now(actor, access, "decline_reflection_period", ReflectionState.DECLINED)
    _check_decision(period, decided_on)
    if reason not in codes.get("reflection_decline_reason"):
        raise Refused(_("Choose why the reflection period is declined."), field="reason")
    _store(
        period,
        state=ReflectionState.DECLINED,
        decided_on=decided_on,
        decided_by_id=actor.membership_id,
        end_reason=reason,
    )
    clocks.close(access.case, Event.REFLECTION_DECIDED, actor=actor, subject_id=period.pk)
    _hold(actor, period, from_day=clock.today(active().zone))
    return _told("decline_reflection_period", actor, period, reason=reason)


def end_reflection_period(actor: Actor, *, access: CaseAccess, ended_on: date, reason: str) -> ReflectionPeriod:
    """End a running period before its last day, for a reason of the profile. That it ran its length needs no act."""
    access, period = _deciding_now(actor, access, "end_reflection_period", ReflectionState.ENDED)
    if reason not in end_reasons():
        raise Refused(_("Choose why the reflection period ends."), field="reason")
    today = clock.today(active().zone)
    if ended_on > today:
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field="ended_on")
    if period.starts_on is None or ended_on < period.starts_on:
        raise Refused(_("The reflection period cannot have ended before it started."), field="ended_on")
    end_now(actor, period, on=ended_on, reason=reason)
    if reason == REPORTED:
        _start_duties(actor, period, ended_on)
    return period


def end_now(actor: Actor, period: ReflectionPeriod, *, on: date, reason: str) -> None:
    """Part of an act with which a running period ends at once, on the day ``on``, at the earliest on its first day."""
    ended_on = max(on, period.starts_on or on)
    _store(period, state=ReflectionState.ENDED, ended_on=ended_on, end_reason=reason)
    clocks.close(period.case, Event.REFLECTION_ENDED, actor=actor, subject_id=period.pk)
    _hold(actor, period, from_day=clock.today(active().zone))
    _told("end_reflection_period", actor, period, reason=reason, on=ended_on.isoformat())


def end_by_act(actor: Actor, case: Case, act: ActKind, on: date) -> None:
    """Part of recording an act with which the profile lets the period end, such as a report in the Netherlands."""
    reason, period = active().reflection.ended_by.get(act), running_period(case)
    if reason and period is not None:
        end_now(actor, period, on=on, reason=reason)


def follow_decision(actor: Actor, case: Case, event: Event, on: date) -> None:
    """Part of a decision on identification: a minimum ends with it, at its last day at the earliest; withdrawal and
    disqualification end the period at once (Nationality and Borders Act 2022, ss. 61(3), 63)."""
    period = running_period(case)
    if period is None:
        return
    if event in BY_AN_ACT:
        end_now(actor, period, on=on, reason=BY_AN_ACT[event])
    elif period.length_rule in active().completed_by(event) and period.minimum_until is not None:
        _store(period, ends_on=max(period.minimum_until, on), end_reason=DECISION)
        _hold(actor, period, from_day=period.ends_on)


def running_period(case: Case) -> ReflectionPeriod | None:
    """The period that runs today, its last day not passed."""
    rows = ReflectionPeriod.objects.filter(case=case, state=ReflectionState.RUNNING).select_related("case", "decides")
    found = rows.order_by("-recorded_at").first()
    return found if found is not None and state_today(found) == ReflectionState.RUNNING else None


def begin_with_grounds(actor: Actor, *, case: Case, on: date) -> ReflectionPeriod | None:
    """Part of a positive decision on reasonable grounds where the profile lets the period run from it (UK)."""
    if active().reflection.starts_with != STARTS_WITH_GROUNDS or _has_had_one(case):
        return None
    rule, last_day = span(case, Situation.STANDARD, on)
    period = _write(
        actor,
        case,
        ReflectionState.RUNNING,
        decides=_organisation(actor),
        decided_on=on,
        decided_by_id=actor.membership_id,
        starts_on=on,
        length_rule=rule.code,
        **ends_of(rule, last_day),
    )
    _start_clocks(actor, period, rule.trigger, _organisation(actor))
    return _told("grant_reflection_period", actor, period, **_days(period))


def return_to_authority(actor: Actor, case: Case, period: ReflectionPeriod) -> bool:
    """Part of reopening a case: who decides on a period that waits or runs is a party again. False when neither.

    An offer has the days for its answer that it had.
    """
    state = state_today(period)
    if period.decides is None or state not in {ReflectionState.OFFERED, ReflectionState.RUNNING}:
        return False
    _hold(actor, period, from_day=period.ends_on)
    if state == ReflectionState.OFFERED:
        bound = {Party.REFLECTION_AUTHORITY: period.decides}
        on = period.offered_on
        clocks.start(case, Event.REFLECTION_OFFERED, actor=actor, on=on, subject_id=period.pk, bound=bound)
    return True


def span(case: Case, situation: str, starts_on: date) -> tuple[Rule, date]:
    """The rule that gives the length in this situation, and the last day of a length that starts on ``starts_on``.

    Of the region and the age of the case, where the profile lets them differ.
    """
    lengths = active().reflection.lengths_for(region=case.region, is_child=case.is_child_branch)
    found = next((length for length in lengths.values() if length.situation == situation), None)
    if found is None:
        raise Refused(_("Choose which length applies."), field="situation")
    rule = active().rule(found.rule, starts_on)
    return rule, deadlines.due_in(active(), rule, starts_on, region=case.region).due_on


def follow_clock(actor: Actor, deadline: Deadline) -> None:
    """Part of suspending, resuming or extending a clock: a period that runs by it ends with it, and so does the office.

    While the clock stands still the period has no last day, so that it cannot be over.
    """
    lengths = {length.rule for length in active().reflection.lengths}
    if deadline.rule not in lengths or deadline.subject_id is None:
        return
    period = ReflectionPeriod.objects.filter(pk=deadline.subject_id, state=ReflectionState.RUNNING).first()
    if period is None or period.decides is None:
        return
    rule = active().rule_version(deadline.rule, deadline.rule_version)
    is_open = deadline.state == DeadlineState.OPEN
    ends = ends_of(rule, deadline.due_on, deadline.acted_on) if is_open else dict.fromkeys(("minimum_until", "ends_on"))
    _store(period, **ends)
    _hold(actor, period, from_day=period.ends_on)


def check_union_right(residence: str, has_union_right: bool | None) -> bool:
    """Whether a right under Union law is there; ``Refused`` while the profile asks it and nobody has answered."""
    if not active().reflection.asks_union_right(residence):
        return False
    if has_union_right is None:
        raise Refused(_("Say whether the person derives a right of residence from Union law."), field="has_union_right")
    return has_union_right


def state_today(period: ReflectionPeriod) -> str:
    """Where the period stands: one whose last day has passed has ended, recorded or not."""
    is_over = period.ends_on is not None and period.ends_on < clock.today(active().zone)
    is_elapsed = is_over and period.state == ReflectionState.RUNNING
    return ReflectionState.ENDED if is_elapsed else period.state


def authorities(case: Case) -> list[Organisation]:
    """The active organisations that may grant the period in the region of the case, by name."""
    kinds = active().reflection.granted_by.kinds
    return list(Organisation.objects.active().of_kind(*kinds).serving(case.region).order_by("name"))


def end_reasons() -> list[str]:
    """The reasons of the profile that a person may choose."""
    return [code for code in active().reflection.end_reasons if code not in NEVER_CHOSEN]


# -- parts -----------------------------------------------------------------------------------------------------------


def ends_of(rule: Rule, last_day: date, acted_on: date | None = None) -> dict[str, Any]:
    """The last day, open while a minimum waits for its act, and that of the minimum."""
    is_minimum = rule.ends is End.LATER
    return {
        "minimum_until": last_day if is_minimum else None,
        "ends_on": deadlines.period_end(rule, last_day, acted_on),
    }


def _has_had_one(case: Case) -> bool:
    """A second period for what happened before is not given by itself (Nationality and Borders Act 2022 s. 62)."""
    return ReflectionPeriod.objects.filter(person_id=case.person_id, state__in=USED_UP, is_second=False).exists()


def _hold(actor: Actor, period: ReflectionPeriod, from_day: date | None = None) -> None:
    """The authority that decides is a party by office, since another organisation put the offer to it. One that offers
    and decides itself has no office by that: its own hangs on the referral that asked it (``sharing.md`` rule 20)."""
    if period.decides is not None and period.decides_id != period.owner_organisation_id:
        hold_office(actor, case=period.case, authority=period.decides, purpose=PURPOSE, from_day=from_day)


def _check_offer(case: Case, residence: str, offered_on: date) -> None:
    if case.reasonable_grounds_on is None or case.identification in WITHOUT_PERIOD:
        raise Conflict(_("A reflection period needs a positive decision on reasonable grounds first."))
    if residence not in codes.get("immigration_status"):
        raise Refused(_("Choose the person’s residence status, or “Not known”."), field="residence")
    if offered_on > clock.today(active().zone):
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field="offered_on")
    if offered_on < case.reasonable_grounds_on:
        raise Refused(
            _("The offer cannot lie before the decision on reasonable grounds. Check the day."), field="offered_on"
        )


def _check_first(former: ReflectionPeriod | None) -> None:
    """An offer waits for its answer; what ran is used up. A refusal, or that it did not apply, may be thought over."""
    if former is None or former.state not in USED_UP:
        return
    workflow.step(workflow.REFLECTION, former.state, ReflectionState.OFFERED)


def _deciding(case: Case, decides: Organisation | None) -> Organisation:
    """The authority that was chosen, or the only one there is."""
    found = authorities(case)
    chosen = found[0] if decides is None and len(found) == 1 else decides
    if chosen is None or chosen not in found:
        raise Refused(_("Choose the organisation that decides on the reflection period."), field="decides")
    return chosen


def _write(actor: Actor, case: Case, state: str, *, remarks: str = "", **values: Any) -> ReflectionPeriod:
    """The row; that a person has one period only is the database's word, also across cases of the same person."""
    period = ReflectionPeriod(
        case=case,
        person_id=case.person_id,
        owner_organisation_id=organisation_of(actor),
        state=state,
        offered_by_id=membership_of(actor),
        recorded_at=clock.moment(),
        **values,
    )
    if remarks.strip():
        period.seal({"remarks": remarks})
    try:
        with transaction.atomic():
            period.save(force_insert=True)
    except IntegrityError as error:
        raise from_integrity(error) from error
    return period


def _deciding_now(
    actor: Actor, access: CaseAccess, action: str, target: ReflectionState
) -> tuple[CaseAccess, ReflectionPeriod]:
    """The locked case and its period, which the actor's own organisation decides and which may still take this step."""
    access = relock_running(access)
    policies.require(actor, action, access)
    period = door.reflection_period(access)
    workflow.step(workflow.REFLECTION, state_today(period) if period else "", target)
    if period is None:
        raise Conflict(_("No reflection period has been offered. Look at the case again."))
    if period.decides_id != actor.organisation_id:
        raise NotAllowed
    return access, period


def _check_decision(period: ReflectionPeriod, decided_on: date) -> None:
    if decided_on > clock.today(active().zone):
        raise Refused(_("This day lies in the future. Enter today or an earlier day."), field="decided_on")
    if period.offered_on is not None and decided_on < period.offered_on:
        raise Refused(_("The decision cannot lie before the offer. Check the day."), field="decided_on")


def _check_start(period: ReflectionPeriod, starts_on: date) -> None:
    if period.offered_on is not None and starts_on < period.offered_on:
        raise Refused(_("The reflection period cannot start before it was offered."), field="starts_on")
    if starts_on > clock.today(active().zone) + LATEST_START:
        raise Refused(_("The reflection period starts within 30 days. Choose an earlier day."), field="starts_on")


def _start_clocks(actor: Actor, period: ReflectionPeriod, event: Event, authority: Organisation) -> None:
    """From the first day of the period; the clock of the decision from now."""
    bound = {"reflection_authority": authority}
    clocks.start(period.case, event, actor=actor, on=period.starts_on, subject_id=period.pk, bound=bound)


def _start_duties(actor: Actor, period: ReflectionPeriod, on: date) -> None:
    """The person reported or cooperated: what follows is the duty of who found the grounds, while it knows the case."""
    row = IdentificationDecision.objects.filter(case=period.case, step=DecisionStep.REASONABLE_GROUNDS)
    decided = row.select_related("owner_organisation").order_by("recorded_at").last()
    with role(ledger.LEDGER):
        knowing = CaseVisibility.objects.live().filter(case=period.case, membership=None)
        is_there = decided is not None and knowing.filter(organisation=decided.owner_organisation).exists()
    bound = {Party.GROUNDS_AUTHORITY: decided.owner_organisation} if decided and is_there else {}
    # Whoever has the period has no other residence; that of a Dublin claimant has its own length.
    dublin = [one for one in active().reflection.lengths if one.situation is Situation.DUBLIN]
    statuses = next((one.immigration_statuses for one in dublin if one.rule == period.length_rule), frozenset[str]())
    residence = next(iter(sorted(statuses)), "")
    start_duties_of_report(actor, case=period.case, on=on, residence=residence, authority=period.decides, bound=bound)


def _days(period: ReflectionPeriod) -> dict[str, str]:
    ends = {"ends_on": period.ends_on, "minimum_until": period.minimum_until}
    named = {key: str(day) for key, day in ends.items() if day is not None}
    return {"rule": period.length_rule, "starts_on": str(period.starts_on), **named}


def _store(period: ReflectionPeriod, **values: Any) -> None:
    """Compare and set: only from the state in which it was judged."""
    rows = ReflectionPeriod.objects.filter(pk=period.pk, state=period.state)
    if not rows.update(**values):
        raise Conflict
    for name, value in values.items():
        setattr(period, name, value)


def _organisation(actor: Actor) -> Organisation:
    return Organisation.objects.get(pk=organisation_of(actor))


def _told(kind: str, actor: Actor, period: ReflectionPeriod, **detail: Any) -> ReflectionPeriod:
    trail.record(
        kind,
        actor=actor,
        case_id=period.case_id,
        category=Category.STATUS,
        object_kind="reflectionperiod",
        object_id=period.pk,
        **detail,
    )
    ledger.touch(period.case_id, owner=period.owner_organisation_id, category=Category.STATUS)
    return period
