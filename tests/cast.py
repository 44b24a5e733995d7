"""The named cast of the tests: persons named by what they are, in organisations named by what they are (fictitious).

    def test_a_supervisor_sees_the_case(cast):
        response = cast.client("ngo_supervisor").get(...)        # or cast.client(cast.ngo_supervisor)
        register_presumed_victim(cast.ngo_caseworker, ...)       # a persona is an Actor

``cast.organisations.shelter`` is an organisation. Everything is inserted in four statements, once for each test.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client

from accounts.actors import SESSION_MEMBERSHIP, Actor, actor_for
from accounts.models import Membership, Organisation, User
from core import clock

PASSWORD: Final = "a long pass phrase for tests"
REGION: Final = "amsterdam"

# name: kind, region ("" is the whole country), services
ORGANISATIONS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "ngo": ("ngo", REGION, ("case_management", "counselling", "information", "social_care")),
    "other_ngo": ("ngo", REGION, ("case_management", "counselling", "legal_advice")),
    "police": ("police", REGION, ("criminal_investigation", "protection")),
    "other_police": ("police", "limburg", ("criminal_investigation", "protection")),
    "border": ("border", "", ("protection",)),
    "labour_inspectorate": ("labour_inspectorate", "", ("criminal_investigation",)),
    "shelter": ("shelter", REGION, ("safe_accommodation", "emergency_accommodation", "supported_living")),
    "other_shelter": ("shelter", "limburg", ("safe_accommodation", "child_accommodation")),
    "child_protection": ("child_protection", "", ("guardianship", "child_accommodation")),
    "guardian_organisation": ("guardian_organisation", "", ("guardianship",)),
    "competent_authority": ("competent_authority", "", ()),
    "immigration": ("immigration", "", ()),
    "asylum": ("asylum", "", ()),
    "health": ("health", REGION, ("medical", "psychological")),
    "legal_aid": ("legal_aid", "", ("legal_advice", "legal_representation", "compensation")),
    "prosecution": ("prosecution", "", ()),
    "focal_point": ("focal_point", "", ()),
    "coordinator": ("coordinator", "", ()),
    "rapporteur": ("rapporteur", "", ()),
}

# name: organisation, roles
PERSONAS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "ngo_caseworker": ("ngo", ("caseworker",)),
    "ngo_intake": ("ngo", ("intake",)),
    "ngo_supervisor": ("ngo", ("supervisor",)),
    "colleague_unassigned": ("ngo", ("caseworker",)),
    "suspended_member": ("ngo", ("caseworker",)),
    "organisation_administrator": ("ngo", ("organisation_administrator",)),
    "data_protection_officer": ("ngo", ("data_protection_officer",)),
    "auditor": ("ngo", ("auditor",)),
    "other_ngo_caseworker": ("other_ngo", ("caseworker",)),
    "other_ngo_supervisor": ("other_ngo", ("supervisor",)),
    "other_organisation_administrator": ("other_ngo", ("organisation_administrator",)),
    "police_officer": ("police", ("caseworker",)),
    "police_supervisor": ("police", ("supervisor",)),
    "other_police_officer": ("other_police", ("caseworker",)),
    "border_guard": ("border", ("caseworker",)),
    "labour_inspector": ("labour_inspectorate", ("caseworker",)),
    "shelter_intake": ("shelter", ("intake",)),
    "shelter_worker": ("shelter", ("caseworker",)),
    "shelter_supervisor": ("shelter", ("supervisor",)),
    "custodian_a": ("shelter", ("custodian",)),
    "custodian_b": ("shelter", ("custodian",)),
    "other_shelter_intake": ("other_shelter", ("intake",)),
    "child_protection_officer": ("child_protection", ("caseworker",)),
    "child_protection_intake": ("child_protection", ("intake",)),
    "child_protection_supervisor": ("child_protection", ("supervisor",)),
    "guardian": ("guardian_organisation", ("guardian",)),
    "other_guardian": ("guardian_organisation", ("guardian",)),
    "guardian_supervisor": ("guardian_organisation", ("supervisor",)),
    "authority_decision_maker": ("competent_authority", ("decision_maker",)),
    "authority_supervisor": ("competent_authority", ("supervisor",)),
    "immigration_decision_maker": ("immigration", ("decision_maker",)),
    "immigration_supervisor": ("immigration", ("supervisor",)),
    "health_worker": ("health", ("caseworker",)),
    "lawyer": ("legal_aid", ("caseworker",)),
    "coordinator": ("coordinator", ("caseworker",)),
    "rapporteur": ("rapporteur", ("caseworker",)),
}
SUSPENDED: Final = "suspended_member"
PLATFORM: Final = "platform_administrator"
STRANGER: Final = "stranger"


@dataclass(frozen=True)
class Persona(Actor):
    """An actor of the cast, with the rows behind it."""

    name: str = ""
    user: User = None  # type: ignore[assignment]
    membership: Membership | None = None
    organisation: Organisation | None = None
    password: str = PASSWORD

    @property
    def actor(self) -> Actor:
        """The plain actor, as the application loads it."""
        return Actor(**{field.name: getattr(self, field.name) for field in fields(Actor)})

    @property
    def email(self) -> str:
        return self.user.email


class Cast:
    """Personas as attributes: those of ``PERSONAS``, ``platform_administrator`` and ``stranger`` (no membership)."""

    def __init__(self) -> None:
        made = _make_organisations()
        self.organisations = SimpleNamespace(**made)
        self.personas = _make_personas(made)

    def __getattr__(self, name: str) -> Persona:
        try:
            personas: dict[str, Persona] = self.__dict__["personas"]
            return personas[name]
        except KeyError:
            raise AttributeError(f"Nobody in the cast is called {name}") from None

    def __iter__(self) -> Any:
        return iter(self.personas.values())

    def client(self, persona: "Persona | str", **options: Any) -> Client:
        """A test client signed in as ``persona``; as anybody's browser, it checks CSRF only when asked to."""
        person = getattr(self, persona) if isinstance(persona, str) else persona
        client = Client(**options)
        client.force_login(person.user)
        if person.membership_id:
            session = client.session
            session[SESSION_MEMBERSHIP] = str(person.membership_id)
            session.save()
        return client


def _make_organisations() -> dict[str, Organisation]:
    names = list(ORGANISATIONS)
    groups = Group.objects.bulk_create([Group(name=f"organisation {name}") for name in names])
    rows = [_organisation(name, group) for name, group in zip(names, groups, strict=True)]
    return dict(zip(names, Organisation.objects.bulk_create(rows), strict=True))


def _organisation(name: str, group: Group) -> Organisation:
    kind, region, services = ORGANISATIONS[name]
    return Organisation(
        name=words(name),
        kind=kind,
        region=region,
        serves_regions=[region] if region else [],
        services=list(services),
        email=f"{name}@example.test",
        phone="+31 20 555 0100",
        group=group,
    )


def _make_personas(organisations: Mapping[str, Organisation]) -> dict[str, Persona]:
    names = [*PERSONAS, PLATFORM, STRANGER]
    users = User.objects.bulk_create([_user(name) for name in names])
    people = dict(zip(names, users, strict=True))
    rows = [
        Membership(
            user=people[name],
            organisation=organisations[organisation],
            roles=list(roles),
            suspended_at=clock.moment() if name == SUSPENDED else None,
        )
        for name, (organisation, roles) in PERSONAS.items()
    ]
    memberships = dict(zip(PERSONAS, Membership.objects.bulk_create(rows), strict=True))
    return {name: persona(name, people[name], memberships.get(name)) for name in names}


def _user(name: str) -> User:
    return User(
        email=f"{name}@example.test", name=words(name), password=_password(), is_platform_administrator=name == PLATFORM
    )


def persona(name: str, user: User, membership: Membership | None) -> Persona:
    """The persona of a user and, where there is one, a membership."""
    if membership is None:
        actor = Actor(user_id=user.pk, label=user.name, is_platform_administrator=user.is_platform_administrator)
    else:
        actor = actor_for(membership)
    values = {field.name: getattr(actor, field.name) for field in fields(Actor)}
    organisation = membership.organisation if membership else None
    return Persona(**values, name=name, user=user, membership=membership, organisation=organisation)


@cache
def _password() -> str:
    return make_password(PASSWORD)


def words(name: str) -> str:
    """``ngo_caseworker`` → “NGO caseworker”."""
    return name.replace("_", " ").capitalize().replace("Ngo", "NGO").replace(" ngo", " NGO")
