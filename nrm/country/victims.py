"""Fictitious persons, and what a registration says about them. Codes follow ``proportions``, words are invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from cases.enums import SHAREABLE
from cases.models import (
    Child,
    Consent,
    Contact,
    Exploitation,
    Health,
    Identity,
    Immigration,
    Indicator,
    Narrative,
    Service,
)
from cases.operations.registration import NewRow, Registration
from nrm.country import proportions
from nrm.country.people import FAMILY_NAMES, GIVEN_NAMES
from nrm.country.practice import own_citizenship
from nrm.country.proportions import happens, pick

LANGUAGES: Final = {
    "NL": "nl",
    "GB": "en",
    "RO": "ro",
    "HU": "hu",
    "FR": "fr",
    "BG": "bg",
    "PL": "pl",
    "NG": "en",
    "UG": "lg",
    "GM": "man",
    "VN": "vi",
    "PH": "tl",
    "CN": "zh",
    "BR": "pt",
    "CO": "es",
    "MA": "ar",
    "SY": "ar",
    "AL": "sq",
    "stateless": "ku",
}
COLOURS: Final = ("red", "blue", "green", "yellow", "grey", "white", "orange", "purple", "silver", "brown")
THINGS: Final = (
    "bicycle",
    "coat",
    "umbrella",
    "scarf",
    "lamp",
    "teapot",
    "piano",
    "boat",
    "kite",
    "suitcase",
    "garden",
    "window",
    "ladder",
    "clock",
    "basket",
    "violin",
    "lantern",
    "bridge",
    "mill",
    "tulip",
)
INDICATORS: Final = {
    "sexual": ("fear", "movements_controlled", "no_earnings", "messaging_control", "images_blackmail", "others_speak"),
    "labour": ("little_pay", "excessive_hours", "documents_held", "poor_accommodation", "no_days_off"),
    "criminal": ("acts_instructed", "threatened_authorities", "debt_perception", "punished", "dependence"),
}
OTHER_INDICATORS: Final = ("fear", "dependence", "limited_social_contact", "not_free_to_speak", "cannot_leave")
CONTROLS: Final = {
    "sexual": ("threats", "takes_earnings", "psychological_abuse", "restricts_movement"),
    "labour": ("debt_bondage", "excessive_hours", "withholds_documents", "restricts_finances"),
}
OTHER_CONTROLS: Final = ("threats", "false_promises", "psychological_abuse")
INFORMATION: Final = ["mechanism", "purpose", "use", "support", "storage", "withdrawal"]
ACCOUNT: Final = (
    "Fictitious account for the demo. The person tells how an acquaintance promised {promise}, how the first weeks "
    "went well, and how after that {turn}. The person wants to {wish}."
)
PROMISES: Final = ("a job in a kitchen", "a room and papers", "a loan for the journey", "a future together")
TURNS: Final = ("the pay did not come", "the passport was taken away", "the debt grew every week", "threats began")
WISHES: Final = ("sleep without fear", "earn a living", "see the family again", "stay until the trial")


@dataclass(frozen=True)
class Victim:
    """One fictitious person."""

    form: str
    sub_form: str
    sector: str
    sex: str
    age_group: str
    age: int
    citizenship: str
    group: str
    residence: str
    label: str

    @property
    def is_child(self) -> bool:
        """Under 18 or uncertain: the child branch."""
        return self.age_group != "adult"

    @property
    def language(self) -> str:
        return LANGUAGES[self.citizenship]


def draw(random: Random, *, age_group: str = "", group: str = "", form: str = "", residence: str = "") -> Victim:
    """A person as the proportions have it, except for what is named."""
    form = form or pick(random, proportions.FORMS)
    age_group = age_group or _age_group(random, form)
    is_child = age_group == "child"
    groups = proportions.CITIZENSHIP_OF_CHILDREN if is_child else proportions.CITIZENSHIP_OF_ADULTS
    group = group or pick(random, groups)
    return Victim(
        form=form,
        sub_form=pick(random, proportions.SUB_FORMS[form]) if form in proportions.SUB_FORMS else "",
        sector=_sector(random, form),
        sex=_sex(random, form),
        age_group=age_group,
        age=random.randint(13, 17) if age_group != "adult" else min(18 + int(random.expovariate(0.09)), 62),
        citizenship=_citizenship(random, group),
        group=group,
        residence=residence or _residence(random, group),
        label=f"{random.choice(COLOURS)} {random.choice(THINGS)}",
    )


def registration(random: Random, victim: Victim, *, on: date, region: str, legal_basis: str) -> Registration:
    """What is written down on the day ``on``. An adult consents; with a ``legal_basis`` an authority need not ask."""
    rows = [_identity(random, victim, on), _contact(random, victim, on), *_exploitation(random, victim, on)]
    rows += [_child(random, victim, on)] if victim.is_child else [_basis(victim, on, legal_basis=legal_basis)]
    rows += [*_indicators(random, victim), *_needs(random, victim)]
    if happens(random, 60):
        words = {"promise": random.choice(PROMISES), "turn": random.choice(TURNS), "wish": random.choice(WISHES)}
        rows.append(NewRow(Narrative, {}, {"text": ACCOUNT.format(**words), "language": "en"}))
    if victim.group not in {"own", "eu"}:
        rows.append(NewRow(Immigration, {"status": victim.residence}))
    return Registration(
        rows=rows, language=victim.language, do_not_contact=not _is_reachable(rows), region=region, label=victim.label
    )


# -- drawing a person ------------------------------------------------------------------------------------------------


def _age_group(random: Random, form: str) -> str:
    children = proportions.CHILDREN.get(form, proportions.CHILDREN_OTHERWISE)
    return pick(random, {"child": children, "uncertain": proportions.UNCERTAIN, "adult": 96 - children})


def _sex(random: Random, form: str) -> str:
    return "female" if happens(random, proportions.FEMALE.get(form, proportions.FEMALE_OTHERWISE)) else "male"


def _sector(random: Random, form: str) -> str:
    fixed = {"sexual": "sex_industry", "domestic_servitude": "domestic_work", "begging": "street_trade"}
    return pick(random, proportions.SECTORS) if form == "labour" else fixed.get(form, "")


def _citizenship(random: Random, group: str) -> str:
    countries = {"eu": proportions.EU_CITIZENS, "non_eu": proportions.NON_EU_CITIZENS}
    return pick(random, countries[group]) if group in countries else {"own": own_citizenship()}.get(group, group)


def _residence(random: Random, group: str) -> str:
    return {"own": "own_national", "eu": "eu_citizen"}.get(group) or pick(random, proportions.RESIDENCE)


# -- the rows --------------------------------------------------------------------------------------------------------


def _identity(random: Random, victim: Victim, on: date) -> NewRow:
    year = on.year - victim.age
    columns = {
        "sex": victim.sex,
        "citizenships": [victim.citizenship],
        "age_group": victim.age_group,
        "age_basis": "estimated" if victim.age_group == "uncertain" else random.choice(("document", "stated")),
        "birth_year": None if victim.age_group == "uncertain" else year,
    }
    content = {} if victim.age_group == "uncertain" else {"birth_date": _born(random, victim, on)}
    if happens(random, proportions.HAS_NAME):
        content |= {"given_names": random.choice(GIVEN_NAMES), "family_name": random.choice(FAMILY_NAMES)}
    return NewRow(Identity, columns, content)


def _born(random: Random, victim: Victim, on: date) -> str:
    """Of a child the whole date, so that the day of majority is known; of an adult often only the year."""
    born = date(on.year - victim.age, 1, 1) + timedelta(days=random.randint(0, 300))
    if victim.age_group == "child":
        return born.isoformat()
    return str(born.year)


def _contact(random: Random, victim: Victim, on: date) -> NewRow:
    is_safe = happens(random, 55)
    number = f"06 0000 {random.randint(0, 9999):04}"
    channel = {"channel": "mobile", "value": number, "call": "safe" if is_safe else "not_safe", "text": "not_safe"}
    columns = {
        "has_safe_channel": is_safe,
        "interpreter": "no" if victim.language in {"nl", "en"} else "yes",
        "interpreter_gender": "female" if victim.sex == "female" else "no_preference",
        "confirmed_on": on,
    }
    content = {
        "danger": [pick(random, {"none": 60, "exploiter_knows_place": 20, "threatened": 20})],
        "reach": ["mobile"],
        "channels": [channel],
        "language": victim.language,
        "times": "Weekdays after 10:00",
    }
    return NewRow(Contact, columns, content)


def _is_reachable(rows: list[NewRow]) -> bool:
    return any(row.columns.get("has_safe_channel") for row in rows)


def _exploitation(random: Random, victim: Victim, on: date) -> Iterator[NewRow]:
    is_ongoing = happens(random, 15)
    columns = {
        "form": victim.form,
        "sub_form": victim.sub_form,
        "is_primary": True,
        "sector": victim.sector,
        "acts": ["recruitment", "harbouring"],
        "means": [] if victim.is_child else ["deception", "coercion"],
        "control": random.sample(CONTROLS.get(victim.form, OTHER_CONTROLS), 2),
        "recruitment": random.choice(("online_advertisement", "social_networks", "friends", "work")),
        "countries": [own_citizenship()],
        "location": "here",
        "started": str(on.year - random.randint(0, 2)),
        "ended": "" if is_ongoing else str(on.year),
        "is_ongoing": "yes" if is_ongoing else "no",
        "is_online": pick(random, {"yes": 40, "no": 40, "unknown": 20}),
    }
    yield NewRow(Exploitation, columns)
    if victim.form == "sexual" and happens(random, 8):
        second = {**columns, "form": "criminal", "sub_form": "drug_dealing", "is_primary": False, "sector": ""}
        yield NewRow(Exploitation, second)


def _basis(victim: Victim, on: date, *, legal_basis: str) -> NewRow:
    columns = {
        "state": "other_basis" if legal_basis else "given",
        "purpose": "register",
        "legal_basis": legal_basis or "consent",
        "categories": list(SHAREABLE),
        "form": "" if legal_basis else "written",
        "language": victim.language,
        "has_interpreter": victim.language not in {"nl", "en"},
        "information_given": INFORMATION,
        "given_on": None if legal_basis else on,
    }
    return NewRow(Consent, columns, {"answer": "refused" if legal_basis else "given"})


def _child(random: Random, victim: Victim, on: date) -> NewRow:
    columns = {
        "parental_responsibility": pick(random, {"parents": 35, "one_parent": 25, "unknown": 25, "nobody": 15}),
        "is_unaccompanied": "no" if victim.group == "own" else "yes",
        "informed_by": "registrar",
        "informed_on": on,
    }
    return NewRow(Child, columns, {"view": "Fictitious view: wants to go to school and to stay near the sea."})


def _indicators(random: Random, victim: Victim) -> Iterator[NewRow]:
    for code in random.sample(INDICATORS.get(victim.form, OTHER_INDICATORS), random.randint(2, 4)):
        yield NewRow(Indicator, {"indicator": code, "nature": pick(random, {"fact": 65, "assessment": 35})})


def _needs(random: Random, victim: Victim) -> Iterator[NewRow]:
    shelter = "child_accommodation" if victim.is_child else "safe_accommodation"
    if happens(random, 70):
        columns = {"service": shelter, "status": "requested", "is_urgent": happens(random, 40)}
        yield NewRow(Service, columns)
    if happens(random, 45):
        yield NewRow(Service, {"service": "legal_advice", "status": "requested", "is_urgent": False})
    if happens(random, 30):
        yield NewRow(Health, {"needs": ["psychological"]}, {"text": "Fictitious: sleeps badly."})
