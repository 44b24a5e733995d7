"""The country profile in plain words: deadlines, steps, limits and holidays, each with its source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import Request
from cases import plain
from cases.enums import DecisionOutcome
from core import clock
from core.dates import ONE_DAY
from profiles import codes
from profiles.bases import OBLIGATION
from profiles.bases import Line as BasisLine
from profiles.enums import Audience, Party
from profiles.parts import Profile, Rule, Step, Who
from profiles.profile import active

AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True)
class Line:
    """One deadline rule in words. ``validity`` is empty for a rule that holds since long and has no end."""

    code: str
    name: str
    counted: str
    ending: str
    reach: str
    kind: Promise
    moved: str
    told: str
    escalated: str
    ended: str
    source: str
    tag: Promise
    since: date
    until: date | None


@dataclass(frozen=True)
class Group:
    """The rules that bind one party."""

    party: Promise
    lines: list[Line]


@dataclass(frozen=True)
class Fact:
    """A question and its answer, with the source where there is one."""

    key: str
    value: str
    source: str = ""
    tag: str | Promise = ""


@require_safe
def country(request: Request) -> HttpResponse:
    """What holds in this installation; for everybody who is signed in."""
    profile, today = active(), clock.today(active().zone)
    context = {
        "profile": profile,
        "groups": _groups(profile, today),
        "columns": [_("Deadline"), _("How it is counted"), _("Reminded"), _("Ends when"), _("Source of law")],
        "steps": _steps(profile),
        "bases": _bases(profile),
        "limits": _limits(profile),
        "fact_columns": [_("What"), _("How it is here"), _("Source of law")],
        "holidays": _holidays(profile, today),
        "changed_days": [*profile.holidays.extra, *profile.holidays.dropped],
        "zone": str(profile.zone),
    }
    return render(request, "cases/country.html", context)


def _groups(profile: Profile, today: date) -> list[Group]:
    """By whom they bind, in the order of the profile; versions that are over are left out."""
    current = [rule for rule in profile.rules if rule.valid_to is None or rule.valid_to >= today]
    groups = ((party, [_line(rule, profile) for rule in current if rule.bound is party]) for party in Party)
    return [Group(plain.PARTIES[party], lines) for party, lines in groups if lines]


def _line(rule: Rule, profile: Profile) -> Line:
    return Line(
        code=rule.code,
        name=rule.name.label(),
        counted=plain.counted(rule),
        ending=plain.ending(rule),
        reach=plain.reach(rule, profile.regions),
        kind=plain.KINDS[rule.kind],
        moved=plain.moved(rule),
        told=plain.told(rule),
        escalated=plain.escalated(rule),
        ended=plain.ended(rule),
        source=rule.source,
        tag=plain.TAGS[rule.tag],
        since=rule.valid_from,
        until=rule.valid_to,
    )


def _steps(profile: Profile) -> list[Fact]:
    """Who records each step and each act, and what the reflection period is."""
    reflection = profile.reflection
    lengths = ", ".join(
        _("%(rule)s: %(length)s") % {"rule": rule.name.label(), "length": plain.length(rule)}
        for rule in profile.rules
        if rule.code in {length.rule for length in reflection.lengths}
    )
    term = profile.term("reflection_period")
    return [
        *(
            Fact(_step_of(step), _who(step.recorded_by), step.source, plain.TAGS[step.tag])
            for step in profile.steps.values()
        ),
        *(
            Fact(act.name.label(), _who(act.recorded_by), act.source, plain.TAGS[act.tag])
            for act in profile.acts.values()
        ),
        Fact(_("%(period)s: length") % {"period": term}, lengths, reflection.source),
        Fact(_("%(period)s: offered by") % {"period": term}, _who(reflection.offered_by), reflection.source),
        Fact(_("%(period)s: granted by") % {"period": term}, _who(reflection.granted_by), reflection.source),
        *_exemptions(profile),
        Fact(
            _("%(period)s: why it ends") % {"period": term},
            _list(codes.get("reflection_end_reason").label(code) for code in reflection.end_reasons),
            reflection.source,
        ),
    ]


def _exemptions(profile: Profile) -> list[Fact]:
    """To whom the reflection period does not apply, each with the source that says so."""
    statuses, found = codes.get("immigration_status"), profile.reflection.exemptions.values()
    key = _("%(period)s: does not apply to") % {"period": profile.term("reflection_period")}
    if not found:
        return [Fact(key, _("Applies to everybody"), profile.reflection.source)]
    under_union_law = _("%(status)s, as far as the person derives a right of residence from Union law")
    return [
        Fact(
            key,
            under_union_law % {"status": statuses.label(one.code)}
            if one.asks_union_right
            else statuses.label(one.code),
            one.source,
            plain.TAGS[one.tag],
        )
        for one in found
    ]


def _step_of(step: Step) -> str:
    """A decision and what may come out of it: “Reasonable grounds (positive, negative)”."""
    outcomes = _list(str(DecisionOutcome(code).label).lower() for code in step.outcomes)
    return _("%(step)s (%(outcomes)s)") % {"step": step.name.label(), "outcomes": outcomes}


def _limits(profile: Profile) -> list[Fact]:
    """Guardians, parties by office, drafts."""
    guardians, drafts, overdue = profile.guardians, profile.drafts, profile.overdue
    again = _("told again every %(every)d days while it lasts; after %(long)d days also to %(who)s") % {
        "every": overdue.every_days,
        "long": overdue.escalate_days,
        "who": _list([plain.AUDIENCES[overdue.escalate_to], plain.AUDIENCES[Audience.COORDINATOR]]),
    }
    caseload = _("a warning above %(warn)d children, refused above %(refuse)d") % {
        "warn": guardians.warn_above,
        "refuse": guardians.refuse_above,
    }
    kept = _("warned after %(warn)d days without a save, erased after %(erase)d") % {
        "warn": drafts.warn_days,
        "erase": drafts.erase_days,
    }
    office = _("at most %(longest)d days, reviewed after %(review)d")
    return [
        Fact(_("Children per guardian"), caseload, guardians.source),
        *(
            Fact(one.name.label(), office % {"longest": one.longest_days, "review": one.review_days}, one.source)
            for one in profile.offices.values()
        ),
        Fact(_("Drafts"), kept, drafts.source),
        Fact(_("What is overdue"), again, overdue.source),
    ]


def _bases(profile: Profile) -> list[Fact]:
    """Who may use which legal basis; after the obligation, the provisions that it may name."""
    listed, found = codes.get("legal_basis"), []
    for basis in profile.legal_bases.values():
        found += [Fact(listed.label(basis.code), _reach(line), line.source) for line in basis.lines]
        if basis.code == OBLIGATION:
            found += [Fact(one.name.label(), _reach(one.line), one.line.source) for one in profile.provisions.values()]
    return found


def _reach(line: BasisLine) -> str:
    """One line of the table in words: from whom to whom, for what, which categories, of whose age."""
    parts = [
        _("from: %(kinds)s") % {"kinds": _some(line.givers, "organisation_kind")},
        _("to: %(kinds)s") % {"kinds": _some(line.receivers, "organisation_kind")},
        _("for: %(purposes)s") % {"purposes": _some(line.purposes, "purpose")},
        _("categories: %(categories)s") % {"categories": _some(line.categories, "category")},
    ]
    if line.offers:
        parts.append(_("only who provides: %(services)s") % {"services": _some(line.offers, "service")})
    if len(line.ages) == 1:
        parts.append(_("of children only") if "child" in line.ages else _("of adults only"))
    if line.registers:
        parts.append(_("an adult is registered on it without consent"))
    return "; ".join(parts)


def _some(chosen: frozenset[str], name: str) -> str:
    listed = codes.get(name)
    return _("all") if len(chosen) == len(listed) else _list(listed.labels(chosen))


def _holidays(profile: Profile, today: date) -> list[tuple[date, str]]:
    """The days of the next year that are not worked although they are no weekend, and where."""
    calendars = {"": profile.calendar(), **{code: profile.calendar(code) for code in profile.regions}}
    found = []
    day = today
    while day < today + AHEAD:
        if day.weekday() not in profile.holidays.weekend:
            free = [code for code, calendar in calendars.items() if not calendar.is_working_day(day)]
            regions = [profile.regions[code].name.label() for code in free if code]
            if free:
                found.append((day, "" if len(free) == len(calendars) else _list(regions)))
        day += ONE_DAY
    return found


def _who(who: Who) -> str:
    kinds, roles = codes.get("organisation_kind"), codes.get("membership_role")
    if not who.kinds:
        return _("Nobody")
    return _("%(kinds)s: %(roles)s") % {
        "kinds": _list(kinds.label(code) for code in sorted(who.kinds)),
        "roles": _list(roles.label(code) for code in sorted(who.roles)),
    }


def _list(words: Iterable[object]) -> str:
    return ", ".join(map(str, words))


urlpatterns = [path("country/", country, name="country")]
