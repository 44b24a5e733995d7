"""The person moves: child protection and working days follow, and nothing that hung on the fact falls (rule 18)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.context import acting
from accounts.models import Notice, Organisation
from audit.models import AuditChange
from cases.enums import Category
from cases.models import Case, Deadline, Guardianship, Share
from cases.operations.guardianship import flag_guardian_conflict
from cases.operations.region import change_region
from cases.operations.sharing import share
from core.db import role
from core.errors import Conflict, NotAllowed, Refused
from profiles.parts import DayChange
from profiles.profile import active
from tests.api.calls import Caller, made, problem
from tests.cases.ages import offices, on, running
from tests.cases.files import inside, register, today
from tests.cases.lawful import lawful
from tests.cases.test_guardianship import a_child, appoint, knows, provisional
from tests.cases.test_guardianship import replace as replaced
from tests.cast import Cast, Persona
from tests.world import supervisor_of

HERE, THERE = "amsterdam", "limburg"


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    with on("2026-06-01"):
        yield


@pytest.fixture
def there(cast: Cast) -> Persona:
    """A supervisor of child protection of Limburg; that of the cast serves Amsterdam alone."""
    Organisation.objects.filter(pk=cast.organisations.child_protection.pk).update(serves_regions=[HERE])
    service = Organisation.objects.create(name="Of Limburg", kind="child_protection", serves_regions=[THERE])
    return supervisor_of(service, "limburg_supervisor")


@pytest.fixture
def child(cast: Cast, there: Persona) -> Case:
    case = a_child(cast, born="2010-05-07")
    appoint(cast, case)
    return case


def moves(cast: Cast, case: Case, who: str = "ngo_caseworker", region: str = THERE) -> None:
    with inside(getattr(cast, who), case) as (actor, access):
        change_region(actor, access=access, region=region)


def is_known_to(cast: Cast, case: Case, who: Persona) -> bool:
    cast.personas["asked"] = who
    return knows(cast, case, "asked")


def test_child_protection_of_the_new_region_is_in_office_and_the_former_is_out(
    cast: Cast, child: Case, there: Persona
) -> None:
    before = offices(child)
    moves(cast, child)
    assert is_known_to(cast, child, there)
    assert not knows(cast, child, "child_protection_supervisor")
    assert knows(cast, child, "guardian")
    assert offices(child) == before


def test_no_clock_is_lost_and_those_of_the_service_bind_the_new_one(cast: Cast, child: Case, there: Persona) -> None:
    before = running(child)
    moves(cast, child)
    assert running(child).keys() == before.keys()
    with role("nrm_ledger"):
        bound = Deadline.objects.filter(case=child, state="open", category="child").exclude(rule="EU-GUA-MEET")
        assert set(bound.values_list("bound_organisation", flat=True)) == {there.organisation_id}


def test_the_new_service_answers_for_the_guardianship_with_what_was_reported(
    cast: Cast, child: Case, there: Persona
) -> None:
    with inside(cast.ngo_caseworker, child) as (actor, access):
        flag_guardian_conflict(actor, access=access, conflict_of_interest="other", remarks="A cousin of the exploiter.")
    moves(cast, child)
    with inside(there, child):
        held = Guardianship.objects.select_related("case__key").get(case=child)
        assert held.owner_organisation_id == there.organisation_id
        assert held.open()["conflict_remarks"] == "A cousin of the exploiter."
    cast.personas["child_protection_supervisor"] = there
    assert replaced(cast, child).guardian == cast.other_guardian.membership


def test_a_request_that_waits_is_answered_by_the_new_service(cast: Cast, there: Persona) -> None:
    case = a_child(cast)
    moves(cast, case)
    cast.personas["child_protection_supervisor"] = there
    assert provisional(cast, case, by="child_protection_supervisor").state == "provisional"


def test_what_hung_on_the_office_goes_on(cast: Cast, child: Case, there: Persona) -> None:
    asked: dict[str, Any] = {"to": cast.organisations.health, "purpose": "refer_health", "categories": ["identity"]}
    basis = lawful(cast, child, "child_protection_supervisor", **asked)
    ends_on = today() + timedelta(days=30)
    with inside(cast.child_protection_supervisor, child) as (actor, access):
        given = share(actor, access=access, **asked, **basis, ends_on=ends_on)
    moves(cast, child)
    with role("nrm_ledger"):
        kept = Share.objects.get(pk=given.pk)
    assert (kept.ended_at, kept.ends_on) == (None, ends_on)
    cast.personas["health_supervisor"] = supervisor_of(cast.organisations.health, "health_supervisor")
    assert knows(cast, child, "health_supervisor")
    moves(cast, child, region=HERE)
    assert knows(cast, child, "health_supervisor")


def test_the_service_that_serves_both_regions_stays(cast: Cast) -> None:
    case = a_child(cast)
    with role("nrm_ledger"):
        before = set(Share.objects.live().filter(case=case).values_list("pk", flat=True))
    moves(cast, case)
    with role("nrm_ledger"):
        assert set(Share.objects.live().filter(case=case).values_list("pk", flat=True)) == before
    assert not Notice.objects.filter(kind__startswith="region_").exists()


def test_clocks_count_by_the_working_days_of_the_new_region(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limburg has a holiday of its own on Wednesday 10 June in this profile; Amsterdam works on it."""
    case = a_child(cast)
    provisional(cast, case)
    assert running(case)["EU-GUA-2"] == "2026-06-22"
    profile = active()
    holiday = replace(profile.holidays, extra=(DayChange(6, 10, 2026, "Of Limburg"),)).calendar("")

    def calendar(self: Any, region: str = "") -> Any:
        return holiday if region == THERE else profile.holidays.calendar("")

    monkeypatch.setattr("profiles.parts.Profile.calendar", calendar)
    moves(cast, case)
    assert running(case)["EU-GUA-2"] == "2026-06-23"
    with role("nrm_ledger"):
        moved = Deadline.objects.get(case=case, rule="EU-GUA-2").changes.get()
    assert (moved.kind, moved.due_after.isoformat()) == ("moved", "2026-06-23")


def test_both_services_are_told_without_content_and_it_is_recorded(cast: Cast, child: Case, there: Persona) -> None:
    moves(cast, child)
    told = {
        (one.kind, one.membership.organisation_id, one.case_id)
        for one in Notice.objects.filter(kind__startswith="region_")
    }
    assert told == {
        ("region_entered", there.organisation_id, child.pk),
        ("region_left", cast.organisations.child_protection.pk, None),
    }
    with acting(cast.ngo_supervisor.actor):
        change = AuditChange.objects.get(kind="change_region")
    assert (change.category, change.detail) == (Category.STATUS, {"before": HERE, "after": THERE})


@pytest.mark.parametrize(
    ("region", "message"),
    [("atlantis", "Choose a region from the list."), (HERE, "already"), ("", "Choose a region from the list.")],
)
def test_what_cannot_be_is_refused(cast: Cast, child: Case, region: str, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        moves(cast, child, region=region)
    assert refused.value.field == "region"


def test_a_child_does_not_move_to_where_nobody_answers_for_it(cast: Cast, child: Case) -> None:
    with pytest.raises(Refused, match="No child-protection service") as refused:
        moves(cast, child, region="rotterdam")
    assert refused.value.field == "region"
    with inside(cast.ngo_caseworker, child) as (_actor, access):
        assert access.case.region == HERE


@pytest.mark.parametrize("persona", ["ngo_intake", "guardian", "child_protection_supervisor"])
def test_only_the_lead_changes_it(cast: Cast, child: Case, persona: str) -> None:
    with pytest.raises(NotAllowed):
        moves(cast, child, persona)
    assert cast.client(persona).post(f"/cases/{child.shown_reference}/region/", {"region": THERE}).status_code == 403


def test_an_adult_moves_too(cast: Cast) -> None:
    case = register(cast)
    moves(cast, case, "police_officer")
    with inside(cast.police_officer, case) as (_actor, access):
        assert access.case.region == THERE


def test_page_and_api(cast: Cast, child: Case) -> None:
    client = cast.client("ngo_caseworker")
    html = client.get(f"/cases/{child.shown_reference}/region/").content.decode()
    assert "The former service loses the case" in html
    answer = client.post(f"/cases/{child.shown_reference}/region/", {"region": THERE}, follow=True)
    assert "The region is changed" in answer.content.decode()
    caller, path = Caller(cast, "ngo_caseworker"), f"cases/{child.shown_reference}/"
    problem(caller.post(f"{path}region/", {"region": "atlantis"}), 422)
    made(caller.post(f"{path}region/", {"region": HERE}))
    assert caller.get(path).json()["region"] == HERE


def test_a_closed_case_stays_where_it_is(cast: Cast) -> None:
    case = register(cast)
    with inside(cast.police_officer, case) as (actor, access):
        Case.objects.filter(pk=case.pk).update(state="closed")
        with pytest.raises(Conflict):
            change_region(actor, access=access, region=THERE)
