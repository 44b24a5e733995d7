"""Child protection settles the age: who, on what, what is shown to whom (``sharing.md`` rule 24)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from accounts.context import acting
from accounts.models import Notice, Organisation
from audit.models import AuditChange
from cases.models import AgeSettlement, Case
from cases.operations.age_settlement import settle_age
from core.errors import NotAllowed, Refused
from tests.api.calls import Caller, made, problem
from tests.cases.ages import lets_write, offices, on, says, settles
from tests.cases.files import assign, inside, let_know
from tests.cases.test_guardianship import a_child, appoint
from tests.cast import Cast
from tests.security.test_every_request_is_audited import TOKEN

BODY = {"age_group": "child", "birth_date": "2009-12-10", "basis": "assessed", "reason": "The school register."}
TYPED = {
    "age_group": "child",
    "birth_date_year": "2009",
    "birth_date_month": "12",
    "birth_date_day": "10",
    "basis": "assessed",
    "reason": "The school register.",
}


@pytest.fixture(autouse=True)
def june() -> Iterator[None]:
    with on("2026-06-01"):
        yield


@pytest.fixture
def child(cast: Cast, june: None) -> Case:
    case = a_child(cast, born="2008-12-10")
    appoint(cast, case)
    return case


def address(case: Case, path: str = "") -> str:
    return f"/cases/{case.shown_reference}/age/{path}"


def test_the_page_settles_it(cast: Cast, child: Case) -> None:
    answer = cast.client("child_protection_supervisor").post(address(child, "settle/"), TYPED, follow=True)
    html = answer.content.decode()
    assert "The age is settled" in html
    assert "Settled by child protection" in html
    assert "The school register." in html
    assert "Disputed" in html
    assert offices(child) == {"child_protection": {"2027-12-09"}, "guardian": {"2027-12-09"}}


def test_the_api_settles_it(cast: Cast, child: Case) -> None:
    caller, path = Caller(cast, "child_protection_supervisor"), f"cases/{child.shown_reference}/age/"
    made(caller.post(f"{path}settle/", BODY))
    body = caller.get(path).json()
    assert (body["child_until"], body["majority_for_reminders"]) == ("2027-12-09", "2027-12-10")
    settled, said = body["claims"]
    assert (settled["is_settlement"], settled["birth_date"], settled["counts"]) == (True, "2009-12-10", True)
    assert (said["birth_date"], said["counts"], said["is_disputed"]) == ("2008-12-10", False, True)


def test_an_assigned_caseworker_of_child_protection_may(cast: Cast, child: Case) -> None:
    assign(cast, child, "child_protection_officer")
    settles(cast, child, "2009-12-10", who="child_protection_officer")
    assert offices(child)["guardian"] == {"2027-12-09"}


@pytest.mark.parametrize("persona", ["child_protection_intake", "ngo_supervisor", "guardian"])
def test_nobody_else_may(cast: Cast, child: Case, persona: str) -> None:
    with inside(getattr(cast, persona), child) as (actor, access), pytest.raises(NotAllowed):
        settle_age(actor, access=access, **BODY)
    assert cast.client(persona).post(address(child, "settle/"), TYPED).status_code == 403
    problem(Caller(cast, persona).post(f"cases/{child.shown_reference}/age/settle/", BODY), 403)


def test_a_service_of_another_region_that_reads_a_category_may_not(cast: Cast) -> None:
    """Nobody comes into an office by an act of their own (rule 20)."""
    Organisation.objects.create(name="Of the region", kind="child_protection", serves_regions=["amsterdam"])
    case = a_child(cast, "police_officer", born="2008-12-10")
    let_know(cast, case, cast.organisations.child_protection)
    with inside(cast.child_protection_supervisor, case) as (actor, access), pytest.raises(NotAllowed):
        settle_age(actor, access=access, **BODY)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"age_group": "uncertain"}, "age_group"),
        ({"birth_date": ""}, "birth_date"),
        ({"birth_date": "2001-01-01"}, "birth_date"),
        ({"age_group": "adult"}, "birth_date"),
        ({"basis": "unknown"}, "basis"),
        ({"basis": "guessed"}, "basis"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(cast: Cast, child: Case, changed: Any, field: str) -> None:
    with inside(cast.child_protection_supervisor, child) as (actor, access), pytest.raises(Refused) as refused:
        settle_age(actor, access=access, **(BODY | changed))
    assert refused.value.field == field
    answer = Caller(cast, "child_protection_supervisor").post(
        f"cases/{child.shown_reference}/age/settle/", BODY | changed
    )
    assert field in problem(answer, 422)["errors"]


def test_nothing_typed_is_lost(cast: Cast, child: Case) -> None:
    answer = cast.client("child_protection_supervisor").post(address(child, "settle/"), TYPED | {"basis": ""})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose on what the age is based." in html
    assert "The school register." in html


def test_it_is_recorded_without_content_and_the_lead_is_told(cast: Cast, child: Case) -> None:
    settles(cast, child, "2009-12-10")
    with acting(cast.ngo_supervisor.actor):
        change = AuditChange.objects.get(kind="settle_age")
        assert change.detail == {"basis": "assessed"}
    told = Notice.objects.filter(kind="age_settled")
    assert {one.membership_id for one in told} == {cast.ngo_caseworker.membership_id}


def test_the_reason_stays_with_the_service(cast: Cast, child: Case) -> None:
    settles(cast, child, "2009-12-10")
    html = cast.client("ngo_supervisor").get(address(child)).content.decode()
    assert "Settled by child protection" in html
    assert "The school register." not in html
    assert "Settle the age" not in html


def test_who_may_not_read_identity_learns_nothing_of_it(cast: Cast, child: Case) -> None:
    lets_write(cast, child, "shelter", "shelter_worker")
    settles(cast, child, "2009-12-10")
    body = Caller(cast, "shelter_worker").get(f"cases/{child.shown_reference}/age/").json()
    assert (body["claims"], body["hidden"], body["child_until"], body["is_disputed"]) == ([], 0, None, False)


def test_child_protection_learns_that_there_is_a_claim_which_it_may_not_read(cast: Cast, child: Case) -> None:
    lets_write(cast, child, "shelter", "shelter_worker")
    says(cast, child, "shelter_worker", "2009-12-10")
    html = cast.client("child_protection_supervisor").get(address(child)).content.decode()
    assert "One more organisation says something of the age" in html
    assert "contradicts itself" in html
    own = cast.client("shelter_worker").get(address(child)).content.decode()
    assert "10 December 2009" in own
    assert "2008" not in own.split("<main")[1]


def test_of_a_claim_that_agrees_and_may_not_be_read_nothing_is_told(cast: Cast, child: Case) -> None:
    def page() -> str:
        html = cast.client("ngo_supervisor").get(address(child)).content.decode()
        return TOKEN.sub("", html.split("<main")[1].split("</main")[0])

    before = page()
    lets_write(cast, child, "shelter", "shelter_worker")
    says(cast, child, "shelter_worker", "2008-12-10")
    assert page() == before


def test_the_database_refuses_a_settlement_of_anybody_else(cast: Cast, child: Case) -> None:
    with inside(cast.ngo_supervisor, child) as (actor, access):
        forged = AgeSettlement(
            case=access.case,
            owner_organisation_id=actor.organisation_id,
            age_group="adult",
            basis="assessed",
            settled_at=access.case.registered_at,
            settled_by_id=actor.membership_id,
        )
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            forged.save(force_insert=True)


def test_the_application_cannot_read_what_others_say(cast: Cast, child: Case) -> None:
    with inside(cast.ngo_supervisor, child), pytest.raises(ProgrammingError, match="permission denied"):
        from_all(child)


def from_all(case: Case) -> None:
    with transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT * FROM nrm_said_of_age(%s)", [case.pk])
