"""The dashboard: the figures of ``reporting.statistics`` as sentences, charts and tables with the same numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.charts import BarChart, Chart, FlowChart, StackedChart, TrendChart
from profiles import codes
from profiles.profile import active
from referrals.enums import ReferralState
from reporting.statistics import ENDING_WITHIN_DAYS, Cut, Figures, Wait

OVERDUE: Final = "overdue"
STATES: Final[Mapping[str, Promise]] = {
    ReferralState.SENT.value: gettext_lazy("Waiting"),
    OVERDUE: gettext_lazy("Past the answer deadline"),
    "going": gettext_lazy("Accepted or in progress"),
    ReferralState.DONE.value: gettext_lazy("Done"),
    ReferralState.ENDED.value: gettext_lazy("Declined or ended early"),
}
GROUPED: Final = {
    ReferralState.ACCEPTED.value: "going",
    ReferralState.IN_PROGRESS.value: "going",
    ReferralState.DECLINED.value: ReferralState.ENDED.value,
    ReferralState.REVOKED.value: ReferralState.ENDED.value,
    ReferralState.EXPIRED.value: ReferralState.ENDED.value,
}
STEPS: Final[Mapping[str, Promise]] = {
    "answer": gettext_lazy("Referral sent to accepted"),
    "grounds": gettext_lazy("Registered to reasonable grounds"),
    "guardian": gettext_lazy("Guardian requested to appointed"),
}
LONGEST_LIST: Final = 12


@dataclass(frozen=True)
class Tile:
    """One large number with its words."""

    number: str
    words: str


@dataclass(frozen=True)
class WaitRow:
    """Median and 90th percentile of a step, in calendar days."""

    step: str
    count: int
    median: str
    ninetieth: str


def tiles(figures: Figures, overdue_steps: int) -> list[Tile]:
    """What one looks at first."""
    total = sum(figures.states.values())
    overdue = figures.states.get(OVERDUE, 0)
    waiting = figures.states.get(ReferralState.SENT, 0) + overdue
    return [
        Tile(str(total), ngettext("referral sent", "referrals sent", total)),
        Tile(str(waiting), _("waiting for an answer")),
        Tile(str(overdue), _("past the answer deadline")),
        Tile(
            str(figures.children["waiting"] + figures.children["provisional"]), _("children without a guardian today")
        ),
        Tile(str(figures.reflection["running"]), _("reflection periods running")),
        Tile(
            str(figures.reflection["ending"]),
            _("reflection periods ending within %(days)s days") % {"days": ENDING_WITHIN_DAYS},
        ),
        Tile(str(overdue_steps), ngettext("step overdue", "steps overdue", overdue_steps)),
    ]


def charts(figures: Figures) -> list[Chart]:
    """Every chart that has something to show; each draws the numbers of its own table."""
    drawn = [
        _trend(figures),
        _registrations(figures),
        _flow(figures),
        _stacked("by-phase", _("Referrals by phase"), figures.by_phase, codes.get("referral_phase").label, _("phase")),
        _stacked(
            "by-kind",
            _("Referrals by type of receiving organisation"),
            figures.by_kind,
            codes.get("organisation_kind").label,
            _("type"),
        ),
        _stacked("by-receiver", _("Referrals by receiving organisation"), figures.by_receiver, str, _("organisation")),
        _stacked("by-region", _("Referrals by region"), figures.by_region, region_label, _("region")),
        _reflection(figures),
        _children(figures),
    ]
    return [chart for chart in drawn if any(any(numbers) for _label, numbers in chart.draw().table.rows)]


def waits(figures: Figures) -> list[WaitRow]:
    """How long the steps take."""
    rows = ((step, figures.waits.get(step, Wait())) for step in STEPS)
    return [WaitRow(str(STEPS[step]), wait.count, _days(wait.median), _days(wait.ninetieth)) for step, wait in rows]


def region_label(code: str) -> str:
    """The name of a region of the country."""
    regions = active().regions
    return str(regions[code].name) if code in regions else _("Region not recorded")


def _days(days: float | None) -> str:
    return number_format(days, decimal_pos=1) if days is not None else _("none yet")


def _parts(states: Mapping[str, int]) -> list[int]:
    found = dict.fromkeys(STATES, 0)
    for state, count in states.items():
        found[GROUPED.get(state, state)] += count
    return list(found.values())


def _stacked(identity: str, title: str, cut: Cut, label: Callable[[str], str], unit: str) -> Chart:
    rows = sorted(((label(key), _parts(states)) for key, states in cut.items()), key=lambda row: -sum(row[1]))
    rows = _shortened(rows)
    if not rows:
        message = _("No referral was sent in this period.")
    else:
        largest, counts = rows[0]
        share = round(100 * sum(counts) / sum(sum(values) for _label, values in rows))
        message = _("%(name)s has most: %(share)s %% of all, with %(waiting)s waiting.") % {
            "name": largest,
            "share": share,
            "waiting": counts[0] + counts[1],
        }
    return StackedChart(
        identity=identity,
        title=title,
        message=message,
        parts=list(STATES.values()),
        rows=rows,
        heads=(unit.capitalize(),),
    )


def _shortened(rows: Sequence[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    """The longest bars by name, the rest together, so that a chart stays readable."""
    if len(rows) <= LONGEST_LIST:
        return list(rows)
    rest = [sum(values) for values in zip(*(counts for _label, counts in rows[LONGEST_LIST - 1 :]), strict=True)]
    return [*rows[: LONGEST_LIST - 1], (_("All others"), rest)]


def _trend(figures: Figures) -> Chart:
    months = sorted(figures.by_month)
    counts = [figures.by_month[month] for month in months]
    message = (
        ngettext(
            "%(last)s referral in the last month shown, %(average)s a month on average.",
            "%(last)s referrals in the last month shown, %(average)s a month on average.",
            counts[-1],
        )
        % {"last": counts[-1], "average": number_format(sum(counts) / len(counts), decimal_pos=1)}
        if counts
        else _("No referral was sent in this period.")
    )
    return TrendChart(
        identity="trend",
        title=_("Referrals by month"),
        message=message,
        heads=(_("Month"),),
        periods=[_month(month) for month in months],
        series=[(_("Referrals"), counts)],
    )


def _registrations(figures: Figures) -> Chart:
    months = sorted(figures.registrations)
    registered = [figures.registrations[month][0] for month in months]
    notified = [figures.registrations[month][1] for month in months]
    message = _(
        "%(registered)s people registered and %(notified)s anonymous notifications. They are not added up: one person "
        "may be in both."
    ) % {"registered": sum(registered), "notified": sum(notified)}
    return TrendChart(
        identity="registrations",
        title=_("Registrations and anonymous notifications by month"),
        message=message,
        heads=(_("Month"),),
        periods=[_month(month) for month in months],
        series=[(_("Registrations"), registered), (_("Anonymous notifications"), notified)],
    )


def _flow(figures: Figures) -> Chart:
    kinds = codes.get("organisation_kind")
    flows: dict[tuple[str, str], int] = {}
    for (sender, receiver), states in figures.flow.items():
        parts = dict(zip(STATES, _parts(states), strict=True))
        giver, taker = _("%(kind)s refers") % {"kind": kinds.label(sender)}, kinds.label(receiver)
        flows[giver, taker] = flows.get((giver, taker), 0) + sum(parts.values())
        for state, count in parts.items():
            if count:
                flows[taker, str(STATES[state])] = flows.get((taker, str(STATES[state])), 0) + count
    between = {pair: sum(states.values()) for pair, states in figures.flow.items()}
    largest = max(((count, pair) for pair, count in between.items()), default=None)
    message = (
        _("Most go from “%(sender)s” to “%(receiver)s”: %(count)s.")
        % {"sender": kinds.label(largest[1][0]), "receiver": kinds.label(largest[1][1]), "count": largest[0]}
        if largest
        else _("No referral was sent in this period.")
    )
    return FlowChart(
        identity="flow",
        title=_("How referrals move between organisations"),
        message=message,
        heads=(_("From and to"),),
        flows=[(giver, taker, count) for (giver, taker), count in flows.items()],
    )


def _reflection(figures: Figures) -> Chart:
    period = figures.reflection
    bars = [
        (_("Offered, to be decided"), period["offered"]),
        (_("Running today"), period["running"]),
        (_("Ending within %(days)s days") % {"days": ENDING_WITHIN_DAYS}, period["ending"]),
        (_("Started in this period"), period["granted"]),
        (_("Declined in this period"), period["declined"]),
    ]
    message = _("%(running)s periods are running; %(ending)s of them end within %(days)s days.") % {
        "running": period["running"],
        "ending": period["ending"],
        "days": ENDING_WITHIN_DAYS,
    }
    return BarChart(
        identity="reflection", title=_("Reflection periods"), message=message, heads=(_("State"),), bars=bars
    )


def _children(figures: Figures) -> Chart:
    children = figures.children
    bars = [
        (_("Waiting for a guardian"), children["waiting"]),
        (_("Provisional guardian"), children["provisional"]),
        (_("Guardian appointed"), children["appointed"]),
    ]
    longest = figures.longest_wait_days
    message = (
        _("The longest waits %(days)s days.") % {"days": number_format(longest, decimal_pos=1)}
        if longest is not None
        else _("No child waits for a guardian today.")
    )
    return BarChart(
        identity="children", title=_("Children and guardians today"), message=message, heads=(_("State"),), bars=bars
    )


def _month(month: Any) -> str:
    return date_format(month, "M Y")
