"""A colleague leaves: their cases are handed on, many at once, and none stays unnoticed without anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.context import acting
from accounts.models import Membership
from accounts.operations import end_membership, invite_member, suspend_member
from accounts.tokens import invitation_token
from audit.models import AuditChange
from cases.models import Case
from cases.operations.conflicts import block_member
from cases.operations.guardianship import assign_provisional_guardian
from cases.operations.handover import reassign
from core import clock
from core.errors import Conflict, NotAllowed, Refused
from tests.api.calls import Caller
from tests.cases import files
from tests.cases.filing import at_work, counted, filed_case
from tests.cast import Cast
from tests.world import kept_away


@pytest.fixture
def cases(cast: Cast) -> list[Case]:
    """Three open cases of the caseworker."""
    return [filed_case(cast, label=f"door {number}") for number in range(3)]


def url(cast: Cast, who: str = "ngo_caseworker") -> str:
    return f"/team/{getattr(cast, who).membership_id}/"


def given(cast: Cast, cases: list[Case], successor: str = "colleague_unassigned", **more: str) -> dict[str, Any]:
    return {"cases": [str(case.pk) for case in cases], "successor": str(getattr(cast, successor).membership_id), **more}


def knows(client: Client, case: Case) -> bool:
    return client.get(f"/cases/{case.shown_reference}/").status_code == 200


def leave(cast: Cast, who: str = "ngo_caseworker") -> None:
    with acting(cast.organisation_administrator.actor) as actor:
        end_membership(actor, membership=getattr(cast, who).membership)


def suspend(cast: Cast, who: str = "ngo_caseworker") -> None:
    with acting(cast.organisation_administrator.actor) as actor:
        suspend_member(actor, membership=getattr(cast, who).membership)


def nobody(cast: Cast, who: str = "ngo_supervisor") -> set[str]:
    page = cast.client(who).get("/my-work/?tab=nobody")
    return {row.case.reference for row in page.context["worklist"].rows}


def test_all_or_some_are_handed_on_after_a_preview(cast: Cast, cases: list[Case]) -> None:
    supervisor, former, heir = (
        cast.client(who) for who in ("ngo_supervisor", "ngo_caseworker", "colleague_unassigned")
    )
    page = supervisor.get(url(cast)).content.decode()
    assert all(case.shown_reference in page for case in cases)
    preview = supervisor.post(url(cast), given(cast, cases[:2]))
    html = preview.content.decode()
    assert preview.status_code == 200
    assert cases[0].shown_reference in html
    assert cases[2].shown_reference not in html
    assert not knows(heir, cases[0])
    assert supervisor.post(url(cast), given(cast, cases[:2], confirmed="yes")).status_code == 302
    result = supervisor.get(url(cast)).content.decode()
    assert "2 cases were handed over" in result
    assert cases[0].shown_reference not in result
    assert [knows(heir, case) for case in cases] == [True, True, False]
    assert [knows(former, case) for case in cases] == [False, False, True]


def test_each_case_records_who_got_it_from_whom(cast: Cast, cases: list[Case]) -> None:
    cast.client("ngo_supervisor").post(url(cast), given(cast, cases, confirmed="yes"))
    with acting(cast.ngo_supervisor.actor):
        lines = list(AuditChange.objects.filter(kind="reassign"))
    assert {line.case_id for line in lines} == {case.pk for case in cases}
    assert {line.object_id for line in lines} == {cast.colleague_unassigned.membership_id}
    assert {line.detail["former"] for line in lines} == {str(cast.ngo_caseworker.membership_id)}


@pytest.mark.parametrize("fate", [leave, suspend])
def test_who_is_gone_stands_first_and_their_cases_on_a_list(cast: Cast, cases: list[Case], fate: Any) -> None:
    assert nobody(cast) == set()
    fate(cast)
    assert nobody(cast) == {case.reference for case in cases}
    assert nobody(cast, "ngo_intake") == {case.reference for case in cases}
    team = cast.client("ngo_supervisor").get("/team/")
    first = team.context["people"][0]
    assert (first.membership.pk, first.cases, first.is_away) == (cast.ngo_caseworker.membership_id, 3, True)
    assert "Nobody works on 3 open cases" in team.content.decode()
    cast.client("ngo_supervisor").post(url(cast), given(cast, cases, confirmed="yes"))
    assert nobody(cast) == set()


def test_a_colleague_with_another_office_works_on_nothing(cast: Cast, cases: list[Case]) -> None:
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(roles=["auditor"])
    assert nobody(cast) == {case.reference for case in cases}


def test_a_caseworker_has_no_such_list(cast: Cast, cases: list[Case]) -> None:
    page = cast.client("ngo_caseworker").get("/my-work/?tab=nobody")
    assert "nobody" not in page.context["worklist"].counts


def test_a_case_from_which_the_successor_is_kept_away_stays_and_says_why(cast: Cast, cases: list[Case]) -> None:
    with at_work(cast, "ngo_supervisor", cases[0]) as (actor, access):
        block_member(actor, access=access, member=cast.colleague_unassigned.membership, reason="Her sister.")
    supervisor = cast.client("ngo_supervisor")
    assert "kept away" in supervisor.post(url(cast), given(cast, cases)).content.decode()
    supervisor.post(url(cast), given(cast, cases, confirmed="yes"))
    html = supervisor.get(url(cast)).content.decode()
    assert "2 cases were handed over" in html
    assert f"{cases[0].shown_reference}: The successor is kept away" in html
    assert not knows(cast.client("colleague_unassigned"), cases[0])


def test_a_supervisor_hands_over_nothing_that_does_not_exist_for_them(cast: Cast, cases: list[Case]) -> None:
    kept_away(cast, cases[0], "ngo_supervisor", by="ngo_supervisor")
    supervisor = cast.client("ngo_supervisor")
    assert cases[0].shown_reference not in supervisor.get(url(cast)).content.decode()
    assert supervisor.post(url(cast), given(cast, cases[:1], confirmed="yes")).status_code == 422
    with acting(cast.ngo_supervisor.actor) as actor, pytest.raises(Conflict):
        reassign(
            actor, colleague=cast.ngo_caseworker.membership, cases=[cases[0].pk],
            successor=cast.colleague_unassigned.membership,
        )  # fmt: skip
    assert knows(cast.client("ngo_caseworker"), cases[0])


def test_a_guardian_is_replaced_by_child_protection_and_not_here(cast: Cast) -> None:
    case = filed_case(cast, age_group="child")
    with files.inside(cast.child_protection_intake, case) as (actor, access):
        assign_provisional_guardian(
            actor, access=access, guardian=cast.guardian.membership, conflict_of_interest="none", is_screened=True
        )
    supervisor = cast.client("guardian_supervisor")
    html = supervisor.get(url(cast, "guardian")).content.decode()
    assert "child protection names another one" in html
    response = supervisor.post(url(cast, "guardian"), given(cast, [case], "other_guardian", confirmed="yes"))
    assert response.status_code == 422
    assert not knows(cast.client("other_guardian"), case)


@pytest.mark.parametrize("successor", ["suspended_member", "ngo_caseworker", "other_ngo_caseworker", "auditor"])
def test_only_somebody_who_works_cases_here_takes_over(cast: Cast, cases: list[Case], successor: str) -> None:
    response = cast.client("ngo_supervisor").post(url(cast), given(cast, cases, successor, confirmed="yes"))
    assert response.status_code == 422
    assert response.context["form"].errors["successor"]
    heir = getattr(cast, successor).membership
    with acting(cast.ngo_supervisor.actor) as actor, pytest.raises(Refused):
        reassign(actor, colleague=cast.ngo_caseworker.membership, cases=[cases[0].pk], successor=heir)


def test_cases_of_others_are_not_handed_over(cast: Cast, cases: list[Case]) -> None:
    foreign = filed_case(cast, by="police_officer")
    response = cast.client("ngo_supervisor").post(url(cast), given(cast, [foreign], confirmed="yes"))
    assert response.status_code == 422
    assert not knows(cast.client("colleague_unassigned"), foreign)


@pytest.mark.parametrize(
    ("who", "status"), [("ngo_intake", 403), ("ngo_caseworker", 403), ("organisation_administrator", 403)]
)
def test_it_is_for_supervisors(cast: Cast, cases: list[Case], who: str, status: int) -> None:
    for path in ("/team/", url(cast)):
        assert cast.client(who).get(path).status_code == status
    assert cast.client(who).post(url(cast), given(cast, cases, confirmed="yes")).status_code == status
    with acting(getattr(cast, who).actor) as actor, pytest.raises(NotAllowed):
        reassign(
            actor, colleague=cast.ngo_caseworker.membership, cases=[cases[0].pk],
            successor=cast.colleague_unassigned.membership,
        )  # fmt: skip


def test_colleagues_of_other_organisations_are_missing(cast: Cast, cases: list[Case]) -> None:
    assert cast.client("other_ngo_supervisor").get(url(cast)).status_code == 404
    assert cast.ngo_intake.label not in cast.client("other_ngo_supervisor").get("/team/").content.decode()


def test_the_page_asks_no_more_for_more_cases(cast: Cast, cases: list[Case]) -> None:
    client = cast.client("ngo_supervisor")
    client.get(url(cast))
    with counted(14):
        client.get(url(cast))


def test_the_administrator_is_told_what_becomes_of_the_cases(cast: Cast) -> None:
    page = cast.client("organisation_administrator").get(f"/members/{cast.ngo_caseworker.membership_id}/end/")
    assert "Their cases stay with the organisation" in page.content.decode()


def test_by_rest_it_is_the_same(cast: Cast, cases: list[Case]) -> None:
    supervisor = Caller(cast, "ngo_supervisor")
    path = f"team/{cast.ngo_caseworker.membership_id}/cases/"
    assert {one["name"]: one["open_cases"] for one in supervisor.get("team/").json()}[cast.ngo_caseworker.label] == 3
    assert {one["reference"] for one in supervisor.get(path).json()} == {case.shown_reference for case in cases}
    assert supervisor.post(path, given(cast, cases[:2])).status_code == 201
    assert [one["reference"] for one in supervisor.get(path).json()] == [cases[2].shown_reference]
    assert knows(cast.client("colleague_unassigned"), cases[0])
    assert Caller(cast, "ngo_intake").get(path).status_code == 403


# -- leaving holds on the next request of a warm session -------------------------------------------------------------


def warm(cast: Cast, cases: list[Case]) -> Client:
    client = cast.client("ngo_caseworker")
    assert knows(client, cases[0])
    return client


def shut_out(client: Client, case: Case) -> bool:
    pages = (
        f"/cases/{case.shown_reference}/",
        f"/cases/{case.shown_reference}/identity/",
        f"/api/v1/cases/{case.reference}/",
    )
    return all(client.get(path).status_code in {403, 404} for path in pages)


@pytest.mark.parametrize("fate", [leave, suspend])
def test_leaving_and_suspension_hold_at_once(cast: Cast, cases: list[Case], fate: Any) -> None:
    client = warm(cast, cases)
    fate(cast)
    assert shut_out(client, cases[0])
    assert cases[0].shown_reference not in client.get("/inbox/").content.decode()


def test_a_colleague_who_moves_takes_nothing_along(cast: Cast, cases: list[Case]) -> None:
    client = warm(cast, cases)
    leave(cast)
    user, other = cast.ngo_caseworker.user, cast.organisations.other_ngo
    Membership.objects.create(user=user, organisation=other, roles=["supervisor", "intake"])
    assert client.get("/my-work/").status_code == 200
    assert client.get("/my-work/").wsgi_request.actor.organisation_id == other.pk
    assert shut_out(client, cases[0])


def test_a_colleague_who_comes_back_finds_none_of_the_old_cases(cast: Cast, cases: list[Case]) -> None:
    client = warm(cast, cases)
    leave(cast)
    administrator = cast.organisation_administrator.actor
    with acting(administrator):
        invitation = invite_member(administrator, email=cast.ngo_caseworker.email, roles=["caseworker"])
    assert client.post(f"/invitation/{invitation_token(invitation.pk)}/").status_code == 302
    assert client.get("/my-work/").status_code == 200
    assert shut_out(client, cases[0])
    assert nobody(cast) == {case.reference for case in cases}


def test_the_organisation_that_is_suspended_is_shut_out_whole(cast: Cast, cases: list[Case]) -> None:
    client = warm(cast, cases)
    ngo = cast.organisations.ngo
    type(ngo).objects.filter(pk=ngo.pk).update(suspended_at=clock.moment() - timedelta(seconds=1))
    assert shut_out(client, cases[0])
