"""What the tests of referrals begin with: a case of the police, and a referral of it to the shelter."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from accounts.context import acting
from cases import access as cases
from cases import ledger
from cases.models import Case, CaseKey, Consent, Contact, Criminal, Identity, Narrative, Person
from core import clock, crypto
from profiles.profile import active
from referrals.access import get_referral
from referrals.models import Referral
from referrals.operations import Terms, accept_referral, send_referral
from tests.cases.lawful import lawful
from tests.cast import Cast, Persona

NAME = "Adwoa"
STORY = "what was said at the car wash"
CHANNEL = {"channel": "mobile", "value": "+31 6 5555 0100", "call": "safe"}


def today() -> date:
    return clock.today(active().zone)


def police_case(cast: Cast, persona: str = "police_officer", is_child: bool = False) -> Case:
    """A case registered and led by the persona's organisation, with rows of four categories, the persona assigned."""
    worker = getattr(cast, persona)
    with acting(worker.actor):
        now = clock.moment()
        case = Case.objects.create(
            person=Person.objects.create(),
            profile="nl",
            registered_by=worker.organisation,
            registered_at=now,
            registered_on=today(),
            language="en",
            region="amsterdam",
            is_child_branch=is_child,
        )
        ledger.open_case(case)
        ledger.assign(case, worker.membership)
        CaseKey.objects.create(case=case, wrapped=crypto.wrap(crypto.new_key()))
        group = "child" if is_child else "adult"
        row(worker, case, Identity, {"given_names": NAME}, sex="female", age_group=group)
        row(worker, case, Contact, {"channels": [CHANNEL]}, has_safe_channel=True)
        row(worker, case, Narrative, {"text": STORY})
        row(worker, case, Criminal, {})
    return case


def row(worker: Persona, case: Case, model: Any, content: dict[str, Any], **plain: Any) -> Any:
    now = clock.moment()
    made = model(
        case=case,
        owner_organisation=worker.organisation,
        created_at=now,
        updated_at=now,
        created_by=worker.membership,
        **plain,
    )
    made.seal(content)
    made.save(force_insert=True)
    return made


def consent(worker: Persona, case: Case, *, days: int = 60, **plain: Any) -> Consent:
    """A consent that the worker's organisation recorded for shelter."""
    values = {
        "state": "given",
        "purpose": "refer_shelter",
        "legal_basis": "consent",
        "categories": ["identity", "contact"],
        "information_given": ["mechanism"],
        "given_on": today(),
        "valid_until": today() + timedelta(days=days),
    }
    with acting(worker.actor):
        made: Consent = row(worker, case, Consent, {}, **{**values, **plain})
    return made


def terms(cast: Cast, **changes: Any) -> Terms:
    values: dict[str, Any] = {
        "to": cast.organisations.shelter,
        "service": "safe_accommodation",
        "region": "amsterdam",
        "urgency": "normal",
        "purpose": "refer_shelter",
        "legal_basis": "law_enforcement",
        "categories": ["identity", "contact"],
        "ends_on": today() + timedelta(days=30),
        "message": "Needs a place tonight",
    }
    return Terms(**{**values, **changes})


def sent(cast: Cast, case: Case, persona: str = "police_officer", **changes: Any) -> Referral:
    """A referral by the persona; on a basis that holds for it, where none is named."""
    actor = getattr(cast, persona).actor
    wanted = terms(cast, **changes)
    if "legal_basis" not in changes:
        asked: dict[str, Any] = {"to": wanted.to, "purpose": wanted.purpose, "categories": wanted.categories}
        wanted = replace(wanted, **lawful(cast, case, persona, **asked))
    with acting(actor):
        return send_referral(actor, access=cases.get_case(actor, case.reference), terms=wanted)


def accepted(cast: Cast, referral: Referral, by: str = "shelter_intake", member: str = "shelter_worker") -> Referral:
    actor = getattr(cast, by).actor
    with acting(actor):
        return accept_referral(actor, referral=referral, member=getattr(cast, member).membership)


def do(cast: Cast, persona: str, operation: Any, referral: Referral, **values: Any) -> Any:
    """An act on a referral as the persona, in a transaction of its own."""
    actor = getattr(cast, persona).actor
    with acting(actor):
        return operation(actor, referral=referral, **values)


def state(cast: Cast, persona: str, referral: Referral) -> str:
    """How the referral stands, as the persona sees it."""
    actor = getattr(cast, persona).actor
    with acting(actor):
        return get_referral(actor, referral.pk).referral.state_now


def knows(cast: Cast, persona: str, case: Case) -> bool:
    actor = getattr(cast, persona).actor
    with acting(actor):
        return Case.objects.visible_to(actor).filter(pk=case.pk).exists()
