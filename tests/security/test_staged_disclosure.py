"""The words of a referral open with acceptance and close with the end; who was taken off the case keeps the card."""

import pytest

from accounts.context import acting
from cases import access as cases
from cases.operations.closing import close_case
from cases.operations.consent import withdraw_consent
from cases.operations.members import unassign_member
from core.errors import Conflict
from referrals.operations import ask_question, complete_referral, record_step, revoke_referral
from tests.cases.files import assign
from tests.cast import Cast
from tests.referrals.scenes import accepted, consent, do, knows, police_case, sent, today

MESSAGE = "Needs a place tonight"
NOTE = "note-of-a-step"


def shown(cast: Cast, persona: str, referral) -> str:
    """Page and API of the referral together."""
    client = cast.client(persona)
    page, body = client.get(f"/referrals/{referral.pk}/"), client.get(f"/api/v1/referrals/{referral.pk}/")
    assert (page.status_code, body.status_code) == (200, 200)
    return page.content.decode() + body.content.decode()


def worked_on(cast: Cast):
    referral = accepted(cast, sent(cast, police_case(cast)))
    do(cast, "shelter_worker", record_step, referral, kind="contact_made", happened_on=today(), note=NOTE)
    return referral


def test_the_message_is_closed_until_acceptance_and_open_while_it_is_worked_on(cast: Cast) -> None:
    referral = sent(cast, police_case(cast))
    assert MESSAGE not in shown(cast, "shelter_intake", referral)
    accepted(cast, referral)
    assert MESSAGE in shown(cast, "shelter_worker", referral)


@pytest.mark.parametrize("ending", ["revoke", "complete", "close"])
def test_the_message_closes_with_the_referral(cast: Cast, ending: str) -> None:
    referral = worked_on(cast)
    if ending == "revoke":
        do(cast, "police_officer", revoke_referral, referral)
    elif ending == "complete":
        do(cast, "shelter_worker", complete_referral, referral, outcome="success", feedback="Settled in")
    else:
        with acting(cast.police_supervisor.actor) as actor:
            close_case(actor, access=cases.get_case_by_id(actor, referral.case_id), outcome="residence_granted")
    for persona in ("shelter_worker", "shelter_intake"):
        after = shown(cast, persona, referral)
        assert MESSAGE not in after
        assert NOTE in after
    assert MESSAGE in shown(cast, "police_officer", referral)


@pytest.mark.parametrize(
    ("taken_off", "by"), [("police_officer", "police_supervisor"), ("shelter_worker", "shelter_supervisor")]
)
def test_who_was_taken_off_the_case_reads_no_words_of_its_referral(cast: Cast, taken_off: str, by: str) -> None:
    referral = sent(cast, police_case(cast))
    do(cast, "shelter_intake", ask_question, referral, question="question-canary")
    accepted(cast, referral)
    do(cast, "shelter_worker", record_step, referral, kind="contact_made", happened_on=today(), note=NOTE)
    assert NOTE in shown(cast, taken_off, referral)
    with acting(getattr(cast, by).actor) as actor:
        found = cases.get_case_by_id(actor, referral.case_id)
        unassign_member(actor, access=found, member=getattr(cast, taken_off).membership)
    after = shown(cast, taken_off, referral)
    assert [word for word in (MESSAGE, NOTE, "question-canary") if word in after] == []
    assert cast.client(taken_off).get(f"/cases/{referral.shown_reference}/").status_code == 404


@pytest.mark.parametrize("event", ["consent_withdrawn", "case_closed", "sender_suspended"])
def test_what_the_referral_rests_on_may_end_while_it_is_accepted(cast: Cast, event: str) -> None:
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    referral = sent(cast, case, legal_basis="consent", consent=given)
    with acting(cast.police_supervisor.actor) as actor:
        found = cases.get_case_by_id(actor, case.pk)
        if event == "consent_withdrawn":
            withdraw_consent(actor, access=found, consent=given, withdrawn_via="written")
        elif event == "case_closed":
            close_case(actor, access=found, outcome="residence_granted")
        else:
            type(cast.organisations.police).objects.filter(pk=cast.organisations.police.pk).update(
                suspended_at=referral.sent_at
            )
    # A suspension has ended the referral itself; consent and case are what it rests on.
    said = "has moved on" if event == "sender_suspended" else "rests on has ended"
    with pytest.raises(Conflict, match=said):
        accepted(cast, referral)
    client = cast.client("shelter_intake")
    path = f"/referrals/{referral.pk}/accept/"
    response = client.post(path, {"member": str(cast.shelter_worker.membership_id)})
    assert response.status_code == 409
    assert said in response.content.decode()
    assert not knows(cast, "shelter_intake", case)


def test_a_colleague_who_returns_to_the_case_reads_again(cast: Cast) -> None:
    referral = worked_on(cast)
    with acting(cast.police_supervisor.actor) as actor:
        found = cases.get_case_by_id(actor, referral.case_id)
        unassign_member(actor, access=found, member=cast.police_officer.membership)
    with acting(cast.police_supervisor.actor) as actor:
        case = cases.get_case_by_id(actor, referral.case_id).case
    assign(cast, case, "police_officer")
    assert NOTE in shown(cast, "police_officer", referral)
