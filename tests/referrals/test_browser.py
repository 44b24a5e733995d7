"""In a real browser: a referral from search to sent without a script, and nothing that axe objects to."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import PHONE
from tests.cast import Cast
from tests.referrals.scenes import accepted, police_case, sent

pytestmark = pytest.mark.browser


def check(page: Page) -> None:
    """No violation that axe can find."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_police_refer_without_a_script_and_the_shelter_accepts(cast: Cast, open_page: Callable[..., Page]) -> None:
    case = police_case(cast)
    officer = open_page(cast.client("police_officer"), java_script_enabled=False)
    officer.goto(f"/cases/{case.shown_reference}/")
    officer.get_by_role("link", name="Refer to an organisation").first.click()
    officer.get_by_label("Which service is needed?").select_option("safe_accommodation")
    officer.get_by_role("button", name="Find organisations").click()
    officer.get_by_role("link", name="Choose Shelter", exact=True).click()
    officer.get_by_label("Task of a law-enforcement authority").check()
    officer.get_by_label("Message to the organisation").fill("Two lines\nof O’Neil")
    officer.get_by_role("button", name="See what they will see").click()
    officer.get_by_role("button", name="Change").click()
    expect(officer.get_by_label("Message to the organisation")).to_have_value("Two lines\nof O’Neil")
    officer.get_by_role("button", name="See what they will see").click()
    officer.get_by_role("button", name="Send the referral").click()
    expect(officer.get_by_text("The referral was sent to Shelter.")).to_be_visible()

    intake = open_page(cast.client("shelter_intake"))
    intake.goto("/referrals/")
    check(intake)
    intake.get_by_role("link", name=case.shown_reference).click()
    check(intake)
    expect(intake.locator(".safe-contact")).to_contain_text("Go through Police")
    intake.get_by_role("button", name="Accept").or_(intake.get_by_role("link", name="Accept")).click()
    check(intake)
    intake.get_by_label("Who will work on it?").select_option(label="Shelter worker (caseworker)")
    intake.get_by_role("button", name="Accept").click()
    expect(intake.get_by_text("Two lines")).to_be_visible()
    intake.get_by_role("link", name="Open the case").click()
    expect(intake).to_have_url(f"{intake.url.split('/cases')[0]}/cases/{case.shown_reference}/")


def test_every_page_of_a_new_referral_is_accessible_also_on_a_phone(cast: Cast, open_page: Callable[..., Page]) -> None:
    case = police_case(cast)
    page = open_page(cast.client("police_officer"), viewport=PHONE)
    page.goto(f"/cases/{case.shown_reference}/referrals/new/?service=&urgency=normal")
    expect(page).to_have_title("Error: Referrals – Case " + case.shown_reference + " – NRM Casework")
    check(page)
    page.goto(f"/cases/{case.shown_reference}/referrals/new/?service=safe_accommodation&region=&urgency=normal")
    check(page)
    page.get_by_role("link", name="Choose Shelter", exact=True).click()
    check(page)
    page.get_by_role("button", name="See what they will see").click()
    expect(page.get_by_role("alert")).to_contain_text("Say on which legal basis")
    check(page)
    page.get_by_label("Task of a law-enforcement authority").check()
    page.get_by_role("button", name="See what they will see").click()
    check(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_pages_of_the_work_are_accessible(cast: Cast, open_page: Callable[..., Page]) -> None:
    referral = accepted(cast, sent(cast, police_case(cast)))
    page = open_page(cast.client("shelter_worker"))
    for name in ("", "steps/", "complete/"):
        page.goto(f"/referrals/{referral.pk}/{name}")
        check(page)
    sender = open_page(cast.client("police_officer"))
    sender.goto(f"/referrals/{referral.pk}/revoke/")
    check(sender)
