"""Cases as the tests of the case page need them: registered and shared by the operations themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.context import acting
from accounts.models import Organisation
from cases.access import get_case_by_id
from cases.models import Case, Consent, Contact, Exploitation, Identity, Share
from cases.operations.consent import record_consent
from cases.operations.registration import NewRow, Registration, register_presumed_victim
from cases.operations.sharing import share
from cases.policies import CaseAccess
from core import clock
from profiles.profile import active
from tests.cases.lawful import lawful
from tests.cast import Cast

PHONE = "06 1234 5678"
UNSAFE_PHONE = "020 765 4321"
NAME = "Zeynep-van-der-Test"
COUNTED_OUT = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK", "SET LOCAL ROLE", "RESET ROLE")


def today() -> date:
    return clock.today(active().zone)


def consent_columns(**changed: Any) -> dict[str, Any]:
    return {
        "state": "given",
        "purpose": "register",
        "legal_basis": "consent",
        "categories": ["identity"],
        "form": "written",
        "language": "en",
        "has_interpreter": False,
        "information_given": ["mechanism"],
        "given_on": today(),
        "valid_until": None,
        **changed,
    }


def filed_case(cast: Cast, *, by: str = "ngo_caseworker", age_group: str = "adult", label: str = "") -> Case:
    """A case registered by ``by``, with identity, contact, exploitation and consent of that organisation."""
    actor = getattr(cast, by).actor
    channels = [
        {"channel": "mobile", "value": PHONE, "call": "safe", "text": "not_safe"},
        {"channel": "landline", "value": UNSAFE_PHONE, "call": "not_safe"},
    ]
    rows = [
        NewRow(Identity, {"age_group": age_group, "sex": "female"}, {"given_names": NAME}),
        NewRow(
            Contact,
            {"has_safe_channel": True, "interpreter": "yes"},
            {"reach": ["mobile", "landline"], "channels": channels, "code_word": "blue umbrella"},
        ),
        NewRow(Exploitation, {"form": "sexual", "is_primary": True}),
        NewRow(Consent, consent_columns()),
    ]
    registration = Registration(rows=rows, language="nl", do_not_contact=False, label=label)
    with acting(actor):
        return register_presumed_victim(actor, registration=registration)


@contextmanager
def at_work(cast: Cast, persona: str, case: Case) -> Iterator[tuple[Actor, CaseAccess]]:
    """Act as a persona on a case."""
    actor = getattr(cast, persona).actor
    with acting(actor):
        yield actor, get_case_by_id(actor, case.pk)


def consented(cast: Cast, case: Case, *, by: str = "ngo_caseworker", **changed: Any) -> Consent:
    """A consent to share with shelters."""
    given = {
        "purpose": "refer_shelter",
        "categories": ["identity", "contact", "services"],
        "form": "written",
        "given_on": today(),
        "information_given": ["mechanism", "withdrawal"],
        **changed,
    }
    with at_work(cast, by, case) as (actor, access):
        return record_consent(actor, access=access, **given)


def shared(
    cast: Cast, case: Case, to: Organisation, *categories: str, by: str = "ngo_caseworker", **changed: Any
) -> Share:
    """A share of the own rows; on a basis that holds, where none is named."""
    until = today() + timedelta(days=30)
    given: dict[str, Any] = {"purpose": "refer_shelter", "ends_on": until, "level": "contribute", **changed}
    if "legal_basis" not in given:
        given |= lawful(cast, case, by, to=to, purpose=given["purpose"], categories=categories)
    with at_work(cast, by, case) as (actor, access):
        return share(actor, access=access, to=to, categories=categories, **given)


@contextmanager
def counted(at_most: int) -> Iterator[None]:
    """Fail, with the queries, when a page needs more than its budget; transaction and context do not count."""
    with CaptureQueriesContext(connection) as captured:
        yield
    queries = [query["sql"] for query in captured.captured_queries if is_counted(query["sql"])]
    assert len(queries) <= at_most, "\n".join([f"{len(queries)} queries, {at_most} allowed:", *queries])


def is_counted(sql: str) -> bool:
    """False for transaction, context, session and user, which every request has."""
    if sql.startswith(COUNTED_OUT) or "set_config" in sql:
        return False
    if sql.startswith("SELECT (SELECT at FROM audit_auditrequest"):  # the limit of pages in a minute and an hour
        return False
    uncounted = ('"accounts_session"', '"django_session"', '"accounts_user"')
    return not any(table in sql.split("WHERE")[0] for table in uncounted)


def looked_at_case(cast: Cast) -> Case:
    """The NGO's case, shared with the shelter, which looked at its contact rows; the NGO looked at its identity."""
    made = filed_case(cast)
    shared(cast, made, cast.organisations.shelter, "contact")
    cast.client("shelter_supervisor").get(f"/cases/{made.shown_reference}/contact/")
    cast.client("ngo_caseworker").get(f"/cases/{made.shown_reference}/identity/")
    return made
