"""What the two sides of a referral are told: each happening in words of its own, with the day by which to act."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases import inbox, reminders
from cases.inbox import Entry
from core import clock
from profiles.profile import active
from referrals.operations import (
    answer_question,
    ask_question,
    complete_referral,
    decline_referral,
    record_step,
    revoke_referral,
    write_down_all,
)
from tests.cast import Cast
from tests.referrals.scenes import accepted, do, police_case, sent, today

# A Wednesday: the answer is due on Friday the 6th, the sender would follow up on Wednesday the 11th.
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def entries(cast: Cast, who: str) -> Sequence[Entry]:
    actor = getattr(cast, who).actor
    with acting(actor):
        return inbox.inbox(actor).entries


def lines(cast: Cast, who: str) -> list[tuple[str, str]]:
    """What the inbox says and in which group, without what a clock says."""
    actor = getattr(cast, who).actor
    with acting(actor):
        groups = inbox.inbox(actor).groups
    return [
        (heading, entry.task) for heading, found in groups for entry in found if not entry.notice.kind.startswith("EU-")
    ]


def test_accepted_declined_done_and_question_read_differently(cast: Cast) -> None:
    with clock.travel(NOW):
        case = police_case(cast)
        asked, refused, worked = (
            sent(cast, case, service=service)
            for service in ("safe_accommodation", "emergency_accommodation", "supported_living")
        )
        do(cast, "shelter_intake", ask_question, asked, question="Does she bring a child?")
        do(cast, "shelter_intake", decline_referral, refused, reason="no_capacity")
        accepted(cast, worked)
        do(cast, "shelter_worker", record_step, worked, kind="contact_made", happened_on=today())
        do(cast, "shelter_worker", complete_referral, worked, outcome="success")
        said = {words for _heading, words in lines(cast, "police_officer")}
    assert said == {
        "A question about a referral: answer it, so that it can be accepted",
        "A referral was declined: look for another organisation",
        "A referral was accepted: see who works on it",
        "A referral is done: read how it went",
    }


def test_each_stands_where_it_must_be_acted_on(cast: Cast) -> None:
    with clock.travel(NOW):
        case = police_case(cast)
        asked, refused = (sent(cast, case, service=one) for one in ("safe_accommodation", "supported_living"))
        do(cast, "shelter_intake", ask_question, asked, question="Does she bring a child?")
        do(cast, "shelter_intake", decline_referral, refused, reason="no_capacity")
        accepted(cast, sent(cast, case, service="emergency_accommodation"))
        headings = {words.split(":")[0]: heading for heading, words in lines(cast, "police_officer")}
        due = {entry.notice.kind: str(entry.due_on) for entry in entries(cast, "police_officer")}
    assert headings == {
        "A question about a referral": "Due within a week",
        "A referral was declined": "Due within a week",
        "A referral was accepted": "News",
    }
    assert due["referral_question"] == "2026-03-06"
    assert due["referral_declined"] == "2026-03-11"


def test_a_decline_after_the_follow_up_day_asks_to_act_today(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
    with clock.travel(NOW + 8 * DAY):
        do(cast, "shelter_intake", decline_referral, referral, reason="no_capacity")
        assert ("Due today", "A referral was declined: look for another organisation") in lines(cast, "police_officer")


def test_a_question_waits_until_it_is_answered_and_the_answer_until_the_referral_is(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
        question = do(cast, "shelter_intake", ask_question, referral, question="Does she bring a child?")
    with clock.travel(NOW + DAY):  # due tomorrow: to read it is not to answer it
        read(cast, "police_officer")
        assert [words.split(":")[0] for _heading, words in lines(cast, "police_officer")] == [
            "A question about a referral"
        ]
        do(cast, "police_officer", answer_question, referral, question=question, answer="No.")
        assert lines(cast, "police_officer") == []
        reply = "Your question about a referral was answered: accept or decline it"
        assert [words for _heading, words in lines(cast, "shelter_intake")] == [reply]
        accepted(cast, referral)
        assert lines(cast, "shelter_intake") == []


@pytest.mark.parametrize("end", ["declined", "revoked", "expired"])
def test_a_question_about_a_referral_that_is_over_waits_for_nobody(cast: Cast, end: str) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
        do(cast, "shelter_intake", ask_question, referral, question="Does she bring a child?")
        match end:
            case "declined":
                do(cast, "shelter_intake", decline_referral, referral, reason="no_capacity")
            case "revoked":
                do(cast, "police_officer", revoke_referral, referral)
            case _:
                with clock.travel(NOW + 30 * DAY):
                    write_down_all()
    assert not Notice.objects.filter(kind="referral_question", done_at=None).exists()


def test_one_that_was_taken_back_before_the_answer_is_told_with_when_and_why(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
        do(cast, "police_officer", revoke_referral, referral)
        (line,) = lines(cast, "shelter_intake")
        html = cast.client("shelter_intake").get(f"/referrals/{referral.pk}/").content.decode()
    assert line == ("News", "A referral was taken back: see when and why")
    assert "4 March 2026 at 10:00" in html
    assert "Whoever sent it has taken it back." in html


def test_one_that_nobody_answered_asks_its_sender_to_act(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
    over = NOW + 30 * DAY
    with clock.travel(over):
        write_down_all()
        assert ("Due today", "A referral was not answered in time: look for another organisation") in lines(
            cast, "police_officer"
        )
        html = cast.client("police_officer").get(f"/referrals/{referral.pk}/").content.decode()
    assert "Nobody answered in time." in html


def test_one_whose_last_day_is_over_is_told_to_both_with_when_and_why(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = accepted(cast, sent(cast, police_case(cast)))
    with clock.travel(NOW + 40 * DAY):
        html = cast.client("shelter_worker").get(f"/referrals/{referral.pk}/").content.decode()
        assert "Its last day is over." in html  # before any job has written it down
        write_down_all()
        told = ("News", "A referral has ended: see when and why")
        assert told in lines(cast, "shelter_worker")
        assert told in lines(cast, "police_officer")
        html = cast.client("shelter_worker").get(f"/referrals/{referral.pk}/").content.decode()
    assert "Its last day is over." in html


def test_the_receiver_is_asked_by_the_clock_alone(cast: Cast) -> None:
    with clock.travel(NOW):
        sent(cast, police_case(cast))
        reminders.tick()
        assert [entry.task for entry in entries(cast, "shelter_intake")] == [
            active().rule("EU-ACK", today()).name.label("en")
        ]


def read(cast: Cast, who: str) -> None:
    actor = getattr(cast, who).actor
    with acting(actor):
        inbox.mark_all_read(actor, clock.moment())
