"""The people who work there: the named cast of ``sharing.md`` section 6 and colleagues. All names are invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nrm.country.organisations import PLACES

# Printed when the demo is loaded: it protects nothing, and a demo has no other data than these.
PASSWORD: Final = "all data is fictitious"  # noqa: S105
GIVEN_NAMES: Final = (
    "Noor",
    "Bram",
    "Saar",
    "Daan",
    "Fleur",
    "Sem",
    "Lotte",
    "Jip",
    "Roos",
    "Teun",
    "Mila",
    "Gijs",
    "Evi",
    "Luuk",
    "Isa",
    "Finn",
    "Zoë",
    "Abel",
    "Yara",
    "Mees",
    "Puck",
    "Olaf",
    "Tess",
    "Hugo",
    "Amira",
    "Kees",
    "Bo",
    "Ravi",
)
FAMILY_NAMES: Final = (
    "Zilvermaan",
    "Windvaan",
    "Papierboot",
    "Korenblauw",
    "Sneeuwvlok",
    "Vuurvlieg",
    "Honingraat",
    "Waterlelie",
    "Kiezelsteen",
    "Regendruppel",
    "Sterrenstof",
    "Paardenbloem",
    "Zonnestraal",
    "Dauwdruppel",
    "Wolkenveer",
    "Mosgroen",
    "Bliksemschicht",
    "Lieveheersbeest",
    "Maneschijn",
)


@dataclass(frozen=True)
class Worker:
    """Somebody with one membership."""

    place: str
    roles: tuple[str, ...]
    label: str


def _cast(place: str, **roles: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {name: (place, tuple(several.split())) for name, several in roles.items()}


MEMBERS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    **_cast(
        "ngo",
        ngo_caseworker="caseworker",
        ngo_intake="intake",
        ngo_supervisor="supervisor",
        second_caseworker="caseworker",
        colleague_unassigned="caseworker",
        suspended_member="caseworker",
        organisation_administrator="organisation_administrator",
        data_protection_officer="data_protection_officer",
        auditor="auditor",
    ),
    **_cast(
        "other_ngo",
        other_ngo_caseworker="caseworker",
        other_ngo_supervisor="supervisor",
        other_organisation_administrator="organisation_administrator",
    ),
    **_cast("harbour_ngo", harbour_ngo_caseworker="caseworker", harbour_ngo_supervisor="supervisor"),
    **_cast("south_ngo", south_ngo_caseworker="caseworker", south_ngo_supervisor="supervisor"),
    **_cast("work_ngo", work_ngo_caseworker="caseworker", work_ngo_supervisor="supervisor"),
    **_cast("police", police_officer="caseworker", police_supervisor="supervisor", second_officer="caseworker"),
    **_cast("other_police", other_police_officer="caseworker", other_police_supervisor="supervisor"),
    **_cast("harbour_police", harbour_police_officer="caseworker", harbour_police_supervisor="supervisor"),
    **_cast("east_police", east_police_officer="caseworker", east_police_supervisor="supervisor"),
    **_cast("border", border_guard="caseworker", border_supervisor="supervisor"),
    **_cast("labour_inspectorate", labour_inspector="caseworker", labour_supervisor="supervisor"),
    **_cast(
        "shelter",
        shelter_intake="intake",
        shelter_worker="caseworker",
        shelter_supervisor="supervisor",
        custodian_a="custodian",
        custodian_b="custodian",
    ),
    **_cast("other_shelter", other_shelter_intake="intake supervisor", other_shelter_worker="caseworker"),
    **_cast("harbour_shelter", harbour_shelter_intake="intake supervisor", harbour_shelter_worker="caseworker"),
    **_cast("east_shelter", east_shelter_intake="intake supervisor", east_shelter_worker="caseworker"),
    **_cast("youth_shelter", youth_shelter_intake="intake supervisor", youth_shelter_worker="caseworker"),
    **_cast(
        "child_protection",
        child_protection_officer="caseworker",
        child_protection_intake="intake",
        child_protection_supervisor="supervisor",
    ),
    **_cast(
        "guardian_organisation",
        guardian="guardian",
        other_guardian="guardian",
        third_guardian="guardian",
        fourth_guardian="guardian",
        guardian_supervisor="supervisor",
    ),
    **_cast("competent_authority", authority_decision_maker="decision_maker", authority_supervisor="supervisor"),
    **_cast("immigration", immigration_decision_maker="decision_maker", immigration_supervisor="supervisor"),
    **_cast("asylum", asylum_worker="caseworker", asylum_supervisor="supervisor"),
    **_cast("health", health_worker="caseworker", health_supervisor="supervisor"),
    **_cast("legal_aid", lawyer="caseworker", legal_intake="intake"),
    **_cast("prosecution", prosecutor="caseworker", prosecution_supervisor="supervisor"),
    **_cast("focal_point", focal_point_worker="caseworker", focal_point_supervisor="supervisor"),
    **_cast("coordinator", coordinator="caseworker", coordinator_supervisor="supervisor"),
    **_cast("rapporteur", rapporteur="caseworker"),
    # Where a country wants a second reader, somebody else answers a request for reconsideration.
    **_cast("competent_authority", second_reader="decision_maker"),
}
WORKERS: Final[Mapping[str, Worker]] = {
    name: Worker(place, roles, f"{GIVEN_NAMES[number % len(GIVEN_NAMES)]} {FAMILY_NAMES[number % len(FAMILY_NAMES)]}")
    for number, (name, (place, roles)) in enumerate(MEMBERS.items())
}
PLATFORM: Final = "platform_administrator"
# They know no case: one is shown as somebody without any, the other is shut out.
WITHOUT_CASES: Final = frozenset({"colleague_unassigned", "suspended_member"})


def address(name: str) -> str:
    """The e-mail address with which somebody signs in."""
    return f"{name.replace('_', '.')}@example.test"


def with_role(place: str, *roles: str) -> list[str]:
    """Who works cases in a place in one of these roles, in the order of the list."""
    return [
        name
        for name, worker in WORKERS.items()
        if worker.place == place and set(roles) & set(worker.roles) and name not in WITHOUT_CASES
    ]


def answering(place: str) -> str:
    """Who answers for a place: its intake, else its supervisor."""
    return (with_role(place, "intake") or with_role(place, "supervisor"))[0]


def leading(place: str) -> str:
    """Who may assign anybody and close cases: the supervisor, else the intake."""
    return (with_role(place, "supervisor") or with_role(place, "intake"))[0]


def members_of(place: str) -> list[str]:
    """Everybody who works in a place, in the order of the list."""
    return [name for name, worker in WORKERS.items() if worker.place == place]


def place_of(name: str) -> str:
    """Where somebody works."""
    return WORKERS[name].place


def kind_of(place: str) -> str:
    """What kind of organisation a place is."""
    return PLACES[place].kind


def works_in(place: str, region: str) -> bool:
    """True when a place works in a region."""
    return PLACES[place].is_in(region)
