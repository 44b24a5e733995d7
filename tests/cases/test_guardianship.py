"""The child branch and the guardian: asked for at once, a natural person, one child and no other."""

import dataclasses
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.context import acting
from accounts.models import Membership, Organisation
from audit.models import AuditChange
from cases import access as door
from cases.models import Case, Deadline, Guardianship, Share
from cases.operations import child_branch, guardianship
from cases.operations.age_settlement import settle_age
from cases.operations.caseload import candidates, caseloads
from cases.operations.elapsed import end_at_majority
from cases.operations.lead import transfer_lead
from core import clock
from core.dates import add_months
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from profiles.profile import active
from tests.cases.files import assign, inside, let_know, register, today
from tests.cast import Cast

SUITABLE = {"conflict_of_interest": "none", "is_screened": True}


def a_child(cast: Cast, who: str = "ngo_caseworker", **fields: str) -> Case:
    return register(cast, who, **({"age": "child"} | fields))


def provisional(cast: Cast, case: Case, guardian: str = "guardian", by: str = "child_protection_intake", **changed):
    with inside(getattr(cast, by), case) as (actor, access):
        return guardianship.assign_provisional_guardian(
            actor, access=access, **({"guardian": getattr(cast, guardian).membership} | SUITABLE | changed)
        )


def appoint(cast: Cast, case: Case, guardian: str = "guardian", by: str = "child_protection_supervisor", **changed):
    values = {"guardian": getattr(cast, guardian).membership, "child_informed_on": today()} | SUITABLE | changed
    with inside(getattr(cast, by), case) as (actor, access):
        return guardianship.assign_guardian(actor, access=access, **values)


def replace(cast: Cast, case: Case, guardian: str = "other_guardian", **changed):
    values = {"guardian": getattr(cast, guardian).membership, "child_informed_on": today(), "reason": "Moved away"}
    with inside(cast.child_protection_supervisor, case) as (actor, access):
        return guardianship.replace_guardian(actor, access=access, **(values | SUITABLE | changed))


def end(cast: Cast, case: Case, reason: str = "family_reunited"):
    with inside(cast.child_protection_supervisor, case) as (actor, access):
        return guardianship.end_guardianship(actor, access=access, reason=reason)


def knows(cast: Cast, case: Case, who: str) -> bool:
    try:
        with inside(getattr(cast, who), case):
            return True
    except Missing:
        return False


def open_rules(cast: Cast, case: Case) -> set[str]:
    with inside(cast.child_protection_supervisor, case):
        return set(Deadline.objects.filter(case=case, state="open").values_list("rule", flat=True))


def many_children(cast: Cast, count: int) -> None:
    """Give the guardian of the cast ``count`` children, in cases of another region's registrar."""
    first = a_child(cast)
    provisional(cast, first)
    for _number in range(count - 1):
        provisional(cast, a_child(cast), accepts_caseload=True)


@contextmanager
def limits(*, warn: int, refuse: int):
    """The profile with other numbers: thirty children take too long to register."""
    profile = active()
    changed = dataclasses.replace(
        profile, guardians=dataclasses.replace(profile.guardians, warn_above=warn, refuse_above=refuse)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cases.operations.caseload.active", lambda: changed)
        yield


# -- the child branch ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", ["child", "uncertain"])
def test_a_child_or_an_uncertain_age_asks_for_a_guardian_at_once(cast: Cast, age: str) -> None:
    case = a_child(cast, age=age)
    with inside(cast.child_protection_intake, case) as (_actor, access):
        assert access.case.is_child_branch
        held = child_branch.current(access.case)
        assert held.state == "requested"
        assert held.requested_by == cast.organisations.ngo
        assert Share.objects.get(case=case, office="child_protection").categories == [
            "identity",
            "contact",
            "exploitation",
            "child",
        ]
    assert "EU-GUA-0" in open_rules(cast, case)


def test_an_adult_has_no_child_branch(cast: Cast) -> None:
    case = register(cast)
    assert not knows(cast, case, "child_protection_supervisor")
    with inside(cast.police_officer, case) as (_actor, access):
        assert not access.case.is_child_branch
        assert child_branch.current(case) is None


def test_without_child_protection_in_the_region_the_registrar_is_told(cast: Cast) -> None:
    Organisation.objects.filter(kind="child_protection").update(serves_regions=["limburg"])
    with pytest.raises(Refused) as refused:
        a_child(cast)
    assert refused.value.field == "region"


def test_the_service_of_the_region_comes_before_the_national_one(cast: Cast) -> None:
    mine = Organisation.objects.create(name="Of the region", kind="child_protection", serves_regions=["amsterdam"])
    case = a_child(cast)
    with inside(cast.ngo_caseworker, case):
        assert child_branch.current(case).owner_organisation == mine


def test_what_child_protection_sees_ends_before_the_18th_birthday(cast: Cast) -> None:
    majority = today() + timedelta(days=100)
    born = add_months(majority, -12 * 18)
    case = a_child(cast, born=born.isoformat())
    with inside(cast.ngo_caseworker, case):
        assert Share.objects.get(case=case, office="child_protection").ends_on == majority - timedelta(days=1)
    assert "EU-T18" in open_rules(cast, case)
    assert knows(cast, case, "child_protection_supervisor")
    with clock.travel(clock.moment() + timedelta(days=101)):
        assert not knows(cast, case, "child_protection_supervisor")


# -- naming the guardian ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["child_protection_intake", "child_protection_supervisor", "child_protection_officer"])
def test_child_protection_names_a_provisional_guardian_and_then_a_guardian(cast: Cast, by: str) -> None:
    case = a_child(cast)
    assign(cast, case, "child_protection_officer")
    provisional(cast, case, by=by)
    assert "EU-GUA-0" not in open_rules(cast, case)
    assert "EU-GUA-2" in open_rules(cast, case)
    held = appoint(cast, case, by=by)
    assert (held.state, held.guardian_id) == ("appointed", cast.guardian.membership_id)
    assert "EU-GUA-2" not in open_rules(cast, case)
    with inside(cast.ngo_caseworker, case):
        assert AuditChange.objects.filter(case_id=case.pk, kind="assign_guardian", object_id=held.pk).exists()


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("ngo_caseworker", NotAllowed),
        ("ngo_supervisor", NotAllowed),
        ("colleague_unassigned", Missing),
        ("child_protection_officer", Missing),
        ("other_guardian", Missing),
        ("guardian_supervisor", Missing),
        ("police_officer", Missing),
        ("coordinator", Missing),
    ],
)
def test_nobody_else_names_a_guardian(cast: Cast, by: str, error: type[Exception]) -> None:
    case = a_child(cast)
    with pytest.raises(error):
        provisional(cast, case, by=by)


def test_the_guardian_sees_this_child_and_no_other(cast: Cast) -> None:
    mine, other = a_child(cast), a_child(cast)
    provisional(cast, mine)
    provisional(cast, other, guardian="other_guardian")
    assert knows(cast, mine, "guardian")
    assert not knows(cast, other, "guardian")
    assert not knows(cast, mine, "other_guardian")
    with inside(cast.guardian, mine) as (_actor, access):
        assert [row.age_group for row in door.read_rows(access, "identity")] == ["child"]
        assert [row.guardian_id for row in door.guardianships(access)] == [cast.guardian.membership_id]
        assert Case.objects.count() == 1
        assert Guardianship.objects.count() == 1


def test_another_person_appointed_puts_the_provisional_guardian_out_at_once(cast: Cast) -> None:
    case = a_child(cast)
    first = provisional(cast, case)
    held = appoint(cast, case, guardian="other_guardian")
    assert held.replaces_id == first.pk
    assert held.requested_at == first.requested_at
    assert not knows(cast, case, "guardian")
    assert knows(cast, case, "other_guardian")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"conflict_of_interest": "family_of_exploiter"}, "conflict_of_interest"),
        ({"is_screened": False}, "is_screened"),
    ],
)
def test_a_guardian_with_a_conflict_or_without_screening_is_refused(cast: Cast, changed: dict, field: str) -> None:
    case = a_child(cast)
    with pytest.raises(Refused) as refused:
        provisional(cast, case, **changed)
    assert refused.value.field == field
    assert not knows(cast, case, "guardian")


@pytest.mark.parametrize("who", ["guardian_supervisor", "ngo_caseworker", "suspended_member"])
def test_only_a_live_guardian_can_be_named(cast: Cast, who: str) -> None:
    with pytest.raises(Refused) as refused:
        provisional(cast, a_child(cast), guardian=who)
    assert refused.value.field == "guardian"


def test_a_guardian_whose_organisation_is_suspended_cannot_be_named(cast: Cast) -> None:
    Organisation.objects.filter(kind="guardian_organisation").update(suspended_at=clock.moment())
    with pytest.raises(Refused):
        provisional(cast, a_child(cast))


@pytest.mark.parametrize("day", [timedelta(days=1), timedelta(days=-30)])
def test_the_child_is_informed_between_registration_and_today(cast: Cast, day: timedelta) -> None:
    with pytest.raises(Refused) as refused:
        appoint(cast, a_child(cast), child_informed_on=today() + day)
    assert refused.value.field == "child_informed_on"


def test_the_caseload_is_warned_above_thirty_and_refused_above_fifty(cast: Cast) -> None:
    many_children(cast, 3)
    case = a_child(cast)
    with limits(warn=3, refuse=4):
        with pytest.raises(Refused) as warned:
            provisional(cast, case)
        assert warned.value.field == "accepts_caseload"
        provisional(cast, case, accepts_caseload=True)
        appoint(cast, case)
        with pytest.raises(Refused) as refused:
            provisional(cast, a_child(cast), accepts_caseload=True)
    assert refused.value.field == "guardian"


def test_the_limits_are_those_of_the_regulation() -> None:
    limits_of_law = active().guardians
    assert (limits_of_law.warn_above, limits_of_law.refuse_above) == (30, 50)


def test_the_caseload_counts_a_person_over_organisations_and_cases_that_nobody_here_may_see(cast: Cast) -> None:
    provisional(cast, a_child(cast))
    with acting(cast.other_ngo_caseworker.actor):
        assert not Guardianship.objects.exists()
        assert caseloads([cast.guardian.user_id]) == {cast.guardian.user_id: 1}
    with inside(cast.child_protection_supervisor, a_child(cast)) as (_actor, access):
        assert {one.membership.pk: one.children for one in candidates(access.case)}[cast.guardian.membership_id] == 1


# -- replacing, ending, reporting ------------------------------------------------------------------------------------


def test_a_replaced_guardian_loses_the_case_at_once(cast: Cast) -> None:
    case = a_child(cast)
    former = appoint(cast, case)
    held = replace(cast, case)
    assert (held.state, held.replaces_id) == ("appointed", former.pk)
    assert not knows(cast, case, "guardian")
    assert knows(cast, case, "other_guardian")
    with inside(cast.child_protection_supervisor, case) as (_actor, access):
        assert [(row.state, row.content) for row in door.guardianships(access)] == [
            ("appointed", {"reason": "Moved away"}),
            ("replaced", {}),
        ]


def test_the_same_person_cannot_replace_herself(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    with pytest.raises(Refused):
        replace(cast, case, guardian="guardian")


def test_an_ended_guardianship_ends_share_and_assignment(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    end(cast, case)
    assert not knows(cast, case, "guardian")
    assert knows(cast, case, "child_protection_supervisor")
    assert not knows(cast, case, "guardian_supervisor")
    with pytest.raises(Conflict):
        end(cast, case)


def test_the_lead_may_ask_again_after_the_end(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    with inside(cast.ngo_caseworker, case) as (actor, access), pytest.raises(Conflict):
        child_branch.request_guardian(actor, access=access)
    end(cast, case, "other")
    with inside(cast.ngo_caseworker, case) as (actor, access):
        assert child_branch.request_guardian(actor, access=access).state == "requested"
    assert "EU-GUA-0" in open_rules(cast, case)


def test_nobody_asks_for_a_guardian_of_an_adult(cast: Cast) -> None:
    case = register(cast)
    with inside(cast.police_officer, case) as (actor, access), pytest.raises(Refused):
        child_branch.request_guardian(actor, access=access)


def test_who_is_found_to_be_an_adult_leaves_the_child_branch(cast: Cast) -> None:
    case = a_child(cast, age="uncertain")
    appoint(cast, case)
    with inside(cast.child_protection_supervisor, case) as (actor, access):
        settle_age(actor, access=access, age_group="adult", basis="assessed", reason="The bones of the hand.")
    assert not knows(cast, case, "guardian")
    assert not knows(cast, case, "child_protection_supervisor")
    with inside(cast.ngo_caseworker, case) as (_actor, access):
        assert not access.case.is_child_branch


@pytest.mark.parametrize("reason", ["majority", "replaced", "assessed_adult", "boredom"])
def test_reasons_that_no_person_chooses_are_refused(cast: Cast, reason: str) -> None:
    case = a_child(cast)
    appoint(cast, case)
    with pytest.raises(Refused):
        end(cast, case, reason)


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_supervisor", "guardian", "guardian_supervisor"])
def test_a_conflict_of_interest_is_reported_and_ends_with_the_replacement(cast: Cast, who: str) -> None:
    case = a_child(cast)
    appoint(cast, case)
    with inside(getattr(cast, who), case) as (actor, access):
        guardianship.flag_guardian_conflict(
            actor, access=access, conflict_of_interest="employer_or_host", remarks="Told by her."
        )
        with pytest.raises(Conflict):
            guardianship.flag_guardian_conflict(actor, access=access, conflict_of_interest="other")
    with inside(cast.child_protection_supervisor, case) as (_actor, access):
        row = door.guardianships(access)[0]
        assert row.conflict_flagged_at is not None
        assert (row.content["conflict"], row.content["conflict_remarks"]) == ("employer_or_host", "Told by her.")
    assert replace(cast, case).conflict_flagged_at is None


def test_who_merely_knows_the_case_does_not_see_the_guardian_and_reports_nothing(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker", by="ngo_supervisor")
    with inside(cast.shelter_worker, case) as (actor, access):
        assert not Guardianship.objects.exists()
        assert door.guardianships(access) == []
        with pytest.raises(NotAllowed):
            guardianship.flag_guardian_conflict(actor, access=access, conflict_of_interest="other")


def test_a_suspended_guardian_finds_nothing_on_the_next_request(cast: Cast) -> None:
    case = a_child(cast)
    appoint(cast, case)
    Membership.objects.filter(pk=cast.guardian.membership_id).update(suspended_at=clock.moment())
    page = cast.client("guardian").get(f"/cases/{case.shown_reference}/")
    assert page.status_code == 404


def test_at_18_the_guardianship_is_written_down_as_ended(cast: Cast) -> None:
    born = add_months(today() + timedelta(days=10), -12 * 18)
    case = a_child(cast, born=born.isoformat())
    appoint(cast, case)
    assert end_at_majority() == 0
    with clock.travel(clock.moment() + timedelta(days=11)):
        assert not knows(cast, case, "guardian")
        with acting(cast.ngo_caseworker.actor):
            assert end_at_majority() == 1
            assert end_at_majority() == 0
        with inside(cast.ngo_caseworker, case) as (_actor, access):
            assert not access.case.is_child_branch
            assert door.guardianships(access)[0].end_reason == "majority"


def test_child_protection_that_hands_over_the_lead_still_answers_for_the_child(cast):
    case = a_child(cast, "child_protection_officer")
    appoint(cast, case)
    with inside(cast.child_protection_supervisor, case) as (actor, access):
        transfer_lead(actor, case=access.case, to=cast.organisations.ngo, key=uuid4())
    held = replace(cast, case)
    assert held.guardian == cast.other_guardian.membership
    offices = Share.objects.filter(case=case, office="child_protection", ended_at=None)
    with role("nrm_ledger"):
        assert [(one.from_organisation.name, one.to_organisation.kind) for one in offices] == [
            ("NGO", "child_protection")
        ]
