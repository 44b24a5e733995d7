"""Two people at once, on two real connections: one wins, the other is told, and nothing stays open by mistake."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.context import acting
from cases import access as cases
from cases.models import Share
from core.db import role
from core.errors import Conflict
from referrals.models import Referral
from referrals.operations import accept_referral, decline_referral, revoke_referral, withdraw_consent
from tests.cast import Cast
from tests.referrals.scenes import consent, do, knows, police_case, sent, state

pytestmark = pytest.mark.usefixtures("own_database")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts side by side; each result, or the conflict it met."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        except Conflict as conflict:
            return conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def live_shares() -> int:
    with role("nrm_ledger"):
        return Share.objects.live().count()


@pytest.mark.parametrize("_round", range(3))
def test_accepting_and_revoking_at_once_leaves_no_access(cast: Cast, _round: int) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    member = cast.shelter_worker.membership
    first, second = at_once(
        lambda: do(cast, "shelter_intake", accept_referral, referral, member=member),
        lambda: do(cast, "police_officer", revoke_referral, referral),
    )
    assert isinstance(second, Referral)
    assert isinstance(first, Conflict | Referral)
    assert state(cast, "police_officer", referral) == "revoked"
    assert not knows(cast, "shelter_intake", case)
    assert live_shares() == 0


def test_accepting_and_declining_at_once_is_one_answer(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    member = cast.shelter_worker.membership
    results = at_once(
        lambda: do(cast, "shelter_intake", accept_referral, referral, member=member),
        lambda: do(cast, "shelter_supervisor", decline_referral, referral, reason="no_capacity"),
    )
    assert sorted(isinstance(result, Conflict) for result in results) == [False, True]
    is_open = state(cast, "police_officer", referral) == "accepted"
    assert knows(cast, "shelter_worker", case) is is_open
    assert live_shares() == int(is_open)


@pytest.mark.parametrize("_round", range(3))
def test_withdrawing_consent_while_it_is_accepted_leaves_no_access(cast: Cast, _round: int) -> None:
    case = police_case(cast)
    given = consent(cast.police_officer, case)
    referral = sent(cast, case, legal_basis="consent", consent=given)
    member, actor = cast.shelter_worker.membership, cast.police_officer.actor

    def withdraw() -> Any:
        with acting(actor):
            door = cases.get_case(actor, case.reference)
            return withdraw_consent(actor, access=door, consent=given, withdrawn_via="oral_witnessed")

    _accepting, withdrawn = at_once(
        lambda: do(cast, "shelter_intake", accept_referral, referral, member=member), withdraw
    )
    assert withdrawn.state == "withdrawn"
    assert state(cast, "police_officer", referral) == "ended"
    assert not knows(cast, "shelter_intake", case)
    assert live_shares() == 0
