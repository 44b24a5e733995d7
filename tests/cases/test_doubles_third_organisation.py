"""The duplicate desk and a third organisation: one that knows a case without leading it, one that comes to lead it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases.access import get_case_by_id
from cases.models import Case, DoubleSide, PossibleDouble
from cases.operations.doubles import ask_to_link, get_double, get_question, keep_apart, questions
from core.errors import Missing, NotAllowed
from tests.cases.filing import shared
from tests.cases.pairs import answer, asked, found, side_of
from tests.cast import Cast
from tests.referrals.scenes import accepted
from tests.referrals.test_transfer import handing_over


def handed_on(cast: Cast, case: Case) -> None:
    """The lead of the police's case goes to the other NGO."""
    referral = handing_over(cast, case, to=cast.organisations.other_ngo)
    accepted(cast, referral, by="other_ngo_supervisor", member="other_ngo_caseworker")


def waiting(cast: Cast, who: str) -> int:
    """How many questions wait in somebody's inbox."""
    unread = Notice.objects.filter(membership=getattr(cast, who).membership, kind="ask_to_link", read_at__isnull=True)
    return unread.count()


@pytest.fixture
def known(cast: Cast) -> tuple[Case, PossibleDouble]:
    """Both leads have been asked; the shelter knows the case of the police by a share."""
    _here, there, double = asked(cast)
    shared(cast, there, cast.organisations.shelter, "identity", by="police_officer")
    return there, double


def test_who_knows_a_case_and_does_not_lead_it_is_asked_nothing(cast: Cast, known: tuple[Case, PossibleDouble]) -> None:
    there, double = known
    actor, side = cast.shelter_supervisor.actor, side_of(double, there)
    assert waiting(cast, "shelter_supervisor") == 0
    with acting(actor):
        assert questions(get_case_by_id(actor, there.pk)) == []
        with pytest.raises(Missing):
            get_question(actor, side.pk)
    client = cast.client("shelter_supervisor")
    assert client.get(f"/link-questions/{side.pk}/").status_code == 404
    assert f"/link-questions/{side.pk}/" not in client.get(f"/cases/{there.shown_reference}/links/").content.decode()


def test_the_database_shows_it_no_side_of_a_pair(cast: Cast, known: tuple[Case, PossibleDouble]) -> None:
    with acting(cast.shelter_supervisor.actor):
        assert not DoubleSide.objects.exists()
        assert not PossibleDouble.objects.exists()
    with acting(cast.police_supervisor.actor):
        assert DoubleSide.objects.count() == 1


def test_a_question_goes_with_the_lead(cast: Cast) -> None:
    here, there, double = asked(cast)
    handed_on(cast, there)
    assert waiting(cast, "police_supervisor") == 0
    assert waiting(cast, "other_ngo_supervisor") == 1
    with pytest.raises(Missing):
        answer(cast, "police_supervisor", double, there)
    answer(cast, "ngo_supervisor", double, here)
    answer(cast, "other_ngo_supervisor", double, there)
    with acting(cast.coordinator.actor):
        assert get_double(cast.coordinator.actor, double.pk).state == "linked"


def test_who_leads_today_is_asked_and_not_who_led_when_it_was_found(cast: Cast) -> None:
    _here, there, double = found(cast)
    handed_on(cast, there)
    with acting(cast.coordinator.actor):
        ask_to_link(cast.coordinator.actor, double=double)
    assert waiting(cast, "other_ngo_supervisor") == 1
    assert waiting(cast, "police_supervisor") == 0


@pytest.mark.parametrize("act", [ask_to_link, keep_apart])
@pytest.mark.parametrize("who", ["ngo_supervisor", "shelter_supervisor", "rapporteur"])
def test_nobody_but_the_coordinator_decides_on_a_pair(cast: Cast, act: Callable[..., Any], who: str) -> None:
    _here, _there, double = found(cast)
    actor = getattr(cast, who).actor
    with acting(actor), pytest.raises(NotAllowed):
        act(actor, double=double)
