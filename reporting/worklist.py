"""My work: what one must do next, soonest deadline first. Reads ``CaseVisibility`` and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Organisation
from audit import trail
from cases import policies
from cases.access import own_labels, unattended
from cases.enums import CaseState, Category, Identification
from cases.masking import HOST, Names
from cases.models import CaseLead, CaseVisibility, Deadline, Draft
from cases.operations.labels import tokens
from core import clock, reference
from core.dates import civil_day, start_of_day
from core.errors import Refused
from profiles.profile import active
from referrals.models import Referral
from reporting import counts, keyset

MINE: Final = "mine"
OVERDUE: Final = "overdue"
CHILDREN: Final = "children"
TEAM: Final = "team"
NOBODY: Final = "nobody"
CASE_TABS: Final[Mapping[str, Promise]] = {
    MINE: _("My work"),
    OVERDUE: _("Overdue"),
    CHILDREN: _("Children"),
    TEAM: _("My team"),
    NOBODY: _("Nobody assigned"),
}
DUE_CHOICES: Final = {
    "overdue": _("Overdue"),
    "two_days": _("Due in 2 days"),
    "week": _("Due this week"),
    "later": _("Later"),
    "none": _("No deadline"),
}
STATE_CHOICES: Final = {state.value: state.label for state in CaseState}
IDENTIFICATION_CHOICES: Final = {state.value: state.label for state in Identification}


@dataclass(frozen=True)
class Filters:
    """What the address asks for; unknown values fall away."""

    tab: str = ""
    text: str = ""
    due: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    identification: tuple[str, ...] = ()
    order: str = keyset.DUE

    @property
    def count(self) -> int:
        """How many filters are set."""
        return bool(self.text) + len(self.due) + len(self.states) + len(self.identification)


@dataclass(frozen=True)
class Row:
    """One case on the list."""

    case: Any
    label: str
    lead_name: str
    next_due_at: Any
    task: str


@dataclass(frozen=True)
class Worklist:
    """A page of the list, with the counts of all tabs."""

    rows: Sequence[Row]
    page: keyset.Page
    counts: Mapping[str, int]
    drafts: Sequence[Draft]


def tabs_of(actor: Actor) -> tuple[str, ...]:
    """The tabs that make sense: the team only for those who see the whole organisation's cases."""
    return tuple(CASE_TABS) if actor.scope == "organisation" else (MINE, OVERDUE, CHILDREN)


def read(actor: Actor, filters: Filters, cursor: keyset.Cursor | None) -> Worklist:
    """The page that the address asks for; raises ``Refused`` for a mistyped reference."""
    rows = _filtered(actor, _of_tab(actor, filters.tab), filters)
    found = keyset.page(rows, filters.order, cursor, prepare=partial(_prepared, actor))
    counted = _counted(actor, filters, rows)
    trail.note(categories=(Category.STATUS,), cases_shown=len(found.rows))
    return Worklist(
        rows=_rows(actor, found.rows),
        page=found,
        counts=counted,
        drafts=list(_drafts(actor).order_by("saved_at")[:3]) if counted["drafts"] else (),
    )


def _counted(actor: Actor, filters: Filters, rows: QuerySet[Any]) -> dict[str, int]:
    """All counts of the page in one question; without filters what was found is what the tab has."""
    asked = {**{tab: _of_tab(actor, tab) for tab in tabs_of(actor)}, **_beside(actor)}
    if filters.count:
        return counts.capped({**asked, "found": rows})
    counted = counts.capped(asked)
    return {**counted, "found": counted[filters.tab]}


def starting_tab(actor: Actor) -> str:
    """Where the list opens: the own cases for caseworkers, the whole organisation for those who see it."""
    return TEAM if actor.scope == "organisation" else MINE


def _of_tab(actor: Actor, tab: str) -> QuerySet[Any]:
    if tab == MINE:
        return CaseVisibility.objects.assigned_to(actor)
    if tab == NOBODY:
        return unattended(actor)
    rows = CaseVisibility.objects.visible_to(actor)
    if tab == OVERDUE:
        return rows.filter(next_due_at__lte=clock.moment())
    return rows.filter(is_child=True) if tab == CHILDREN else rows


def _beside(actor: Actor) -> dict[str, QuerySet[Any]]:
    """What waits outside the list of cases: drafts, referrals to answer for who may answer, answers of others."""
    referrals = Referral.objects.visible_to(actor).waiting()
    waiting = {"drafts": _drafts(actor), "waiting": referrals.sent(actor)}
    may_answer = policies.may(actor, "accept_referral")
    return {**waiting, "to_answer": referrals.received(actor)} if may_answer else waiting


def _drafts(actor: Actor) -> QuerySet[Draft]:
    erased = clock.moment() - timedelta(days=active().drafts.erase_days + 1)
    return Draft.objects.filter(author=actor.membership_id, saved_at__gt=erased)


def _filtered(actor: Actor, rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    if filters.states:
        rows = rows.filter(case__state__in=filters.states)
    if filters.identification:
        rows = rows.filter(case__identification__in=filters.identification)
    if filters.due:
        rows = rows.filter(_due(filters.due))
    return rows.filter(_text(actor, filters.text)) if filters.text else rows


def _due(chosen: Sequence[str]) -> Q:
    now, zone = clock.moment(), active().zone
    today = civil_day(now, zone)
    two_days, week = (start_of_day(today + timedelta(days=days), zone) for days in (3, 8))
    spans = {
        "overdue": Q(next_due_at__lte=now),
        "two_days": Q(next_due_at__gt=now, next_due_at__lte=two_days),
        "week": Q(next_due_at__gt=now, next_due_at__lte=week),
        "later": Q(next_due_at__gt=week),
        "none": Q(next_due_at__isnull=True),
    }
    wanted = Q(pk__in=[])
    for name in chosen:
        wanted |= spans[name]
    return wanted


def _text(actor: Actor, text: str) -> Q:
    """An exact reference, else words of the organisation's own labels; raises ``Refused`` for a mistyped reference."""
    try:
        return Q(case__reference=reference.parse(text))
    except Refused:
        if reference.looks_like_one(text):
            raise
    wanted = tokens(actor, text)
    labelled = own_labels(actor).filter(tokens__contains=wanted) if wanted else own_labels(actor).none()
    return Q(case_id__in=labelled.values("case_id"))


def _prepared(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what is shown of each: the case, who leads it, its soonest clock that the organisation has to keep or that
    all may see."""
    at = "organisation"
    lead = CaseLead.objects.filter(case=OuterRef("case"), ends_at__isnull=True)
    is_shown = Q(bound_organisation=actor.organisation_id) | Q(category=Category.STATUS)
    clocks = Deadline.objects.filter(is_shown, case=OuterRef("case"), state="open").order_by("due_at")
    prepared: QuerySet[Any] = rows.select_related("case", "case__key").annotate(
        lead=Subquery(lead.values(led_by=JSONObject(id=at, kind=f"{at}__kind", name=f"{at}__name"))[:1]),
        soonest=Subquery(clocks.values(rule_and_version=JSONObject(name="rule", version="rule_version"))[:1]),
    )
    return prepared


def _rows(actor: Actor, visible: Sequence[Any]) -> list[Row]:
    ids = [row.case_id for row in visible]
    by_case = {row.case_id: row.case for row in visible}
    labels = {label.case_id: _opened(label, by_case[label.case_id]) for label in own_labels(actor, ids)}
    leads = {row.case_id: _lead(row.lead) for row in visible if row.lead}
    names = Names(actor, [case for case, lead in leads.items() if lead.kind == HOST])
    return [
        Row(
            case=row.case,
            label=labels.get(row.case_id, ""),
            lead_name=names.of(leads[row.case_id], row.case_id).name if row.case_id in leads else "",
            next_due_at=row.next_due_at,
            task=_task(row.soonest),
        )
        for row in visible
    ]


def _lead(found: Mapping[str, str]) -> Organisation:
    return Organisation(pk=UUID(found["id"]), kind=found["kind"], name=found["name"])


def _opened(label: Any, case: Any) -> str:
    label.case = case
    return str(label.open().get("label", ""))


def _task(soonest: Mapping[str, Any] | None) -> str:
    """The short words of a clock: its whole name would leave fewer than nine cases in view."""
    if soonest is None:
        return ""
    return str(active().rule_version(soonest["name"], date.fromisoformat(soonest["version"])).task)
