"""Bad input on the pages of a case: told next to the field, in the summary and in the title; nothing typed is lost."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import conditional_escape

from cases.models import Case
from profiles import codes
from tests.bad_input.pages import assert_told
from tests.cases.filing import filed_case
from tests.cast import PASSWORD, Cast

KEPT = "O’Neil – \N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED} 🙂"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast)


def address(case: Case, path: str) -> str:
    return f"/cases/{case.shown_reference}/{path}"


def day(name: str, text: str) -> dict[str, str]:
    """A date as its three boxes send it: ``day("started_on", "1 2 2026")``."""
    return dict(zip((f"{name}_day", f"{name}_month", f"{name}_year"), text.split(), strict=True))


LABOUR = {"form": "labour"}
COUNSELLING = {"service": "counselling", "status": "started"}
PERIOD = {**day("started_on", "3 2 2026"), **day("ended_on", "2 2 2026")}


@pytest.mark.parametrize(
    ("page", "typed", "field", "message"),
    [
        ("services/add/", COUNSELLING | day("started_on", "1 1 2999"), "started_on", "today or in the past"),
        ("services/add/", COUNSELLING | PERIOD, "ended_on", "cannot end before it starts"),
        ("exploitation/add/", {**LABOUR, "started_year": "2999"}, "started", "today or in the past"),
        ("exploitation/add/", {**LABOUR, "started_year": "2024", "ended_year": "2023"}, "ended", "before the start"),
        ("criminal/add/", day("reported_on", "29 2 2025"), "reported_on", "a date that exists"),
        ("criminal/add/", day("reported_on", "٣ 2 2025"), "reported_on", "numbers only"),
    ],
)
def test_a_date_that_cannot_be(
    cast: Cast, case: Case, page: str, typed: dict[str, Any], field: str, message: str
) -> None:
    response = cast.client("ngo_caseworker").post(address(case, page), {**typed, "remarks": KEPT})
    boxes = [f'value="{text}"' for name, text in typed.items() if name.endswith(("_day", "_month", "_year"))]
    assert_told(response, field, message, KEPT, *boxes)


def test_the_29th_of_february_of_a_leap_year_is_a_date(cast: Cast, case: Case) -> None:
    typed = day("reported_on", "29 2 2024")
    assert cast.client("ngo_caseworker").post(address(case, "criminal/add/"), typed).status_code == 302


def test_exploitation_before_birth(cast: Cast, case: Case) -> None:
    """The date of birth stands in another row of the same organisation."""
    client = cast.client("ngo_caseworker")
    correct_identity(cast, case, birth_date_year="1999")
    response = client.post(address(case, "exploitation/add/"), {**LABOUR, "started_year": "1998", "remarks": KEPT})
    assert_told(response, "started", "before the person was born", KEPT, 'value="1998"')
    assert client.post(address(case, "exploitation/add/"), {**LABOUR, "started_year": "1999"}).status_code == 302


@pytest.mark.parametrize("name", ["Q", "D’Arcy-O'Brien", "محمد", "\N{RIGHT-TO-LEFT MARK}דוד", "🌸 Zoë", "<b>&amp;"])
def test_names_of_every_kind_stand_on_the_page_as_typed(cast: Cast, case: Case, name: str) -> None:
    correct_identity(cast, case, given_names=name)
    page = cast.client("ngo_caseworker").post(address(case, "name/")).content.decode()
    assert conditional_escape(name) in page


@pytest.mark.parametrize(
    ("text", "message", "kept"),
    [("é" * 15_001, "15001", "é" * 15_001), ("before\x00after", "cannot be saved", "after")],
    ids=["long", "nul"],
)
def test_a_text_that_cannot_be_saved(cast: Cast, case: Case, text: str, message: str, kept: str) -> None:
    response = cast.client("ngo_caseworker").post(
        address(case, "exploiters/add/"), {"text": text, "relation": "friend"}
    )
    assert_told(response, "text", message, kept)


def test_15000_characters_fit(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    assert client.post(address(case, "exploiters/add/"), {"text": "🙂" * 15_000}).status_code == 302


def test_a_mistyped_reference(cast: Cast, case: Case) -> None:
    right = case.shown_reference
    wrong = right[:-1] + ("B" if right[-1] != "B" else "C")
    response = cast.client("ngo_caseworker").get("/cases/search/", {"q": wrong})
    assert_told(response, "q", "one symbol is mistyped", f'value="{wrong}"')


def test_a_row_saved_by_two_shows_labels_and_keeps_what_was_typed(cast: Cast, case: Case) -> None:
    client = cast.client("ngo_caseworker")
    client.post(address(case, "services/add/"), {**COUNSELLING, "remarks": "mine"})
    url = own_link(client, case, "services")
    for status, remarks in ((302, "First"), (409, KEPT)):
        typed = {"service": "information", "status": "started", "remarks": remarks, "version": "1"}
        response = client.post(url, typed | ({"service": "legal_advice"} if status == 409 else {}))
        assert response.status_code == status
    html = response.content.decode()
    assert "<title>Error:" in html
    assert [(row.current, row.given) for row in response.context["form"].differences if row.label == "Service"] == [
        (code_label("service", "information"), code_label("service", "legal_advice"))
    ]
    assert [row.label for row in response.context["form"].differences] == ["Service", "Remarks"]
    assert html.count(KEPT) == 2


@pytest.mark.parametrize(
    ("who", "page", "typed"),
    [
        ("ngo_caseworker", "narrative/add/", {"text": KEPT}),
        ("ngo_caseworker", "consent/add/", {"purpose": "refer_shelter", "given_on_year": "1987"}),
        ("ngo_supervisor", "close/", {"outcome": "support_declined", "closed_on_year": "1987"}),
    ],
)
def test_a_session_that_ended_while_typing(cast: Cast, case: Case, who: str, page: str, typed: dict[str, str]) -> None:
    client, url = cast.client(who), address(case, page)
    shown = client.get(url).content.decode()
    writer = shown.split('name="writer" value="')[1].split('"')[0]
    client.logout()
    refused = client.post(url, {**typed, "writer": writer})
    assert refused.url.startswith("/account/login/?next=/cases/")
    person = getattr(cast, who)
    back = client.post("/account/login/", {"login": person.email, "password": PASSWORD, "next": url}, follow=True)
    html = back.content.decode()
    assert "not saved yet" in html
    assert KEPT in html or 'value="1987"' in html
    other = cast.client("ngo_supervisor" if who == "ngo_caseworker" else "ngo_caseworker")
    assert "not saved yet" not in other.get(url).content.decode()


def test_what_was_kept_is_forgotten_once_it_is_saved(cast: Cast, case: Case) -> None:
    client, url = cast.client("ngo_caseworker"), address(case, "narrative/add/")
    writer = client.get(url).content.decode().split('name="writer" value="')[1].split('"')[0]
    client.logout()
    client.post(url, {"text": KEPT, "writer": writer})
    client.post("/account/login/", {"login": cast.ngo_caseworker.email, "password": PASSWORD, "next": url})
    assert KEPT in client.get(url).content.decode()
    assert client.post(url, {"text": KEPT}).status_code == 302
    assert KEPT not in client.get(url).content.decode()


# -- helpers ---------------------------------------------------------------------------------------------------------


def own_link(client: Client, case: Case, category: str) -> str:
    """The address at which the first own row of a category is corrected."""
    page = client.get(address(case, f"{category}/")).content.decode()
    found = re.search(rf'href="({re.escape(address(case, category))}/[0-9a-f-]{{36}}/)"', page)
    assert found
    return found.group(1)


def correct_identity(cast: Cast, case: Case, **typed: str) -> None:
    client = cast.client("ngo_caseworker")
    values = {"age_group": "adult", "sex": "female", "version": "1", **typed}
    assert client.post(own_link(client, case, "identity"), values).status_code == 302


def code_label(name: str, code: str) -> str:
    return codes.get(name).label(code)
