"""Wrong input, no script, other languages, large text, and the keyboard alone, on the pages of the whole product."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE
from tests.matrix.addresses import Addresses
from tests.matrix.table import PAGES
from tests.site.pages import LONGEST, visits
from tests.world import World

pytestmark = pytest.mark.browser
# Sent as they open, these are refused with a summary of what is missing; all others come filled in or only ask.
FAILING = {
    name: who
    for name, who in visits().items()
    if name
    in (
        "accounts:invite_member", "accounts:create_organisation", "cases:close", "cases:record_consent",
        "cases:reasonable_grounds", "cases:identification", "cases:decline_identification",
        "cases:request_reconsideration", "cases:reconsider", "cases:offer_reflection",
        "cases:decline_reflection", "cases:end_reflection", "cases:provisional_guardian",
        "cases:appoint_guardian", "cases:replace_guardian", "cases:end_guardianship", "cases:guardian_conflict",
        "referrals:accept", "referrals:decline", "referrals:ask", "referrals:reply", "referrals:step",
        "referrals:complete", "cases:people", "cases:block", "cases:unblock", "cases:caseload", "cases:plan_absence",
        "cases:snooze", "cases:links", "cases:link_question", "cases:override_consent", "cases:write_location",
        "cases:record_report",
        "cases:ask_location_release", "cases:location_release", "cases:break_glass", "cases:emergency", "cases:reopen",
        "cases:settle_age", "cases:region",
    )
}  # fmt: skip
MIRROR = "document.documentElement.dir = 'rtl'"
# A desk of 1280 px at 200 %: the browser lays the page out anew in half the width.
ZOOMED = {"width": 640, "height": 450}
SEND = "main form[method=post] button[type=submit]:not([formnovalidate])"


def send_empty(page: Page) -> None:
    """Send the page's form without the browser's own checks."""
    assert page.locator(SEND).count(), f"{page.url} has no form: {page.locator('h1').inner_text()}"
    page.evaluate("document.querySelectorAll('main form').forEach(one => { one.noValidate = true })")
    page.locator(SEND).last.click()


@pytest.mark.parametrize("who", sorted(set(FAILING.values())))
def test_errors_are_told_and_lead_to_the_field(who: str, addresses: Addresses, as_persona: Callable[..., Page]) -> None:
    page, faults = as_persona(who, viewport=PHONE), []
    for name in [name for name, persona in FAILING.items() if persona == who]:
        page.goto(addresses.of(name))
        try:
            with page.expect_navigation() as sent:
                send_empty(page)
            assert sent.value.status == 422, sent.value.status
            expect(page).to_have_title(re.compile("^Error: "))
            expect(page.locator(".govuk-error-summary")).to_have_count(1)
            expect(page.locator(".govuk-error-summary")).to_be_focused()
            page.locator(".govuk-error-summary a").first.click()
            assert page.evaluate("document.activeElement.matches('input, select, textarea')"), "focus on the field"
            assert_accessible(page)
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", LONGEST)
def test_long_pages_in_dutch_mirrored_and_with_large_text(
    name: str, world: World, addresses: Addresses, as_persona: Callable[..., Page]
) -> None:
    page = as_persona(visits()[name], viewport=DESKTOP, bypass_csp=True)
    page.goto(addresses.of(name))
    page.get_by_role("button", name="Nederlands").click()
    page.goto(addresses.of(name))
    assert page.get_attribute("html", "lang") == "nl"
    assert_accessible(page)
    page.set_viewport_size(ZOOMED)
    assert_accessible(page)
    page.evaluate(MIRROR)
    page.set_viewport_size(PHONE)
    assert_accessible(page)


@pytest.mark.parametrize("who", sorted(set(visits().values())))
def test_every_page_says_the_same_without_script(
    who: str, addresses: Addresses, as_persona: Callable[..., Page]
) -> None:
    """Each page has its heading, its forms a button; no control waits for a script."""
    page = as_persona(who, java_script_enabled=False)
    for name in [name for name, persona in visits().items() if persona == who]:
        response = page.goto(addresses.of(name))
        assert response is not None
        assert response.status == 200, name
        expect(page.locator("h1")).to_be_visible()
        if "POST" in PAGES[name].methods and page.locator("main form[method=post]").count():
            assert page.locator("main form[method=post] button").count(), name
        assert not page.locator("main button[type=button]:visible").count(), name


def tab_to(page: Page, selector: str, at_most: int = 120) -> None:
    """Press Tab until the focus is on ``selector``, which must then be visible."""
    for _press in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            assert page.evaluate(
                "(box => box.top >= 0 && box.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())"
            ), f"{selector} is focused but out of view"
            return
    raise AssertionError(f"{selector} was not reached by keyboard")


def test_a_whole_referral_by_keyboard_alone(
    world: World, addresses: Addresses, as_persona: Callable[..., Page]
) -> None:
    page, case = as_persona("police_officer"), world.cases["offered"]
    page.goto(f"/cases/{case.shown_reference}/referrals/")
    enter(page, "main a[href$='/referrals/new/']")
    tab_to(page, "select[name=service]")
    page.keyboard.type("Safe")
    enter(page, "main form:not([data-reveal]) button")
    enter(page, f"main a[href*='{world.cast.organisations.shelter.pk}']")
    tab_to(page, "[name=purpose]")
    choose(page, "purpose", "refer_shelter")
    tab_to(page, "[name=legal_basis]")
    choose(page, "legal_basis", "law_enforcement")
    fill_end(page)
    enter(page, "main form:not([data-reveal]) button")
    enter(page, "button[name=confirmed]")
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/"))


def enter(page: Page, selector: str) -> None:
    """Reach it and press Enter, which leads to the next page."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, name: str, value: str) -> None:
    """With the arrow keys, to the wanted value."""
    for _press in range(40):
        if (
            page.evaluate(
                "name => (document.querySelector(`[name=${name}]:checked`) || document.activeElement).value", name
            )
            == value
        ):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{value} cannot be chosen by keyboard")


def fill_end(page: Page) -> None:
    """The last day, where the page has not proposed one."""
    if page.locator("[name=ends_on_day]").input_value():
        return
    for part, text in zip(("day", "month", "year"), ("1", "12", "2026"), strict=True):
        tab_to(page, f"[name=ends_on_{part}]")
        page.keyboard.type(text)
