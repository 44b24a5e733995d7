"""The history of a row: who changed which field from what to what; visible as the row is, and nobody rewrites it."""

from http import HTTPStatus
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import ProgrammingError, connection, transaction

from accounts.context import acting
from cases import access as door
from cases.enums import Category
from cases.forms.categories import FORMS
from cases.forms.history import BESIDE, DERIVED
from cases.history import versions
from cases.models import EVENTS, ROWS, Case, CategoryRow, Identity
from cases.operations.consent import withdraw_consent
from cases.operations.rows import correct_row
from cases.operations.sharing import end_share
from core import crypto
from core.errors import Missing
from tests.api.calls import Caller
from tests.cases.filing import NAME, at_work, consented, filed_case, shared
from tests.cast import Cast

BOOKKEEPING = {"id", "case", "owner_organisation", "sealed", "version", "created_at", "created_by", "updated_at"}
EVENT = "cases_identityevent"


def correct(cast: Cast, case: Case, *, given_names: str = "Dilara", sex: str = "other") -> Identity:
    """The NGO corrects the identity: one coded and one sealed field."""
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        row = door.read_rows(access, "identity")[0]
        values: dict[str, Any] = {"columns": {"sex": sex}, "content": {"given_names": given_names}}
        return correct_row(actor, access=access, row=row, version=row.version, values_of=dict, **values)  # type: ignore[return-value]


def path(case: Case, row: CategoryRow) -> str:
    return f"/cases/{case.shown_reference}/history/{row.category}/{row.pk}/"


def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall() if cursor.description else []


def test_it_says_who_changed_which_field_from_what_to_what(cast: Cast) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    assert NAME not in cast.client("ngo_supervisor").get(path(case, row)).content.decode()
    page = cast.client("ngo_supervisor").post(path(case, row))
    text = page.content.decode()
    assert page.status_code == HTTPStatus.OK
    for said in (NAME, "Dilara", "Female", "Corrected, version 2", "NGO caseworker, NGO"):
        assert said in text
    body = Caller(cast, "ngo_supervisor").get(f"cases/{case.shown_reference}/rows/identity/{row.pk}/history/").json()
    assert [one["version"] for one in body] == [1, 2]
    assert sorted(body[1]["changes"], key=lambda one: one["field"]) == [
        {"field": "given_names", "before": NAME, "after": "Dilara"},
        {"field": "sex", "before": "female", "after": "other"},
    ]
    assert body[1]["by"] == "NGO caseworker"


def test_who_is_shared_with_sees_the_organisation_and_no_person(cast: Cast) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    share = shared(cast, case, cast.organisations.shelter, "identity")
    client = cast.client("shelter_supervisor")
    text = client.post(path(case, row)).content.decode()
    assert NAME in text
    assert "Dilara" in text
    assert "NGO caseworker" not in text
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        end_share(actor, access=access, share=share)
    assert client.get(path(case, row)).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("categories", [("contact",), ("services", "health")])
def test_it_is_visible_exactly_when_the_row_is(cast: Cast, categories: tuple[str, ...]) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    made = shared(cast, case, cast.organisations.shelter, *categories)
    with at_work(cast, "shelter_supervisor", case) as (_actor, access):
        with pytest.raises(Missing):
            versions(access, "identity", row.pk)
        for model, event in EVENTS.items():
            seen = {pk for (pk,) in ask(f"SELECT id FROM {model._meta.db_table}")}
            # The consent that a share rests on is read, and not its history.
            seen -= {made.consent_id}
            assert {pk for (pk,) in ask(f"SELECT pgh_obj_id FROM {event._meta.db_table}")} == seen
            assert bool(seen) == (model.category in categories and model.category == "contact")


def test_a_case_one_may_not_know_has_no_history_in_the_database_either(cast: Cast) -> None:
    correct(cast, filed_case(cast))
    for persona in ("other_ngo_supervisor", "colleague_unassigned", "coordinator", "data_protection_officer"):
        with acting(getattr(cast, persona).actor):
            assert ask(f"SELECT count(*) FROM {EVENT}") == [(0,)]


def test_looking_at_it_is_noted(cast: Cast) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    with acting(cast.ngo_supervisor.actor):
        before = ask("SELECT count(*) FROM audit_auditrequest")
    cast.client("ngo_supervisor").get(path(case, row))
    with acting(cast.ngo_supervisor.actor):
        rows = ask("SELECT route, categories FROM audit_auditrequest ORDER BY at DESC LIMIT 1")
        assert ask("SELECT count(*) FROM audit_auditrequest")[0][0] == before[0][0] + 1
    assert rows[0][0] == "cases:history"
    assert "identity" in rows[0][1]


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE {EVENT} SET sex = 'male'",
        f"DELETE FROM {EVENT}",
        f"TRUNCATE {EVENT}",
        # as somebody who forges a version would write it
        f"INSERT INTO {EVENT} SELECT (e).* FROM (SELECT e FROM {EVENT} e LIMIT 1) one",
        "ALTER TABLE cases_identity DISABLE TRIGGER ALL",
    ],
)
def test_nobody_rewrites_it(cast: Cast, statement: str) -> None:
    correct(cast, filed_case(cast))
    refused = pytest.raises(ProgrammingError, match=r"permission denied|row-level security|must be owner")
    with acting(cast.ngo_supervisor.actor), refused, transaction.atomic():
        ask(statement)


def test_a_setting_does_not_silence_it(cast: Cast) -> None:
    case = filed_case(cast)
    names = ask("SELECT tgname FROM pg_trigger WHERE tgrelid = 'cases_identity'::regclass AND NOT tgisinternal")
    with transaction.atomic():
        ask("SELECT set_config('pgtrigger.ignore', %s, true)", "{" + ",".join(name for (name,) in names) + "}")
        row = correct(cast, case)
        with at_work(cast, "ngo_caseworker", case) as (_actor, access):
            assert len(versions(access, "identity", row.pk)) == 2


def test_without_the_key_of_the_case_a_version_says_nothing(cast: Cast) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    with at_work(cast, "ngo_caseworker", case) as (_actor, access):
        events = list(EVENTS[Identity]._default_manager.filter(pgh_obj_id=row.pk))
        assert all(NAME.encode() not in bytes(event.sealed) for event in events)
        with pytest.raises(InvalidTag):
            crypto.open_sealed(crypto.new_key(), events[0].sealed, row._additional_data)
        assert events[0].pgh_context.get("organisation_label") == "NGO"
        assert "NGO caseworker" not in str(events[0].pgh_context)
        assert access.actor.membership_id is not None


def test_a_withdrawn_consent_shows_its_state_before_and_after(cast: Cast) -> None:
    case = filed_case(cast)
    consent = consented(cast, case)
    with at_work(cast, "ngo_caseworker", case) as (actor, access):
        withdraw_consent(actor, access=access, consent=consent, withdrawn_via="written")
    text = cast.client("ngo_caseworker").get(path(case, consent)).content.decode()
    assert "Given" in text
    assert "Withdrawn" in text


@pytest.mark.parametrize("category", ["status", "location", "nonsense"])
def test_there_is_no_history_of_what_is_no_category(cast: Cast, category: str) -> None:
    case = filed_case(cast)
    row = correct(cast, case)
    address = path(case, row).replace("identity", category)
    assert cast.client("ngo_caseworker").get(address).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("category", sorted(ROWS))
def test_every_column_of_a_category_is_compared(category: str) -> None:
    for model in ROWS[category]:
        fields = FORMS[Category(category)].base_fields
        beside = {name.removesuffix("_id") for name in BESIDE}
        columns = {field.name for field in model._meta.concrete_fields} - BOOKKEEPING
        assert columns - set(fields) - beside - DERIVED == set()
        assert model in EVENTS
