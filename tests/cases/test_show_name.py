"""The name is hidden until somebody asks, leaves one line each time, and goes away again."""

from typing import Any

import pytest

from accounts.context import acting
from audit.models import AuditChange, AuditRequest
from cases.models import Case, Identity
from tests.cases.filing import NAME, filed_case, shared
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str = "") -> str:
    return f"/cases/{case.shown_reference}/{path}"


def lines(cast: Cast) -> list[AuditChange]:
    with acting(cast.ngo_supervisor.actor):
        return list(AuditChange.objects.filter(kind="show_name"))


def ask(cast: Cast, who: str, case: Case, **headers: str) -> Any:
    return cast.client(who).post(address(case, "name/"), headers=headers)


@pytest.mark.parametrize("path", ["", "identity/", "timeline/", "people/", "consent/", "shares/"])
def test_no_page_of_the_case_shows_it_unasked(cast: Cast, case: Case, path: str) -> None:
    html = cast.client("ngo_caseworker").get(address(case, path)).content.decode()
    assert NAME not in html
    assert "hidden" in html
    assert lines(cast) == []


def test_showing_it_leaves_one_line_without_the_name(cast: Cast, case: Case) -> None:
    response = ask(cast, "ngo_caseworker", case)
    assert NAME in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    (line,) = lines(cast)
    assert (line.actor_id, line.case_id) == (cast.ngo_caseworker.user_id, case.pk)
    assert NAME not in str(line.detail)
    with acting(cast.ngo_caseworker.actor):
        request = AuditRequest.objects.get(pk=line.request_id)
    assert (request.route, "identity" in request.categories) == ("cases:show_name", True)


def test_without_script_the_page_goes_back_by_itself(cast: Cast, case: Case) -> None:
    response = ask(cast, "ngo_caseworker", case)
    assert response["Refresh"] == f"60; url={address(case)}"
    assert "60 seconds" in response.content.decode()


def test_for_the_script_it_is_a_part_of_a_page(cast: Cast, case: Case) -> None:
    html = ask(cast, "ngo_caseworker", case, X_Requested_With="reveal").content.decode()
    assert NAME in html
    assert "<html" not in html


def test_looking_at_the_address_shows_and_records_nothing(cast: Cast, case: Case) -> None:
    response = cast.client("ngo_caseworker").get(address(case, "name/"))
    assert response.url == address(case)
    assert lines(cast) == []


def test_a_receiver_sees_it_only_when_it_is_shared(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "contact")
    assert NAME not in ask(cast, "shelter_intake", case).content.decode()
    shared(cast, case, cast.organisations.shelter, "identity")
    html = ask(cast, "shelter_intake", case).content.decode()
    assert NAME in html
    assert cast.organisations.ngo.name in html


@pytest.mark.parametrize("who", ["colleague_unassigned", "other_ngo_caseworker", "coordinator", "auditor"])
def test_for_others_there_is_no_such_page(cast: Cast, case: Case, who: str) -> None:
    assert ask(cast, who, case).status_code == 404


def test_other_organisations_do_not_learn_who_asked(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    ask(cast, "ngo_caseworker", case)
    with acting(cast.shelter_supervisor.actor):
        assert not AuditChange.objects.filter(kind="show_name").exists()
    for who in ("shelter_supervisor", "ngo_supervisor"):
        assert "Name shown" not in cast.client(who).get(address(case, "timeline/")).content.decode()


def test_the_history_of_a_row_hides_names_until_they_are_asked_for(cast: Cast, case: Case) -> None:
    with acting(cast.ngo_caseworker.actor):
        row = Identity.objects.get(case=case)
    client, path = cast.client("ngo_caseworker"), address(case, f"history/identity/{row.pk}/")
    assert NAME not in client.get(path).content.decode()
    assert lines(cast) == []
    response = client.post(path)
    assert NAME in response.content.decode()
    assert response["Refresh"] == f"60; url={path}"
    assert len(lines(cast)) == 1
