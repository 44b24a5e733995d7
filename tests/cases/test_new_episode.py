"""A new episode: somebody whose case is closed and who was trafficked again has two cases and is one person."""

from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice
from cases import access as door
from cases.models import Case, CaseLink, PossibleDouble
from cases.operations.closing import close_case
from cases.operations.doubles import ask_to_link, get_double
from cases.operations.links import link_cases, links_of, unlink_case
from core.db import role
from core.errors import Conflict, Refused
from tests.api.calls import Caller, made, problem
from tests.cases.files import inside
from tests.cases.filing import filed_case, shared
from tests.cases.pairs import HERE, registered, search
from tests.cases.test_doubles import person_of
from tests.cast import Cast


def closed(cast: Cast, case: Case, by: str = "ngo_supervisor") -> Case:
    with inside(getattr(cast, by), case) as (actor, access):
        close_case(actor, access=access, outcome="retrafficked")
    return case


@pytest.fixture
def earlier(cast: Cast) -> Case:
    return closed(cast, filed_case(cast))


@pytest.fixture
def later(cast: Cast, earlier: Case) -> Case:
    return filed_case(cast)


def joined(cast: Cast, case: Case, *others: Case, by: str = "ngo_supervisor") -> CaseLink:
    with acting(getattr(cast, by).actor) as actor:
        access, *found = [door.get_case(actor, one.reference) for one in (case, *others)]
        return link_cases(actor, access=access, others=found, kind="new_episode")


def refused(cast: Cast, *cases: Case, by: str = "ngo_supervisor") -> Any:
    with pytest.raises(Refused) as refusal:
        joined(cast, *cases, by=by)
    with role("nrm_ledger"):
        assert not CaseLink.objects.exists()
    return refusal.value.field


def test_two_cases_become_one_person_and_two_again(cast: Cast, earlier: Case, later: Case) -> None:
    link = joined(cast, later, earlier)
    assert person_of(later) == person_of(earlier) == earlier.person_id
    with inside(cast.ngo_supervisor, earlier) as (_actor, access):
        ((other, known),) = links_of(access)
        assert (other.kind, [case.pk for case in known]) == ("new_episode", [later.pk])
    with inside(cast.ngo_supervisor, later) as (actor, access):
        unlink_case(actor, access=access, link=link)
        assert links_of(access) == []
    assert person_of(later) != person_of(earlier) == earlier.person_id


def test_it_may_be_said_on_either_case(cast: Cast, earlier: Case, later: Case) -> None:
    joined(cast, earlier, later)
    assert person_of(later) == earlier.person_id


def test_one_person_is_linked_once(cast: Cast, earlier: Case, later: Case) -> None:
    joined(cast, later, earlier)
    with pytest.raises(Conflict):
        joined(cast, earlier, later)


def test_only_a_supervisor_of_the_lead_of_both_links_them(cast: Cast, earlier: Case, later: Case) -> None:
    assert refused(cast, later, earlier, by="ngo_caseworker") == "kind"
    theirs = filed_case(cast, by="police_officer")
    shared(cast, theirs, cast.organisations.ngo, "identity", by="police_supervisor", purpose="formal_identification")
    assert refused(cast, theirs, earlier) == "kind"


def test_the_earlier_case_must_be_closed(cast: Cast) -> None:
    first, second = filed_case(cast), filed_case(cast)
    assert refused(cast, second, first) == "references"
    closed(cast, second)
    assert refused(cast, second, first) == "references"


def test_an_episode_follows_one_case(cast: Cast, earlier: Case, later: Case) -> None:
    assert refused(cast, later, earlier, closed(cast, filed_case(cast))) == "references"


def test_a_question_of_the_desk_about_the_two_is_settled(cast: Cast) -> None:
    before = closed(cast, registered(cast, "ngo_caseworker", HERE))
    again = registered(cast, "ngo_caseworker", HERE)
    assert search() == 1
    with role("nrm_ledger"):
        double = PossibleDouble.objects.get()
    with acting(cast.coordinator.actor) as actor:
        ask_to_link(actor, double=get_double(actor, double.pk))
    assert Notice.objects.filter(kind="ask_to_link", read_at=None).exists()
    joined(cast, again, before)
    with role("nrm_ledger"):
        assert PossibleDouble.objects.get().state == "linked"
    assert not Notice.objects.filter(kind="ask_to_link", read_at=None).exists()


def test_the_page_offers_it_to_whom_it_is_open(cast: Cast, earlier: Case, later: Case) -> None:
    page = f"/cases/{later.shown_reference}/links/"
    given = {"kind": "new_episode", "references": earlier.shown_reference}
    worker, supervisor = cast.client("ngo_caseworker"), cast.client("ngo_supervisor")
    assert "trafficked again" not in worker.get(page).content.decode()
    assert worker.post(page, given).status_code == 422
    assert "The same person, trafficked again" in supervisor.get(page).content.decode()
    assert supervisor.post(page, given).status_code == 302
    assert earlier.shown_reference in supervisor.get(page).content.decode()


def test_the_page_says_what_is_wrong_beside_the_field(cast: Cast, later: Case) -> None:
    other = filed_case(cast)
    response = cast.client("ngo_supervisor").post(
        f"/cases/{other.shown_reference}/links/", {"kind": "new_episode", "references": later.shown_reference}
    )
    assert response.status_code == 422
    assert "The earlier case of the two is not closed" in response.content.decode()


def test_it_is_linked_through_the_api(cast: Cast, earlier: Case, later: Case) -> None:
    path, body = f"cases/{later.shown_reference}/links/", {"kind": "new_episode", "references": earlier.shown_reference}
    problem(Caller(cast, "ngo_caseworker").post(path, body), 422)
    made(Caller(cast, "ngo_supervisor").post(path, body))
