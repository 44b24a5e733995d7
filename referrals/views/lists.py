"""The referrals of the own organisation, and those of one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.http import Request
from cases import access as door
from cases import policies
from cases.masking import Names
from cases.views.shared import Tag, case_context
from core.ui import Tab
from profiles import codes
from referrals.access import listed, of_case, seen
from referrals.enums import ReferralState
from referrals.models import Referral
from referrals.querysets import ReferralQuerySet
from referrals.views.words import state_tag

PAGE: Final = 25
LABELS: Final[Mapping[str, Promise]] = {
    "answer": _("To answer"),
    "waiting": _("Sent and waiting"),
    "all": _("All"),
}
# By which instant each tab is ordered: what is due soonest first, or what is newest first.
ORDER: Final[Mapping[str, str]] = {"answer": "answer_due_at", "waiting": "answer_due_at", "all": "-sent_at"}
HEADS: Final = (_("Reference"), _("Service"), _("Organisation"), _("State"), _("Answer due"), _("Sent"))


@dataclass(frozen=True)
class Line:
    """One referral in a list."""

    referral: Referral
    other: str
    is_sent: bool
    service: str
    tag: Tag
    due: datetime | None


def referrals(request: Request) -> HttpResponse:
    """Received and to be answered, sent and waiting, or all; soonest answer first."""
    policies.require(request.actor, "view_worklist")
    tab = request.GET.get("tab", "")
    tab = tab if tab in LABELS else _starting_tab(request)
    rows = listed(request.actor, _after(_rows(request, tab), tab, request.GET.get("after", "")), PAGE + 1)
    context = {
        "tabs": _tabs(request, tab),
        "heads": HEADS,
        "lines": _lines(request, rows[:PAGE]),
        "next_url": _next(tab, rows),
        "first_url": _url(tab) if request.GET.get("after") else "",
    }
    return render(request, "referrals/list.html", context)


def _starting_tab(request: Request) -> str:
    """What is to be answered, for those who may answer; the others follow what they sent."""
    return "answer" if policies.may(request.actor, "accept_referral") else "waiting"


def of_one_case(request: Request, reference: str) -> HttpResponse:
    """The tab of a case: what the own organisation sent and received for it."""
    access = door.get_case(request.actor, reference)
    context = {
        **case_context(access, tab="referrals"),
        "heads": HEADS,
        "lines": _lines(request, of_case(access)),
        "may_send": policies.may(request.actor, "send_referral", access),
    }
    return render(request, "referrals/of_case.html", context)


def _rows(request: Request, tab: str) -> ReferralQuerySet[Referral]:
    rows = seen(request.actor)
    if tab == "answer":
        return rows.received(request.actor).waiting()
    return rows.sent(request.actor).waiting() if tab == "waiting" else rows


def _after(rows: ReferralQuerySet[Referral], tab: str, cursor: str) -> ReferralQuerySet[Referral]:
    """Rows behind the cursor, in the order of the tab; from the start for what is no cursor."""
    field = ORDER[tab]
    name, way = field.lstrip("-"), "lt" if field.startswith("-") else "gt"
    rows = rows.order_by(field, "-pk" if way == "lt" else "pk")
    try:
        at, pk = datetime.fromisoformat(cursor.partition("~")[0]), UUID(cursor.partition("~")[2])
    except ValueError:
        return rows
    if at.tzinfo is None:
        return rows
    return rows.filter(Q(**{f"{name}__{way}": at}) | Q(**{name: at, f"pk__{way}": pk}))


def _next(tab: str, rows: list[Referral]) -> str:
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    at = getattr(last, ORDER[tab].lstrip("-"))
    return _url(tab, after=f"{at.isoformat()}~{last.pk}")


def _url(tab: str, **query: str) -> str:
    return f"{reverse('referrals:list')}?{urlencode({'tab': tab, **query})}"


def _tabs(request: Request, current: str) -> list[Tab]:
    waiting = Referral.objects.visible_to(request.actor).waiting()
    own = request.actor.organisation_id
    counts: Mapping[str, Any] = waiting.aggregate(
        answer=Count("pk", filter=Q(to_organisation=own)), waiting=Count("pk", filter=Q(from_organisation=own))
    )
    return [
        Tab(label=label, url=_url(tab), current=tab == current, count=counts.get(tab)) for tab, label in LABELS.items()
    ]


def _lines(request: Request, rows: Sequence[Referral]) -> list[Line]:
    names = Names(request.actor, [row.case_id for row in rows])
    return [_line(request, row, names) for row in rows]


def _line(request: Request, referral: Referral, names: Names) -> Line:
    is_sent = referral.from_organisation_id == request.actor.organisation_id
    is_waiting = referral.state_now == ReferralState.SENT
    return Line(
        referral,
        names.other_side(referral).name,
        is_sent,
        codes.get("service").label(referral.service),
        state_tag(referral),
        referral.answer_due_at if is_waiting else None,
    )


urlpatterns = [
    path("referrals/", referrals, name="list"),
    path("cases/<str:reference>/referrals/", of_one_case, name="of_case"),
]
