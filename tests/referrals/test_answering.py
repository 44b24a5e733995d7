"""The receiver answers: access opens with acceptance and to the named colleague; nothing opens otherwise."""

from datetime import timedelta

import pytest

from accounts.context import acting
from accounts.models import Notice
from audit.models import AuditChange
from cases import access as cases
from cases import inbox
from cases.models import Deadline, Service
from cases.operations.closing import close_case
from cases.operations.consent import withdraw_consent
from core import clock
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from referrals.access import get_referral, questions, texts
from referrals.operations import (
    accept_referral,
    answer_question,
    ask_question,
    decline_referral,
    revoke_referral,
    withdrawing,
)
from tests.cast import Cast
from tests.referrals.scenes import (
    NAME,
    accepted,
    consent,
    do,
    knows,
    police_case,
    row,
    sent,
    state,
)


def test_acceptance_opens_what_was_granted_and_no_more(cast: Cast) -> None:
    case = police_case(cast)
    referral = accepted(cast, sent(cast, case))
    for persona in ("shelter_worker", "shelter_intake", "shelter_supervisor"):
        actor = getattr(cast, persona).actor
        with acting(actor):
            door = cases.get_case(actor, case.reference)
            assert [one.content["given_names"] for one in cases.read_rows(door, "identity")] == [NAME]
            assert cases.read_rows(door, "contact")
            assert cases.read_rows(door, "narrative") == cases.read_rows(door, "criminal") == []
            found = get_referral(actor, referral.pk)
            assert (found.referral.state_now, texts(found)["message"]) == ("accepted", "Needs a place tonight")


def test_only_the_named_colleague_and_those_who_see_all_know_the_case(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case), member="shelter_intake")
    assert knows(cast, "shelter_intake", case)
    assert not knows(cast, "shelter_worker", case)
    assert not knows(cast, "other_shelter_intake", case)


def test_a_first_acceptance_makes_the_case_active(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case))
    with acting(cast.police_officer.actor):
        case.refresh_from_db()
        assert case.state == "active"


def test_an_answer_ends_the_clocks_of_both_sides(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    with role("nrm_ledger"):
        rows = Deadline.objects.filter(subject_id=referral.pk).values_list("state", "closed_by_event")
        assert set(rows) == {("met", "referral_answered")}


def test_the_sender_hears_of_the_answer_without_content(cast: Cast) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    notice = Notice.objects.get(membership=cast.police_officer.membership)
    assert (notice.kind, notice.object_path) == ("referral_accepted", f"/referrals/{referral.pk}/")


ANSWERS = {
    accept_referral: lambda cast: {"member": cast.shelter_worker.membership},
    decline_referral: lambda cast: {"reason": "no_capacity"},
    ask_question: lambda cast: {"question": "Is there a child?"},
}


@pytest.mark.parametrize("operation", ANSWERS)
@pytest.mark.parametrize("persona", ["shelter_intake", "shelter_supervisor"])
def test_intake_and_supervisor_of_the_receiver_answer(cast: Cast, persona: str, operation) -> None:
    referral = sent(cast, police_case(cast))
    assert do(cast, persona, operation, referral, **ANSWERS[operation](cast))


@pytest.mark.parametrize("operation", ANSWERS)
@pytest.mark.parametrize(
    ("persona", "refusal"),
    [
        ("police_officer", NotAllowed),
        ("police_supervisor", NotAllowed),
        ("shelter_worker", Missing),
        ("custodian_a", Missing),
        ("ngo_supervisor", Missing),
        ("other_shelter_intake", Missing),
        ("coordinator", Missing),
        ("platform_administrator", Missing),
    ],
)
def test_nobody_else_answers_least_of_all_the_sender(cast: Cast, persona: str, refusal, operation) -> None:
    referral = sent(cast, police_case(cast))
    with pytest.raises(refusal):
        do(cast, persona, operation, referral, **ANSWERS[operation](cast))
    assert state(cast, "police_officer", referral) == "sent"


@pytest.mark.parametrize("member", ["police_officer", "suspended_member", "custodian_a"])
def test_only_a_colleague_who_works_cases_can_be_named(cast: Cast, member: str) -> None:
    referral = sent(cast, police_case(cast))
    with pytest.raises(Refused) as refusal:
        accepted(cast, referral, member=member)
    assert refusal.value.field == "member"


def test_a_decline_needs_a_reason_and_the_receiver_stays_outside(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    for reason, explanation, field in (("", "", "reason"), ("nonsense", "", "reason"), ("other", " ", "explanation")):
        with pytest.raises(Refused) as refusal:
            do(cast, "shelter_intake", decline_referral, referral, reason=reason, explanation=explanation)
        assert refusal.value.field == field
    do(cast, "shelter_intake", decline_referral, referral, reason="other", explanation="Under repair")
    assert state(cast, "police_officer", referral) == "declined"
    assert not knows(cast, "shelter_intake", case)
    for persona, message in (("police_officer", "Needs a place tonight"), ("shelter_intake", None)):
        actor = getattr(cast, persona).actor
        with acting(actor):
            found = texts(get_referral(actor, referral.pk))
            assert (found.get("message"), found["explanation"]) == (message, "Under repair")


@pytest.mark.parametrize("operation", ANSWERS)
def test_what_has_been_answered_is_not_answered_again(cast: Cast, operation) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    with pytest.raises(Conflict):
        do(cast, "shelter_supervisor", operation, referral, **ANSWERS[operation](cast))


def test_a_question_is_answered_once_and_read_before_acceptance(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    asked = do(cast, "shelter_intake", ask_question, referral, question="Is there a child?")
    with pytest.raises(NotAllowed):
        do(cast, "shelter_intake", answer_question, referral, question=asked, answer="Guess")
    do(cast, "police_officer", answer_question, referral, question=asked, answer="No")
    with pytest.raises(Conflict):
        do(cast, "police_officer", answer_question, referral, question=asked, answer="Yes")
    actor = cast.shelter_intake.actor
    with acting(actor):
        (found,) = questions(get_referral(actor, referral.pk))
        assert found.content == {"question": "Is there a child?", "answer": "No"}
    assert not knows(cast, "shelter_intake", case)


def test_consent_that_was_withdrawn_meanwhile_keeps_the_case_closed(cast: Cast) -> None:
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    referral = sent(cast, case, legal_basis="consent", consent=given)
    actor = cast.police_officer.actor
    with acting(actor):
        withdraw_consent(
            actor, access=cases.get_case(actor, case.reference), consent=given, withdrawn_via="oral_witnessed"
        )
    with pytest.raises(Conflict, match="rests on"):
        accepted(cast, referral)
    assert not knows(cast, "shelter_intake", case)


def test_withdrawing_consent_ends_what_was_accepted(cast: Cast) -> None:
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    referral = accepted(cast, sent(cast, case, legal_basis="consent", consent=given))
    assert knows(cast, "shelter_worker", case)
    actor = cast.police_officer.actor
    with acting(actor):
        withdraw_consent(
            actor, access=cases.get_case(actor, case.reference), consent=given, withdrawn_via="oral_witnessed"
        )
    assert not knows(cast, "shelter_worker", case)
    assert {state(cast, persona, referral) for persona in ("police_officer", "shelter_worker")} == {"ended"}


def test_a_withdrawn_consent_is_written_down_as_an_end_and_asks_the_receiver_for_no_answer(cast: Cast) -> None:
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    referral = accepted(cast, sent(cast, case, legal_basis="consent", consent=given))
    actor = cast.police_officer.actor
    with acting(actor):
        door = cases.get_case(actor, case.reference)
        withdrawing.withdraw_consent(actor, access=door, consent=given, withdrawn_via="oral_witnessed")
        told = list(AuditChange.objects.filter(object_id=referral.pk).order_by("at").values_list("kind", flat=True))
    assert told == ["send_referral", "accept_referral", "end_referral"]
    with acting(cast.shelter_worker.actor):
        tasks = [entry.task for entry in inbox.inbox(cast.shelter_worker.actor).entries]
    assert "A referral has ended: see when and why" in tasks
    assert "Answer a referral" not in tasks


def test_a_closed_case_and_a_suspended_sender_open_nothing(cast: Cast) -> None:
    closed, other = police_case(cast), police_case(cast, "other_police_officer")
    first = sent(cast, closed)
    second = sent(cast, other, "other_police_officer")
    actor = cast.police_supervisor.actor
    with acting(actor):
        close_case(actor, access=cases.get_case(actor, closed.reference), outcome="reintegrated_country")
    sender = cast.organisations.other_police
    sender.suspended_at = clock.moment()
    sender.save()
    for referral in (first, second):
        with pytest.raises(Conflict):
            accepted(cast, referral)


def test_after_its_answer_deadline_it_can_still_be_accepted_until_it_expires(cast: Cast) -> None:
    case = police_case(cast)
    late, never = sent(cast, case), sent(cast, case, service="supported_living")
    with clock.travel(late.answer_due_at + timedelta(minutes=1)):
        assert state(cast, "shelter_intake", late) == "sent"
        accepted(cast, late)
    with clock.travel(never.expires_at):
        assert state(cast, "shelter_intake", never) == "expired"
        with pytest.raises(Conflict):
            accepted(cast, never)


def test_who_was_assigned_before_is_not_assigned_again_by_a_new_referral(cast: Cast) -> None:
    case = police_case(cast)
    first = accepted(cast, sent(cast, case))
    do(cast, "police_officer", revoke_referral, first)
    accepted(cast, sent(cast, case), member="shelter_intake")
    assert knows(cast, "shelter_intake", case)
    assert not knows(cast, "shelter_worker", case)


def test_rows_written_after_acceptance_are_seen_too(cast: Cast) -> None:
    case = police_case(cast)
    accepted(cast, sent(cast, case, categories=["services"]))
    with acting(cast.police_officer.actor):
        row(cast.police_officer, case, Service, {}, service="medical")
    actor = cast.shelter_worker.actor
    with acting(actor):
        assert len(cases.read_rows(cases.get_case(actor, case.reference), "services")) == 1
