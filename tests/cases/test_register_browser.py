"""The whole form in a real browser, with script and without: from the start page to the reference."""

import pytest
from playwright.sync_api import expect

from accounts.context import acting
from cases.models import Case
from tests.axe import assert_accessible
from tests.browser import PHONE
from tests.cases.registering import stored

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(open_page, cast, request):
    opened = open_page(cast.client("ngo_caseworker"), java_script_enabled=request.param)
    opened.has_script = request.param
    return opened


def check_page(page):
    if page.has_script:
        assert_accessible(page)


def go_on(page):
    page.get_by_role("button", name="Save and continue").click()


def choose(page, question, answer):
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def test_an_adult_is_registered_from_start_to_reference(page, cast):
    page.goto("/register/")
    check_page(page)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Immediate danger")
    choose(page, "Is the person in danger now?", "The person or the family is threatened")
    check_page(page)
    go_on(page)
    expect(page.get_by_text("Call 112 if you have not")).to_be_visible()
    _age(page)
    _consent(page)
    page.get_by_label("Given names", exact=True).fill("Żaneta")
    check_page(page)
    go_on(page)
    _exploitation(page)
    page.get_by_label("What happened, in the person’s own words").fill("They took my passport. 🛂")
    check_page(page)
    go_on(page)
    page.get_by_role("group", name="Shows fear or anxiety").get_by_label("Fact: seen or told").check()
    check_page(page)
    go_on(page)
    _contact(page)
    choose(page, "What does the person need now?", "A safe place to stay")
    check_page(page)
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check the answers and send")
    check_page(page)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Registered")
    check_page(page)
    with acting(cast.ngo_caseworker):
        expect(page.get_by_text(Case.objects.get().shown_reference)).to_be_visible()


def _age(page):
    """First without an answer: the summary has the focus and leads to the field."""
    go_on(page)
    expect(page).to_have_title("Error: Adult or child – NRM Casework")
    if page.has_script:
        expect(page.locator(".govuk-error-summary")).to_be_focused()
    check_page(page)
    page.get_by_role("link", name="Choose whether the person is an adult").click()
    if page.has_script:
        expect(page.get_by_label("Adult", exact=True)).to_be_focused()
    page.get_by_label("Adult", exact=True).check()
    page.get_by_role("group", name="Date of birth").get_by_label("Year").fill("1999")
    go_on(page)


def _consent(page):
    choose(page, "Does the person consent to being registered?", "Yes, consents")
    choose(page, "What did you explain before asking?", "What the referral mechanism is")
    choose(page, "In which form was consent given?", "In writing")
    day = page.get_by_role("group", name="On which day was it given?")
    for part, value in (("Day", "1"), ("Month", "3"), ("Year", "2026")):
        day.get_by_label(part).fill(value)
    check_page(page)
    go_on(page)


def _exploitation(page):
    page.get_by_label("Forced labour or services", exact=True).check()
    page.get_by_label("Sector", exact=True).select_option(label="Car washes")
    check_page(page)
    go_on(page)
    expect(page.get_by_text("Primary form")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Continue").or_(page.get_by_role("link", name="Continue", exact=True)).click()


def _contact(page):
    choose(page, "How can the person be reached?", "Mobile phone")
    page.get_by_label("Mobile phone: number, address or name").fill("06 12345678")
    choose(page, "Mobile phone: Is it safe to call?", "Safe")
    choose(page, "Mobile phone: Is it safe to send a text?", "Not safe")
    check_page(page)
    go_on(page)


def test_every_page_of_the_form_fits_a_phone(open_page, cast):
    page = open_page(cast.client("ngo_caseworker"), viewport=PHONE)
    page.goto("/register/")
    page.get_by_role("button", name="Begin").click()
    base = page.url.removesuffix("danger/")
    for path in ("", "danger/", "age/", "identity/", "account/", "indicators/", "contact/", "needs/", "check/"):
        page.goto(base + path)
        assert_accessible(page)
    page.goto(base + "exploitation/")
    assert_accessible(page)
    page.goto("/drafts/")
    assert_accessible(page)


def test_typing_is_saved_by_itself_and_nothing_stays_in_the_browser(open_page, cast):
    page = open_page(cast.client("ngo_caseworker"))
    page.goto("/register/")
    page.get_by_role("button", name="Begin").click()
    page.goto(page.url.replace("danger", "identity"))
    page.get_by_label("Given names", exact=True).fill("Żaneta")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved at")
    page.get_by_label("Family name", exact=True).fill("B")
    with page.expect_response(lambda answer: answer.url.endswith("autosave")):
        pass
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    with acting(cast.ngo_caseworker):
        typed = stored(page.url.split("/")[4])["identity"]["typed"]
    assert (typed["given_names"], typed["family_name"]) == (["Żaneta"], ["B"])
    go_on(page)
    expect(page).to_have_title("Exploitation – NRM Casework")
