"""A block or an end that would leave nobody to act, or nobody to undo it, is refused; who helps themselves is seen."""

import pytest

from accounts.context import acting
from accounts.models import Membership, Notice
from accounts.operations import end_membership, suspend_member
from cases.models import Case, CaseBlock
from cases.operations.conflicts import block_member, unblock_member
from cases.operations.handover import reassign
from cases.operations.members import assign_member
from core.errors import Refused
from referrals.operations import accept_referral
from tests.cases.filing import at_work, filed_case
from tests.cast import Cast, Persona
from tests.referrals import scenes
from tests.world import supervisor_of

REASON = "Her cousin is named in the account."


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


@pytest.fixture
def second(cast: Cast) -> Persona:
    """Another supervisor of the NGO."""
    cast.personas["second"] = supervisor_of(cast.organisations.ngo, "second")
    return cast.second


def block(cast: Cast, case: Case, who: str, by: str = "ngo_supervisor") -> CaseBlock:
    with at_work(cast, by, case) as (actor, access):
        return block_member(actor, access=access, member=getattr(cast, who).membership, reason=REASON)


def told(kind: str) -> set[object]:
    return set(Notice.objects.filter(kind=kind).values_list("membership_id", flat=True))


# -- blocks ----------------------------------------------------------------------------------------------------------


def test_a_supervisor_who_keeps_everybody_away_cannot_keep_the_other_supervisor_away(
    cast: Cast, case: Case, second: Persona
) -> None:
    made = [block(cast, case, who) for who in ("ngo_caseworker", "ngo_intake", "colleague_unassigned")]
    with pytest.raises(Refused) as refused:
        block(cast, case, "second")
    assert refused.value.field == "member"
    with at_work(cast, "second", case) as (actor, access):
        for one in made:
            unblock_member(actor, access=access, block=one, reason="It was somebody else.")
    assert cast.client("ngo_intake").get(f"/cases/{case.shown_reference}/").status_code == 200


def test_by_page_and_by_rest_it_is_refused_beside_the_field(cast: Cast, case: Case, second: Persona) -> None:
    given = {"member": str(second.membership_id), "reason": REASON}
    client = cast.client("ngo_supervisor")
    page = client.post(f"/cases/{case.shown_reference}/people/keep-away/", given)
    assert page.status_code == 422
    assert "Only you would be left" in page.context["form"].errors["member"][0]
    path = f"/api/v1/cases/{case.shown_reference}/blocks/"
    assert client.post(path, given, content_type="application/json").status_code == 422
    assert not CaseBlock.objects.exists()


def test_of_three_supervisors_one_may_be_kept_away_and_no_second(cast: Cast, case: Case, second: Persona) -> None:
    cast.personas["third"] = supervisor_of(cast.organisations.ngo, "third")
    block(cast, case, "second")
    with pytest.raises(Refused):
        block(cast, case, "third")
    assert cast.client("third").get(f"/cases/{case.shown_reference}/").status_code == 200


def test_a_supervisor_who_is_shut_out_is_not_kept_away_by_the_only_one_left(
    cast: Cast, case: Case, second: Persona
) -> None:
    with acting(cast.organisation_administrator.actor) as administrator:
        suspend_member(administrator, membership=second.membership)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        block(cast, case, "second")


def test_the_only_supervisor_declares_a_conflict_once_another_is_there(cast: Cast, case: Case) -> None:
    with pytest.raises(Refused, match="Nobody would be left to act"):
        block(cast, case, "ngo_supervisor")
    cast.personas["second"] = supervisor_of(cast.organisations.ngo, "second")
    block(cast, case, "ngo_supervisor")
    with pytest.raises(Refused, match="Nobody would be left to act"):
        block(cast, case, "second", by="second")


def test_one_supervisor_alone_may_keep_a_caseworker_away(cast: Cast, case: Case) -> None:
    block(cast, case, "ngo_caseworker")
    assert cast.client("ngo_caseworker").get(f"/cases/{case.shown_reference}/").status_code == 404


def test_the_other_supervisors_and_data_protection_are_told_of_a_block(cast: Cast, case: Case, second: Persona) -> None:
    block(cast, case, "ngo_caseworker")
    assert told("block_member") == {second.membership_id, cast.data_protection_officer.membership_id}
    assert case.shown_reference in cast.client("second").get("/inbox/").content.decode()
    page = cast.client("data_protection_officer").get("/inbox/").content.decode()
    assert "A colleague was kept away from a case" in page
    assert case.shown_reference not in page


def test_whoever_is_kept_away_is_not_told(cast: Cast, case: Case, second: Persona) -> None:
    block(cast, case, "second", by="second")
    block(cast, case, "ngo_caseworker")
    assert second.membership_id not in told("block_member")


# -- ends ------------------------------------------------------------------------------------------------------------


def test_the_last_supervisor_without_a_conflict_stays(cast: Cast, case: Case, second: Persona) -> None:
    block(cast, case, "second", by="second")
    administrator = cast.organisation_administrator.actor
    for act in (suspend_member, end_membership):
        with acting(administrator), pytest.raises(Refused):
            act(administrator, membership=Membership.objects.get(pk=cast.ngo_supervisor.membership_id))
    with acting(administrator):
        end_membership(administrator, membership=Membership.objects.get(pk=second.membership_id))


# -- who assigns themselves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ngo_supervisor", "ngo_intake"])
def test_who_assigns_themselves_is_told_to_the_other_supervisors(
    cast: Cast, case: Case, second: Persona, who: str
) -> None:
    for _again in range(2):
        with at_work(cast, who, case) as (actor, access):
            assign_member(actor, access=access, member=getattr(cast, who).membership)
    supervisors = {second.membership_id, cast.ngo_supervisor.membership_id}
    assert told("assign_oneself") == supervisors - {getattr(cast, who).membership_id}
    assert Notice.objects.filter(kind="assign_oneself", membership=second.membership).count() == 1
    assert case.shown_reference in cast.client("second").get("/inbox/").content.decode()


def test_assigning_a_colleague_is_told_to_nobody(cast: Cast, case: Case, second: Persona) -> None:
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        assign_member(actor, access=access, member=cast.colleague_unassigned.membership)  # type: ignore[arg-type]
    assert told("assign_oneself") == set()


def test_taking_over_a_colleagues_cases_is_told_too(cast: Cast, case: Case, second: Persona) -> None:
    own, colleague = cast.ngo_supervisor.membership, cast.ngo_caseworker.membership
    assert own is not None
    assert colleague is not None
    with acting(cast.ngo_supervisor.actor) as actor:
        reassign(actor, colleague=colleague, cases=[case.pk], successor=own)
    assert told("assign_oneself") == {second.membership_id}


def test_accepting_a_referral_in_ones_own_name_is_told_too(cast: Cast, case: Case) -> None:
    referral = scenes.sent(cast, case, "ngo_caseworker")
    scenes.do(cast, "shelter_intake", accept_referral, referral, member=cast.shelter_intake.membership)
    assert told("assign_oneself") == {cast.shelter_supervisor.membership_id}


def test_whoever_is_kept_away_hears_of_no_assignment(cast: Cast, case: Case, second: Persona) -> None:
    block(cast, case, "second", by="second")
    with at_work(cast, "ngo_supervisor", case) as (actor, access):
        assign_member(actor, access=access, member=cast.ngo_supervisor.membership)  # type: ignore[arg-type]
    assert told("assign_oneself") == set()
