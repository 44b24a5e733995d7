"""What happens elsewhere: a report, a withdrawn statement, a departure, an asylum application, and what follows."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditChange
from cases import access as door
from cases.models import Case, Deadline, RecordedAct, Share
from cases.operations.acts import (
    record_asylum_application,
    record_departure,
    record_report,
    record_statement_withdrawal,
)
from cases.operations.duties import complete_deadline
from cases.operations.guardianship import assign_guardian
from cases.operations.reflection import decline_reflection_period, offer_reflection_period
from cases.reminders import as_worker
from core import clock
from core.dates import instant_at
from core.errors import Missing, NotAllowed, Refused
from profiles.profile import active
from tests.cases.files import assign, in_reflection, inside, let_know, register, today, with_grounds, with_offer
from tests.cases.test_decision_withdrawn_statement import standing
from tests.cast import Cast

REPORT = {"manner": "reported", "residence": "irregular"}
FOLLOWS = {"NL-COM-REP", "NL-M55"}


def report(cast: Cast, case: Case, who: str = "police_officer", **changed: Any) -> RecordedAct:
    with inside(getattr(cast, who), case) as (actor, access):
        return record_report(actor, access=access, **({"happened_on": today()} | REPORT | changed))


def running(cast: Cast, case: Case) -> dict[str, Deadline]:
    with inside(cast.police_supervisor, case), as_worker():
        rows = Deadline.objects.filter(case=case, state="open").select_related("bound_organisation")
        return {row.rule: row for row in rows}


def done(cast: Cast, case: Case, rule: str, who: str) -> None:
    with inside(getattr(cast, who), case) as (actor, access):
        deadline = next(one for one in door.open_deadlines(access) if one.rule == rule)
        complete_deadline(actor, access=access, deadline=deadline)


# -- a report --------------------------------------------------------------------------------------------------------


def never_offered(cast: Cast) -> Case:
    return with_grounds(cast)


def not_wanted(cast: Cast) -> Case:
    case = with_grounds(cast)
    with inside(cast.police_officer, case) as (actor, access):
        offer_reflection_period(actor, access=access, residence="irregular", is_wanted=False, offered_on=today())
    return case


def declined(cast: Cast) -> Case:
    case = with_offer(cast)
    with inside(cast.immigration_decision_maker, case) as (actor, access):
        decline_reflection_period(actor, access=access, decided_on=today(), reason="lawful_residence")
    return case


@pytest.mark.parametrize("made", [register, never_offered, not_wanted, declined, in_reflection])
def test_a_report_has_its_duties_whether_or_not_a_period_runs(cast: Cast, made: Any) -> None:
    """Vreemdelingencirculaire B8/3.1 and B8/3.4."""
    case = made(cast)
    report(cast, case)
    found = running(cast, case)
    assert found.keys() >= FOLLOWS
    assert {found[rule].bound_organisation for rule in FOLLOWS} == {cast.organisations.police}
    done(cast, case, "NL-M55", "police_officer")
    decision = running(cast, case)["NL-IND24"]
    assert decision.bound_organisation == cast.organisations.immigration
    assert decision.due_at - decision.counted_from == timedelta(hours=24)


@pytest.mark.parametrize("manner", ["reported", "other_cooperation"])
def test_other_cooperation_counts_as_a_report(cast: Cast, manner: str) -> None:
    case = with_grounds(cast)
    assert report(cast, case, manner=manner).manner == manner
    assert running(cast, case).keys() >= FOLLOWS


def test_of_a_dublin_claimant_the_leads_are_assessed(cast: Cast) -> None:
    case = with_grounds(cast)
    report(cast, case, residence="dublin_claimant")
    assert running(cast, case).keys() >= {*FOLLOWS, "NL-DUB-OM"}


@pytest.mark.parametrize(
    ("residence", "has_union_right", "is_sent_on"),
    [
        ("own_national", None, False),
        ("eu_citizen", True, False),
        ("eu_citizen", False, True),
        ("unknown", None, True),
        ("asylum_seeker", None, True),
    ],
)
def test_only_of_whoever_needs_residence_it_is_sent_on(
    cast: Cast, residence: str, has_union_right: bool | None, is_sent_on: bool
) -> None:
    case = with_grounds(cast)
    report(cast, case, residence=residence, has_union_right=has_union_right)
    assert ("NL-M55" in running(cast, case)) is is_sent_on
    assert "NL-COM-REP" in running(cast, case)


def test_a_right_under_union_law_is_asked(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        report(cast, with_grounds(cast), residence="eu_citizen")
    assert refused.value.field == "has_union_right"


def test_the_duties_follow_once(cast: Cast) -> None:
    case = with_grounds(cast)
    report(cast, case, manner="other_cooperation")
    done(cast, case, "NL-M55", "police_officer")
    report(cast, case)
    assert "NL-M55" not in running(cast, case)


def test_immigration_becomes_a_party_and_leaves_after_its_review(cast: Cast) -> None:
    case = with_grounds(cast)
    report(cast, case)
    with as_worker():
        held = Share.objects.filter(case=case, to_organisation=cast.organisations.immigration)
        assert set(held.values_list("office", "ended_at")) == {("deciding_authority", None)}
    done(cast, case, "NL-M55", "police_officer")
    assign(cast, case, "immigration_decision_maker")
    done(cast, case, "NL-IND24", "immigration_decision_maker")
    with as_worker():
        held = Share.objects.live().filter(case=case, to_organisation=cast.organisations.immigration)
        days = {(share.ends_at - clock.moment()).days for share in held}
    assert days
    assert days <= {90, 91}


def test_a_report_ends_the_dutch_period_and_not_that_of_another_country(cast: Cast, settings: Any) -> None:
    case = in_reflection(cast)
    report(cast, case)
    with inside(cast.police_officer, case) as (_actor, access):
        period = door.reflection_period(access)
    assert (period.state, period.end_reason, period.ended_on) == ("ended", "reported", today())
    assert "NL-BT" not in running(cast, case)
    settings.COUNTRY_PROFILE = "uk"
    assert not active().reflection.ended_by


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("shelter_worker", NotAllowed),
        ("shelter_supervisor", NotAllowed),
        ("other_police_officer", Missing),
        ("coordinator", Missing),
    ],
)
@pytest.mark.parametrize("operation", [record_report, record_statement_withdrawal, record_departure])
def test_only_whom_the_profile_names_records_it(cast: Cast, who: str, error: type[Exception], operation: Any) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    given = REPORT if operation is record_report else {}
    with pytest.raises(error), inside(getattr(cast, who), case) as (actor, access):
        operation(actor, access=access, happened_on=today(), **given)


def test_a_report_is_of_its_category_and_a_departure_of_all(cast: Cast) -> None:
    case = with_grounds(cast)
    let_know(cast, case, cast.organisations.shelter, "shelter_worker")
    report(cast, case, remarks="Behind a door.")
    with inside(cast.police_officer, case) as (actor, access):
        record_departure(actor, access=access, happened_on=today(), remarks="Nobody was there.")
        assert [row.act for row in door.recorded_acts(access)] == ["report", "departure"]
        assert RecordedAct.objects.filter(case=case).count() == 2
        kinds = AuditChange.objects.filter(case_id=case.pk).values_list("kind", "category")
        assert {("record_report", "criminal"), ("record_departure", "status")} <= set(kinds)
    with inside(cast.shelter_worker, case) as (_actor, access):
        (row,) = door.recorded_acts(access)
        assert (row.act, row.content) == ("departure", {})
        # Row-level security says the same.
        assert list(RecordedAct.objects.filter(case=case).values_list("act", flat=True)) == ["departure"]


@pytest.mark.parametrize("days", [1, -800])
def test_a_day_that_cannot_be_is_refused(cast: Cast, days: int) -> None:
    with pytest.raises(Refused) as refused:
        report(cast, with_grounds(cast), happened_on=today() + timedelta(days=days))
    assert refused.value.field == "happened_on"


# -- a withdrawn statement, a departure ------------------------------------------------------------------------------


def test_a_withdrawn_statement_changes_nothing_else(cast: Cast) -> None:
    """Directive 2011/36/EU Art. 9(1)."""
    case = with_grounds(cast)
    report(cast, case)
    before = running(cast, case).keys()
    with inside(cast.police_officer, case) as (_actor, access):
        stood = (access.case.identification, access.case.state)
    with inside(cast.police_officer, case) as (actor, access):
        record_statement_withdrawal(actor, access=access, happened_on=today())
        assert (access.case.identification, access.case.state) == stood
    assert running(cast, case).keys() == before


def test_a_withdrawn_statement_leaves_a_running_period(cast: Cast) -> None:
    case = in_reflection(cast)
    before = standing(cast, case)
    with inside(cast.police_officer, case) as (actor, access):
        record_statement_withdrawal(actor, access=access, happened_on=today())
    assert standing(cast, case) == before


def test_a_departure_ends_the_dutch_period(cast: Cast) -> None:
    case = in_reflection(cast)
    with inside(cast.police_officer, case) as (actor, access):
        record_departure(actor, access=access, happened_on=today())
        period = door.reflection_period(access)
    assert (period.state, period.end_reason) == ("ended", "left_unknown")


# -- an asylum application -------------------------------------------------------------------------------------------


def at(day: date) -> datetime:
    return instant_at(day, time(10), active().zone)


def applied(cast: Cast, on: date, *, age: str = "child", is_alone: str = "yes", who: str = "police_officer") -> Case:
    with clock.travel(at(on)):
        case = register(cast, age=age)
        with inside(getattr(cast, who), case) as (actor, access):
            record_asylum_application(actor, access=access, happened_on=on, is_alone=is_alone)
    return case


def test_a_child_that_is_alone_has_its_representative_within_fifteen_working_days(cast: Cast) -> None:
    """Regulation (EU) 2024/1348 Art. 23(2)(b); 27 April, 5, 6 and 7 May 2027 are no working days."""
    case = applied(cast, date(2027, 4, 19))
    found = running(cast, case)["EU-GUA-1"]
    assert (found.due_on, found.bound_organisation) == (date(2027, 5, 14), cast.organisations.child_protection)


@pytest.mark.parametrize(
    ("on", "age", "is_alone", "counts"),
    [
        (date(2026, 6, 11), "child", "yes", False),
        (date(2026, 6, 12), "child", "yes", True),
        (date(2026, 6, 12), "uncertain", "unknown", True),
        (date(2026, 6, 12), "child", "no", False),
        (date(2026, 6, 12), "adult", "", False),
    ],
)
def test_for_whom_and_since_when_it_is_counted(cast: Cast, on: date, age: str, is_alone: str, counts: bool) -> None:
    """Art. 79: applications lodged from 12 June 2026."""
    assert ("EU-GUA-1" in running(cast, applied(cast, on, age=age, is_alone=is_alone))) is counts


def test_whether_a_child_is_alone_is_asked(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        applied(cast, date(2026, 7, 1), is_alone="")
    assert refused.value.field == "is_alone"


def test_whoever_learns_of_it_records_it(cast: Cast) -> None:
    with clock.travel(at(date(2026, 7, 1))):
        case = register(cast, age="child")
        assign(cast, case, "child_protection_officer")
        with inside(cast.child_protection_officer, case) as (actor, access):
            record_asylum_application(actor, access=access, happened_on=today(), is_alone="yes")
    assert "EU-GUA-1" in running(cast, case)


def test_once_a_guardian_is_appointed_nothing_is_counted(cast: Cast) -> None:
    with clock.travel(at(date(2026, 7, 1))):
        case = register(cast, age="child")
        assign(cast, case, "child_protection_officer")
        with inside(cast.child_protection_officer, case) as (actor, access):
            assign_guardian(
                actor,
                access=access,
                guardian=cast.guardian.membership,
                conflict_of_interest="none",
                is_screened=True,
                accepts_caseload=False,
                child_informed_on=today(),
            )
        with inside(cast.police_officer, case) as (actor, access):
            record_asylum_application(actor, access=access, happened_on=today(), is_alone="yes")
    assert "EU-GUA-1" not in running(cast, case)


# -- pages and API ---------------------------------------------------------------------------------------------------


def test_the_page_records_a_report_and_shows_it(cast: Cast, client: Client) -> None:
    case = with_grounds(cast)
    client.force_login(cast.police_officer.user)
    page = f"/cases/{case.shown_reference}/acts/report/"
    assert "residence status" in client.get(page).content.decode()
    day = today()
    answers = {
        "manner": "other_cooperation",
        "residence": "irregular",
        "happened_on_day": day.day,
        "happened_on_month": day.month,
        "happened_on_year": day.year,
        "remarks": "Told in three hours.",
    }
    wrong = client.post(page, {**answers, "residence": "eu_citizen"})
    assert wrong.status_code == 422
    assert "Told in three hours." in wrong.content.decode()
    assert client.post(page, answers).status_code == 302
    shown = client.get(f"/cases/{case.shown_reference}/decisions/").content.decode()
    assert "Cooperates otherwise" in shown
    assert "Told in three hours." in shown


def test_the_api_records_and_lists(cast: Cast, client: Client) -> None:
    case = with_grounds(cast)
    client.force_login(cast.police_officer.user)
    path = f"/api/v1/cases/{case.shown_reference}/acts/"
    made = client.post(f"{path}departure/", {"happened_on": today().isoformat()}, content_type="application/json")
    assert made.status_code == 201
    assert [one["act"] for one in client.get(path).json()["acts"]] == ["departure"]


def test_a_child_close_to_majority_is_told_of_at_once(cast: Cast) -> None:
    with clock.travel(at(date(2026, 12, 1))):
        case = register(cast, age="child", born="2009-01-20")
        with as_worker():
            found = Deadline.objects.filter(case=case, rule__in=("EU-T18", "EU-SIS-MAJ", "EU-MAJORITY"))
            waiting = {row.rule: row.reminders.filter(due_at__lte=clock.moment()).exists() for row in found}
    # The last reminder of the day of majority itself lies ahead.
    assert waiting == {"EU-T18": True, "EU-SIS-MAJ": True, "EU-MAJORITY": False}
