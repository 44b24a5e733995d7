"""Case files for tests of decisions, reflection and guardianship: registered, shared and assigned by operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Organisation
from cases import access as door
from cases.models import Case, Consent, Contact, Identity
from cases.operations.decisions import record_reasonable_grounds
from cases.operations.members import assign_member
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from cases.operations.registration import NewRow, Registration, register_presumed_victim, registering_bases
from cases.operations.sharing import share
from cases.policies import CaseAccess
from core import clock
from profiles.profile import active
from profiles.regions import own_region
from tests.cases.lawful import lawful
from tests.cast import REGION, Cast, Persona


def today() -> date:
    return clock.today(active().zone)


def register(cast: Cast, who: str = "police_officer", *, age: str = "adult", born: str = "", **fields: str) -> Case:
    """A case registered by a persona: an adult on a legal basis or with consent, a child with its branch."""
    actor = getattr(cast, who).actor
    by_law = bool(registering_bases(actor.organisation_kind))
    consent = {
        "state": "other_basis" if by_law else "given",
        "purpose": "register",
        "given_on": today(),
        "legal_basis": law_of(actor.organisation_kind) if by_law else "",
        "information_given": ["purpose"],
    }
    rows = [
        NewRow(Identity, {"age_group": age}, {"birth_date": born} if born else {}),
        NewRow(Contact, {}),
        NewRow(Consent, consent),
    ]
    with acting(actor):
        registration = Registration(rows=rows, language="nl", region=fields.get("region", own_region(REGION)))
        return register_presumed_victim(actor, registration=registration)


def law_of(kind: str) -> str:
    """On which basis an authority of this kind registers an adult."""
    return "law_enforcement" if "law_enforcement" in registering_bases(kind) else "public_task"


@contextmanager
def inside(persona: Persona | Actor, case: Case) -> Iterator[tuple[Actor, CaseAccess]]:
    """Act as a persona on a case: ``with inside(cast.guardian, case) as (actor, access)``."""
    actor = getattr(persona, "actor", persona)
    with acting(actor):
        yield actor, door.get_case(actor, case.reference)


def let_know(cast: Cast, case: Case, to: Organisation, *assigned: str, by: str = "police_supervisor") -> None:
    """Share the coded identity with ``to`` and let its supervisor assign colleagues."""
    asked: dict[str, Any] = {"to": to, "purpose": "formal_identification", "categories": ["identity"]}
    basis = lawful(cast, case, by, **asked)
    with inside(getattr(cast, by), case) as (actor, access):
        share(
            actor,
            access=access,
            **asked,
            **basis,
            ends_on=today() + timedelta(days=60),
            level="contribute",
        )
    for who in assigned:
        assign(cast, case, who)


def assign(cast: Cast, case: Case, who: str) -> None:
    """The supervisor of a persona's organisation assigns the persona."""
    member = getattr(cast, who)
    supervisor = next(one for one in cast if one.organisation == member.organisation and "supervisor" in one.roles)
    with inside(supervisor, case) as (actor, access):
        assign_member(actor, access=access, member=member.membership)


def with_grounds(cast: Cast, who: str = "police_officer", **fields: str) -> Case:
    """A case for which there are reasonable grounds since today."""
    case = register(cast, who, **fields)
    with inside(getattr(cast, who), case) as (actor, access):
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="indicators")
    return case


def with_offer(cast: Cast, residence: str = "irregular") -> Case:
    """A reflection period is offered and wanted; the decision-maker of immigration is assigned."""
    case = with_grounds(cast)
    with inside(cast.police_officer, case) as (actor, access):
        offer_reflection_period(actor, access=access, residence=residence, is_wanted=True, offered_on=today())
    assign(cast, case, "immigration_decision_maker")
    return case


def in_reflection(cast: Cast, situation: str = "standard") -> Case:
    """A reflection period runs from today."""
    case = with_offer(cast)
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        grant_reflection_period(actor, access=access, situation=situation, decided_on=today(), starts_on=today())
    return case
