"""“Do next”: clocks as cards, and the acts that the reader may do on this case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import access as door
from cases import plain, policies
from cases.deadlines import INSTANTS
from cases.enums import CaseState, DeadlineState
from cases.models import Deadline, Share
from cases.operations.duties import DUTIES
from cases.policies import CaseAccess
from cases.views.clock_subjects import clock_subjects
from cases.views.steps import ACTS, steps
from core import clock
from profiles.enums import Event
from profiles.parts import Rule
from profiles.profile import active

# Where the act stands that ends a clock.
ENDED_AT: Final[dict[Event, str]] = {
    **dict.fromkeys(DUTIES, "cases:duty"),
    Event.PROVISIONAL_GUARDIAN_ASSIGNED: "cases:guardian",
    Event.GUARDIAN_ASSIGNED: "cases:guardian",
    Event.AGE_SETTLED: "cases:settle_age",
    Event.REFERRAL_ANSWERED: "referrals:of_case",
    Event.BREAK_GLASS_REVIEWED: "cases:emergencies",
    Event.REFLECTION_DECIDED: "cases:decisions",
    Event.REFLECTION_ENDED: "cases:decisions",
    Event.BRANCH_ANSWERED: "cases:who_knows",
    Event.OFFICE_REVIEWED: "cases:share",
    Event.SHARE_ENDED: "cases:share",
}
# The last day is the one before the instant at which it is over.
MOMENT: Final = timedelta(microseconds=1)
WITH_KEY: Final = frozenset({"cases:duty"})
WITH_SUBJECT: Final = frozenset({"cases:share"})
WITHOUT_CASE: Final = frozenset({"cases:emergencies"})


@dataclass(frozen=True)
class ClockCard:
    """A clock: what, about what, until when, whom it binds, where it is ended."""

    title: str
    about: str
    at: date | datetime
    note: str
    url: str
    is_own: bool
    about_url: str
    law: str


@dataclass(frozen=True)
class Still:
    """A clock that stands still: what, since when, whom it binds."""

    title: str
    since: datetime
    note: str
    about_url: str


@dataclass(frozen=True)
class Action:
    """An act with its page."""

    label: Promise | str
    url: str


# Possible on nearly every case, but nothing that it waits for: they stand last, not first.
UNAWAITED: Final = frozenset({"decline_identification", "flag_guardian_conflict", *ACTS})
ACTIONS: Final[tuple[tuple[str, Promise, str], ...]] = (
    ("add_row", gettext_lazy("Add to the file"), "cases:file"),
    ("send_referral", gettext_lazy("Refer to an organisation"), "referrals:new"),
    ("share", gettext_lazy("Share with an organisation"), "cases:new_share"),
    ("record_consent", gettext_lazy("Record a consent"), "cases:record_consent"),
    ("assign_member", gettext_lazy("Assign a colleague"), "cases:people"),
    ("set_label", gettext_lazy("Change the working label"), "cases:label"),
    ("change_region", gettext_lazy("Record that the person has moved to another region"), "cases:region"),
    ("close_case", gettext_lazy("Close the case"), "cases:close"),
)
ON_A_CLOSED_CASE: Final = (("reopen_case", gettext_lazy("Reopen the case"), "cases:reopen"),)


def clock_cards(access: CaseAccess, shares: Sequence[Share]) -> list[ClockCard]:
    """Open clocks, soonest first; those of others say whom they bind. ``shares`` are those that the reader may see."""
    may_act = policies.may(access.actor, "complete_deadline", access)
    found = [one for one in door.open_deadlines(access) if not is_period_over(one, rule_of(one))]
    subjects = clock_subjects(access, found, shares)
    return [_card(access, one, may_act, subjects.get(one.subject_id, "")) for one in found]


def ongoing_periods(access: CaseAccess) -> list[Still]:
    """Minimums that are over while the period goes on, with what it waits for, soonest first."""
    rows = [(deadline, rule_of(deadline)) for deadline in door.open_deadlines(access)]
    return [
        Still(rule.name.label(), row.due_at - MOMENT, plain.ending(rule), _about(access, row))
        for row, rule in rows
        if is_period_over(row, rule)
    ]


def is_period_over(deadline: Deadline, rule: Rule) -> bool:
    """True for a period whose length is over although it has not ended: nobody is late."""
    return rule.is_period and deadline.state == DeadlineState.OPEN and deadline.due_at <= clock.moment()


def still_clocks(access: CaseAccess) -> list[Still]:
    """Clocks that stand still, longest first."""
    return [
        Still(rule_of(one).name.label(), one.suspended_at, _bound(access, one), _about(access, one))
        for one in door.suspended_deadlines(access)
        if one.suspended_at is not None
    ]


def actions(access: CaseAccess) -> list[Action]:
    """The acts that the reader may do, first those that the case waits for; a closed case is at most reopened."""
    offered = ON_A_CLOSED_CASE if access.case.state == CaseState.CLOSED else ACTIONS
    reference = access.case.shown_reference
    possible = [
        Action(label, reverse(name, args=[reference]))
        for act, label, name in offered
        if policies.may(access.actor, act, access)
    ]
    found = steps(access)
    waiting = [Action(step.label, step.url) for step in found if step.act not in UNAWAITED]
    return [*waiting, *possible, *(Action(step.label, step.url) for step in found if step.act in UNAWAITED)]


def rule_of(deadline: Deadline) -> Rule:
    """The rule of the profile in the version that the clock was started with."""
    return active().rule_version(deadline.rule, deadline.rule_version)


def _card(access: CaseAccess, deadline: Deadline, may_act: bool, subject: str) -> ClockCard:
    rule = rule_of(deadline)
    is_own = deadline.bound_organisation_id == access.actor.organisation_id
    at = deadline.due_at if rule.unit in INSTANTS else deadline.due_on
    where = _where(access, deadline, rule) if is_own and may_act else ""
    about = _about(access, deadline)
    return ClockCard(rule.name.label(), subject, at, _bound(access, deadline), where, is_own, about, plain.law(rule))


def _bound(access: CaseAccess, deadline: Deadline) -> str:
    if deadline.bound_organisation_id == access.actor.organisation_id:
        return _("Your organisation")
    return access.names.of(deadline.bound_organisation).name if deadline.bound_organisation else ""


def _about(access: CaseAccess, deadline: Deadline) -> str:
    return reverse("cases:clock", args=[access.case.shown_reference, deadline.pk])


def _where(access: CaseAccess, deadline: Deadline, rule: Rule) -> str:
    waited_for = rule.end_on | (frozenset() if deadline.acted_on else rule.ends_with)
    name = next((page for event, page in ENDED_AT.items() if event in waited_for), "")
    reference = access.case.shown_reference
    if name in WITH_KEY:
        return reverse(name, args=[reference, deadline.pk])
    if name in WITH_SUBJECT:
        return reverse(name, args=[reference, deadline.subject_id])
    if name in WITHOUT_CASE:
        return reverse(name)
    return reverse(name, args=[reference]) if name else ""
