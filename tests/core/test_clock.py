"""The moment is the database's: a process on a machine whose clock is wrong writes what it is, not what it believes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from django.test import Client

from accounts.context import acting
from audit.models import AuditRequest
from cases.models import Case
from core import clock
from core.db import role
from tests.cases.filing import filed_case
from tests.cast import Cast

WRONG = [timedelta(hours=-2), timedelta(hours=2), timedelta(days=400)]


@pytest.fixture(params=WRONG, ids=str)
def wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[timedelta]:
    """The clock of this machine is off by this much."""
    off: timedelta = request.param

    class Machine(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + off  # noqa: TID251 - the clock that this is about

    monkeypatch.setattr(clock, "datetime", Machine)
    yield off
    clock._behind.set(timedelta())


def machine_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the clock that this is about


def is_now(moment: datetime) -> bool:
    return abs(moment - machine_now()) < timedelta(seconds=30)


def test_a_registration_carries_the_moment_of_the_database(cast: Cast, wrong: timedelta) -> None:
    case = filed_case(cast)
    with acting(cast.ngo_caseworker.actor):
        assert is_now(Case.objects.get(pk=case.pk).registered_at)
        assert is_now(clock.moment())


def test_a_request_is_recorded_at_the_moment_of_the_database(cast: Cast, wrong: timedelta) -> None:
    cast.client("ngo_supervisor").get("/my-work/")
    with acting(cast.ngo_supervisor.actor), role("nrm_auditor"):
        assert [is_now(row.at) for row in AuditRequest.objects.all()] == [True]


def test_the_health_check_says_by_how_much_the_clock_is_wrong(db: None, client: Client, wrong: timedelta) -> None:
    assert client.get("/healthz").json()["clock_behind_seconds"] == pytest.approx(-wrong.total_seconds(), abs=5)


def test_a_clock_that_is_right_is_left_alone(cast: Cast) -> None:
    with acting(cast.ngo_caseworker.actor):
        assert clock._behind.get() == timedelta()
