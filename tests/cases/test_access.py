"""One door to a case: 404 unless one may know; own rows; shares that end when read."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.context import acting
from cases import access, ledger
from cases.models import Case, CaseKey, CaseVisibility, Narrative, Person, Share
from core import clock, crypto
from core.errors import Missing
from tests.cast import Cast


def bare_case(cast: Cast) -> Case:
    """A case of the NGO with one narrative row, its caseworker assigned."""
    worker = cast.ngo_caseworker
    with acting(worker.actor):
        person = Person.objects.create()
        now = clock.moment()
        case = Case.objects.create(
            person=person,
            profile="nl",
            registered_by=cast.organisations.ngo,
            registered_at=now,
            registered_on=now.date(),
        )
        ledger.open_case(case)
        ledger.assign(case, worker.membership)
        CaseKey.objects.create(case=case, wrapped=crypto.wrap(crypto.new_key()))
        row = Narrative(
            case=case,
            owner_organisation=cast.organisations.ngo,
            created_at=now,
            updated_at=now,
            created_by=worker.membership,
        )
        row.seal({"text": "what was said"})
        row.save()
    return case


def share_with(cast: Cast, case: Case, to, *categories: str, days: int = 30) -> Share:
    now = clock.moment()
    until = now + timedelta(days=days)
    with acting(cast.ngo_caseworker.actor):
        return ledger.write_share(
            Share(
                case=case,
                from_organisation=cast.organisations.ngo,
                to_organisation=to,
                categories=list(categories),
                purpose="refer_shelter",
                legal_basis="public_task",
                starts_at=now,
                ends_at=until,
                ends_on=until.date(),
            )
        )


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_supervisor", "ngo_intake"])
def test_those_who_may_know_get_the_case(cast: Cast, persona: str) -> None:
    case = bare_case(cast)
    actor = cast.personas[persona].actor
    with acting(actor):
        assert access.get_case(actor, case.shown_reference).case == case


@pytest.mark.parametrize(
    "persona",
    [
        "colleague_unassigned",
        "other_ngo_caseworker",
        "other_ngo_supervisor",
        "police_officer",
        "coordinator",
        "organisation_administrator",
        "data_protection_officer",
        "custodian_a",
        "platform_administrator",
    ],
)
def test_everybody_else_finds_nothing(cast: Cast, persona: str) -> None:
    case = bare_case(cast)
    actor = cast.personas[persona].actor
    with acting(actor):
        with pytest.raises(Missing):
            access.get_case(actor, case.shown_reference)
        assert not Case.objects.exists()
        assert not Narrative.objects.exists()
        assert not CaseKey.objects.exists()


def test_a_share_opens_its_categories_and_no_others(cast: Cast) -> None:
    case = bare_case(cast)
    share_with(cast, case, cast.organisations.other_ngo, "identity")
    actor = cast.other_ngo_supervisor.actor
    with acting(actor):
        door = access.get_case(actor, case.reference)
        assert access.read_rows(door, "narrative") == []
        assert not Narrative.objects.exists()
    share_with(cast, case, cast.organisations.other_ngo, "narrative")
    with acting(actor):
        rows = access.read_rows(access.get_case(actor, case.reference), "narrative")
        assert [row.content["text"] for row in rows] == ["what was said"]


def test_a_share_ends_when_its_time_has_come_without_any_job(cast: Cast) -> None:
    case = bare_case(cast)
    share_with(cast, case, cast.organisations.other_ngo, "narrative", days=10)
    actor = cast.other_ngo_supervisor.actor
    with clock.travel(clock.moment() + timedelta(days=11)), acting(actor):
        with pytest.raises(Missing):
            access.get_case(actor, case.reference)
        assert not Narrative.objects.exists()
        assert not CaseVisibility.objects.exists()


def test_the_application_cannot_write_visibility_by_itself(cast: Cast) -> None:
    case = bare_case(cast)
    with pytest.raises(Exception, match="permission denied"), acting(cast.other_ngo_caseworker.actor):
        CaseVisibility.objects.filter(case=case).update(organisation=cast.organisations.other_ngo)
    assert connection.in_atomic_block
