"""Vocabulary and data of the rules: types of organisation, categories, roles, ceiling, cast. Time is in whole hours."""

from enum import IntEnum
from typing import Final, NamedTuple


class Type(IntEnum):
    """Types of organisation, in the order of the columns of the ceiling; the last is granted nothing, ever."""

    NGO = 0
    SHELTER = 1
    POLICE = 2
    CHILD_PROTECTION = 3
    GUARDIANS = 4
    AUTHORITY = 5
    HEALTH = 6
    LEGAL_AID = 7
    COORDINATOR = 8


class Role:
    """Roles of a membership, as bits. ``PLATFORM`` is the flag on a user without membership."""

    CASEWORKER = 1
    INTAKE = 2
    SUPERVISOR = 4
    DECISION_MAKER = 8
    GUARDIAN = 16
    CUSTODIAN = 32
    DATA_PROTECTION = 64
    ADMINISTRATOR = 128
    PLATFORM = 256


# Roles that open cases by themselves (rule 22: two people make one), and those that open only what is assigned.
OPENING_ROLES: Final = Role.SUPERVISOR | Role.INTAKE | Role.CUSTODIAN
# Who works on a case to which they are assigned, as caseworkers do: each may act there, a supervisor without it too.
ASSIGNABLE: Final = Role.CASEWORKER | Role.INTAKE | Role.SUPERVISOR | Role.DECISION_MAKER | Role.GUARDIAN

CATEGORIES: Final = (
    "identity", "contact", "exploitation", "narrative", "exploiters", "health", "immigration", "criminal", "child",
    "services", "indicators", "consent",
)  # fmt: skip
_BITS: Final = tuple(1 << index for index in range(len(CATEGORIES)))
IDENTITY, CONTACT, EXPLOITATION, NARRATIVE, EXPLOITERS, HEALTH = _BITS[:6]
IMMIGRATION, CRIMINAL, CHILD, SERVICES, INDICATORS, CONSENT = _BITS[6:]

# Section 4. Columns: NGO, shelter, police, child protection, guardian organisation, authority, health, legal aid.
_CEILING: Final = {
    IDENTITY: "ddgdddgg",
    CONTACT: "ddgdd-gg",
    EXPLOITATION: "dggddd-g",
    NARRATIVE: "g--ggg-g",
    EXPLOITERS: "--d--g-g",
    HEALTH: "gg-gg-dg",
    IMMIGRATION: "g--ggg-g",
    CRIMINAL: "--d--g-g",
    CHILD: "gggddg-g",
    SERVICES: "dd-gg-gg",
    INDICATORS: "g-gggd-g",
    CONSENT: "gg-ggg-g",
}


def _column(letters: str, type_: Type) -> int:
    if type_ is Type.COORDINATOR:
        return 0
    return sum(category for category, row in _CEILING.items() if row[type_] in letters)


CEILING: Final = tuple(_column("dg", type_) for type_ in Type)
DEFAULTS: Final = tuple(_column("d", type_) for type_ in Type)

READ: Final = 1
CONTRIBUTE: Final = 2
FOR_EVER: Final = 10**9
# Days, counted from 0, on which nobody works besides weekends: none, but in a world that has a calendar.
HOLIDAYS: Final[set[int]] = set()
ANY: Final = -1
DAY: Final = 24
# Rule 2: the last day of a share is at most 90 days away. Rule 2a: an authority keeps its office for the review term.
LONGEST: Final = 90
REVIEW_TERM: Final = 90


class Purpose(IntEnum):
    """What somebody is brought in for."""

    SERVICES = 0
    ACCOMMODATION = 1
    HEALTH = 2
    LEGAL_AID = 3
    INVESTIGATION = 4
    IDENTIFICATION = 5
    CHILD_PROTECTION = 6


# Rule 19: in which category a purpose lies, as the list of purposes says; 0 is none.
PURPOSE_CATEGORY: Final = (SERVICES, SERVICES, HEALTH, 0, CRIMINAL, 0, CHILD)
# For which types of organisation a purpose stands: a no to the purpose is a no to them (rule 21).
TOWARDS: Final[tuple[frozenset[Type], ...]] = (
    frozenset(), frozenset({Type.SHELTER}), frozenset({Type.HEALTH}), frozenset({Type.LEGAL_AID}),
    frozenset({Type.POLICE}), frozenset({Type.AUTHORITY}), frozenset({Type.CHILD_PROTECTION, Type.GUARDIANS}),
)  # fmt: skip


class Basis(IntEnum):
    """Legal bases. ``OVERRIDES`` go against a refusal, by name (rule 21)."""

    CONSENT = 0
    HEALTH_CARE = 1
    LAW_ENFORCEMENT = 2
    LEGAL_OBLIGATION = 3
    LIFE_AT_RISK = 4
    BEST_INTERESTS = 5
    DUTY_IN_LAW = 6
    PUBLIC_TASK = 7


class Ground(NamedTuple):
    """One line of the profile's table of legal bases (rule 21); provision 0 is none."""

    basis: Basis
    provision: int
    givers: frozenset[Type]
    receivers: frozenset[Type]
    purposes: frozenset[Purpose]
    categories: int
    is_for_children: bool = False


_EVERY: Final = frozenset(set(Type) - {Type.COORDINATOR})
_PUBLIC: Final = frozenset({Type.POLICE, Type.CHILD_PROTECTION, Type.AUTHORITY})
_FOR_CHILDREN: Final = frozenset({Type.CHILD_PROTECTION, Type.GUARDIANS})
_ALL: Final = (1 << len(CATEGORIES)) - 1
# The profile's table, for the types of the cast; a test holds it equal to the profile. Consent and the overrides are
# not in it: they are open to every giver. Every organisation of the cast that may give care provides it.
GROUNDS: Final = (
    Ground(
        Basis.PUBLIC_TASK, 0, _PUBLIC, _EVERY - {Type.POLICE}, frozenset(set(Purpose) - {Purpose.INVESTIGATION}), _ALL
    ),
    Ground(
        Basis.HEALTH_CARE,
        0,
        frozenset({Type.HEALTH, Type.SHELTER, Type.NGO}),
        frozenset({Type.HEALTH}),
        frozenset({Purpose.HEALTH}),
        IDENTITY | CONTACT | HEALTH,
    ),
    Ground(Basis.LAW_ENFORCEMENT, 0, frozenset({Type.POLICE}), _EVERY, frozenset(Purpose), _ALL),
    Ground(
        Basis.LEGAL_OBLIGATION,
        1,
        _PUBLIC,
        frozenset({Type.POLICE, Type.AUTHORITY}),
        frozenset({Purpose.IDENTIFICATION}),
        IDENTITY | EXPLOITATION | INDICATORS | CHILD | IMMIGRATION,
    ),
    Ground(
        Basis.LEGAL_OBLIGATION,
        2,
        _PUBLIC,
        _FOR_CHILDREN,
        frozenset({Purpose.CHILD_PROTECTION}),
        IDENTITY | CONTACT | CHILD | EXPLOITATION | HEALTH | IMMIGRATION,
        is_for_children=True,
    ),
    Ground(
        Basis.LEGAL_OBLIGATION,
        3,
        frozenset({Type.POLICE}),
        _FOR_CHILDREN,
        frozenset({Purpose.CHILD_PROTECTION}),
        IDENTITY | CONTACT | CHILD | IMMIGRATION,
        is_for_children=True,
    ),
    Ground(
        Basis.LEGAL_OBLIGATION,
        4,
        _EVERY,
        frozenset({Type.POLICE}),
        frozenset({Purpose.INVESTIGATION}),
        IDENTITY | CONTACT | EXPLOITATION | EXPLOITERS | CRIMINAL | INDICATORS,
    ),
)
OVERRIDES: Final = frozenset({Basis.LIFE_AT_RISK, Basis.BEST_INTERESTS, Basis.DUTY_IN_LAW})


class Office(IntEnum):
    """Parties by office (rules 2a and 20)."""

    HOST = 0
    GUARDIAN = 1
    CHILD_PROTECTION = 2
    AUTHORITY = 3


class Organisation(NamedTuple):
    """One organisation of the cast."""

    name: str
    type: Type


class Member(NamedTuple):
    """A membership as the walk begins. A person may have two; an address that is not yet a member has no role."""

    name: str
    organisation: int
    person: int
    roles: int


ORGANISATIONS: Final = (
    Organisation("ngo", Type.NGO),
    Organisation("other_ngo", Type.NGO),
    Organisation("shelter", Type.SHELTER),
    Organisation("other_shelter", Type.SHELTER),
    Organisation("police", Type.POLICE),
    Organisation("child_protection", Type.CHILD_PROTECTION),
    Organisation("child_protection_elsewhere", Type.CHILD_PROTECTION),
    Organisation("guardians", Type.GUARDIANS),
    Organisation("authority", Type.AUTHORITY),
    Organisation("health", Type.HEALTH),
    Organisation("legal_aid", Type.LEGAL_AID),
    Organisation("coordinator", Type.COORDINATOR),
)
NGO, OTHER_NGO, SHELTER, OTHER_SHELTER, POLICE, CHILD_PROTECTION = range(6)
ELSEWHERE, GUARDIANS, AUTHORITY, CLINIC, LAWYERS, COORDINATOR = range(6, 12)
TYPES: Final = tuple(organisation.type for organisation in ORGANISATIONS)
COUNT: Final = len(ORGANISATIONS)
NOWHERE: Final = -1  # the organisation of a platform administrator
# The service that the profile names for the region of the case (rule 20).
SERVICE_OF_REGION: Final = CHILD_PROTECTION
# Who may register, who offers case management, and which leads never read the location (rule 6).
REGISTERING: Final = frozenset({Type.NGO, Type.SHELTER, Type.POLICE, Type.CHILD_PROTECTION, Type.HEALTH})
LEADING: Final = frozenset({Type.NGO, Type.SHELTER, Type.CHILD_PROTECTION})
AUTHORITIES: Final = frozenset({Type.POLICE, Type.AUTHORITY})
# Rule 19: a lead with public authority does not end legal aid.
PUBLIC_AUTHORITIES: Final = AUTHORITIES | {Type.CHILD_PROTECTION}
BREAKING_GLASS: Final = frozenset({Type.POLICE, Type.HEALTH, Type.SHELTER, Type.CHILD_PROTECTION})
EMERGENCY: Final = IDENTITY | CONTACT | HEALTH | CHILD
# Rule 20: a provisional host has at least danger and safe contact (contact), and health needs.
PROVISIONAL: Final = CONTACT | HEALTH
# What an office opens at most, within the ceiling of its holder. A guardian represents the child (rule 2a).
OF_OFFICE: Final = (
    PROVISIONAL | DEFAULTS[Type.SHELTER], CEILING[Type.GUARDIANS], DEFAULTS[Type.CHILD_PROTECTION],
    DEFAULTS[Type.AUTHORITY],
)  # fmt: skip


def _cast() -> tuple[Member, ...]:
    case, intake, lead = Role.CASEWORKER, Role.INTAKE, Role.SUPERVISOR
    found: list[tuple[str, int, int]] = []
    for number, organisation in enumerate(ORGANISATIONS[:-1]):
        found.append((f"{organisation.name}_supervisor", number, lead))
        found.append((f"{organisation.name}_caseworker", number, case))
    second = (NGO, SHELTER, POLICE, CHILD_PROTECTION)
    found += [(f"{ORGANISATIONS[number].name}_second_supervisor", number, lead) for number in second]
    found += [
        (f"{ORGANISATIONS[number].name}_intake", number, intake) for number in (SHELTER, CHILD_PROTECTION, CLINIC)
    ]
    found += [(f"shelter_custodian_{letter}", SHELTER, Role.CUSTODIAN) for letter in "ab"]
    found += [(f"other_shelter_custodian_{letter}", OTHER_SHELTER, Role.CUSTODIAN) for letter in "ab"]
    found += [
        ("authority_decision_maker", AUTHORITY, Role.DECISION_MAKER),
        ("guardian", GUARDIANS, Role.GUARDIAN),
        ("data_protection_officer", NGO, Role.DATA_PROTECTION),
        ("ngo_administrator", NGO, Role.ADMINISTRATOR),
        ("shelter_administrator", SHELTER, Role.ADMINISTRATOR),
        ("authority_administrator", AUTHORITY, Role.ADMINISTRATOR),
        ("coordinator_a", COORDINATOR, case),
        ("coordinator_b", COORDINATOR, case),
        ("platform_administrator_a", NOWHERE, Role.PLATFORM),
        ("platform_administrator_b", NOWHERE, Role.PLATFORM),
    ]
    members = [Member(name, organisation, person, roles) for person, (name, organisation, roles) in enumerate(found)]
    person_of = {member.name: member.person for member in members}
    # Addresses that can be invited: an administrator's second one, an accomplice's. Two people with two memberships.
    members += [
        Member("ngo_administrator_again", NGO, person_of["ngo_administrator"], 0),
        Member("shelter_administrator_again", SHELTER, person_of["shelter_administrator"], 0),
        Member("ngo_accomplice", NGO, len(found), 0),
        Member("authority_administrator_again", AUTHORITY, person_of["authority_administrator"], 0),
        Member("police_officer_in_shelter", SHELTER, person_of["police_caseworker"], case),
        Member("ngo_supervisor_in_other_ngo", OTHER_NGO, person_of["ngo_supervisor"], lead),
    ]
    return tuple(members)


MEMBERS: Final = _cast()
BY_NAME: Final = {member.name: number for number, member in enumerate(MEMBERS)}
PERSONS: Final = tuple(member.person for member in MEMBERS)
MEMBER_OF: Final = tuple(member.organisation for member in MEMBERS)
MEMBERS_OF: Final = tuple(
    tuple(number for number, member in enumerate(MEMBERS) if member.organisation == organisation)
    for organisation in range(COUNT)
)


def end_of_day(now: int, days: int) -> int:
    """The end (midnight) of the calendar day that lies ``days`` after today."""
    return (now // DAY + days + 1) * DAY


def end_of_working_day(now: int, days: int) -> int:
    """The end (midnight) of the ``days``-th working day after ``now``; hour 0 is a Monday's midnight."""
    day = now // DAY
    while days:
        day += 1
        days -= day % 7 < 5 and day not in HOLIDAYS
    return (day + 1) * DAY
