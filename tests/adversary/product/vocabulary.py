"""The words of the adversary as the product spells them: codes, and hours as instants of the profile's zone."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from tests.adversary.words import CATEGORIES, DAY, FOR_EVER, HOLIDAYS, Basis, Office, Purpose, Role, Type
from tests.adversary.words import LEADING as LEADING_TYPES

COUNTRY: Final = str(Path(__file__).with_name("two.toml"))
ZONE: Final = ZoneInfo("Europe/Brussels")
# The Monday whose midnight is hour 0. A walk ends before the clocks change in October.
FIRST_DAY: Final = date(2026, 4, 6)
LAST_HOUR: Final = 195 * DAY
REGION: Final = "here"
ELSEWHERE: Final = "elsewhere"

KINDS: Final = (
    "ngo", "shelter", "police", "child_protection", "guardian_organisation", "competent_authority", "health",
    "legal_aid", "coordinator",
)  # fmt: skip
TYPE_OF: Final = {kind: Type(number) for number, kind in enumerate(KINDS)}
# What everybody offers, so that any referral finds a receiver; case management in every type that may lead.
_OFFERED: Final = (
    "counselling", "safe_accommodation", "medical", "legal_advice", "criminal_investigation", "identification", "other",
)  # fmt: skip
SERVICES: Final = tuple(
    () if type_ is Type.COORDINATOR else (*_OFFERED, *(("case_management",) if type_ in LEADING_TYPES else ()))
    for type_ in Type
)
ROLES: Final = {
    Role.CASEWORKER: "caseworker", Role.INTAKE: "intake", Role.SUPERVISOR: "supervisor",
    Role.DECISION_MAKER: "decision_maker", Role.GUARDIAN: "guardian", Role.CUSTODIAN: "custodian",
    Role.DATA_PROTECTION: "data_protection_officer", Role.ADMINISTRATOR: "organisation_administrator",
}  # fmt: skip
PURPOSES: Final = {
    Purpose.SERVICES: "refer_other_service", Purpose.ACCOMMODATION: "refer_shelter", Purpose.HEALTH: "refer_health",
    Purpose.LEGAL_AID: "refer_legal", Purpose.INVESTIGATION: "share_police",
    Purpose.IDENTIFICATION: "formal_identification", Purpose.CHILD_PROTECTION: "child_protection",
}  # fmt: skip
# The service that is asked for by a referral for a purpose.
SERVICE_FOR: Final = {
    Purpose.SERVICES: "counselling", Purpose.ACCOMMODATION: "safe_accommodation", Purpose.HEALTH: "medical",
    Purpose.LEGAL_AID: "legal_advice", Purpose.INVESTIGATION: "criminal_investigation",
    Purpose.IDENTIFICATION: "identification", Purpose.CHILD_PROTECTION: "other",
}  # fmt: skip
BASES: Final = {
    Basis.CONSENT: "consent", Basis.HEALTH_CARE: "health_care", Basis.LAW_ENFORCEMENT: "law_enforcement",
    Basis.LEGAL_OBLIGATION: "legal_obligation", Basis.LIFE_AT_RISK: "vital_interests",
    Basis.BEST_INTERESTS: "child_best_interests", Basis.DUTY_IN_LAW: "legal_obligation",
    Basis.PUBLIC_TASK: "public_task",
}  # fmt: skip
PROVISIONS: Final = ("", "eu-identification", "eu-guardian", "eu-child-asylum", "court-order")
LEVELS: Final = ("", "read", "contribute")
OFFICES: Final = {
    Office.HOST: "shelter", Office.GUARDIAN: "guardian", Office.CHILD_PROTECTION: "child_protection",
    Office.AUTHORITY: "deciding_authority",
}  # fmt: skip
LEADING: Final = "case_management"


def moment(hour: int, *, steps: int = 0) -> datetime:
    """The instant of an hour by the clock on the wall. Each step is a hundredth of a second later than the last, so
    that what comes later is later, and what lasts for hours is over when they are."""
    day, of_day = divmod(hour, DAY)
    wall = datetime.combine(FIRST_DAY, datetime.min.time(), ZONE) + timedelta(days=day, hours=of_day)
    return wall + timedelta(milliseconds=10 * steps)


def hour_of(instant: datetime | None) -> int:
    """The hour of an instant, rounded down; for ever when there is none."""
    if instant is None:
        return FOR_EVER
    wall = instant.astimezone(ZONE)
    return (wall.date() - FIRST_DAY).days * DAY + wall.hour


def day_before(hour: int) -> date:
    """The last whole day before an hour at midnight: what a form calls “until and including”."""
    return FIRST_DAY + timedelta(days=hour // DAY - 1)


def day_of(hour: int) -> date:
    """The civil day of an hour."""
    return FIRST_DAY + timedelta(days=hour // DAY)


def codes_of(mask: int) -> list[str]:
    """The codes of a mask of categories."""
    return [code for index, code in enumerate(CATEGORIES) if mask >> index & 1]


def mask_of(codes: "set[str] | frozenset[str]") -> int:
    """The mask of codes of categories."""
    return sum(1 << index for index, code in enumerate(CATEGORIES) if code in codes)


def mark_holidays(days: "set[date]") -> None:
    """Tell the adversary on which days nobody works: which days these are is no rule of sharing."""
    HOLIDAYS.clear()
    HOLIDAYS.update((day - FIRST_DAY).days for day in days)
