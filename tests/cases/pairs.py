"""One person at two organisations, found by the worker: what the tests of the duplicate desk begin with."""

from typing import Any

from accounts.context import acting
from cases.models import Case, Consent, Contact, DoubleSide, Identity, PossibleDouble
from cases.operations.doubles import answer_link_question, ask_to_link, get_double, get_question
from cases.operations.matching import find_doubles
from cases.operations.registration import NewRow, Registration, register_presumed_victim
from cases.reminders import as_worker
from core.db import role
from tests.cases.filing import consent_columns, today
from tests.cast import REGION, Cast

HERE = {"given_names": "Oksana", "family_name": "Kovalchuk", "birth_date": "1994-05-17"}
THERE = {"given_names": "Оксана", "family_name": "Ковальчук", "birth_date": "1994-05-17"}
ANOTHER = {"given_names": "Amina", "family_name": "Haddad", "birth_date": "1988-11-02"}
AGREED = {"answer": "agreed", "basis": "consent", "reason": ""}
REFUSED = {"answer": "refused", "basis": "", "reason": "person_refuses", "told_on": None}


def registered(cast: Cast, by: str, content: dict[str, Any], **coded: Any) -> Case:
    """A case registered by a persona, an adult with consent, with this identity."""
    actor = getattr(cast, by).actor
    columns = {
        "age_group": "adult",
        "sex": "female",
        "citizenships": ["UA"],
        "birth_year": int(content["birth_date"][:4]),
    }
    rows = [
        NewRow(Identity, {**columns, **coded}, content),
        NewRow(Contact, {}),
        NewRow(Consent, consent_columns()),
    ]
    with acting(actor):
        return register_presumed_victim(actor, registration=Registration(rows=rows, language="uk", region=REGION))


def search() -> int:
    """What the worker does every five minutes."""
    with as_worker():
        return find_doubles()


def found(cast: Cast) -> tuple[Case, Case, PossibleDouble]:
    """The same person at the NGO and at the police, and the pair that the worker found."""
    here, there = registered(cast, "ngo_caseworker", HERE), registered(cast, "police_officer", THERE)
    assert search() == 1
    with role("nrm_ledger"):
        pair = {here.pk, there.pk}
        double = next(one for one in PossibleDouble.objects.all() if {one.first_id, one.second_id} == pair)
    return here, there, double


def asked(cast: Cast) -> tuple[Case, Case, PossibleDouble]:
    """Both leads have been asked."""
    here, there, double = found(cast)
    actor = cast.coordinator.actor
    with acting(actor):
        ask_to_link(actor, double=get_double(actor, double.pk))
    return here, there, double


def side_of(double: PossibleDouble, case: Case) -> DoubleSide:
    with role("nrm_ledger"):
        return DoubleSide.objects.get(double=double, case=case)


def answer(cast: Cast, by: str, double: PossibleDouble, case: Case, **given: Any) -> DoubleSide:
    """What a supervisor says about the own case."""
    actor = getattr(cast, by).actor
    with acting(actor):
        access, side = get_question(actor, side_of(double, case).pk)
        return answer_link_question(actor, access=access, side=side, **{**AGREED, "told_on": today(), **given})


def linked(cast: Cast) -> tuple[Case, Case, PossibleDouble]:
    """Both have agreed."""
    here, there, double = asked(cast)
    answer(cast, "ngo_supervisor", double, here)
    answer(cast, "police_supervisor", double, there)
    return here, there, double
