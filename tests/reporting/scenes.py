"""A small country in the spring of 2026, lived through by operations: every figure of it can be counted by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from accounts.context import acting
from cases.models import AnonymousNotification, Case
from cases.operations.decisions import record_reasonable_grounds
from cases.operations.guardianship import assign_guardian
from cases.operations.notifications import Counted, file_anonymous_notification
from cases.operations.reflection import grant_reflection_period, offer_reflection_period
from core import clock
from referrals.models import Referral
from referrals.operations import decline_referral
from tests.cases.files import assign, inside, register, today
from tests.cast import Cast
from tests.referrals.scenes import accepted, do, sent

# A Monday afternoon: the day on which the figures are read.
NOW: Final = datetime(2026, 6, 15, 12, tzinfo=UTC)


@contextmanager
def on(month: int, day: int, hour: int = 10) -> Iterator[None]:
    """A moment of 2026, in UTC."""
    with clock.travel(datetime(2026, month, day, hour, tzinfo=UTC)):
        yield


def refer(
    cast: Cast, case: Case, to: str, service: str, *, by: str = "ngo_caseworker", region: str = "amsterdam"
) -> Referral:
    """A referral of the coded identity, for ninety days."""
    return sent(
        cast,
        case,
        by,
        to=getattr(cast.organisations, to),
        service=service,
        region=region,
        categories=["identity"],
        ends_on=today() + timedelta(days=90),
    )


def grounds(cast: Cast, case: Case, by: str = "police_officer") -> None:
    with inside(getattr(cast, by), case) as (actor, access):
        record_reasonable_grounds(actor, access=access, outcome="positive", decided_on=today(), basis="indicators")


def reflection(cast: Cast, case: Case) -> None:
    """Offered by the police, granted by immigration, from today."""
    with inside(cast.police_officer, case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=today())
    assign(cast, case, "immigration_decision_maker")
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        grant_reflection_period(actor, access=access, situation="standard", decided_on=today(), starts_on=today())


def appoint(cast: Cast, case: Case) -> None:
    """Child protection appoints the guardian of the cast today."""
    guardian = cast.guardian.membership
    assert guardian is not None
    with inside(cast.child_protection_supervisor, case) as (actor, access):
        assign_guardian(
            actor,
            access=access,
            guardian=guardian,
            conflict_of_interest="none",
            is_screened=True,
            child_informed_on=today(),
        )


def notify(cast: Cast) -> AnonymousNotification:
    """The NGO counts somebody who does not consent."""
    with acting(cast.ngo_caseworker.actor):
        return file_anonymous_notification(
            cast.ngo_caseworker.actor, counted=Counted(region="amsterdam"), refusal_reason="not_given"
        )


def spring(cast: Cast) -> dict[str, Any]:
    """What happened. Days to an answer: 2 and 4; from registration to grounds: 4 and 10; to a guardian: 3."""
    made: dict[str, Any] = {}
    with on(3, 18):
        made["first"] = register(cast, "ngo_caseworker")
        made["accepted"] = refer(cast, made["first"], "shelter", "safe_accommodation")
        notify(cast)
    with on(3, 19):
        made["second"] = register(cast, "ngo_caseworker", region="limburg")
        made["south"] = refer(cast, made["second"], "other_shelter", "safe_accommodation", region="limburg")
    with on(3, 20):
        accepted(cast, made["accepted"])
        notify(cast)
    with on(3, 23):
        accepted(cast, made["south"], by="other_shelter_intake", member="other_shelter_intake")
    with on(4, 1):
        made["third"] = register(cast, "police_officer")
        made["fourth"] = register(cast, "police_officer")
    with on(4, 5):
        grounds(cast, made["fourth"])
    with on(4, 11):
        grounds(cast, made["third"])
    with on(4, 14):
        made["expired"] = refer(cast, made["first"], "health", "medical")
    with on(4, 20):
        reflection(cast, made["third"])
    with on(5, 4):
        made["child"] = register(cast, "ngo_caseworker", age="child")
    with on(5, 7):
        appoint(cast, made["child"])
    with on(6, 8):
        made["waiting_child"] = register(cast, "ngo_caseworker", age="child")
        made["declined"] = refer(cast, made["third"], "shelter", "emergency_accommodation", by="police_officer")
    with on(6, 9):
        do(cast, "shelter_intake", decline_referral, made["declined"], reason="no_capacity")
        made["late"] = refer(cast, made["fourth"], "shelter", "safe_accommodation", by="police_officer")
    with on(6, 15, 9):
        made["fresh"] = refer(cast, made["first"], "other_shelter", "child_accommodation", region="limburg")
    return made
