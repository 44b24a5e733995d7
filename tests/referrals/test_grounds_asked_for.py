"""A referral for a decision on reasonable grounds: the term runs from its receipt (First Responder Toolkit, UK)."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice, Organisation
from cases import reminders
from cases.models import Case, Deadline
from cases.operations.decisions import record_reasonable_grounds
from cases.reminders import as_worker
from core import clock
from core.dates import instant_at
from profiles.profile import active
from referrals.models import Referral
from referrals.operations import Terms, accept_referral, decline_referral, revoke_referral, send_referral
from tests.cases.files import inside, register, today
from tests.cases.lawful import lawful
from tests.cast import Cast

RECEIVED = date(2026, 4, 2)


@pytest.fixture(autouse=True)
def uk(settings: Any) -> None:
    settings.COUNTRY_PROFILE = "uk"


def at(day: date, hour: int = 10) -> datetime:
    return instant_at(day, time(hour), active().zone)


def sent(cast: Cast) -> tuple[Case, Referral]:
    """Sent on Maundy Thursday by the police, who are the first responder."""
    authority = cast.organisations.competent_authority
    Organisation.objects.filter(pk=authority.pk).update(services=["identification"])
    with clock.travel(at(RECEIVED)):
        case = register(cast)
        asked: dict[str, Any] = {
            "to": cast.organisations.competent_authority,
            "purpose": "formal_identification",
            "categories": ["identity"],
        }
        basis = lawful(cast, case, "police_officer", **asked)
        terms = Terms(
            service="identification",
            region="",
            urgency="normal",
            ends_on=today() + timedelta(days=60),
            message="",
            **asked,
            **basis,
        )
        with inside(cast.police_officer, case) as (actor, access):
            return case, send_referral(actor, access=access, terms=terms)


def clocks_of(case: Case) -> dict[str, Deadline]:
    with as_worker():
        rows = Deadline.objects.filter(case=case, rule__startswith="UK-RG", state="open")
        return {row.rule: row for row in rows.select_related("bound_organisation")}


def test_the_term_runs_from_the_receipt_and_over_easter(cast: Cast) -> None:
    case, _referral = sent(cast)
    found = clocks_of(case)
    assert found["UK-RG"].due_on == date(2026, 4, 13)
    assert found["UK-RG"].bound_organisation == cast.organisations.competent_authority
    assert found["UK-RG-FR"].bound_organisation == cast.organisations.police


def test_accepting_later_changes_no_day_and_the_decision_ends_it(cast: Cast) -> None:
    case, referral = sent(cast)
    with clock.travel(at(date(2026, 4, 9))):
        with acting(cast.authority_supervisor.actor) as actor:
            accept_referral(actor, referral=referral, member=cast.authority_decision_maker.membership)
        assert clocks_of(case)["UK-RG"].due_on == date(2026, 4, 13)
        with inside(cast.authority_decision_maker, case) as (actor, access):
            record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="indicators")
    assert not clocks_of(case)


def test_before_it_is_accepted_the_authority_and_the_first_responder_are_reminded(cast: Cast) -> None:
    case, _referral = sent(cast)
    with clock.travel(at(date(2026, 4, 13))):
        reminders.tick(of=[case.pk])
        with as_worker():
            told = set(Notice.objects.filter(case_id=case.pk).values_list("kind", "membership__organisation"))
    assert ("UK-RG", cast.organisations.competent_authority.pk) in told
    assert ("UK-RG-FR", cast.organisations.police.pk) in told


@pytest.mark.parametrize("how", ["declined", "revoked"])
def test_a_referral_that_ends_before_the_decision_ends_the_term(cast: Cast, how: str) -> None:
    case, referral = sent(cast)
    with clock.travel(at(date(2026, 4, 7))):
        if how == "declined":
            with acting(cast.authority_supervisor.actor) as actor:
                decline_referral(actor, referral=referral, reason="no_capacity")
        else:
            with acting(cast.police_officer.actor) as actor:
                revoke_referral(actor, referral=referral)
    assert not clocks_of(case)


def test_where_others_record_the_grounds_nothing_is_owed(cast: Cast, settings: Any) -> None:
    settings.COUNTRY_PROFILE = "nl"
    case, _referral = sent(cast)
    assert not clocks_of(case)
