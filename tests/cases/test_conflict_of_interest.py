"""A colleague with a conflict of interest finds no trace of the case, by role, by assignment or in the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.actors import load_actor
from accounts.context import acting
from accounts.models import Membership, User
from audit.models import AuditChange
from cases import audiences
from cases.models import Case, CaseBlock, CaseVisibility, Deadline
from cases.operations.conflicts import block_member, unblock_member
from cases.operations.members import assign_member
from core import clock
from core.errors import Missing, NotAllowed, Refused
from profiles.enums import Audience
from tests.api.calls import Caller
from tests.cases.filing import at_work, filed_case, shared
from tests.cast import PASSWORD, Cast, Persona
from tests.referrals.scenes import sent
from tests.world import somebody_else_acts

REASON = "Her cousin is named in the account."
IN_THE_DATABASE = (
    "cases_case", "cases_casevisibility", "cases_casekey", "cases_caselabel", "cases_identity", "cases_deadline",
    "cases_caselead", "cases_share", "cases_casegroupobjectpermission", "cases_caseblock", "referrals_referral",
)  # fmt: skip


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast, label="blue door")


@pytest.fixture
def second(cast: Cast) -> Persona:
    """Another supervisor of the NGO."""
    user = User.objects.create_user("second@example.test", PASSWORD, name="Second supervisor")
    membership = Membership.objects.create(user=user, organisation=cast.organisations.ngo, roles=["supervisor"])
    person = Persona(**vars(load_actor(user, {})), name="second", user=user, membership=membership)
    cast.personas["second"] = person
    return person


def block(cast: Cast, case: Case, who: str, by: str = "ngo_supervisor") -> CaseBlock:
    if who == "second":
        somebody_else_acts(cast.second, getattr(cast, by))
    with at_work(cast, by, case) as (actor, access):
        return block_member(actor, access=access, member=getattr(cast, who).membership, reason=REASON)


def address(case: Case, path: str = "") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake", "second"])
def test_on_the_next_request_there_is_no_such_case(cast: Cast, case: Case, second: Persona, who: str) -> None:
    client = cast.client(who)
    assert client.get(address(case)).status_code == 200
    block(cast, case, who)
    for path in (address(case), address(case, "people/"), address(case, "identity/"), address(case, "timeline/")):
        assert client.get(path).status_code == 404
    assert client.get(f"/api/v1/cases/{case.shown_reference}/").status_code == 404
    for path in ("/my-work/", "/my-work/?tab=overdue", "/cases/search/?q=blue+door", "/my-work/?q=blue+door"):
        html = client.get(path, follow=True).content.decode()
        assert case.shown_reference not in html
        assert "<bdi>blue door" not in html
    assert cast.client("ngo_supervisor").get(address(case)).status_code == 200


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake", "second"])
@pytest.mark.parametrize("table", IN_THE_DATABASE)
def test_the_database_shows_them_no_row(cast: Cast, case: Case, second: Persona, table: str, who: str) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    sent(cast, case, "ngo_caseworker")
    block(cast, case, who)
    with acting(getattr(cast, who).actor):
        assert count(table) == 0


def test_an_assignment_made_behind_its_back_opens_nothing(cast: Cast, case: Case) -> None:
    """The row of an assignment does not count for who is blocked, in the application nor in the database."""
    block(cast, case, "ngo_intake")
    whole = CaseVisibility.objects.filter(case=case, membership=None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE nrm_ledger")
        row = whole.get()
        row.pk, row.membership_id, row._state.adding = case.pk, cast.ngo_intake.membership_id, True
        row.save(force_insert=True)
        visible = CaseVisibility.objects.assigned_to(cast.ngo_intake.actor)
        assert not visible.exists()
        cursor.execute("RESET ROLE")
    with acting(cast.ngo_intake.actor):
        assert count("cases_casevisibility") == 0


def test_nobody_is_told_or_counted_who_is_kept_away(cast: Cast, case: Case, second: Persona) -> None:
    with acting(cast.ngo_supervisor.actor):
        deadline = Deadline.objects.filter(case=case, bound_organisation=cast.organisations.ngo).first()
        assert deadline is not None
    before = {one.pk for one in _reminded(deadline)}
    assert {second.membership_id, cast.ngo_intake.membership_id} <= before
    block(cast, case, "second", by="second")
    block(cast, case, "ngo_intake")
    assert {one.pk for one in _reminded(deadline)} == before - {second.membership_id, cast.ngo_intake.membership_id}
    response = cast.client("second").get("/my-work/")
    assert response.context["worklist"].counts["team"] == 0


def _reminded(deadline: Deadline) -> list[Membership]:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL ROLE nrm_worker")
        finder = audiences.Finder([deadline])
        found = finder.recipients(deadline, Audience.SUPERVISOR) + finder.recipients(deadline, Audience.INTAKE)
        cursor.execute("RESET ROLE")
    return found


def test_referrals_of_the_case_and_its_overdue_steps_are_hidden_too(cast: Cast, case: Case, second: Persona) -> None:
    referral = sent(cast, case, "ngo_caseworker")
    block(cast, case, "second")
    client, colleague = cast.client("second"), cast.client("ngo_supervisor")
    with clock.travel(clock.moment() + timedelta(days=200)):
        pages = {path: colleague.get(path).content.decode() for path in ("/dashboard/own/overdue/", "/dashboard/own/")}
        assert all(case.shown_reference in html for html in pages.values())
        for path in pages:
            assert case.shown_reference not in client.get(path).content.decode()
        assert case.shown_reference not in client.get("/api/v1/dashboard/own/").content.decode()
    assert colleague.get(f"/referrals/{referral.pk}/").status_code == 200
    assert client.get(f"/referrals/{referral.pk}/").status_code == 404
    assert case.shown_reference not in client.get("/referrals/?tab=waiting").content.decode()


def test_who_is_kept_away_is_assigned_by_nobody(cast: Cast, case: Case) -> None:
    block(cast, case, "colleague_unassigned")
    supervisor = cast.client("ngo_supervisor")
    chosen = {"member": str(cast.colleague_unassigned.membership_id)}
    assert supervisor.post(address(case, "people/"), chosen).status_code == 422
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Refused):
        assign_member(actor, access=access, member=cast.colleague_unassigned.membership)


def test_a_supervisor_who_is_kept_away_can_neither_assign_nor_unblock_themselves(
    cast: Cast, case: Case, second: Persona
) -> None:
    made = block(cast, case, "second")
    client = cast.client("second")
    chosen = {"member": str(second.membership_id)}
    assert client.post(address(case, "people/"), chosen).status_code == 404
    assert client.post(address(case, f"people/kept-away/{made.pk}/"), {"reason": "no"}).status_code == 404
    with pytest.raises(Missing), at_work(cast, "second", case):
        pass


def test_only_another_supervisor_lets_them_back_in(cast: Cast, case: Case, second: Persona) -> None:
    made = block(cast, case, "ngo_intake")
    url = address(case, f"people/kept-away/{made.pk}/")
    for who, status in (("ngo_supervisor", 403), ("ngo_caseworker", 403), ("ngo_intake", 404)):
        assert cast.client(who).post(url, {"reason": "It was somebody else."}).status_code == status
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(NotAllowed):
        unblock_member(actor, access=access, block=made, reason="x")
    assert cast.client("second").post(url, {"reason": ""}).status_code == 422
    assert cast.client("second").post(url, {"reason": "It was somebody else."}).status_code == 302
    assert cast.client("ngo_intake").get(address(case)).status_code == 200
    assert cast.client("second").post(url, {"reason": "again"}).status_code == 404


def test_the_database_does_not_let_the_same_person_lift_it(cast: Cast, case: Case) -> None:
    made = block(cast, case, "ngo_intake")
    with acting(cast.ngo_supervisor.actor), pytest.raises(IntegrityError, match="caseblock_lifted_by_another"):
        CaseBlock.objects.filter(pk=made.pk).update(
            lifted_by=cast.ngo_supervisor.membership_id, lifted_at=clock.moment()
        )


def test_back_in_a_caseworker_is_not_assigned_again(cast: Cast, case: Case, second: Persona) -> None:
    made = block(cast, case, "ngo_caseworker")
    with at_work(cast, "second", case) as (actor, access):
        unblock_member(actor, access=access, block=made, reason="It was somebody else.")
    assert cast.client("ngo_caseworker").get(address(case)).status_code == 404


def test_declaring_ones_own_conflict_ends_ones_own_access(cast: Cast, case: Case, second: Persona) -> None:
    client = cast.client("ngo_supervisor")
    given = {"member": str(cast.ngo_supervisor.membership_id), "reason": REASON}
    assert client.post(address(case, "people/keep-away/"), given).url == "/"
    assert client.get(address(case)).status_code == 404


def test_leaving_and_coming_back_ends_no_conflict(cast: Cast, case: Case) -> None:
    block(cast, case, "ngo_intake")
    Membership.objects.filter(pk=cast.ngo_intake.membership_id).update(ended_at=clock.moment())
    Membership.objects.create(user=cast.ngo_intake.user, organisation=cast.organisations.ngo, roles=["supervisor"])
    client = cast.client("ngo_intake")
    assert client.get("/my-work/").status_code == 200
    assert client.get(address(case)).status_code == 404


def test_it_lasts_when_what_is_shared_changes(cast: Cast, case: Case) -> None:
    share = shared(cast, case, cast.organisations.shelter, "identity")
    block(cast, case, "shelter_intake", by="shelter_supervisor")
    shared(cast, case, cast.organisations.shelter, "contact")
    assert share.case_id == case.pk
    assert cast.client("shelter_intake").get(address(case)).status_code == 404
    assert cast.client("shelter_supervisor").get(address(case)).status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [("ngo_caseworker", 403), ("ngo_intake", 403), ("other_ngo_supervisor", 404), ("auditor", 404)]
)
def test_nobody_but_a_supervisor_keeps_anybody_away(cast: Cast, case: Case, who: str, status: int) -> None:
    given = {"member": str(cast.ngo_intake.membership_id), "reason": REASON}
    assert cast.client(who).post(address(case, "people/keep-away/"), given).status_code == status
    assert cast.client("ngo_intake").get(address(case)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"reason": " "}, "reason"), ({"member": ""}, "member"), ({"member": "other_ngo_caseworker"}, "member")],
)
def test_what_is_missing_is_told_beside_the_field(cast: Cast, case: Case, changed: dict[str, str], field: str) -> None:
    given = {"member": "ngo_intake", "reason": REASON, **changed}
    if given["member"]:
        given["member"] = str(getattr(cast, given["member"]).membership_id)
    response = cast.client("ngo_supervisor").post(address(case, "people/keep-away/"), given)
    assert response.status_code == 422
    assert response.context["form"].errors[field]


def test_the_reason_is_sealed_recorded_nowhere_and_read_by_supervisors(cast: Cast, case: Case) -> None:
    made = block(cast, case, "ngo_intake")
    assert REASON.encode() not in bytes(made.sealed or b"")
    assert REASON in cast.client("ngo_supervisor").get(address(case, "people/")).content.decode()
    assert REASON not in cast.client("ngo_caseworker").get(address(case, "people/")).content.decode()
    with acting(cast.ngo_supervisor.actor):
        line = AuditChange.objects.get(kind="block_member", case_id=case.pk)
    assert (line.object_id, line.detail) == (made.pk, {})


def test_by_rest_it_is_the_same(cast: Cast, case: Case, second: Persona) -> None:
    supervisor, other = Caller(cast, "ngo_supervisor"), Caller(cast, "second")
    path = f"cases/{case.shown_reference}/blocks/"
    made = supervisor.post(path, {"member": str(cast.ngo_intake.membership_id), "reason": REASON})
    assert made.status_code == 201
    (shown,) = supervisor.get(path).json()
    assert (shown["person"], shown["reason"]) == (cast.ngo_intake.label, REASON)
    lift = f"{path}{made.json()['id']}/lift/"
    assert supervisor.post(lift, {"reason": "No."}).status_code == 403
    assert other.post(lift, {"reason": "It was somebody else."}).status_code == 201
    assert other.get(path).json() == []
