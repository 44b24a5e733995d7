"""The mark of a case that nobody works on: after whatever changes it, it says what the long question would answer."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.actors import actor_for
from accounts.context import acting
from accounts.models import Membership, User
from accounts.operations import (
    change_roles,
    end_membership,
    reinstate_member,
    reinstate_organisation,
    suspend_member,
    suspend_organisation,
)
from cases import ledger, policies
from cases.access import unattended as shown
from cases.models import Case, CaseVisibility, Share
from cases.operations import handover
from cases.operations.closing import close_case, reopen_case
from cases.operations.conflicts import block_member, unblock_member
from cases.operations.guardianship import assign_provisional_guardian, replace_guardian
from cases.operations.members import assign_member, unassign_member
from cases.operations.sharing import end_share
from core import clock
from core.db import role
from referrals.operations import revoke_referral
from reporting import counts, keyset
from tests.cases.attending import marked, nobody_at
from tests.cases.files import inside
from tests.cases.filing import at_work, consented, filed_case, shared, today
from tests.cast import Cast
from tests.cluster import Cluster
from tests.referrals.scenes import accepted, do, police_case, sent
from tests.referrals.test_transfer import transferred

OWN, SHELTER = {"NGO"}, {"Shelter"}
SECOND = "colleague_unassigned"


def assign(cast: Cast, case: Case, who: str, by: str = "ngo_supervisor") -> None:
    with at_work(cast, by, case) as (actor, access):
        assign_member(actor, access=access, member=getattr(cast, who).membership)


def unassign(cast: Cast, case: Case, who: str, by: str = "ngo_supervisor") -> None:
    with at_work(cast, by, case) as (actor, access):
        unassign_member(actor, access=access, member=getattr(cast, who).membership)


def administrate(cast: Cast, operation: Callable[..., Any], **values: Any) -> None:
    """What an administrator does to the caseworker."""
    membership = Membership.objects.get(pk=cast.ngo_caseworker.membership_id)
    with acting(cast.organisation_administrator.actor) as actor:
        operation(actor, membership=membership, **values)


def suspend(cast: Cast) -> None:
    administrate(cast, suspend_member)


def reinstate(cast: Cast) -> None:
    administrate(cast, reinstate_member)


def leave(cast: Cast) -> None:
    administrate(cast, end_membership)


def audit_only(cast: Cast) -> None:
    administrate(cast, change_roles, roles=["auditor"])


def work_again(cast: Cast) -> None:
    administrate(cast, change_roles, roles=["guardian", "auditor"])


def shut_account(cast: Cast, *, is_active: bool = False) -> None:
    """By hand: no operation does it."""
    User.objects.filter(pk=cast.ngo_caseworker.user_id).update(is_active=is_active)


def open_account(cast: Cast) -> None:
    shut_account(cast, is_active=True)


# -- who is assigned -------------------------------------------------------------------------------------------------


def test_who_registers_works_on_it_until_the_last_is_taken_off(cast: Cast) -> None:
    case = filed_case(cast)
    assert nobody_at(case) == set()
    assign(cast, case, SECOND)
    unassign(cast, case, "ngo_caseworker")
    assert nobody_at(case) == set()
    unassign(cast, case, SECOND)
    assert nobody_at(case) == OWN
    assign(cast, case, "ngo_intake", by="ngo_intake")
    assert nobody_at(case) == set()


def test_cases_that_are_handed_over_are_the_heirs(cast: Cast) -> None:
    case = filed_case(cast)
    leave(cast)
    assert nobody_at(case) == OWN
    with acting(cast.ngo_supervisor.actor) as actor:
        handover.reassign(
            actor,
            colleague=cast.ngo_caseworker.membership,
            cases=[case.pk],
            successor=cast.colleague_unassigned.membership,
        )
    assert nobody_at(case) == set()


def test_who_is_kept_away_works_on_it_no_more_and_is_not_assigned_when_let_in(cast: Cast) -> None:
    case = filed_case(cast)
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        block = block_member(actor, access=access, member=cast.ngo_caseworker.membership, reason="A sister.")
    assert nobody_at(case) == OWN
    user = User.objects.create_user("second@example.test", name="Second supervisor")
    other = Membership.objects.create(user=user, organisation=cast.organisations.ngo, roles=["supervisor"])
    with inside(actor_for(other), case) as (actor, access):
        unblock_member(actor, access=access, block=block, reason="Somebody else.")
    assert nobody_at(case) == OWN
    assign(cast, case, "ngo_caseworker")
    assert nobody_at(case) == set()


def test_a_guardian_who_is_replaced_leaves_the_case_to_the_next(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    suitable = {"conflict_of_interest": "none", "is_screened": True}
    with at_work(cast, "child_protection_intake", case) as (actor, access):
        assign_provisional_guardian(actor, access=access, guardian=cast.guardian.membership, **suitable)
    assert "Guardian organisation" not in nobody_at(case)
    with at_work(cast, "child_protection_supervisor", case) as (actor, access):
        replace_guardian(
            actor, access=access, guardian=cast.other_guardian.membership, reason="Moved", child_informed_on=today(),
            **suitable,
        )  # fmt: skip
    assert "Guardian organisation" not in nobody_at(case)
    unassign(cast, case, "other_guardian", by="guardian_supervisor")
    assert "Guardian organisation" in nobody_at(case)


# -- who is there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fate", "return_"),
    [(suspend, reinstate), (audit_only, work_again), (shut_account, open_account), (leave, None)],
)
def test_who_is_away_works_on_nothing_and_on_all_of_it_again(cast: Cast, fate: Any, return_: Any) -> None:
    alone, together, closed = (filed_case(cast) for _number in range(3))
    assign(cast, together, SECOND)
    close(cast, closed)
    fate(cast)
    assert (nobody_at(alone), nobody_at(together), nobody_at(closed)) == (OWN, set(), set())
    unassign(cast, together, SECOND)
    assert nobody_at(together) == OWN
    if return_ is not None:
        return_(cast)
        assert marked() == set()


def test_who_is_suspended_twice_over_is_back_when_both_are_over(cast: Cast) -> None:
    case = filed_case(cast)
    suspend(cast)
    shut_account(cast)
    reinstate(cast)
    assert nobody_at(case) == OWN
    open_account(cast)
    assert nobody_at(case) == set()


def test_assigning_who_is_away_changes_nothing(cast: Cast) -> None:
    case = filed_case(cast)
    unassign(cast, case, "ngo_caseworker")
    with at_work(cast, "ngo_supervisor", case):
        ledger.assign(case, cast.suspended_member.membership)
    assert nobody_at(case) == OWN


def test_a_suspended_organisation_finds_its_marks_as_they_must_be(cast: Cast) -> None:
    case = filed_case(cast)
    administrator, ngo = cast.platform_administrator.actor, cast.organisations.ngo
    with acting(administrator):
        suspend_organisation(administrator, organisation=ngo)
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(suspended_at=clock.moment())
    assert nobody_at(case) == set()
    with acting(administrator):
        reinstate_organisation(administrator, organisation=ngo)
    assert nobody_at(case) == OWN


# -- who knows the case, and whether it is open ----------------------------------------------------------------------


def close(cast: Cast, case: Case) -> None:
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        close_case(actor, access=access, outcome="duplicate")


def end(cast: Cast, case: Case, given: Share) -> None:
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=given)


def test_a_case_that_is_reopened_needs_somebody_again(cast: Cast) -> None:
    case = filed_case(cast)
    unassign(cast, case, "ngo_caseworker")
    close(cast, case)
    assert nobody_at(case) == set()
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        reopen_case(actor, access=access, reason="new_information")
    assert nobody_at(case) == OWN


def test_a_closed_case_needs_nobody(cast: Cast) -> None:
    alone, known = filed_case(cast), filed_case(cast)
    shared(cast, known, cast.organisations.shelter, "identity")
    for case in (alone, known):
        unassign(cast, case, "ngo_caseworker")
    assert (nobody_at(alone), nobody_at(known)) == (OWN, OWN | SHELTER)
    for case in (alone, known):
        close(cast, case)
        assert nobody_at(case) == set()


def test_an_organisation_that_is_let_in_again_has_nobody_on_it(cast: Cast) -> None:
    case = filed_case(cast)
    first = shared(cast, case, cast.organisations.shelter, "identity")
    assert nobody_at(case) == SHELTER
    assign(cast, case, "shelter_worker", by="shelter_supervisor")
    assert nobody_at(case) == set()
    end(cast, case, first)
    assert nobody_at(case) == set()
    shared(cast, case, cast.organisations.shelter, "identity")
    assert nobody_at(case) == SHELTER


def test_an_organisation_that_knows_the_case_no_more_has_no_mark_in_the_way_of_its_list(cast: Cast) -> None:
    case = filed_case(cast)
    end(cast, case, shared(cast, case, cast.organisations.shelter, "identity"))
    with role("nrm_worker"):
        assert not CaseVisibility.objects.filter(is_unattended=True).exists()


@pytest.mark.parametrize("is_written_down", [False, True])
def test_an_assignment_ends_by_time_with_what_was_shared(cast: Cast, is_written_down: bool) -> None:
    case = filed_case(cast)
    shared(cast, case, cast.organisations.shelter, "identity")
    assign(cast, case, "shelter_worker", by="shelter_supervisor")
    with clock.travel(clock.moment() + timedelta(days=40)):
        assert nobody_at(case) == set()
        if is_written_down:
            with acting(cast.ngo_caseworker.actor):
                ledger.project(ledger.lock(case.pk))
        assert nobody_at(case) == set()
        shared(cast, case, cast.organisations.shelter, "identity")
        assert nobody_at(case) == SHELTER


def test_who_accepts_names_somebody_and_the_lead_may_move(cast: Cast) -> None:
    case = police_case(cast)
    referral = sent(cast, case)
    assert nobody_at(case) == set()
    accepted(cast, referral)
    assert nobody_at(case) == set()
    Membership.objects.filter(pk=cast.shelter_worker.membership_id).update(suspended_at=clock.moment())
    assert nobody_at(case) == SHELTER
    do(cast, "police_officer", revoke_referral, referral)
    assert nobody_at(case) == set()


def test_the_new_lead_has_who_was_named_and_the_former_whom_it_had(cast: Cast) -> None:
    case = police_case(cast)
    transferred(cast, case)
    assert nobody_at(case) == set()
    unassign(cast, case, "ngo_caseworker")
    unassign(cast, case, "police_officer", by="police_supervisor")
    assert nobody_at(case) == OWN | {"Police"}


# -- how it is asked -------------------------------------------------------------------------------------------------


def test_the_mark_is_of_the_roles_that_work_cases() -> None:
    written = import_module("cases.migrations.0025_cases_that_nobody_works_on").WORKING
    assert set(written.split(",")) == policies.WORKING


def test_count_and_list_read_one_index_and_nothing_else(cast: Cast, cluster: Cluster, own_database: str) -> None:
    """Of a handful of rows any index will do: all others are taken out of the planner's sight."""
    filed_case(cast)
    with cluster.admin(own_database) as admin:
        admin.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indrelid = 'cases_casevisibility'::regclass"
            " AND indexrelid <> 'casevisibility_org_unattended'::regclass"
        )
    with acting(cast.ngo_supervisor.actor) as actor:
        rows = shown(actor)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        count = rows.order_by().values("organisation")[: counts.LIMIT + 1].explain()
        in_order = rows.order_by(F("next_due_at").asc(nulls_last=True), "case_id")
        first = in_order.values("case_id")[: keyset.SIZE + 1].explain()
    for plan in (count, first):
        assert "Index Only Scan using casevisibility_org_unattended" in plan
        assert "Sort" not in plan
        assert [line for line in plan.splitlines() if " on cases_" in line and "org_unattended" not in line] == []


# -- two at once -----------------------------------------------------------------------------------------------------


def connected(act: Callable[[], Any]) -> Any:
    """Carry it out in a thread, which leaves no connection open."""
    try:
        return act()
    finally:
        connection.close()


def side_by_side(first: Callable[[Event], Any], second: Callable[[], Any]) -> None:
    """``second`` begins when ``first`` says so, in the middle of its transaction; an error of either is raised."""
    begun = Event()

    def later() -> Any:
        assert begun.wait(10)
        return second()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(connected, lambda: first(begun)), pool.submit(connected, later)]:
            future.result(30)


def pause(begun: Event) -> None:
    """Let the other one run into the locks."""
    begun.set()
    time.sleep(0.5)


def test_who_is_suspended_while_they_are_assigned_is_seen(own_database: str, cast: Cast) -> None:
    case = filed_case(cast, by="ngo_intake")
    unassign(cast, case, "ngo_intake")

    def assigning(begun: Event) -> None:
        with acting(cast.ngo_supervisor.actor):
            assign(cast, case, "ngo_caseworker")
            pause(begun)

    side_by_side(assigning, lambda: suspend(cast))
    assert nobody_at(case) == OWN


def test_who_is_assigned_while_they_are_suspended_is_seen(own_database: str, cast: Cast) -> None:
    case = filed_case(cast, by="ngo_intake")
    unassign(cast, case, "ngo_intake")

    def suspending(begun: Event) -> None:
        with acting(cast.organisation_administrator.actor):
            suspend(cast)
            pause(begun)

    side_by_side(suspending, lambda: assign(cast, case, "ngo_caseworker"))
    assert nobody_at(case) == OWN


def test_a_colleague_assigned_while_the_other_is_suspended_is_seen(own_database: str, cast: Cast) -> None:
    case = filed_case(cast)

    def assigning(begun: Event) -> None:
        with acting(cast.ngo_supervisor.actor):
            assign(cast, case, SECOND)
            pause(begun)

    side_by_side(assigning, lambda: suspend(cast))
    assert nobody_at(case) == set()


def test_an_heir_suspended_in_the_middle_of_a_handover_waits(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the two cases the heir works on one already: whoever locked cases first and held the heir then would meet the
    suspension, which has the heir and waits for that case."""
    both, other = filed_case(cast, by=SECOND), filed_case(cast, by=SECOND)
    assign(cast, both, "ngo_caseworker")
    locked = handover.get_case_by_id

    def handing_over(begun: Event) -> None:
        def slowly(*args: Any, **options: Any) -> Any:
            found = locked(*args, **options)
            pause(begun)
            return found

        monkeypatch.setattr(handover, "get_case_by_id", slowly)
        with acting(cast.ngo_supervisor.actor) as actor:
            handover.reassign(
                actor,
                colleague=cast.colleague_unassigned.membership,
                cases=[both.pk, other.pk],
                successor=cast.ngo_caseworker.membership,
            )

    side_by_side(handing_over, lambda: suspend(cast))
    assert (nobody_at(both), nobody_at(other)) == (OWN, OWN)


def test_who_writes_in_a_case_and_who_suspends_its_colleague_wait_for_each_other_once(
    own_database: str, cast: Cast
) -> None:
    case = filed_case(cast)

    def writing(begun: Event) -> None:
        with acting(cast.ngo_caseworker.actor):
            consented(cast, case)
            pause(begun)

    side_by_side(writing, lambda: suspend(cast))
    assert nobody_at(case) == OWN
