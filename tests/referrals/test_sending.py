"""Sending: what is frozen, what is refused, who may."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.context import acting
from audit.models import AuditChange
from cases.models import Deadline, Identity, Share
from core import clock
from core.db import role
from core.errors import Missing, NotAllowed, Refused
from referrals.access import get_referral, texts
from referrals.models import Referral
from tests.cast import Cast
from tests.referrals.scenes import consent, knows, police_case, sent, state, today


def refuse(cast: Cast, case: object, persona: str = "police_officer", **changes: object) -> Refused:
    with pytest.raises(Refused) as refusal:
        sent(cast, case, persona, **changes)
    return refusal.value


def test_sending_freezes_the_card_and_opens_nothing(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    assert referral.card == {
        "reference": case.reference,
        "age": "adult",
        "sex": "female",
        "language": "en",
        "urgency": "normal",
        "region": "amsterdam",
        "service": "safe_accommodation",
    }
    assert referral.phase == "first_assistance"
    assert not knows(cast, "shelter_intake", case)
    actor = cast.shelter_intake.actor
    with acting(actor):
        door = get_referral(actor, referral.pk)
        assert door.access is None
        assert texts(door) == {}
        assert not Identity.objects.exists()
        assert not Share.objects.exists()


def test_a_later_correction_does_not_change_the_card(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    with acting(cast.police_officer.actor):
        Identity.objects.filter(case=case).update(sex="male", age_group="child")
    actor = cast.shelter_intake.actor
    with acting(actor):
        assert get_referral(actor, referral.pk).referral.card["sex"] == "female"


def test_the_clocks_of_both_sides_start(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    with role("nrm_ledger"):
        rows = dict(Deadline.objects.filter(subject_id=referral.pk).values_list("rule", "bound_organisation__name"))
        assert referral.response_deadline.rule == "EU-ACK"
    assert rows == {"EU-ACK": "Shelter", "EU-ACK-SENDER": "Police", "EU-ACK-END": "Police"}
    assert clock.moment() < referral.answer_due_at < referral.expires_at


def test_an_urgent_referral_is_to_be_answered_within_four_hours(cast: Cast) -> None:
    referral = sent(cast, police_case(cast), urgency="urgent")
    assert referral.answer_due_at - referral.sent_at < timedelta(hours=4, seconds=2)


def test_both_sides_have_it_in_the_timeline_and_a_third_party_has_not(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    change = AuditChange.objects.get
    with acting(cast.police_officer.actor):
        row = change(kind="send_referral")
        assert (row.object_id, row.detail["service"]) == (referral.pk, "safe_accommodation")
        assert "Needs" not in str(row.detail)
    with acting(cast.shelter_supervisor.actor):
        assert not AuditChange.objects.filter(kind="send_referral").exists()


@pytest.mark.parametrize("persona", ["police_officer", "police_supervisor"])
def test_who_works_the_case_may_send(cast: Cast, persona: str) -> None:
    assert sent(cast, police_case(cast), persona).pk


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_supervisor", "coordinator", "data_protection_officer"])
def test_who_does_not_know_the_case_finds_nothing(cast: Cast, persona: str) -> None:
    case = police_case(cast)
    with pytest.raises(Missing):
        sent(cast, case, persona)


def test_intake_that_is_not_assigned_may_not_send(cast: Cast) -> None:
    case = police_case(cast, "ngo_caseworker")
    with pytest.raises(NotAllowed):
        sent(cast, case, "ngo_intake")
    assert sent(cast, case, "ngo_supervisor").pk


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("categories", {"categories": []}),
        ("categories", {"categories": ["identity", "narrative"]}),
        ("categories", {"categories": ["identity", "status"]}),
        ("purpose", {"purpose": ""}),
        ("legal_basis", {"legal_basis": ""}),
        ("legal_basis", {"legal_basis": "child_best_interests"}),
        ("consent", {"legal_basis": "consent"}),
        ("ends_on", {"ends_on": None}),
        ("service", {"service": "magic"}),
        ("service", {"service": "guardianship"}),
        ("region", {"region": "atlantis"}),
        ("urgency", {"urgency": "soon"}),
        ("message", {"message": "x" * 15_001}),
        ("to", {"service": "medical"}),
        ("to", {"region": "limburg"}),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_field(cast: Cast, field: str, changes: dict) -> None:
    case = police_case(cast)
    assert refuse(cast, case, **changes).field == field
    with acting(cast.police_officer.actor):
        assert not Referral.objects.exists()
        assert not Deadline.objects.filter(rule__startswith="EU-ACK").exists()


@pytest.mark.parametrize("days", [-1, 91])
def test_the_end_lies_within_ninety_days(cast: Cast, days: int) -> None:
    assert refuse(cast, police_case(cast), ends_on=today() + timedelta(days=days)).field == "ends_on"


def test_the_ninetieth_day_is_allowed(cast: Cast) -> None:
    assert sent(cast, police_case(cast), ends_on=today() + timedelta(days=90)).pk


def test_nobody_refers_to_the_own_or_to_a_suspended_organisation(cast: Cast) -> None:
    case = police_case(cast)
    assert refuse(cast, case, to=cast.organisations.police, service="protection", categories=["identity"]).field == "to"
    shelter = cast.organisations.shelter
    shelter.suspended_at = clock.moment()
    shelter.save()
    assert refuse(cast, case).field == "to"


def test_an_ngo_cannot_use_the_basis_of_an_authority(cast: Cast) -> None:
    case = police_case(cast, "ngo_caseworker")
    assert refuse(cast, case, "ngo_caseworker", legal_basis="law_enforcement").field == "legal_basis"


def test_a_consent_must_cover_what_is_shared(cast: Cast) -> None:
    case = police_case(cast)
    worker = cast.police_officer
    given = consent(worker, case)
    basis = {"legal_basis": "consent", "consent": given}
    assert refuse(cast, case, **basis, categories=["identity", "services"]).field == "categories"
    assert refuse(cast, case, **basis, purpose="refer_health").field == "consent"
    assert refuse(cast, case, **basis, ends_on=today() + timedelta(days=61)).field == "ends_on"
    other = consent(worker, case, recipient=cast.organisations.health)
    assert refuse(cast, case, legal_basis="consent", consent=other).field == "consent"
    assert sent(cast, case, **basis).consent_id == given.pk
    ended = {"withdrawn_at": clock.moment(), "withdrawn_via": "written"}
    withdrawn = consent(worker, case, state="withdrawn", **ended)
    assert refuse(cast, case, legal_basis="consent", consent=withdrawn).field == "consent"


def test_the_same_service_is_asked_of_an_organisation_once_at_a_time(cast: Cast) -> None:
    case = police_case(cast)
    sent(cast, case)
    with pytest.raises(IntegrityError, match="referral_one_open_per_service"), transaction.atomic():
        sent(cast, case)
    assert sent(cast, case, service="supported_living").pk


def test_a_new_one_may_be_sent_once_the_first_has_expired(cast: Cast) -> None:
    case = police_case(cast)
    first = sent(cast, case)
    with clock.travel(first.expires_at + timedelta(minutes=1)):
        second = sent(cast, case)
        assert state(cast, "police_officer", first) == "expired"
        with acting(cast.police_officer.actor):
            assert Referral.objects.get(pk=first.pk).state == "expired"
        assert state(cast, "police_officer", second) == "sent"


def test_nothing_is_referred_from_a_closed_case(cast: Cast) -> None:
    case = police_case(cast)
    with acting(cast.police_officer.actor):
        type(case).objects.filter(pk=case.pk).update(state="closed")
    with pytest.raises(Exception, match="closed"):
        sent(cast, case)
