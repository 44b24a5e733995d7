"""Two people at once, on two real connections: one decision, one guardian, one reflection period, one caseload."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.context import acting
from cases import access as door
from cases import reminders
from cases.models import Case, Guardianship, IdentificationDecision, ReflectionPeriod, Share
from cases.operations.caseload import caseloads
from cases.operations.decisions import record_reasonable_grounds
from cases.operations.elapsed import record_elapsed
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from core import clock
from core.errors import Conflict, Refused
from tests.cases.files import assign, in_reflection, inside, register, today, with_grounds, with_offer
from tests.cases.test_guardianship import a_child, appoint, limits, provisional
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("own_database")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts side by side; each result, or what it was refused with."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        except (Conflict, Refused) as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def losers(results: list[Any]) -> list[type[Exception]]:
    return [type(result) for result in results if isinstance(result, Exception)]


def grounds(cast: Cast, case: Case, who: str, outcome: str) -> IdentificationDecision:
    with inside(getattr(cast, who), case) as (actor, access):
        return record_reasonable_grounds(
            actor, access=access, outcome=outcome, decided_on=today(), basis="indicators", reasons="Said so."
        )


def test_of_two_decisions_at_once_one_counts(cast: Cast) -> None:
    case = register(cast)
    results = at_once(
        lambda: grounds(cast, case, "police_officer", "positive"),
        lambda: grounds(cast, case, "police_supervisor", "positive"),
    )
    assert losers(results) == [Conflict]
    with inside(cast.police_officer, case) as (_actor, access):
        assert len(door.decisions(access)) == 1


def test_two_offers_at_once_are_one(cast: Cast) -> None:
    case = with_grounds(cast)

    def offer(who: str) -> ReflectionPeriod:
        with inside(getattr(cast, who), case) as (actor, access):
            return offer_reflection_period(
                actor, access=access, residence="irregular", is_wanted=True, offered_on=today()
            )

    assert losers(at_once(lambda: offer("police_officer"), lambda: offer("police_supervisor"))) == [Conflict]


def test_granting_twice_starts_one_period(cast: Cast) -> None:
    case = with_offer(cast)

    def grant() -> ReflectionPeriod:
        with inside(cast.immigration_decision_maker, case) as (actor, access):
            return grant_reflection_period(
                actor, access=access, situation="standard", decided_on=today(), starts_on=today()
            )

    assert losers(at_once(grant, grant)) == [Conflict]


def test_two_guardians_named_at_once_are_one(cast: Cast) -> None:
    case = a_child(cast)
    results = at_once(
        lambda: provisional(cast, case, "guardian", "child_protection_intake"),
        lambda: provisional(cast, case, "other_guardian", "child_protection_supervisor"),
    )
    assert losers(results) == [Conflict]
    with inside(cast.child_protection_supervisor, case):
        held = Guardianship.objects.get(case=case)
        assert Share.objects.live().filter(case=case, office="guardian").count() in {0, 1}
    loser = {"guardian": "other_guardian", "other_guardian": "guardian"}[
        "guardian" if held.guardian_id == cast.guardian.membership_id else "other_guardian"
    ]
    with acting(getattr(cast, loser).actor):
        assert not Case.objects.exists()


def test_the_last_free_place_of_a_guardian_is_given_once(cast: Cast) -> None:
    cases = [a_child(cast), a_child(cast)]
    with limits(warn=1, refuse=1):
        results = at_once(*(lambda case=case: provisional(cast, case) for case in cases))  # type: ignore[misc]
    assert losers(results) == [Refused]
    with acting(cast.child_protection_intake.actor):
        assert caseloads([cast.guardian.user_id]) == {cast.guardian.user_id: 1}


def test_the_worker_writes_down_what_ended_by_time(cast: Cast) -> None:
    in_reflection(cast)
    appoint(cast, a_child(cast, born=(today() - timedelta(days=6570)).isoformat()))
    assign(cast, a_child(cast), "child_protection_officer")
    with clock.travel(clock.moment() + timedelta(days=100)):
        with reminders.as_worker():
            assert record_elapsed().items() >= {"periods": 1, "guardianships": 1}.items()
        with reminders.as_worker():
            assert set(record_elapsed().values()) == {0}
