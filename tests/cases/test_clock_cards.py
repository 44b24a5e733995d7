"""Clocks on the case page: own ones first, those of others folded, each saying which share or referral it is about."""

import re
from datetime import timedelta

from cases import reminders
from cases.models import Case
from core import clock
from profiles.profile import active
from tests.cases.filing import consented, filed_case, shared, today
from tests.cases.test_guardianship import a_child, appoint
from tests.cast import Cast
from tests.referrals.scenes import police_case, sent

REVIEW = "Review of what a party sees by office"


def page(cast: Cast, who: str, case: Case) -> tuple[str, str]:
    """The cards that are seen at once, and those that are folded."""
    html = cast.client(who).get(f"/cases/{case.shown_reference}/").content.decode()
    clocks = html.split("Clocks</h2>", 1)[1].split("Do next</h2>", 1)[0]
    own, _summary, folded = clocks.partition("<details")
    return own, folded


def cards(html: str) -> list[str]:
    """Title and subject of each card."""
    found = re.findall(r'<li class="deadline[^>]*>(.+?)<span class="due"', html, flags=re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", one)).strip() for one in found]


def test_own_clocks_stand_first_and_those_of_others_are_folded(cast: Cast) -> None:
    child = a_child(cast)
    own, folded = page(cast, "child_protection_intake", child)
    assert "Your organisation" in own
    assert "Your organisation" not in folded
    assert active().rule("EU-GUA-0", today()).name.label("en") in own
    assert "Individual assessment of needs and risks" not in own


def test_reviews_of_offices_say_whose(cast: Cast) -> None:
    child = a_child(cast)
    appoint(cast, child)
    own, _folded = page(cast, "ngo_supervisor", child)
    reviews = [one for one in cards(own) if one.startswith(REVIEW)]
    assert sorted(reviews) == [
        f"{REVIEW} What Child protection sees",
        f"{REVIEW} What Guardian organisation sees",
    ]


def test_two_referrals_are_told_apart_by_their_sender(cast: Cast) -> None:
    case = police_case(cast)
    for service in ("safe_accommodation", "emergency_accommodation"):
        sent(cast, case, service=service)
    own, _folded = page(cast, "police_supervisor", case)
    follow_ups = [one for one in cards(own) if one.startswith("Referral without an answer")]
    assert len(set(follow_ups)) == 2
    assert all("Shelter" in one for one in follow_ups)


def test_a_clock_and_its_task_have_one_wording(cast: Cast) -> None:
    """On the card and in the inbox."""
    case = filed_case(cast)
    name = active().rule("EU-NEEDS", today()).name.label("en")
    assert name in page(cast, "ngo_caseworker", case)[0]
    with clock.travel(clock.moment() + timedelta(days=8)):
        reminders.tick()
        assert name in cast.client("ngo_caseworker").get("/inbox/").content.decode()


def test_a_share_that_the_reader_does_not_see_is_not_described(cast: Cast) -> None:
    """Child protection sees that the lead has to review, and not who else is a party."""
    child = a_child(cast)
    appoint(cast, child)
    html = "".join(page(cast, "child_protection_supervisor", child))
    assert "What Guardian organisation sees" not in html


def test_a_consent_says_for_what(cast: Cast) -> None:
    case = filed_case(cast)
    consented(cast, case)
    shared(cast, case, cast.organisations.shelter, "identity")
    own, _folded = page(cast, "ngo_caseworker", case)
    assert any(one.startswith("Reconfirm consent") and len(one) > len("Reconfirm consent") for one in cards(own))
