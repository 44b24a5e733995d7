"""My work: what falls due soonest stands first; each sees the own cases only; filters and place live in the address."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.context import acting
from audit.models import AuditRequest
from cases.models import Case
from cases.operations.labels import set_label
from core import clock
from tests.cases.files import assign, let_know, register
from tests.cases.filing import at_work, filed_case
from tests.cast import Cast
from tests.reporting.scenes import NOW, grounds, on, refer

ROW = re.compile(r'data-label="Case"><div class="cell"><a class="govuk-link" href="/cases/([^/]+)/"')


def shown(response: Any) -> list[str]:
    """The references on the page, in order."""
    assert response.status_code == 200
    return ROW.findall(response.content.decode())


def get(client: Client, address: str = "/my-work/") -> Any:
    with clock.travel(NOW):
        return client.get(address)


def tabs(response: Any) -> dict[str, str]:
    return {str(tab.label): tab.count for tab in response.context["tabs"]}


def references(*cases: Case) -> list[str]:
    return [case.shown_reference for case in cases]


@pytest.fixture
def old_and_new(cast: Cast) -> tuple[Case, Case, Case]:
    """Three cases of the NGO: an overdue one, one due soon, a child of today; the caseworker is assigned to all."""
    with on(4, 1):
        first = filed_case(cast, label="Red coat")
    with on(6, 12):
        second = filed_case(cast, label="Blue bicycle")
    with on(6, 15, 11):
        child = filed_case(cast, age_group="child")
    return first, second, child


# -- whose cases -----------------------------------------------------------------------------------------------------


def test_the_soonest_deadline_stands_first(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    rows = get(cast.client("ngo_caseworker")).context["worklist"].rows
    assert {row.case.pk for row in rows} == {case.pk for case in old_and_new}
    assert [row.next_due_at for row in rows] == sorted(row.next_due_at for row in rows)
    assert rows[0].case.pk == old_and_new[0].pk


def test_last_activity_first_is_the_second_order(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    response = get(cast.client("ngo_caseworker"), "/my-work/?order=activity")
    assert shown(response) == references(*reversed(old_and_new))


def test_a_row_says_what_to_do_next_by_when_and_who_leads(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    response = get(cast.client("ngo_caseworker"))
    row = response.context["worklist"].rows[0]
    assert (row.label, row.lead_name, row.task) == ("Red coat", "NGO", "Assess needs")
    page = response.content.decode()
    assert "days overdue" in page
    assert "Presumed victim" in page


def test_no_name_stands_on_the_list(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    assert "Zeynep" not in get(cast.client("ngo_supervisor")).content.decode()


def test_a_caseworker_sees_assigned_cases_only(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    assert shown(get(cast.client("colleague_unassigned"))) == []
    assign(cast, old_and_new[1], "colleague_unassigned")
    response = get(cast.client("colleague_unassigned"))
    assert shown(response) == references(old_and_new[1])
    assert "My team" not in tabs(response)


@pytest.mark.parametrize("persona", ["ngo_supervisor", "ngo_intake"])
def test_supervisor_and_intake_open_on_the_team(cast: Cast, old_and_new: tuple[Case, ...], persona: str) -> None:
    response = get(cast.client(persona))
    assert len(shown(response)) == 3
    assert response.context["filters"].tab == "team"
    assert shown(get(cast.client(persona), "/my-work/?tab=mine")) == []


@pytest.mark.parametrize(
    "persona", ["other_ngo_supervisor", "other_ngo_caseworker", "police_supervisor", "shelter_intake", "guardian"]
)
def test_nothing_of_other_organisations(cast: Cast, old_and_new: tuple[Case, ...], persona: str) -> None:
    client = cast.client(persona)
    for address in ("/my-work/", *(f"/my-work/?q={case.reference}" for case in old_and_new), "/my-work/?q=red+coat"):
        response = get(client, address)
        assert shown(response) == []
        assert all(count == "0" for count in tabs(response).values())


def test_the_label_of_another_organisation_is_not_shown(cast: Cast) -> None:
    case = register(cast, "police_officer")
    let_know(cast, case, cast.organisations.ngo)
    with at_work(cast, "police_officer", case) as (actor, access):
        set_label(actor, access=access, label="Grey van")
    assert "Grey van" in get(cast.client("police_officer")).content.decode()
    response = get(cast.client("ngo_supervisor"))
    assert shown(response) == references(case)
    assert "Grey van" not in response.content.decode()
    assert shown(get(cast.client("ngo_supervisor"), "/my-work/?q=grey")) == []


# -- tabs and counts -------------------------------------------------------------------------------------------------


def test_tabs_count_what_they_lead_to(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    with on(6, 15):
        refer(cast, old_and_new[0], "shelter", "safe_accommodation")
    assert tabs(get(cast.client("ngo_supervisor"))) == {
        "My work": "0",
        "Overdue": "1",
        "Children": "1",
        "My team": "3",
        "Nobody assigned": "0",
        "Referrals to answer": "0",
        "Waiting for others": "1",
    }
    assert tabs(get(cast.client("ngo_caseworker"))) == {
        "My work": "3",
        "Overdue": "1",
        "Children": "1",
        "Waiting for others": "1",
    }
    assert tabs(get(cast.client("shelter_intake")))["Referrals to answer"] == "1"


@pytest.mark.parametrize(
    ("tab", "which"), [("overdue", [0]), ("children", [2]), ("mine", [0, 1, 2]), ("nonsense", [0, 1, 2])]
)
def test_each_tab_shows_its_cases(cast: Cast, old_and_new: tuple[Case, ...], tab: str, which: list[int]) -> None:
    found = shown(get(cast.client("ngo_caseworker"), f"/my-work/?tab={tab}"))
    assert sorted(found) == sorted(references(*(old_and_new[index] for index in which)))


# -- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("due=overdue", [0]),
        ("due=overdue&due=later", [0]),
        ("due=none", []),
        ("q=red+coat", [0]),
        ("q=RED", [0]),
        ("q=bicycle", [1]),
        ("q=red+bicycle", []),
        ("q=nothing", []),
        ("state=registered", [0, 1, 2]),
        ("state=closed", []),
        ("identification=presumed", [0, 1, 2]),
        ("identification=identified", []),
        ("state=registered&q=coat&due=overdue", [0]),
        ("q=++", [0, 1, 2]),
        ("q=%21%3F", []),
    ],
)
def test_filters(cast: Cast, old_and_new: tuple[Case, ...], query: str, which: list[int]) -> None:
    response = get(cast.client("ngo_caseworker"), f"/my-work/?{query}")
    assert sorted(shown(response)) == sorted(references(*(old_and_new[index] for index in which)))
    assert response.context["worklist"].counts["found"] == len(which)


def test_the_spans_of_due_hold_each_case_with_a_deadline(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    client = cast.client("ngo_caseworker")
    rows = {row.case.shown_reference: row.next_due_at for row in get(client).context["worklist"].rows}
    for days, span in ((3, "two_days"), (8, "week")):
        day = (NOW + timedelta(days=days)).date()
        within = {reference for reference, due in rows.items() if due > NOW and due.date() < day}
        assert set(shown(get(client, f"/my-work/?due={span}"))) == within


def test_a_filter_by_what_was_decided(cast: Cast) -> None:
    case = register(cast, "police_officer")
    register(cast, "police_officer")
    grounds(cast, case)
    assert shown(get(cast.client("police_officer"), "/my-work/?identification=reasonable_grounds")) == references(case)


@pytest.mark.parametrize("write", [str.lower, lambda text: text.replace("-", ""), lambda text: text.replace("-", " ")])
def test_a_reference_is_read_forgivingly(cast: Cast, old_and_new: tuple[Case, ...], write: Any) -> None:
    response = cast.client("ngo_caseworker").get("/my-work/", {"q": write(old_and_new[1].shown_reference)})
    assert shown(response) == references(old_and_new[1])


def test_a_mistyped_reference_is_told_and_kept(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    right = old_and_new[0].shown_reference
    wrong = right[:-1] + ("B" if right[-1] != "B" else "C")
    response = get(cast.client("ngo_caseworker"), f"/my-work/?q={wrong}")
    assert response.status_code == 422
    page = response.content.decode()
    assert "one symbol is mistyped" in page
    assert f'value="{wrong}"' in page
    assert "<title>Error:" in page.replace("\n", "")


@pytest.mark.parametrize("query", ["due=soon", "q=%00", "q=" + "x" * 500])
def test_bad_filters_are_refused_with_words(cast: Cast, query: str) -> None:
    assert get(cast.client("ngo_caseworker"), f"/my-work/?{query}").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "W10", "%00", "bnVsbA", "WyIyMDI2LTA2LTE1IiwgIngiLCAwXQ"])
def test_a_broken_place_shows_the_first_page(cast: Cast, old_and_new: tuple[Case, ...], cursor: str) -> None:
    assert len(shown(get(cast.client("ngo_caseworker"), f"/my-work/?at={cursor}"))) == 3


# -- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "persona",
    ["coordinator", "rapporteur", "organisation_administrator", "platform_administrator", "auditor", "custodian_a"],
)
def test_who_works_on_no_case_has_no_worklist(cast: Cast, persona: str) -> None:
    assert cast.client(persona).get("/my-work/").status_code == 403


def test_signed_out_one_is_sent_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get("/my-work/").status_code == 302


def test_looking_is_recorded_with_the_number_of_cases(cast: Cast, old_and_new: tuple[Case, ...]) -> None:
    get(cast.client("ngo_caseworker"))
    with acting(cast.ngo_caseworker.actor):
        assert AuditRequest.objects.get().cases_shown == 3
