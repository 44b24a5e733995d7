"""Who is reminded of a referral: the receiver until it answers, the sender when no answer comes."""

from datetime import UTC, datetime, timedelta

from accounts.context import acting
from accounts.models import Notice
from cases import inbox, reminders
from core import clock
from tests.cast import Cast, Persona
from tests.referrals.scenes import accepted, police_case, sent

# A Wednesday: the answer is due on Friday, the sender follows up on the Wednesday after.
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def told() -> set[tuple[str, str]]:
    return set(Notice.objects.filter(read_at=None).values_list("membership__user__name", "kind"))


def paths(person: Persona) -> list[str]:
    with acting(person.actor):
        return [entry.path for entry in inbox.inbox(person.actor).entries]


def test_the_receiver_is_told_at_once_and_no_more_when_it_has_answered(cast: Cast) -> None:
    with clock.travel(NOW):
        referral = sent(cast, police_case(cast))
        reminders.tick()
        assert told() == {("Shelter intake", "EU-ACK")}
        assert paths(cast.shelter_intake) == [f"/referrals/{referral.pk}/"]
        accepted(cast, referral)
        # The sender hears of the answer; the receiver is done.
        assert told() == {("Police officer", "referral_accepted")}
    with clock.travel(NOW + timedelta(days=10)):
        assert "sent" not in reminders.tick()


def test_without_an_answer_supervisor_and_sender_are_told(cast: Cast) -> None:
    with clock.travel(NOW):
        case = police_case(cast)
        sent(cast, case)
    for days in range(9):
        with clock.travel(NOW + timedelta(days=days)):
            reminders.tick()
    assert told() >= {("Shelter supervisor", "EU-ACK"), ("Police officer", "EU-ACK-SENDER")}
    assert f"/cases/{case.shown_reference}/" in paths(cast.police_officer)
