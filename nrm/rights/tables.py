"""Both tables in words: made from the policies each time they are asked for, so that they cannot say something else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

import accounts.policies
import referrals.policies
from cases import policies
from cases.enums import SHAREABLE
from cases.policies import Rule
from nrm.rights.acts import SUBJECTS
from profiles import codes
from profiles.parts import Profile, Who
from profiles.profile import active

NEVER: Final = "-"


@dataclass(frozen=True)
class Grants:
    """What may be granted of one category, or to one kind of organisation, in words."""

    name: str
    offered: str
    grantable: str
    never: str


@dataclass(frozen=True)
class Act:
    """One act and who may do it, a line for each way."""

    name: str
    label: str
    who: Sequence[str]


@dataclass(frozen=True)
class Acts:
    """The acts of one subject."""

    code: str
    heading: str
    acts: Sequence[Act]


def grants_by_category() -> list[Grants]:
    """For each category: to which kinds of organisations it is offered, may be granted, or never."""
    return [_grants(_category(one), {kind: letter(one, kind) for kind in policies.COLUMNS}, _kind) for one in SHAREABLE]


def grants_by_kind() -> list[Grants]:
    """For each kind of organisation: which categories it is offered, may be granted, or never."""
    return [
        _grants(_kind(kind), {str(one): letter(one, kind) for one in SHAREABLE}, _category) for kind in policies.COLUMNS
    ]


def letter(category: str, kind: str) -> str:
    """``d`` offered by default, ``g`` may be granted, ``-`` never."""
    return policies.CEILING[kind].get(category, NEVER)


def without_grants() -> list[str]:
    """The kinds of organisations that may be granted nothing at all."""
    return [_kind(one.code) for one in codes.get("organisation_kind") if one.code not in policies.CEILING]


def acts(profile: Profile | None = None) -> list[Acts]:
    """Every act that somebody may do in this country, by subject."""
    country = profile or active()
    subjects = [
        Acts(
            subject.code,
            str(subject.heading),
            [Act(name, str(label), list(who_may(name, country))) for name, label in subject.acts.items()],
        )
        for subject in SUBJECTS
    ]
    shown = [Acts(one.code, one.heading, [act for act in one.acts if act.who]) for one in subjects]
    return [one for one in shown if one.acts]


def who_may(name: str, country: Profile) -> Iterator[str]:
    """The ways in which somebody may do an act, in words; nothing for an act that no policy knows."""
    if name in policies.PROFILE_STEPS:
        yield from _by_profile(country.who_may(name))
    elif name in policies.MAY:
        yield from _by_rules(name, policies.MAY[name])
    elif name in accounts.policies.MEMBER_ACTS:
        yield _("Organisation administrator, in the own organisation")
    elif name in accounts.policies.GRANT_ACTS:
        yield from _by_second_person(name)
    elif name in accounts.policies.OWN_ACTS:
        yield _("Everybody, for themselves")
    elif name in accounts.policies.MEMBERS_OWN_ACTS:
        yield _("Everybody who belongs to an organisation, for themselves")
    elif name in accounts.policies.SUPERVISOR_ACTS:
        yield _("Supervisor, in the own organisation")
    if name in accounts.policies.ORGANISATION_ACTS or name == "revoke_invitation":
        yield _("Platform administrator")
    if name in policies.SYSTEM_MAY:
        yield _("The system, when the time has come")


def known() -> frozenset[str]:
    """Every act that a policy knows."""
    return frozenset(
        {
            *policies.MAY,
            *policies.PROFILE_STEPS,
            *accounts.policies.MEMBER_ACTS,
            *accounts.policies.ORGANISATION_ACTS,
            *accounts.policies.GRANT_ACTS,
            *accounts.policies.OWN_ACTS,
            *accounts.policies.MEMBERS_OWN_ACTS,
            *accounts.policies.SUPERVISOR_ACTS,
        }
    )


def _by_second_person(name: str) -> Iterator[str]:
    own = _line(_("The own organisation"), _roles(accounts.policies.CONFIRMED))
    if name == "view_role_grants":
        yield own
        yield _("Organisation administrator, in the own organisation")
        return
    yield _("Supervisor or intake of the organisation; for custodians also a custodian")
    yield _("Where none of them is left: a custodian, then the data-protection officer whom two people made")
    yield _("Where nobody is left: two platform administrators")


def _by_profile(who: Who) -> Iterator[str]:
    if who.kinds:
        yield _line(_kinds(who.kinds), _roles(who.roles))


def _by_rules(name: str, rules: Iterable[Rule]) -> Iterator[str]:
    """One line for each place, with everybody there."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(_where(name, rule), []).append(_who(rule))
    yield from (_line(where, "; ".join(dict.fromkeys(people))) for where, people in found.items())


def _who(rule: Rule) -> str:
    if rule.roles == policies.WORKING:
        return _("whoever is assigned to the case") if rule.is_assigned else _("whoever works cases")
    words = _roles(rule.roles)
    return _("%(roles)s, when assigned to the case") % {"roles": words} if rule.is_assigned else words


def _where(name: str, rule: Rule) -> str:
    if rule.kinds and rule.is_lead:
        return _("%(kinds)s, when it leads the case") % {"kinds": _kinds(rule.kinds)}
    if rule.kinds:
        return _kinds(rule.kinds)
    if rule.is_lead:
        return _("The organisation that leads the case")
    if name in referrals.policies.BY_RECEIVER:
        return _("The organisation that received the referral")
    if name in referrals.policies.BY_SENDER | set(referrals.policies.WITHOUT_CASE.values()):
        return _("The organisation that sent the referral")
    return _("An organisation that may know the case") if rule.knows_case else _("Every organisation")


def _line(where: str, who: str) -> str:
    return _("%(where)s: %(who)s") % {"where": where, "who": who}


def _roles(names: Iterable[str]) -> str:
    return ", ".join(words.lower() for words in codes.get("membership_role").labels(names))


def _kinds(names: Iterable[str]) -> str:
    wanted = set(names)
    everybody = set(policies.COLUMNS)
    return _("Every organisation that works cases") if wanted == everybody else _listed(map(_kind, _ordered(wanted)))


def _ordered(wanted: set[str]) -> list[str]:
    return [one.code for one in codes.get("organisation_kind") if one.code in wanted]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def _kind(code: str) -> str:
    return codes.get("organisation_kind").label(code)


def _category(code: str) -> str:
    return codes.get("category").label(code)


def _grants(name: str, letters: dict[str, str], words: object) -> Grants:
    def those(wanted: str) -> str:
        return _listed(words(one) for one, given in letters.items() if given == wanted)  # type: ignore[operator]

    return Grants(name, those(policies.OFFERED), those(policies.GRANTABLE), those(NEVER))
