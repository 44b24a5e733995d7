"""Links of a family and of one action: by who works on every case; a link shows that it exists, nothing more."""

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases import access as door
from cases.models import Case, CaseLink
from cases.operations.links import link_cases, links_of, unlink_case
from core.db import role
from core.errors import Conflict, Missing, NotAllowed, Refused
from tests.cases import files
from tests.cases.filing import filed_case, shared
from tests.cast import Cast


def siblings(cast: Cast) -> tuple[Case, Case]:
    """Two children whom the NGO has registered; child protection knows both."""
    return filed_case(cast, age_group="child"), filed_case(cast, age_group="child")


def joined(cast: Cast, case: Case, *others: Case, by: str = "ngo_caseworker", kind: str = "family") -> CaseLink:
    actor = getattr(cast, by).actor
    with acting(actor):
        found = [door.get_case(actor, one.reference) for one in (case, *others)]
        return link_cases(actor, access=found[0], others=found[1:], kind=kind)


def seen(cast: Cast, persona: str, case: Case) -> list[tuple[str, list[str]]]:
    with files.inside(getattr(cast, persona), case) as (_actor, access):
        return [(link.kind, [one.reference for one in known]) for link, known in links_of(access)]


def test_who_works_on_both_links_them_and_sees_both(cast: Cast) -> None:
    one, other = siblings(cast)
    joined(cast, one, other)
    assert seen(cast, "ngo_caseworker", one) == [("family", [other.reference])]
    assert seen(cast, "ngo_caseworker", other) == [("family", [one.reference])]


def test_several_persons_of_one_action_are_one_link(cast: Cast) -> None:
    first, *rest = (filed_case(cast, by="police_officer") for _number in range(4))
    joined(cast, first, *rest, by="police_officer", kind="joint_action")
    ((kind, known),) = seen(cast, "police_officer", rest[1])
    assert kind == "joint_action"
    assert set(known) == {case.reference for case in (first, *rest)} - {rest[1].reference}


def test_who_may_know_one_case_only_learns_that_another_exists(cast: Cast) -> None:
    one, other = filed_case(cast), filed_case(cast)
    joined(cast, one, other)
    shared(cast, one, cast.organisations.shelter, "identity")
    assert seen(cast, "shelter_supervisor", one) == []
    with acting(cast.shelter_supervisor.actor):
        assert CaseLink.objects.count() == 0


def test_child_protection_and_guardian_see_that_a_child_has_family(cast: Cast) -> None:
    one, other = siblings(cast)
    joined(cast, one, other)
    assert seen(cast, "child_protection_supervisor", one) == [("family", [other.reference])]


def test_no_row_of_a_link_names_another_case(cast: Cast) -> None:
    one, other = filed_case(cast), filed_case(cast, by="police_officer")
    shared(cast, one, cast.organisations.police, "identity", purpose="share_police")
    joined(cast, one, other, by="police_supervisor")
    with acting(cast.ngo_supervisor.actor):
        (row,) = CaseLink.objects.values()
        changes = [str(change.detail) for change in AuditChange.objects.filter(kind="link_cases")]
    assert str(other.pk) not in str(row)
    assert len(changes) == 1
    assert str(other.pk) not in changes[0]
    html = cast.client("ngo_supervisor").get(f"/cases/{one.shown_reference}/links/").content.decode()
    assert "does not know which" in html
    assert other.shown_reference not in html


@pytest.mark.parametrize("persona", ["ngo_intake", "other_ngo_caseworker", "colleague_unassigned"])
def test_nobody_links_who_does_not_work_on_it(cast: Cast, persona: str) -> None:
    one, other = siblings(cast)
    with pytest.raises((NotAllowed, Missing)):
        joined(cast, one, other, by=persona)


def test_who_works_on_one_of_them_only_cannot_link(cast: Cast) -> None:
    one, other = filed_case(cast), filed_case(cast, by="police_officer")
    response = cast.client("ngo_caseworker").post(
        f"/cases/{one.shown_reference}/links/", {"kind": "family", "references": other.shown_reference}
    )
    assert response.status_code == 422
    assert "You know no case with this reference" in response.content.decode()
    absent = cast.client("ngo_caseworker").post(
        f"/cases/{one.shown_reference}/links/", {"kind": "family", "references": "no such thing"}
    )
    assert "You know no case with this reference" in absent.content.decode()
    with role("nrm_ledger"):
        assert CaseLink.objects.count() == 0


@pytest.mark.parametrize("kind", ["same_person", "new_episode", "friends"])
def test_one_person_is_not_linked_by_hand(cast: Cast, kind: str) -> None:
    with pytest.raises(Refused) as refusal:
        joined(cast, *siblings(cast), kind=kind)
    assert refusal.value.field == "kind"


def test_a_case_is_not_linked_with_itself_nor_twice(cast: Cast) -> None:
    one, other = siblings(cast)
    with pytest.raises(Refused):
        joined(cast, one, one)
    joined(cast, one, other)
    with pytest.raises(Conflict):
        joined(cast, other, one)


def test_an_ended_link_is_gone_for_both_and_the_rest_of_a_group_stays(cast: Cast) -> None:
    first, second, third = (filed_case(cast) for _number in range(3))
    link = joined(cast, first, second, third)
    with files.inside(cast.ngo_caseworker, first) as (actor, access):
        unlink_case(actor, access=access, link=link)
        with pytest.raises(Conflict):
            unlink_case(actor, access=access, link=link)
    assert seen(cast, "ngo_caseworker", first) == []
    assert seen(cast, "ngo_caseworker", second) == [("family", [third.reference])]
    with files.inside(cast.ngo_caseworker, third) as (actor, access):
        unlink_case(actor, access=access, link=links_of(access)[0][0])
    assert seen(cast, "ngo_caseworker", second) == []


def test_the_page_links_and_ends(cast: Cast) -> None:
    one, other = siblings(cast)
    client, url = cast.client("ngo_caseworker"), f"/cases/{one.shown_reference}/links/"
    assert client.post(url, {"kind": "family", "references": other.shown_reference}).status_code == 302
    html = client.get(url).content.decode()
    assert other.shown_reference in html
    with role("nrm_ledger"):
        link = CaseLink.objects.get(case=one)
    assert client.post(f"{url}{link.pk}/end/").status_code == 302
    assert "linked with no other" in client.get(url).content.decode()
