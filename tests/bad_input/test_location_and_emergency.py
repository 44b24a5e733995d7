"""Bad input where a safe location is released, and where a case is opened in an emergency; nothing opens by it."""

from typing import Any

import pytest
from django.test import Client

from accounts.context import acting
from accounts.models import Membership
from cases.models import BreakGlassTry, Case, LocationRelease
from core import reference
from tests.bad_input.pages import assert_told
from tests.cases.filing import filed_case
from tests.cases.staying import asked, assigned, staying
from tests.cases.test_location import let_in, shown
from tests.cast import PASSWORD, Cast
from tests.referrals.scenes import knows
from tests.world import opened_in_an_emergency

KEPT = "O’Neil – \N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED} 🙂"


@pytest.fixture
def case(cast: Cast) -> Case:
    """The NGO works on a case whose person stays in the shelter."""
    case = staying(cast)
    let_in(cast, case, cast.organisations.ngo)
    assigned(cast, case, "ngo_caseworker", by="ngo_supervisor")
    return case


# -- the safe location -----------------------------------------------------------------------------------------------


def decided(client: Client, release: LocationRelease, decision: str = "approve") -> Any:
    return client.post(f"/location-releases/{release.pk}/", {"decision": decision})


def test_one_custodian_twice(cast: Cast, case: Case) -> None:
    release, client = asked(cast, case, "ngo_caseworker"), cast.client("custodian_a")
    assert decided(client, release).status_code == 302
    assert_told(decided(client, release), "decision", "You have approved this already. A second custodian")
    assert not shown(cast, "ngo_caseworker", case)


@pytest.mark.parametrize("who", ["ngo_supervisor", "ngo_caseworker"])
def test_the_asker_as_custodian(cast: Cast, case: Case, who: str) -> None:
    """The supervisor asks for the caseworker; both have become custodians of the shelter since."""
    member = cast.ngo_caseworker.membership
    release = asked(cast, case, "ngo_supervisor", person=member)
    person = getattr(cast, who)
    Membership.objects.filter(pk=person.membership_id).update(ended_at="2026-01-01T00:00:00Z")
    Membership.objects.create(user=person.user, organisation=cast.organisations.shelter, roles=["custodian"])
    client = Client()
    client.force_login(person.user)
    assert_told(decided(client, release), "decision", "Whoever asks, or would read it, cannot approve.")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"reason": ""}, "reason", "Say why it must be known where the person stays."),
        ({"hours": "0"}, "hours", "Choose between 1 and 48 hours."),
        ({"hours": "49"}, "hours", "Choose between 1 and 48 hours."),
        ({"hours": "soon"}, "hours", "Choose between 1 and 48 hours."),
        ({"person": "other_ngo_caseworker"}, "person", ""),
    ],
)
def test_asking_for_a_location_without_its_bounds(
    cast: Cast, case: Case, changes: dict[str, str], field: str, message: str
) -> None:
    typed = {"person": "ngo_caseworker", "reason": KEPT, "hours": "2", **changes}
    typed["person"] = str(getattr(cast, typed["person"]).membership_id)
    response = cast.client("ngo_caseworker").post(f"/cases/{case.shown_reference}/location/release/", typed)
    assert_told(response, field, message, *([KEPT] if typed["reason"] else []))
    with acting(cast.custodian_a.actor):
        assert not LocationRelease.objects.exists()


@pytest.mark.parametrize("decision", ["", "perhaps"])
def test_no_decision(cast: Cast, case: Case, decision: str) -> None:
    response = decided(cast.client("custodian_a"), asked(cast, case, "ngo_caseworker"), decision)
    assert_told(response, "decision", "Choose whether you approve or refuse." if not decision else "")


# -- emergencies -----------------------------------------------------------------------------------------------------


def tried(cast: Cast, shown_reference: str, who: str = "police_supervisor", **changes: str) -> Any:
    typed = {
        "reference": shown_reference,
        "reason": "life_at_risk",
        "explanation": KEPT,
        "proof": PASSWORD,
        **changes,
    }
    response = cast.client(who).post("/emergencies/open/", typed)
    assert PASSWORD not in response.content.decode()
    return response


def attempts(cast: Cast) -> list[str]:
    with acting(cast.police_supervisor.actor):
        return list(BreakGlassTry.objects.values_list("outcome", flat=True))


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"reason": ""}, "reason", "Choose what the emergency is."),
        ({"reason": "curious"}, "reason", ""),
        ({"explanation": "  "}, "explanation", "Say in your own words why this cannot wait."),
        ({"reference": "K7QF-2M9X"}, "reference", ""),
        ({"reference": ""}, "reference", "Enter the reference of the case."),
        ({"proof": ""}, "proof", "Enter your password."),
    ],
)
def test_an_emergency_that_is_not_said(cast: Cast, changes: dict[str, str], field: str, message: str) -> None:
    case = filed_case(cast)
    response = tried(cast, case.shown_reference, **changes)
    assert_told(response, field, message, *([] if "explanation" in changes else [KEPT]))
    assert attempts(cast) == []
    assert not knows(cast, "police_supervisor", case)


def test_a_proof_that_is_none(cast: Cast) -> None:
    case = filed_case(cast)
    for wanted in (case.shown_reference, reference.show(reference.new())):
        response = tried(cast, wanted, proof="not the password")
        assert_told(response, "proof", "This is not right. The attempt is recorded.", KEPT, wanted)
    assert attempts(cast) == ["not_proven", "not_proven"]


@pytest.mark.parametrize("kind", ["nobody's", "closed"])
def test_a_reference_that_opens_nothing(cast: Cast, kind: str) -> None:
    case = filed_case(cast)
    with acting(cast.ngo_supervisor.actor):
        Case.objects.filter(pk=case.pk).update(state="closed")
    wanted = case.shown_reference if kind == "closed" else reference.show(reference.new())
    assert_told(tried(cast, wanted), "reference", "Nothing was opened under this reference.", KEPT, wanted)
    assert attempts(cast) == ["missed"]


def test_a_case_that_needs_no_emergency(cast: Cast, case: Case) -> None:
    response = tried(cast, case.shown_reference)
    assert_told(response, "reference", "You can open this case without an emergency", KEPT)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"outcome": ""}, "outcome", "Say what the review found."),
        ({"outcome": "fine"}, "outcome", ""),
        ({"remarks": ""}, "remarks", "Say what this is based on."),
    ],
)
def test_a_review_that_says_nothing(cast: Cast, changes: dict[str, str], field: str, message: str) -> None:
    opened = opened_in_an_emergency(cast, filed_case(cast), "police_supervisor")
    typed = {"outcome": "justified", "remarks": KEPT, **changes}
    response = cast.client("ngo_supervisor").post(f"/emergencies/{opened}/", typed)
    assert_told(response, field, message, *([KEPT] if typed["remarks"] else []))
