"""What the form of an absence also refuses, asked of the operation; who of absence and digest is hardly ever met."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Absence, Membership, Notice, Organisation
from accounts.operations import end_absence, plan_absence
from core import clock
from core.errors import Missing, NotAllowed, Refused
from profiles.profile import active
from tests.accounts.test_digest import DAY, MORNING, digests, notice
from tests.cases.test_absences import away, case, told
from tests.cast import Cast

__all__ = ["case"]  # a fixture


def plan(cast: Cast, who: str, *, of: str, deputy: str = "ngo_intake", first: int = 3, last: int = 4) -> Absence:
    """Plan an absence, so many days from today."""
    person, today = getattr(cast, who), clock.today(active().zone)
    values: dict[str, Any] = {
        "membership": getattr(cast, of).membership_id,
        "deputy": getattr(cast, deputy).membership_id,
        "starts_on": today + timedelta(days=first),
        "ends_on": today + timedelta(days=last),
    }
    with acting(person.actor):
        return plan_absence(person.actor, **values)


@pytest.mark.parametrize("who", ["colleague_unassigned", "ngo_intake", "organisation_administrator"])
def test_only_a_supervisor_plans_or_ends_it_for_a_colleague(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        plan(cast, who, of="ngo_caseworker", deputy="ngo_supervisor")
    planned, actor = plan(cast, "ngo_supervisor", of="ngo_caseworker"), getattr(cast, who).actor
    with acting(actor), pytest.raises(NotAllowed):
        end_absence(actor, absence=planned.pk)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"deputy": "ngo_caseworker"}, "deputy"),
        ({"first": -3, "last": -1}, "ends_on"),
        ({"first": 4, "last": 3}, "ends_on"),
        ({"first": 1, "last": 400}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_by_the_operation_too(cast: Cast, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(cast, "ngo_supervisor", of="ngo_caseworker", **changes)
    assert refused.value.field == field


def test_a_second_absence_is_refused_beside_its_first_day(cast: Cast) -> None:
    plan(cast, "ngo_caseworker", of="ngo_caseworker")
    with pytest.raises(Refused) as refused:
        plan(cast, "ngo_caseworker", of="ngo_caseworker", first=30, last=31)
    assert refused.value.field == "starts_on"


def test_nobody_of_another_organisation_stands_in(cast: Cast) -> None:
    with pytest.raises(Missing):
        plan(cast, "ngo_caseworker", of="ngo_caseworker", deputy="other_ngo_caseworker")


def test_a_deputy_who_was_suspended_is_not_told_and_who_answers_for_the_organisation_is(cast: Cast, case: Any) -> None:
    away(cast.ngo_caseworker, cast.ngo_intake)
    Membership.objects.filter(pk=cast.ngo_intake.membership_id).update(suspended_at=clock.moment())
    assert told() == {"NGO caseworker", "NGO supervisor"}


def test_no_digest_for_an_organisation_that_is_suspended(cast: Cast) -> None:
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    Organisation.objects.filter(pk=cast.organisations.ngo.pk).update(suspended_at=MORNING)
    assert digests(MORNING) == 0


def test_who_is_back_earlier_gets_the_digest(cast: Cast) -> None:
    notice(cast.ngo_caseworker, at=MORNING - DAY)
    day: date = MORNING.date()
    values = {"membership": cast.ngo_caseworker.membership, "deputy": cast.ngo_intake.membership}
    gone = Absence.objects.create(starts_on=day, ends_on=day, **values)
    assert digests(MORNING) == 0
    Absence.objects.filter(pk=gone.pk).update(ended_at=MORNING)
    assert digests(MORNING) == 1
    assert Notice.objects.count() == 1
