"""Guards that another line usually stands before: each is met here by somebody whom that other line lets through."""

import pytest

from accounts.actors import actor_for
from accounts.context import acting
from accounts.models import Membership
from cases import access as door
from cases.models import Case
from cases.operations.conflicts import block_member
from cases.operations.emergency import end_break_glass, is_reviewer, review_break_glass
from cases.operations.reflection import offer_reflection_period
from cases.operations.sharing import end_share
from core import clock
from core.errors import Missing, NotAllowed, Refused
from tests.cases.files import inside, let_know, today, with_grounds
from tests.cases.filing import at_work, filed_case, shared
from tests.cases.staying import approved, asked, assigned, staying
from tests.cases.test_emergency import opened
from tests.cases.test_location import let_in, shown
from tests.cast import Cast, Persona
from tests.referrals.scenes import knows
from tests.world import kept_away, supervisor_of

REASON = "A cousin is named in the account."


def another(cast: Cast, organisation: str) -> Persona:
    """A second supervisor."""
    cast.personas["second"] = supervisor_of(getattr(cast.organisations, organisation), "second")
    return cast.second


def second_membership(cast: Cast, who: str, organisation: str, *roles: str) -> Membership:
    """The same person, in another organisation too."""
    made = Membership.objects.create(
        user=getattr(cast, who).user, organisation=getattr(cast.organisations, organisation), roles=list(roles)
    )
    return Membership.objects.select_related("user", "organisation").get(pk=made.pk)


# -- conflict of interest --------------------------------------------------------------------------------------------


def test_what_one_shares_of_a_case_is_not_listed_to_who_is_kept_away(cast: Cast) -> None:
    """The list of own shares is read as the ledger, past row-level security: it holds what nobody knows any more."""
    second, case = another(cast, "ngo"), filed_case(cast)
    share = shared(cast, case, cast.organisations.shelter, "identity")
    with acting(second.actor):
        assert [one.pk for one in door.given_shares(second.actor)] == [share.pk]
    kept_away(cast, case, "second", by="ngo_supervisor")
    with acting(second.actor):
        assert door.given_shares(second.actor) == []
        with pytest.raises(Missing):
            door.given_share(second.actor, share.pk)


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_intake"])
def test_only_a_supervisor_blocks_also_past_the_page(cast: Cast, who: str) -> None:
    case, member = filed_case(cast), cast.colleague_unassigned.membership
    assert member is not None
    with at_work(cast, who, case) as (actor, access), pytest.raises(NotAllowed):
        block_member(actor, access=access, member=member, reason=REASON)


@pytest.mark.parametrize("who", ["other_ngo_caseworker", "organisation_administrator"])
def test_nobody_is_blocked_who_is_no_colleague_or_works_no_cases(cast: Cast, who: str) -> None:
    case, member = filed_case(cast), getattr(cast, who).membership
    with at_work(cast, "ngo_supervisor", case) as (actor, access), pytest.raises(Refused) as refused:
        block_member(actor, access=access, member=member, reason=REASON)
    assert refused.value.field == "member"


def test_an_authority_without_intake_gets_the_case_all_the_same_and_who_is_kept_away_does_not(cast: Cast) -> None:
    """Its decision-makers are assigned by the offer; one of them has a conflict of interest."""
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.immigration)
    free = second_membership(cast, "lawyer", "immigration", "decision_maker")
    kept_away(cast, case, "immigration_decision_maker", by="immigration_supervisor")
    Membership.objects.filter(pk=cast.immigration_supervisor.membership_id).update(suspended_at=clock.moment())
    with inside(cast.police_officer, case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=True, offered_on=today())
    assert not knows(cast, "immigration_decision_maker", case)
    with acting(actor_for(free)) as actor:
        assert Case.objects.visible_to(actor).filter(pk=case.pk).exists()


# -- emergencies -----------------------------------------------------------------------------------------------------


def test_a_release_of_before_does_not_open_the_location_in_an_emergency(cast: Cast) -> None:
    """The release still runs, but the case is known by an emergency only, which never opens the location."""
    case = staying(cast)
    let_in(cast, case, cast.organisations.child_protection)
    assigned(cast, case, "child_protection_supervisor", by="child_protection_supervisor")
    approved(cast, asked(cast, case, "child_protection_supervisor"))
    assert shown(cast, "child_protection_supervisor", case)
    with at_work(cast, "police_officer", case) as (actor, access):
        to = cast.organisations.child_protection
        end_share(actor, access=access, share=next(one for one in door.shares(access) if one.to_organisation == to))
    assert not knows(cast, "child_protection_supervisor", case)
    opened(cast, case, "child_protection_supervisor")
    assert knows(cast, "child_protection_supervisor", case)
    assert not shown(cast, "child_protection_supervisor", case)


def test_a_colleague_who_sees_an_emergency_does_not_end_it(cast: Cast) -> None:
    """Of the organisation that opened it only who did; and those whose rows were opened."""
    found, second = opened(cast, filed_case(cast)), another(cast, "police")
    with acting(second.actor), pytest.raises(NotAllowed):
        end_break_glass(second.actor, opened=found)


def test_who_opened_it_does_not_review_it_for_the_other_side_either(cast: Cast) -> None:
    found = opened(cast, filed_case(cast))
    actor = actor_for(second_membership(cast, "police_supervisor", "ngo", "supervisor"))
    with acting(actor):
        assert not is_reviewer(actor, found)
        with pytest.raises(NotAllowed):
            review_break_glass(actor, opened=found, outcome="justified", remarks="It was")


def test_intake_of_the_other_side_sees_no_emergency_and_of_its_own_side_only_what_it_opened(cast: Cast) -> None:
    found = opened(cast, filed_case(cast), "shelter_intake")
    for who, status in (("ngo_intake", 404), ("shelter_intake", 200), ("shelter_supervisor", 200)):
        assert cast.client(who).get(f"/emergencies/{found.pk}/").status_code == status, who
    theirs = opened(cast, filed_case(cast), "shelter_supervisor")
    assert cast.client("shelter_intake").get(f"/emergencies/{theirs.pk}/").status_code == 404
