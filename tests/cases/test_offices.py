"""Nobody comes into an office by an act of their own (``sharing.md`` rule 20): child protection and authorities."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import Membership, Organisation, User
from cases import ledger
from cases.enums import Office
from cases.models import Case, Guardianship, Share
from cases.operations.child_branch import request_guardian
from cases.operations.decisions import record_identification_decision, record_reasonable_grounds
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from core import clock
from core.db import role
from core.errors import Conflict, NotAllowed
from referrals.operations import revoke_referral
from tests.cases.files import inside, register, with_grounds
from tests.cases.filing import filed_case, shared, today
from tests.cast import Cast, persona
from tests.referrals import scenes


def offices(case: Case, office: Office) -> list[Share]:
    with role(ledger.LEDGER):
        return list(Share.objects.live().filter(case=case, office=office).select_related("to_organisation"))


def service_elsewhere(region: str = "limburg") -> Any:
    """A supervisor of a child-protection service of another region."""
    group = Group.objects.create(name="elsewhere")
    service = Organisation.objects.create(
        name="Child protection elsewhere", kind="child_protection", serves_regions=[region], group=group
    )
    user = User.objects.create_user("elsewhere@example.test", "a long pass phrase for tests", name="elsewhere")
    return persona("elsewhere", user, Membership.objects.create(user=user, organisation=service, roles=["supervisor"]))


# -- child protection ------------------------------------------------------------------------------------------------


def test_a_service_of_another_region_that_reads_a_category_asks_for_no_guardian(cast: Cast) -> None:
    elsewhere = service_elsewhere()
    case = filed_case(cast)
    shared(cast, case, elsewhere.organisation, "identity", level="read", purpose="child_protection")
    with inside(elsewhere, case) as (actor, access), pytest.raises(NotAllowed):
        request_guardian(actor, access=access)


def test_the_service_of_the_region_is_a_party_whoever_acts(cast: Cast) -> None:
    """A service of Limburg registers a child who stays in Amsterdam: the service that serves Amsterdam is the party."""
    elsewhere = service_elsewhere()
    case = register_child_by(elsewhere, cast)
    held = offices(case, Office.CHILD_PROTECTION)
    assert {share.to_organisation for share in held} == {cast.organisations.child_protection}
    with role(ledger.LEDGER):
        owner = Guardianship.objects.values_list("owner_organisation", flat=True).get(case=case)
    assert owner == cast.organisations.child_protection.pk


def register_child_by(who: Any, cast: Cast) -> Case:
    cast.personas["elsewhere"] = who
    return register(cast, "elsewhere", age="child")


# -- authorities -----------------------------------------------------------------------------------------------------


def asked_for_identification(cast: Cast, case: Case, days: int = 30) -> Any:
    """Police ask the competent authority for identification; it accepts."""
    authority = cast.organisations.competent_authority
    Organisation.objects.filter(pk=authority.pk).update(services=["identification"])
    sent = scenes.sent(
        cast,
        case,
        "police_officer",
        to=authority,
        service="identification",
        purpose="formal_identification",
        categories=["identity"],
        ends_on=today() + timedelta(days=days),
        region="",
    )
    return scenes.accepted(cast, sent, "authority_supervisor", "authority_decision_maker")


def test_an_authority_that_was_asked_knows_the_case_until_it_has_decided(cast: Cast) -> None:
    case = with_grounds(cast)
    asked_for_identification(cast, case)
    with clock.travel(clock.moment() + timedelta(days=120)):
        assert scenes.knows(cast, "authority_supervisor", case)
        held = offices(case, Office.DECIDING_AUTHORITY)
        assert [(share.categories, share.from_organisation_id) for share in held] == [
            (["identity"], cast.organisations.police.pk)
        ]


def test_after_the_decision_it_knows_the_case_for_the_review_term_and_no_longer(cast: Cast) -> None:
    case = with_grounds(cast)
    asked_for_identification(cast, case)
    with inside(cast.authority_decision_maker, case) as (actor, access):
        record_identification_decision(actor, access=access, outcome="positive", decided_on=today(), basis="interview")
    with clock.travel(clock.moment() + timedelta(days=80)):
        assert scenes.knows(cast, "authority_supervisor", case)
    with clock.travel(clock.moment() + timedelta(days=92)):
        assert not scenes.knows(cast, "authority_supervisor", case)


def test_a_request_that_is_taken_back_before_the_decision_ends_the_office(cast: Cast) -> None:
    case = with_grounds(cast)
    sent = asked_for_identification(cast, case)
    scenes.do(cast, "police_officer", revoke_referral, sent)
    assert offices(case, Office.DECIDING_AUTHORITY) == []
    assert not scenes.knows(cast, "authority_supervisor", case)


def test_a_request_that_is_taken_back_after_the_decision_leaves_the_review_term(cast: Cast) -> None:
    case = with_grounds(cast)
    sent = asked_for_identification(cast, case)
    with inside(cast.authority_decision_maker, case) as (actor, access):
        record_identification_decision(actor, access=access, outcome="positive", decided_on=today(), basis="interview")
    scenes.do(cast, "police_officer", revoke_referral, sent)
    assert scenes.knows(cast, "authority_supervisor", case)


def test_a_share_of_another_purpose_opens_no_office(cast: Cast) -> None:
    case = with_grounds(cast)
    shared(cast, case, cast.organisations.competent_authority, "identity", by="police_supervisor")
    assert offices(case, Office.DECIDING_AUTHORITY) == []


def test_nobody_else_decides_by_having_an_office(cast: Cast) -> None:
    case = with_grounds(cast)
    asked_for_identification(cast, case)
    with inside(cast.authority_supervisor, case) as (actor, access), pytest.raises((NotAllowed, Conflict)):
        record_identification_decision(actor, access=access, outcome="positive", decided_on=today(), basis="interview")


def test_an_authority_that_offers_and_grants_holds_no_office_by_that(cast: Cast, settings: Any) -> None:
    """In the generic profile one authority does both: its office hangs on the referral that asked it."""
    settings.COUNTRY_PROFILE = "eu"
    case = filed_case(cast, by="police_officer")
    asked_for_identification(cast, case)
    authority = cast.authority_decision_maker
    with inside(authority, case) as (actor, access):
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="interview")
    with inside(authority, case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=today())
    with inside(authority, case) as (actor, access):
        grant_reflection_period(actor, access=access, situation="standard", decided_on=today(), starts_on=today())
    assert {share.purpose for share in offices(case, Office.DECIDING_AUTHORITY)} == {"formal_identification"}
