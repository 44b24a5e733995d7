"""Two who answer at once, with real transactions: each grant is answered once, and somebody is always left to act."""

from time import sleep

from accounts.context import acting
from accounts.models import Membership, RoleGrant
from accounts.operations import confirm_roles, end_membership, refuse_roles
from cases.operations.conflicts import block_member
from core.errors import Conflict, NotAllowed, Refused
from tests.accounts.second_persons import asked, member, roles_of
from tests.accounts.test_races import at_once
from tests.cases.filing import at_work, filed_case
from tests.cast import Cast
from tests.cluster import Cluster


def _answer(actor, operation, grant):
    with acting(actor):
        return operation(actor, grant=grant)


def test_two_who_confirm_at_once_give_the_roles_once(own_database: Cluster, cast: Cast) -> None:
    filed_case(cast)
    grant = asked(cast, "ngo_caseworker", "supervisor")
    answers = at_once(
        lambda: _answer(cast.ngo_supervisor.actor, confirm_roles, grant),
        lambda: _answer(cast.ngo_intake.actor, confirm_roles, grant),
    )
    assert answers.count(Conflict) == 1
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker", "supervisor"}
    assert RoleGrant.objects.get().confirmed_by_id in {cast.ngo_supervisor.user_id, cast.ngo_intake.user_id}


def test_of_a_yes_and_a_no_at_once_one_holds(own_database: Cluster, cast: Cast) -> None:
    filed_case(cast)
    grant = asked(cast, "ngo_caseworker", "supervisor")
    answers = at_once(
        lambda: _answer(cast.ngo_supervisor.actor, confirm_roles, grant),
        lambda: _answer(cast.ngo_intake.actor, refuse_roles, grant),
    )
    assert answers.count(Conflict) == 1
    is_given = "supervisor" in roles_of(cast.ngo_caseworker.membership)
    assert RoleGrant.objects.get().state == ("granted" if is_given else "refused")


def _ended_slowly(cast: Cast, membership: Membership):
    """The administrator ends somebody; the transaction stays open for a while."""
    administrator = cast.organisation_administrator.actor
    with acting(administrator):
        ended = end_membership(administrator, membership=Membership.objects.get(pk=membership.pk))
        sleep(1.5)
        return ended


def test_who_is_being_ended_confirms_nothing(own_database: Cluster, cast: Cast) -> None:
    filed_case(cast)
    grant = asked(cast, "ngo_caseworker", "supervisor")

    def confirm_meanwhile():
        sleep(0.5)
        return _answer(cast.ngo_intake.actor, confirm_roles, grant)

    answers = at_once(lambda: _ended_slowly(cast, cast.ngo_intake.membership), confirm_meanwhile)
    assert answers[1] is NotAllowed
    assert roles_of(cast.ngo_caseworker.membership) == {"caseworker"}


def test_a_supervisor_who_declares_a_conflict_while_the_other_is_being_ended_is_refused(
    own_database: Cluster, cast: Cast
) -> None:
    case = filed_case(cast)
    other = member(cast.organisations.ngo, "another@example.test", "supervisor")

    def declare():
        sleep(0.5)
        with at_work(cast, "ngo_supervisor", case) as (actor, access):
            return block_member(actor, access=access, member=cast.ngo_supervisor.membership, reason="A cousin.")

    answers = at_once(lambda: _ended_slowly(cast, Membership(pk=other.membership_id)), declare)
    assert answers[1] is Refused
