"""Bad input in the guided form of registration and in a share: four signs on each page, everything typed is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.policies import ceiling
from core import clock
from tests.bad_input.pages import assert_told
from tests.cases.filing import filed_case, today
from tests.cases.registering import AGE, add_form, begin, fill
from tests.cast import Cast

KEPT = "O’Neil – \N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED} 🙂"


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("ngo_caseworker")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"birth_date_year": "2999"}, "today or in the past"),
        ({"birth_date_day": "29", "birth_date_month": "2", "birth_date_year": "1999"}, "a date that exists"),
        ({"birth_date_year": "1899"}, "a year after 1900"),
    ],
)
def test_a_date_of_birth_that_cannot_be(client: Client, typed: dict[str, str], message: str) -> None:
    response = fill(client, begin(client), "age", age_group="adult", **typed)
    assert_told(response, "birth_date", message, *(f'value="{part}"' for part in typed.values()))


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"started_year": "1980"}, "started", "before the person was born"),
        ({"started_year": "2024", "ended_year": "2023"}, "ended", "before the start"),
        ({"ended_year": "2999"}, "ended", "today or in the past"),
    ],
)
def test_a_period_that_cannot_be(client: Client, typed: dict[str, str], field: str, message: str) -> None:
    pk = begin(client)
    fill(client, pk, "age", **AGE)
    response, _item = add_form(client, pk, form="labour", remarks=KEPT, **typed)
    assert_told(response, field, message, KEPT, *(f'value="{part}"' for part in typed.values()))


def test_the_account_is_one_character_too_long(client: Client) -> None:
    response = fill(client, begin(client), "account", text="é" * 15_001)
    assert_told(response, "text", "15001", "é" * 15_001)


# -- sharing ---------------------------------------------------------------------------------------------------------


def proposal(**changed: Any) -> dict[str, Any]:
    until = today() + timedelta(days=30)
    return {
        "categories": ["identity", "contact"],
        "purpose": "refer_shelter",
        "legal_basis": "consent",
        "ends_on_day": str(until.day),
        "ends_on_month": str(until.month),
        "ends_on_year": str(until.year),
        "confirmed": "yes",
        **changed,
    }


def test_a_category_above_the_ceiling(cast: Cast, client: Client) -> None:
    case = filed_case(cast)
    assert "narrative" not in ceiling("shelter")
    url = f"/cases/{case.shown_reference}/shares/new/?to={cast.organisations.shelter.pk}"
    given = proposal(categories=["identity", "narrative"])
    kept = f'value="{given["ends_on_year"]}"'
    assert_told(client.post(url, given), "categories", "Choose only from the answers listed", kept)


def test_a_receiver_that_is_suspended(cast: Cast, client: Client) -> None:
    """The receiver was chosen on the page before, so the message stands above the terms, which are kept."""
    case, shelter = filed_case(cast), cast.organisations.shelter
    shelter.suspended_at = clock.moment()
    shelter.save()
    given = proposal()
    response = client.post(f"/cases/{case.shown_reference}/shares/new/?to={shelter.pk}", given)
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error:" in html
    assert "This organisation is suspended" in html[html.index("govuk-error-summary") :]
    assert f'value="{given["ends_on_year"]}"' in html
