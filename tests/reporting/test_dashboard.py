"""The dashboard: exact figures of steps, cut and filtered, for the country or the own organisation; never a person."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils.html import strip_tags

from accounts.models import Organisation
from cases.models import CaseLead, Deadline
from core import clock
from core.db import role
from reporting import overdue, statistics
from reporting.statistics import Figures, Scope
from tests.cases.filing import counted
from tests.cases.test_periods import GROUNDS, MINIMUM, at, with_positive_grounds
from tests.cast import Cast
from tests.cluster import Cluster
from tests.referrals.scenes import police_case
from tests.referrals.test_transfer import transferred
from tests.reporting.scenes import NOW, on, spring

YEAR = {"start": date(2025, 6, 1), "end": date(2026, 6, 15)}


@pytest.fixture
def lived(cast: Cast) -> dict[str, Any]:
    return spring(cast)


def read(**changes: Any) -> Figures:
    with clock.travel(NOW):
        return statistics.figures(Scope(**{**YEAR, **changes}))


def total(**changes: Any) -> int:
    return sum(read(**changes).states.values())


# -- referrals -------------------------------------------------------------------------------------------------------


def test_referrals_by_state(lived: dict[str, Any]) -> None:
    assert read().states == {"sent": 1, "overdue": 1, "accepted": 2, "declined": 1, "expired": 1}


def test_referrals_by_phase(lived: dict[str, Any]) -> None:
    by_phase = read().by_phase
    assert sum(sum(states.values()) for states in by_phase.values()) == 6
    phases = {lived[name].phase for name in ("accepted", "south", "expired", "declined", "late", "fresh")}
    assert set(by_phase) == phases


def test_referrals_by_organisation_that_receives(lived: dict[str, Any]) -> None:
    assert read().by_receiver == {
        "Shelter": {"accepted": 1, "declined": 1, "overdue": 1},
        "Other shelter": {"accepted": 1, "sent": 1},
        "Health": {"expired": 1},
    }


def test_referrals_by_type_and_by_region(lived: dict[str, Any]) -> None:
    figures = read()
    assert figures.by_kind == {
        "shelter": {"accepted": 2, "declined": 1, "overdue": 1, "sent": 1},
        "health": {"expired": 1},
    }
    assert figures.by_region == {
        "amsterdam": {"accepted": 1, "declined": 1, "overdue": 1, "expired": 1},
        "limburg": {"accepted": 1, "sent": 1},
    }


def test_the_flow_from_sender_to_receiver_to_state(lived: dict[str, Any]) -> None:
    assert read().flow == {
        ("ngo", "shelter"): {"accepted": 2, "sent": 1},
        ("ngo", "health"): {"expired": 1},
        ("police", "shelter"): {"declined": 1, "overdue": 1},
    }


def test_the_trend_has_every_month_also_those_with_nought(lived: dict[str, Any]) -> None:
    by_month = read().by_month
    assert len(by_month) == 13
    assert {month: number for month, number in by_month.items() if number} == {
        date(2026, 3, 1): 2,
        date(2026, 4, 1): 1,
        date(2026, 6, 1): 3,
    }


def test_all_cuts_count_the_same_referrals(lived: dict[str, Any]) -> None:
    figures = read()
    for cut in (figures.by_phase, figures.by_receiver, figures.by_kind, figures.by_region, figures.flow):
        assert sum(sum(states.values()) for states in cut.values()) == 6
    assert sum(figures.by_month.values()) == 6


# -- how long steps take ---------------------------------------------------------------------------------------------


def test_median_and_ninetieth_percentile_in_calendar_days(lived: dict[str, Any]) -> None:
    waits = read().waits
    assert {step: wait.count for step, wait in waits.items()} == {"answer": 2, "grounds": 2, "guardian": 1}
    assert [float(waits["answer"].median), float(waits["answer"].ninetieth)] == pytest.approx([3, 3.8])
    assert [float(waits["grounds"].median), float(waits["grounds"].ninetieth)] == pytest.approx([7, 9.4])
    assert float(waits["guardian"].median) == pytest.approx(3)


def test_reflection_periods_run_and_end(lived: dict[str, Any]) -> None:
    assert read().reflection == {"running": 1, "ending": 0, "offered": 0, "declined": 0, "granted": 1}
    with on(7, 10):
        assert statistics.figures(Scope(**YEAR)).reflection["ending"] == 1


def test_children_without_a_guardian_today(lived: dict[str, Any]) -> None:
    figures = read()
    assert figures.children == {"waiting": 1, "provisional": 0, "appointed": 1}
    assert float(figures.longest_wait_days or 0) == pytest.approx(7 + 2 / 24)


def test_anonymous_notifications_stand_beside_registrations(lived: dict[str, Any]) -> None:
    assert {month: both for month, both in read().registrations.items() if any(both)} == {
        date(2026, 3, 1): (2, 2),
        date(2026, 4, 1): (2, 0),
        date(2026, 5, 1): (1, 0),
        date(2026, 6, 1): (1, 0),
    }


# -- filters and the own organisation --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"region": "limburg"}, 2),
        ({"kind": "health"}, 1),
        ({"region": "limburg", "kind": "health"}, 0),
        ({"start": date(2026, 6, 1)}, 3),
        ({"start": date(2026, 6, 9), "end": date(2026, 6, 9)}, 1),
        ({"end": date(2026, 3, 18)}, 1),
    ],
)
def test_filters(lived: dict[str, Any], changes: dict[str, Any], number: int) -> None:
    assert total(**changes) == number


@pytest.mark.parametrize(
    ("organisation", "number"), [("ngo", 4), ("police", 2), ("shelter", 3), ("other_shelter", 2), ("other_ngo", 0)]
)
def test_an_organisation_counts_what_it_sends_and_receives(
    cast: Cast, lived: dict[str, Any], organisation: str, number: int
) -> None:
    assert total(organisation=getattr(cast.organisations, organisation).pk) == number


def test_an_organisation_counts_its_own_cases_and_steps(cast: Cast, lived: dict[str, Any]) -> None:
    figures = read(organisation=cast.organisations.ngo.pk)
    assert sum(registered for registered, _notified in figures.registrations.values()) == 4
    assert sum(notified for _registered, notified in figures.registrations.values()) == 2
    assert figures.children["waiting"] == 0
    assert read(organisation=cast.organisations.child_protection.pk).children["waiting"] == 1
    assert read(organisation=cast.organisations.immigration.pk).reflection["running"] == 1
    other = read(organisation=cast.organisations.other_ngo.pk)
    assert not any(any(both) for both in other.registrations.values())
    assert not other.waits


def test_a_case_counts_for_who_registered_it_and_for_who_leads_it_now(cast: Cast) -> None:
    case = police_case(cast)
    transferred(cast, case)
    on_that_day = {"start": case.registered_on, "end": case.registered_on}

    def counted_for(organisation: Organisation) -> int:
        figures = statistics.figures(Scope(**on_that_day, organisation=organisation.pk))
        return sum(registered for registered, _notified in figures.registrations.values())

    assert (counted_for(cast.organisations.police), counted_for(cast.organisations.ngo)) == (1, 1)
    assert counted_for(cast.organisations.other_ngo) == 0
    with role("nrm_ledger"):
        CaseLead.objects.filter(case=case, ends_at__isnull=True).update(ends_at=clock.moment())
    assert (counted_for(cast.organisations.police), counted_for(cast.organisations.ngo)) == (1, 0)


def test_the_figures_of_an_organisation_do_not_read_the_cases_of_the_country(
    cast: Cast, cluster: Cluster, own_database: str
) -> None:
    """Of a handful of rows any way will do: to read all cases of a period is taken out of the planner's sight."""
    with cluster.admin(own_database) as admin:
        admin.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'case_registered_when'::regclass")
    values = Scope(**YEAR, organisation=cast.organisations.ngo.pk).parameters()
    for statement in (statistics.MONTHS, statistics.WAITS):
        with role(statistics.ROLE), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert re.search(r"Cond: \(id = ANY \(\(InitPlan \d\)\.col1\)\)", plan), plan


# -- overdue steps ---------------------------------------------------------------------------------------------------


def overdue_steps(**filters: Any) -> set[tuple[str, str]]:
    """Counted in another way: all open clocks whose moment has passed, by case and organisation."""
    with clock.travel(NOW), role("nrm_ledger"):
        rows = Deadline.objects.filter(state="open", due_at__lte=NOW, bound_organisation__isnull=False, **filters)
        return {(str(row.pk), str(row.bound_organisation_id)) for row in rows}


def test_overdue_steps_have_reference_step_and_organisation_only(cast: Cast, lived: dict[str, Any]) -> None:
    with clock.travel(NOW):
        page, number = overdue.page(cast.coordinator.actor, Scope(**YEAR), None, 100), overdue.count(Scope(**YEAR))
    assert {str(row.key) for row in page.rows} == {key for key, _organisation in overdue_steps()}
    assert number == len(page.rows)
    assert (lived["fourth"].reference, "Shelter") in {(row.reference, row.organisation) for row in page.rows}
    assert [row.due_at for row in page.rows] == sorted(row.due_at for row in page.rows)


def test_overdue_steps_of_an_organisation_are_those_that_bind_it(cast: Cast, lived: dict[str, Any]) -> None:
    shelter = cast.organisations.shelter
    with clock.travel(NOW):
        page = overdue.page(cast.coordinator.actor, Scope(**YEAR, organisation=shelter.pk), None, 100)
    assert {row.organisation for row in page.rows} == {"Shelter"}
    assert {str(row.key) for row in page.rows} == {
        key for key, _organisation in overdue_steps(bound_organisation=shelter)
    }


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_of_overdue_steps_show_each_once_forward_and_back(cast: Cast, lived: dict[str, Any], size: int) -> None:
    scope, cursor, seen = Scope(**YEAR), None, []
    with clock.travel(NOW):
        whole = [row.key for row in overdue.page(cast.coordinator.actor, scope, None, 100).rows]
        while True:
            page = overdue.page(cast.coordinator.actor, scope, cursor, size)
            seen += [row.key for row in page.rows]
            if page.next is None:
                break
            cursor = page.next
        assert seen == whole
        back = [row.key for row in page.rows]
        while page.previous:
            page = overdue.page(cast.coordinator.actor, scope, page.previous, size)
            back = [row.key for row in page.rows] + back
        assert back == whole


# -- the pages -------------------------------------------------------------------------------------------------------


def test_the_coordinator_sees_the_figures_of_the_country(cast: Cast, lived: dict[str, Any]) -> None:
    with clock.travel(NOW):
        response = cast.client("coordinator").get("/dashboard/")
    assert response.status_code == 200
    numbers = {tile.words: tile.number for tile in response.context["tiles"]}
    assert numbers["referrals sent"] == "6"
    assert numbers["waiting for an answer"] == "2"
    assert numbers["children without a guardian today"] == "1"
    page = response.content.decode()
    assert "Most go from “NGO” to “Shelter”: 3." in page
    assert "6 people registered and 2 anonymous notifications. They are not added up" in page
    for name in ("Shelter", "Other shelter", "Health"):
        assert name in page


def test_filters_stand_in_the_address(cast: Cast, lived: dict[str, Any]) -> None:
    address = (
        "/dashboard/?start_day=9&start_month=6&start_year=2026&end_day=9&end_month=6&end_year=2026&region=amsterdam"
    )
    with clock.travel(NOW):
        response = cast.client("coordinator").get(address)
    assert response.context["tiles"][0].number == "1"
    words = " ".join(strip_tags(response.content.decode()).split())
    assert "From 9 June 2026 until and including 9 June 2026. Region: Amsterdam" in words


def test_an_end_before_the_start_is_told_beside_the_end(cast: Cast, database: None) -> None:
    address = "/dashboard/?start_day=9&start_month=6&start_year=2026&end_day=8&end_month=6&end_year=2026"
    response = cast.client("coordinator").get(address)
    assert response.status_code == 422
    assert "The end lies before the start." in response.content.decode()


def test_a_period_that_begins_tomorrow_is_told_beside_the_start(cast: Cast, database: None) -> None:
    with clock.travel(NOW):
        response = cast.client("coordinator").get(f"/dashboard/?start_day=1&start_month=1&start_year={NOW.year + 1}")
    assert response.status_code == 422
    assert "This day is still to come." in response.content.decode()


def test_the_coordinator_knows_no_case_of_the_list(cast: Cast, lived: dict[str, Any]) -> None:
    client = cast.client("coordinator")
    with clock.travel(NOW):
        page = client.get("/dashboard/overdue/").content.decode()
        assert lived["fourth"].shown_reference in page
        assert client.get(f"/cases/{lived['fourth'].shown_reference}/").status_code == 404
    assert f"/cases/{lived['fourth'].shown_reference}" not in page


def test_a_supervisor_reads_the_own_organisation_only(cast: Cast, lived: dict[str, Any]) -> None:
    with clock.travel(NOW):
        response = cast.client("shelter_supervisor").get("/dashboard/own/")
        late = cast.client("shelter_supervisor").get("/dashboard/own/overdue/")
    assert response.context["tiles"][0].number == "3"
    assert "Other shelter" not in response.content.decode()
    assert lived["second"].shown_reference not in late.content.decode()
    assert lived["fourth"].shown_reference in late.content.decode()


def test_an_empty_country_has_a_dashboard(cast: Cast) -> None:
    for persona, address in (("coordinator", "/dashboard/"), ("other_ngo_supervisor", "/dashboard/own/")):
        page = cast.client(persona).get(address).content.decode()
        assert "Nothing is overdue." in page


NATIONAL = ("/dashboard/", "/dashboard/overdue/")
OWN = ("/dashboard/own/", "/dashboard/own/overdue/")


@pytest.mark.parametrize("address", NATIONAL)
@pytest.mark.parametrize(
    "persona",
    ["ngo_caseworker", "ngo_supervisor", "rapporteur", "organisation_administrator", "platform_administrator"],
)
def test_nobody_else_sees_the_country(cast: Cast, persona: str, address: str) -> None:
    assert cast.client(persona).get(address).status_code == 403


@pytest.mark.parametrize("address", OWN)
@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_intake", "guardian", "coordinator", "auditor"])
def test_only_supervisors_see_the_figures_of_the_own_organisation(cast: Cast, persona: str, address: str) -> None:
    assert cast.client(persona).get(address).status_code == 403


@pytest.mark.parametrize(
    ("persona", "address"), [("coordinator", "/dashboard/"), ("ngo_supervisor", "/dashboard/own/")]
)
def test_the_dashboard_asks_twelve_questions_at_most(
    cast: Cast, lived: dict[str, Any], persona: str, address: str
) -> None:
    client = cast.client(persona)
    client.get(address)
    with clock.travel(NOW), counted(12):
        assert client.get(address).status_code == 200


def test_a_minimum_that_is_over_still_runs(cast: Cast, settings: Any) -> None:
    """Nationality and Borders Act 2022 s. 61(3): until the conclusive decision."""
    settings.COUNTRY_PROFILE = "uk"
    with_positive_grounds(cast)
    with clock.travel(at(MINIMUM + timedelta(days=40))):
        scope = Scope(start=GROUNDS, end=MINIMUM + timedelta(days=60))
        assert statistics.figures(scope).reflection["running"] == 1
