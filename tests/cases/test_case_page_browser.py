"""The case page in a browser: sharing and ending without script; accessible by day, by night and on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.axe import assert_accessible
from tests.browser import VIEWS
from tests.cases.filing import NAME, consented, filed_case, shared
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_without_script_one_writes_shares_and_ends(cast: Cast, open_page) -> None:
    case = filed_case(cast)
    consented(cast, case)
    page = open_page(cast.client("ngo_caseworker"), java_script_enabled=False)
    other = open_page(cast.client("shelter_intake"), java_script_enabled=False)
    address = f"/cases/{case.shown_reference}/"

    page.goto(address)
    page.get_by_role("link", name="Share with an organisation").click()
    page.get_by_label("With which organisation?").select_option(label="Shelter")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("For which purpose?").select_option(label="Shelter")
    page.get_by_label("Consent", exact=True).check()
    which = page.get_by_label("Which consent?")
    which.select_option(which.locator("option", has_text="Shelter").get_attribute("value"))
    last_day = page.get_by_role("group", name="Until and including which day?")
    last_day.get_by_label("Day").fill("31")
    last_day.get_by_label("Month").fill("12")
    last_day.get_by_label("Year").fill("1999")
    page.get_by_role("button", name="See what they will see").click()
    expect(page).to_have_title(re.compile("^Error:"))
    assert page.get_by_label("Consent", exact=True).is_checked()
    last_day.get_by_label("Year").fill("2026")
    page.get_by_role("button", name="See what they will see").click()
    assert page.get_by_text("Identity (1 row today)").is_visible()
    page.get_by_role("button", name="Share now").click()

    other.goto(address + "identity/")
    other.get_by_role("button", name="Show the name").click()
    expect(other.get_by_text(NAME)).to_be_visible()

    page.get_by_role("link", name="Shelter", exact=True).click()
    page.get_by_role("button", name="End this now").click()
    assert other.goto(address).status == 404


@pytest.mark.proof("every page is whole")
@pytest.mark.parametrize(("viewport", "scheme"), VIEWS)
def test_every_page_of_a_case_is_accessible(cast: Cast, open_page, viewport, scheme: str) -> None:
    case = filed_case(cast, label="blue door", age_group="uncertain")
    consent = consented(cast, case)
    share = shared(cast, case, cast.organisations.shelter, "identity", legal_basis="consent", consent=consent)
    page = open_page(cast.client("ngo_supervisor"), viewport=viewport, color_scheme=scheme)
    for path in (
        "",
        "identity/",
        "contact/",
        "exploitation/add/",
        "timeline/",
        "people/",
        "consent/",
        "consent/add/",
        f"consent/{consent.pk}/withdraw/",
        "shares/",
        f"shares/{share.pk}/",
        "shares/new/",
        f"shares/new/?to={cast.organisations.health.pk}",
        "label/",
        "close/",
        "../search/?q=blue",
    ):
        page.goto(f"/cases/{case.shown_reference}/{path}")
        assert_accessible(page)


def test_an_error_moves_to_the_summary_and_from_there_to_the_field(cast: Cast, open_page) -> None:
    case = filed_case(cast)
    page = open_page(cast.client("ngo_caseworker"))
    page.goto(f"/cases/{case.shown_reference}/indicators/add/")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_title(re.compile("^Error:"))
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    page.locator(".govuk-error-summary a").first.click()
    assert page.evaluate("document.activeElement.name") == "indicator"
    assert_accessible(page)
