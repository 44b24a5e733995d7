"""Within an organisation only the assigned, intake and supervisors know a case; assignment holds at once."""

import pytest

from accounts.context import acting
from accounts.models import Membership
from audit.models import AuditChange
from cases.models import Case
from cases.operations.members import assign_member, unassign_member
from core import clock
from core.errors import NotAllowed, Refused
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "people/") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def key(cast: Cast, persona: str) -> str:
    return str(getattr(cast, persona).membership_id)


def test_an_assigned_colleague_knows_the_case_on_the_next_request(cast: Cast, case: Case) -> None:
    colleague = cast.client("colleague_unassigned")
    assert colleague.get(address(case, "")).status_code == 404
    response = cast.client("ngo_supervisor").post(address(case), {"member": key(cast, "colleague_unassigned")})
    assert response.status_code == 302
    assert colleague.get(address(case, "")).status_code == 200
    with acting(cast.ngo_supervisor.actor):
        change = AuditChange.objects.get(kind="assign_member", case_id=case.pk)
    assert str(change.object_id) == key(cast, "colleague_unassigned")


def test_taking_a_colleague_off_holds_at_once(cast: Cast, case: Case) -> None:
    supervisor, worker = cast.client("ngo_supervisor"), cast.client("ngo_caseworker")
    url = address(case, f"people/{key(cast, 'ngo_caseworker')}/unassign/")
    assert "Take NGO" in supervisor.get(url).content.decode() or supervisor.get(url).status_code == 200
    assert supervisor.post(url).status_code == 302
    assert worker.get(address(case, "")).status_code == 404
    assert supervisor.post(url).status_code == 404


def test_intake_assigns_itself_or_a_caseworker_and_nobody_else(cast: Cast, case: Case) -> None:
    intake = cast.client("ngo_intake")
    for persona, status in (("ngo_intake", 302), ("colleague_unassigned", 302), ("ngo_supervisor", 422)):
        assert intake.post(address(case), {"member": key(cast, persona)}).status_code == status


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("ngo_caseworker", 403),
        ("colleague_unassigned", 404),
        ("other_ngo_supervisor", 404),
        ("organisation_administrator", 404),
    ],
)
def test_nobody_else_assigns(cast: Cast, case: Case, persona: str, status: int) -> None:
    response = cast.client(persona).post(address(case), {"member": key(cast, "colleague_unassigned")})
    assert response.status_code == status
    assert cast.client("colleague_unassigned").get(address(case, "")).status_code == 404


def test_a_caseworker_may_not_take_a_colleague_off(cast: Cast, case: Case) -> None:
    url = address(case, f"people/{key(cast, 'ngo_caseworker')}/unassign/")
    assert cast.client("ngo_caseworker").post(url).status_code == 403
    assert cast.client("ngo_intake").post(url).status_code == 403


@pytest.mark.parametrize(
    "persona", ["suspended_member", "organisation_administrator", "auditor", "other_ngo_caseworker"]
)
def test_who_works_no_cases_here_cannot_be_assigned(cast: Cast, case: Case, persona: str) -> None:
    member = Membership.objects.get(pk=getattr(cast, persona).membership_id)
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Refused):
        assign_member(actor, access=access, member=member)


def test_the_operation_itself_asks_who_may(cast: Cast, case: Case) -> None:
    member = cast.colleague_unassigned.membership
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        with pytest.raises(NotAllowed):
            assign_member(actor, access=access, member=member)
        with pytest.raises(NotAllowed):
            unassign_member(actor, access=access, member=cast.ngo_caseworker.membership)


def test_a_suspended_colleague_loses_the_case_on_the_next_request(cast: Cast, case: Case) -> None:
    worker = cast.client("ngo_caseworker")
    assert worker.get(address(case, "")).status_code == 200
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(suspended_at=clock.moment())
    assert worker.get(address(case, "")).status_code != 200


def test_colleagues_of_another_organisation_are_not_named(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    html = cast.client("shelter_supervisor").get(address(case)).content.decode()
    assert cast.ngo_caseworker.label not in html
    timeline = cast.client("shelter_supervisor").get(address(case, "timeline/")).content.decode()
    assert cast.ngo_caseworker.label not in timeline
    assert cast.organisations.ngo.name in timeline
