"""Country profiles from TOML: ``extends`` puts a country on top of another, and every value is checked on reading."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import holidays

from profiles import codes
from profiles.bases import OBLIGATION, read_basis_lines, read_provisions
from profiles.enums import ActKind, Audience, Direction, End, Event, Kind, Party, Situation, Tag, Unit
from profiles.errors import DataError
from profiles.parts import (
    ADULT,
    CHILD,
    Act,
    DayChange,
    Drafts,
    Exemption,
    Guardians,
    Holidays,
    Length,
    Office,
    Overdue,
    Profile,
    Reconsideration,
    Reflection,
    Region,
    Rule,
    Step,
    Who,
)
from profiles.raised import STEP_ACTIONS, dead_rules
from profiles.reader import Reader
from profiles.sense import ACROSS, check_rule, month_day, offsets

FOLDER: Final = Path(__file__).parent
# Each case says under which profile it was registered.
LONGEST_CODE: Final = 8
TERMS: Final = ("reflection_period", "reasonable_grounds", "identification", "guardian")
WEEKDAYS: Final = 7
AGES: Final = (CHILD, ADULT)
OUTCOMES: Final = ("positive", "negative", "suspended", "withdrawn", "disqualified")
# A holiday of every year may fall on 29 February.
LEAP_YEAR: Final = 2000


def load(name: str, folder: Path = FOLDER) -> Profile:
    """The profile of ``<name>.toml`` in ``folder``; raises ``DataError`` with a line for every mistake."""
    mistakes: list[str] = []
    profile = _profile(Reader(f"{name}.toml", _table(name, folder), mistakes))
    mistakes += _contradictions(f"{name}.toml", profile)
    if mistakes:
        raise DataError(mistakes)
    return profile


def _table(name: str, folder: Path, below: Sequence[str] = ()) -> dict[str, Any]:
    """The file of ``name`` on top of the file that it extends."""
    if name in below:
        raise DataError([f"{name}.toml: extends itself through {', '.join(below)}"])
    path = folder / f"{name}.toml"
    if below and not path.exists():
        path = FOLDER / path.name  # a country elsewhere extends one that ships
    try:
        own = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError([f"{path.name}: there is no such profile ({folder.name}/)"]) from None
    except tomllib.TOMLDecodeError as error:
        raise DataError([f"{path.name}: {error}"]) from None
    base = own.pop("extends", None)
    without = own.pop("without", {})
    table = _merge(_table(base, folder, (*below, name)), own) if base else own
    for key, unwanted in without.items():
        entries = table.get(key, [])
        unknown = set(unwanted) - {entry.get("code") for entry in entries}
        if unknown:
            raise DataError([f"{path.name}, without: {key} has no {code!r} to leave out" for code in sorted(unknown)])
        table[key] = [entry for entry in entries if entry.get("code") not in unwanted]
    return table


def _merge(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged; lists of tables by their code, all versions of a code at once; the rest is replaced."""
    merged = dict(base)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merged[key] = _merge(base[key], value)
        elif _are_coded(value) and _are_coded(base.get(key)):
            replaced = {entry["code"] for entry in value}
            merged[key] = [*(entry for entry in base[key] if entry["code"] not in replaced), *value]
        else:
            merged[key] = value
    return merged


def _are_coded(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "code" in one for one in value)


def _profile(reader: Reader) -> Profile:
    profile = Profile(
        code=reader.text("code"),
        name=reader.words(),
        version=reader.day("version"),
        country=reader.text("country", ""),
        zone=reader.zone("zone"),
        reminder_time=reader.clock("reminder_time"),
        holidays=_holidays(reader.part("calendar")),
        regions=_by_code(_region(part, reader) for part in reader.parts("regions")),
        steps=_by_code(_step(part) for part in reader.parts("steps")),
        acts=_by_code(_act(part) for part in reader.parts("acts", is_optional=True)),
        reflection=_reflection(reader.part("reflection")),
        reconsideration=_reconsideration(reader.part("reconsideration")),
        guardians=_guardians(reader.part("guardians")),
        offices=_by_code(_office(part) for part in reader.parts("offices")),
        legal_bases=MappingProxyType(read_basis_lines(reader.parts("legal_bases"))),
        provisions=MappingProxyType(read_provisions(reader.parts("provisions", is_optional=True))),
        drafts=_drafts(reader.part("drafts")),
        overdue=_overdue(reader.part("overdue")),
        rules=tuple(_rule(part) for part in reader.parts("rules")),
        terms=MappingProxyType({part.text("code"): part.words() for part in reader.parts("terms")}),
    )
    if len(profile.code) > LONGEST_CODE:
        reader.wrong("code", f"is longer than {LONGEST_CODE} letters")
    reader.finish()
    return profile


def _by_code(entries: Iterable[Any]) -> Mapping[str, Any]:
    return MappingProxyType({entry.code: entry for entry in entries})


def _holidays(reader: Reader) -> Holidays:
    country = reader.text("library", "")
    if country and country not in holidays.list_supported_countries():
        reader.wrong("library", f"is not a country of the holidays library: {country!r}")
        country = ""
    days = reader.table.get("weekend", [5, 6])
    reader.read.add("weekend")
    if not all(isinstance(day, int) and 0 <= day < WEEKDAYS for day in days) or len(set(days)) == WEEKDAYS:
        reader.wrong("weekend", "must be weekdays from 0 (Monday) to 6, not all seven")
        days = [5, 6]
    found = Holidays(
        country=country,
        subdivision=_subdivision(reader, country),
        categories=reader.texts("categories"),
        weekend=frozenset(days),
        extra=tuple(_day_change(part) for part in reader.parts("extra", is_optional=True)),
        dropped=tuple(_day_change(part) for part in reader.parts("dropped", is_optional=True)),
    )
    reader.finish()
    return found


def _day_change(reader: Reader) -> DayChange:
    year = reader.number("year", 0)
    month, day = month_day(reader, year or LEAP_YEAR)
    change = DayChange(
        month=month,
        day=day,
        year=year or None,
        source=reader.text("source"),
    )
    reader.finish()
    return change


def _region(reader: Reader, above: Reader) -> Region:
    country = above.table.get("calendar", {}).get("library", "")
    region = Region(reader.text("code"), reader.words(), _subdivision(reader, country))
    reader.finish()
    return region


def _subdivision(reader: Reader, country: str) -> str:
    """A part of the country with holidays of its own, as the library names it; empty for none."""
    named = reader.text("subdivision", "")
    if named and named not in holidays.list_supported_countries().get(country, ()):
        reader.wrong("subdivision", f"{named!r} has no calendar in the holidays library for {country!r}")
        return ""
    return named


def _who(reader: Reader) -> Who:
    who = Who(
        frozenset(reader.codes("kinds", codes.get("organisation_kind"))),
        frozenset(reader.codes("roles", codes.get("membership_role"))),
    )
    if bool(who.kinds) != bool(who.roles):
        reader.wrong("roles", "and kinds are either both empty (nobody) or both filled")
    reader.finish()
    return who


def _step(reader: Reader) -> Step:
    step = Step(
        code=reader.text("code"),
        name=reader.words(),
        action=reader.text("action"),
        recorded_by=_who(reader.part("recorded_by")),
        outcomes=reader.codes("outcomes", OUTCOMES),
        opens=frozenset(reader.texts("opens")),
        after=reader.text("after", ""),
        source=reader.text("source"),
        tag=reader.one_of("tag", Tag),
    )
    reader.finish()
    return step


def _act(reader: Reader) -> Act:
    code = reader.one_of("code", ActKind)
    act = Act(
        code=code,
        name=reader.words(),
        action=f"record_{code}",
        category=reader.code("category", codes.get("category")),
        recorded_by=_who(reader.part("recorded_by")),
        source=reader.text("source"),
        tag=reader.one_of("tag", Tag),
    )
    reader.finish()
    return act


def _exemption(reader: Reader) -> Exemption:
    exemption = Exemption(
        code=reader.code("code", codes.get("immigration_status")),
        asks_union_right=reader.flag("asks_union_right", default=False),
        source=reader.text("source"),
        tag=reader.one_of("tag", Tag),
    )
    reader.finish()
    return exemption


def _ended_by(reader: Reader, reasons: tuple[str, ...]) -> Mapping[ActKind, str]:
    """Which act ends the period, and with which of its reasons."""
    found = {}
    for key in reader.table:
        if key not in set(ActKind):
            reader.wrong(key, f"is none of {', '.join(ActKind)}")
            continue
        found[ActKind(key)] = reader.text(key)
        if found[ActKind(key)] not in reasons:
            reader.wrong(key, f"{found[ActKind(key)]!r} is not among the end_reasons")
    return MappingProxyType(found)


def _reflection(reader: Reader) -> Reflection:
    reasons = reader.codes("end_reasons", codes.get("reflection_end_reason"))
    reflection = Reflection(
        exists=reader.flag("exists"),
        offered_by=_who(reader.part("offered_by")),
        granted_by=_who(reader.part("granted_by")),
        starts_with=reader.text("starts_with", ""),
        applies_to_children=reader.flag("applies_to_children"),
        exemptions=_by_code(_exemption(part) for part in reader.parts("exemptions", is_optional=True)),
        is_extendable=reader.flag("is_extendable"),
        one_per_person=reader.flag("one_per_person"),
        end_reasons=reasons,
        ended_by=_ended_by(reader.part("ended_by"), reasons) if "ended_by" in reader.table else MappingProxyType({}),
        lengths=tuple(_length(part) for part in reader.parts("lengths")),
        source=reader.text("source"),
    )
    standard = (one for one in reflection.lengths if one.situation is Situation.STANDARD)
    if not any(not (one.regions or one.ages) for one in standard):
        reader.wrong("lengths", "needs one for the situation standard, in every region and for every age")
    reader.finish()
    return reflection


def _reconsideration(reader: Reader) -> Reconsideration:
    reconsideration = Reconsideration(
        of=frozenset(reader.texts("of")),
        decided_by=_who(reader.part("decided_by")),
        second_reader=reader.flag("second_reader", default=False),
        source=reader.text("source"),
    )
    reader.finish()
    return reconsideration


def _length(reader: Reader) -> Length:
    length = Length(
        reader.one_of("situation", Situation),
        reader.text("rule"),
        frozenset(reader.codes("immigration_statuses", codes.get("immigration_status"))),
        frozenset(reader.texts("regions")),
        frozenset(reader.codes("ages", AGES)),
    )
    reader.finish()
    return length


def _guardians(reader: Reader) -> Guardians:
    kinds = codes.get("organisation_kind")
    guardians = Guardians(
        warn_above=reader.number("warn_above"),
        refuse_above=reader.number("refuse_above"),
        has_provisional_step=reader.flag("has_provisional_step"),
        assigned_by=frozenset(reader.codes("assigned_by", kinds)),
        guardian_kinds=frozenset(reader.codes("guardian_kinds", kinds)),
        end_reasons=reader.codes("end_reasons", codes.get("guardian_end_reason")),
        source=reader.text("source"),
    )
    if guardians.warn_above > guardians.refuse_above:
        reader.wrong("warn_above", "must not be above refuse_above")
    reader.finish()
    return guardians


def _office(reader: Reader) -> Office:
    office = Office(
        code=reader.text("code"),
        name=reader.words(),
        kinds=frozenset(reader.codes("kinds", codes.get("organisation_kind"))),
        longest_days=reader.number("longest_days"),
        review_days=reader.number("review_days"),
        source=reader.text("source"),
        provision=reader.text("provision", ""),
    )
    reader.finish()
    return office


def _drafts(reader: Reader) -> Drafts:
    drafts = Drafts(
        warn_days=reader.number("warn_days"), erase_days=reader.number("erase_days"), source=reader.text("source")
    )
    if drafts.warn_days >= drafts.erase_days:
        reader.wrong("warn_days", "must be below erase_days")
    reader.finish()
    return drafts


def _overdue(reader: Reader) -> Overdue:
    overdue = Overdue(
        every_days=reader.number("every_days"),
        escalate_days=reader.number("escalate_days"),
        escalate_to=reader.one_of("escalate_to", Audience),
        source=reader.text("source"),
    )
    if overdue.every_days < 1:
        reader.wrong("every_days", "must be at least 1")
    if overdue.escalate_to in ACROSS:
        reader.wrong("escalate_to", "must be an audience of one organisation")
    reader.finish()
    return overdue


def _rule(reader: Reader) -> Rule:
    unit = reader.one_of("unit", Unit)
    rule = Rule(
        code=reader.text("code"),
        name=reader.words(),
        task=reader.words("_task"),
        category=reader.code("category", codes.get("category")),
        trigger=reader.one_of("trigger", Event),
        length=reader.number("length", 0) if unit is Unit.AT_ONCE else reader.number("length"),
        unit=unit,
        direction=reader.one_of("direction", Direction, Direction.AFTER),
        kind=reader.one_of("kind", Kind),
        rolls=reader.flag("rolls"),
        counts_event=reader.flag("counts_event", default=False),
        ends=reader.one_of("ends", End) if reader.table.get("ends") else None,
        ends_with=frozenset(reader.some_of("ends_with", Event)),
        regions=frozenset(reader.texts("regions")),
        ages=frozenset(reader.codes("ages", AGES)),
        on_day=month_day(reader.part("on_day")) if unit is Unit.FIXED_DATE else None,
        suspend_on=frozenset(reader.some_of("suspend_on", Event)),
        resume_on=frozenset(reader.some_of("resume_on", Event)),
        end_on=frozenset(reader.some_of("end_on", Event)),
        remind_at=offsets(reader, "remind_at"),
        audience=reader.some_of("audience", Audience),
        escalate_to=reader.one_of("escalate_to", Audience) if reader.table.get("escalate_to") else None,
        escalate_at=offsets(reader, "escalate_at"),
        bound=reader.one_of("bound", Party),
        may_suspend=reader.flag("may_suspend", default=False),
        may_extend=reader.flag("may_extend", default=False),
        extend_by=reader.number("extend_by", 0),
        source=reader.text("source"),
        tag=reader.one_of("tag", Tag),
        valid_from=reader.day("valid_from"),
        valid_to=reader.later_day("valid_to"),
    )
    reader.read |= {"escalate_to", "ends"}
    check_rule(reader, rule)
    reader.finish()
    return rule


def _contradictions(file: str, profile: Profile) -> Iterator[str]:
    """What no single field can show: overlapping versions; rules, steps and terms that are named but do not exist."""
    yield from _overlaps(file, profile.rules)
    known = {rule.code for rule in profile.rules}
    for length in profile.reflection.lengths:
        if length.rule and length.rule not in known:
            yield f"{file}, reflection, lengths: rule {length.rule!r} is not among the rules"
    named = {f"steps {step.code}: after": step.after for step in profile.steps.values()}
    named["reflection: starts_with"] = profile.reflection.starts_with
    named |= {f"reconsideration: of, {step}": step for step in profile.reconsideration.of}
    for where, step in named.items():
        if step and step not in profile.steps:
            yield f"{file}, {where} {step!r} is not a step"
    yield from _of_no_region(file, profile)
    yield from _dead(file, profile)
    lengths = {length.rule for length in profile.reflection.lengths}
    for rule in profile.rules:
        if rule.code in lengths and not rule.is_period:
            yield f"{file}, rules {rule.code}: ends is missing: the reflection period must say how it ends"
        if rule.code in lengths and rule.may_extend and not profile.reflection.is_extendable:
            yield f"{file}, rules {rule.code}: may_extend contradicts reflection, is_extendable = false"
    for term in TERMS:
        if term not in profile.terms:
            yield f"{file}, terms: {term} is missing"
    yield from _unreachable_bases(file, profile)


def _dead(file: str, profile: Profile) -> Iterator[str]:
    """Steps that no operation takes, and rules whose clock could never start."""
    for step in profile.steps.values():
        if STEP_ACTIONS.get(step.code) != step.action:
            yield f"{file}, steps {step.code}: action {step.action!r} is nothing that anybody can do"
    for rule in dead_rules(profile):
        yield f"{file}, rules {rule.code}: trigger {rule.trigger.value!r} is an event that nothing raises here"


def _of_no_region(file: str, profile: Profile) -> Iterator[str]:
    """Regions that a rule or a length names and the profile does not have."""
    named = [(f"rules {rule.code}", rule.regions) for rule in profile.rules]
    named += [(f"reflection, lengths {length.rule}", length.regions) for length in profile.reflection.lengths]
    for where, regions in named:
        for region in sorted(regions - profile.regions.keys()):
            yield f"{file}, {where}: {region!r} is not among the regions"


def _unreachable_bases(file: str, profile: Profile) -> Iterator[str]:
    """Every basis that may be chosen has a line. A provision reaches no further than a legal obligation does, and one
    by office is named by an office."""
    for basis in codes.get("legal_basis"):
        if basis.code not in profile.legal_bases:
            yield f"{file}, legal_bases: {basis.code} has no line"
    if OBLIGATION not in profile.legal_bases:
        return
    lines = profile.legal_bases[OBLIGATION].lines
    givers = frozenset[str]().union(*(line.givers for line in lines))
    for provision in profile.provisions.values():
        if provision.line.givers - givers:
            yield f"{file}, provisions {provision.code}: givers reach beyond legal_bases {OBLIGATION}"
    by_office = {provision.code for provision in profile.provisions.values() if provision.by_office}
    named = {office.provision: office.code for office in profile.offices.values() if office.provision}
    for code in sorted(named.keys() - by_office):
        yield f"{file}, offices {named[code]}: provision {code!r} is not a provision by_office"
    for code in sorted(by_office - named.keys()):
        yield f"{file}, provisions {code}: by_office, and no office names it"


def _overlaps(file: str, rules: Iterable[Rule]) -> Iterator[str]:
    for code, versions in groupby(sorted(rules, key=lambda rule: (rule.code, rule.valid_from)), lambda rule: rule.code):
        for older, newer in pairwise(versions):
            if older.valid_to is None or older.valid_to >= newer.valid_from:
                yield f"{file}, rules {code}: valid_to overlaps the version valid from {newer.valid_from}"
