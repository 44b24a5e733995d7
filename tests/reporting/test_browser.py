"""Worklist and dashboard in a real browser: rows in view, cards on a phone, filters without a script, axe."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core import clock
from tests.browser import PHONE
from tests.cases.filing import filed_case
from tests.cases.registering import begin
from tests.cast import Cast
from tests.reporting.scenes import refer, spring

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
IN_VIEW = """() => [...document.querySelectorAll('.cards tbody tr')]
    .filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"""
SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
NARROW = {"width": 320, "height": 640}


def check(page: Page) -> None:
    """No violation that axe can find."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def work(cast: Cast, count: int = 14) -> None:
    """Cases with labels and children, the oldest overdue."""
    now = clock.moment()
    for number in range(count):
        with clock.travel(now - timedelta(days=number * 5)):
            case = filed_case(
                cast,
                label="Red coat, north harbour" if number % 2 else "",
                age_group="child" if number % 4 == 0 else "adult",
            )
            if number % 3 == 0:
                refer(cast, case, "shelter", "safe_accommodation")


def test_nine_cases_are_in_view_and_what_is_overdue_is_said_in_words(cast: Cast, open_page: Open) -> None:
    work(cast)
    page = open_page(cast.client("ngo_supervisor"))
    page.goto("/")
    expect(page).to_have_url(re.compile("/my-work/$"))
    assert page.evaluate(IN_VIEW) >= 9
    expect(page.locator(".cards tbody tr").first).to_contain_text("days overdue")
    expect(page.get_by_role("status")).to_have_text(re.compile("14 cases, soonest deadline first"))
    check(page)


def test_nine_cases_are_in_view_below_long_names_drafts_and_a_banner(cast: Cast, open_page: Open) -> None:
    work(cast)
    organisation = cast.organisations.ngo
    organisation.name = "Foundation Lighthouse (demo)"
    organisation.save()
    client = cast.client("ngo_supervisor")
    begin(client)
    # The banner of the demo takes 36 pixels.
    page = open_page(client, viewport={"width": 1280, "height": 900 - 36})
    page.goto("/my-work/")
    expect(page.get_by_text("that is not finished")).to_be_visible()
    assert page.evaluate(IN_VIEW) >= 9


@pytest.mark.parametrize("viewport", [PHONE, NARROW])
def test_on_a_phone_each_case_is_a_card_and_the_filter_is_folded(
    cast: Cast, open_page: Open, viewport: dict[str, int]
) -> None:
    work(cast, 4)
    page = open_page(cast.client("ngo_caseworker"), viewport=viewport)
    page.goto("/my-work/")
    assert not page.evaluate(SIDEWAYS)
    row = page.locator(".cards tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "block"
    expect(page.get_by_label("Reference or label")).to_be_hidden()
    page.locator(".filter__toggle").click()
    expect(page.get_by_label("Reference or label")).to_be_visible()
    assert not page.evaluate(SIDEWAYS)
    check(page)


@pytest.mark.parametrize("has_script", [True, False])
def test_filters_work_and_stand_in_the_address(cast: Cast, open_page: Open, has_script: bool) -> None:
    work(cast)
    page = open_page(cast.client("ngo_supervisor"), java_script_enabled=has_script)
    page.goto("/my-work/")
    if not page.get_by_label("Reference or label").is_visible():
        page.locator(".filter__toggle").click()
    page.get_by_label("Reference or label").fill("red coat")
    page.get_by_label("Overdue", exact=True).check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile(r"q=red\+coat.*due=overdue"))
    expect(page.get_by_role("status")).to_contain_text("case")
    assert page.locator(".cards tbody tr").count() == page.locator(".cards tbody .cell__label").count()
    page.get_by_role("link", name="Last activity first").click()
    expect(page).to_have_url(re.compile(r"q=red\+coat.*order=activity"))
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_role("status")).to_contain_text("14")


def test_a_mistyped_reference_leads_to_the_field(cast: Cast, open_page: Open) -> None:
    page = open_page(cast.client("ngo_supervisor"))
    page.goto("/my-work/?q=K7QF-2M9X-B")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator(".govuk-error-summary a").click()
    expect(page.get_by_label("Reference or label")).to_be_focused()
    check(page)


@pytest.mark.parametrize(
    ("persona", "address"),
    [("coordinator", "/dashboard/"), ("ngo_supervisor", "/dashboard/own/"), ("coordinator", "/dashboard/overdue/")],
)
def test_figures_on_desk_and_phone(cast: Cast, open_page: Open, persona: str, address: str) -> None:
    spring(cast)
    client = cast.client(persona)
    for viewport in (None, PHONE, NARROW):
        page = open_page(client, **({"viewport": viewport} if viewport else {}))
        page.goto(f"{address}?start_day=1&start_month=1&start_year=2026")
        assert not page.evaluate(SIDEWAYS)
        check(page)


def test_charts_stand_in_two_columns_with_their_numbers_as_a_table(cast: Cast, open_page: Open) -> None:
    spring(cast)
    page = open_page(cast.client("coordinator"))
    page.goto("/dashboard/?start_day=1&start_month=1&start_year=2026&end_day=15&end_month=6&end_year=2026")
    first, second = (page.locator(".grid--charts > section").nth(index).bounding_box() for index in (0, 1))
    assert first
    assert second
    assert first["y"] == second["y"]
    assert second["x"] >= first["x"] + first["width"]
    region = page.locator("section", has=page.get_by_role("heading", name="Referrals by region"))
    expect(region.locator("figcaption")).to_contain_text("Amsterdam has most: 67 % of all")
    region.locator("summary").click()
    expect(region.get_by_role("row", name=re.compile("^Limburg"))).to_be_visible()


def test_the_dashboard_filters_without_a_script(cast: Cast, open_page: Open) -> None:
    spring(cast)
    page = open_page(cast.client("coordinator"), java_script_enabled=False)
    page.goto("/dashboard/?start_day=1&start_month=1&start_year=2026")
    page.get_by_label("Region", exact=True).select_option(label="Limburg")
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile("region=limburg"))
    expect(page.locator(".figure", has_text="referrals sent").locator("strong")).to_have_text("2")
    page.get_by_role("link", name="All overdue steps").click()
    expect(page).to_have_url(re.compile("/dashboard/overdue/"))
