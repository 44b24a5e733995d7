"""Being away: who plans it, who stands in, and whom the reminders of that time reach."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.context import acting
from accounts.models import Absence, Notice
from cases import reminders
from cases.models import Case
from cases.operations import clocks
from core import clock
from profiles.enums import Event
from tests.cases.test_access import bare_case
from tests.cast import Cast, Persona

START = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
TWO_DAYS_BEFORE = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case of the NGO whose needs are due on the 11th."""
    with clock.travel(START):
        made = bare_case(cast)
        with acting(cast.ngo_caseworker.actor):
            clocks.start(made, Event.CASE_REGISTERED, actor=cast.ngo_caseworker.actor)
    return made


def away(who: Persona, deputy: Persona) -> Absence:
    return Absence.objects.create(
        membership=who.membership,
        deputy=deputy.membership,
        starts_on=TWO_DAYS_BEFORE.date(),
        ends_on=TWO_DAYS_BEFORE.date(),
    )


def told(at: datetime = TWO_DAYS_BEFORE) -> set[str]:
    with clock.travel(at):
        reminders.tick()
    return set(Notice.objects.values_list("membership__user__name", flat=True))


def form(**changed: str) -> dict[str, str]:
    day = clock.moment().date() + timedelta(days=3)
    days = {
        f"{name}_{part}": str(getattr(day, part))
        for name in ("starts_on", "ends_on")
        for part in ("day", "month", "year")
    }
    return {**days, **changed}


def test_a_deputy_who_may_know_the_case_is_told_too(cast: Cast, case: Case) -> None:
    away(cast.ngo_caseworker, cast.ngo_intake)
    assert told() == {"NGO caseworker", "NGO intake"}


def test_where_the_deputy_may_not_know_the_case_the_supervisor_is_told(cast: Cast, case: Case) -> None:
    away(cast.ngo_caseworker, cast.colleague_unassigned)
    assert told() == {"NGO caseworker", "NGO supervisor", "NGO intake"}


def test_a_deputy_who_is_away_has_a_deputy(cast: Cast, case: Case) -> None:
    away(cast.ngo_caseworker, cast.colleague_unassigned)
    away(cast.colleague_unassigned, cast.ngo_intake)
    assert told() == {"NGO caseworker", "NGO intake"}


def test_two_who_stand_in_for_each_other_end_with_the_supervisor(cast: Cast, case: Case) -> None:
    away(cast.ngo_caseworker, cast.colleague_unassigned)
    away(cast.colleague_unassigned, cast.ngo_caseworker)
    assert "NGO supervisor" in told()


@pytest.mark.parametrize("days", [-1, 1])
def test_before_and_after_nothing_changes(cast: Cast, case: Case, days: int) -> None:
    absence = away(cast.ngo_caseworker, cast.ngo_intake)
    day = absence.starts_on + timedelta(days=days)
    Absence.objects.filter(pk=absence.pk).update(starts_on=day, ends_on=day)
    assert told() == {"NGO caseworker"}


def test_planning_names_the_cases_that_the_deputy_does_not_know(cast: Cast, case: Case) -> None:
    client = cast.client(cast.ngo_caseworker)
    answer = client.post("/absences/new/", form(deputy=str(cast.colleague_unassigned.membership_id)), follow=True)
    assert answer.redirect_chain[-1][0] == "/absences/"
    assert "1 case is not known to Colleague unassigned" in answer.content.decode()
    assert Absence.objects.get().membership_id == cast.ngo_caseworker.membership_id


def test_a_caseworker_plans_nobody_elses_absence(cast: Cast) -> None:
    chosen = form(deputy=str(cast.ngo_intake.membership_id), membership=str(cast.colleague_unassigned.membership_id))
    cast.client(cast.ngo_caseworker).post("/absences/new/", chosen)
    assert Absence.objects.get().membership_id == cast.ngo_caseworker.membership_id


def test_a_supervisor_plans_it_for_a_colleague_and_ends_it(cast: Cast) -> None:
    client = cast.client(cast.ngo_supervisor)
    chosen = form(deputy=str(cast.ngo_intake.membership_id), membership=str(cast.ngo_caseworker.membership_id))
    assert client.post("/absences/new/", chosen).status_code == 302
    absence = Absence.objects.get()
    assert client.post(f"/absences/{absence.pk}/end/").status_code == 302
    absence.refresh_from_db()
    assert absence.ended_at is not None


def test_nobody_ends_the_absence_of_a_colleague_or_stranger(cast: Cast) -> None:
    absence = away(cast.ngo_caseworker, cast.ngo_intake)
    address = f"/absences/{absence.pk}/end/"
    assert cast.client(cast.colleague_unassigned).post(address).status_code == 403
    assert cast.client(cast.other_ngo_supervisor).post(address).status_code == 404


def test_a_deputy_of_another_organisation_cannot_be_chosen(cast: Cast) -> None:
    answer = cast.client(cast.ngo_caseworker).post(
        "/absences/new/", form(deputy=str(cast.other_ngo_caseworker.membership_id))
    )
    assert answer.status_code == 422
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ends_on_year": "2020"}, "Enter a date that is today or in the future."),
        ({"starts_on_year": "2099"}, "The last day lies before the first."),
        ({"ends_on_year": "2099"}, "An absence lasts a year at most."),
        ({"deputy": ""}, "Choose who stands in."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(cast: Cast, changed: dict[str, str], words: str) -> None:
    chosen = {**form(deputy=str(cast.ngo_intake.membership_id)), **changed}
    answer = cast.client(cast.ngo_caseworker).post("/absences/new/", chosen)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Absence.objects.exists()


def test_one_absence_at_a_time_and_an_old_one_hinders_nobody(cast: Cast) -> None:
    old = away(cast.ngo_caseworker, cast.ngo_intake)
    client, chosen = cast.client(cast.ngo_caseworker), form(deputy=str(cast.ngo_intake.membership_id))
    assert client.post("/absences/new/", chosen).status_code == 302
    assert client.post("/absences/new/", chosen).status_code == 422
    old.refresh_from_db()
    assert old.ended_at is not None


def test_the_list_says_which_day_is_the_last_and_leads_back(cast: Cast) -> None:
    client = cast.client("ngo_caseworker")
    assert client.post("/absences/new/", form(deputy=str(cast.ngo_intake.membership_id))).status_code == 302
    client.cookies["django_language"] = "nl"
    html = client.get("/absences/").content.decode()
    assert "Laatste dag afwezig" in html
    assert ">Aan<" not in html
    assert '<a class="govuk-back-link" href="/account/">' in html
