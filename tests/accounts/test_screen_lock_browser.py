"""*Hide* in a real Chromium: click or Shift three times; Back shows nothing, with pages kept in memory and without."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, Route, expect

from accounts import operations
from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE, WHOLE, chromium
from tests.cases.filing import NAME, filed_case
from tests.cases.registering import begin
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.browser
PIN = "739162"
IN_MEMORY = "--disable-back-forward-cache"


@pytest.fixture(params=["without pages in memory", "with pages in memory"])
def browser(
    request: pytest.FixtureRequest, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """Playwright's flags forbid the browser to keep pages in memory; the second browser may, and can."""
    launch = browser_type_launch_args
    if request.param == "with pages in memory":
        launch = {**launch, "executable_path": chromium(*WHOLE), "ignore_default_args": [IN_MEMORY]}
    opened = browser_type.launch(**launch)
    yield opened
    opened.close()


@pytest.fixture
def has_memory(request: pytest.FixtureRequest, browser: Browser) -> bool:
    return request.node.callspec.params["browser"] == "with pages in memory"


@pytest.fixture
def worker(cast: Cast, open_page: Callable[..., Page]) -> Callable[..., Page]:
    operations.set_pin(cast.ngo_caseworker.actor, password=PASSWORD, pin=PIN)
    client = cast.client("ngo_caseworker")
    return lambda **options: open_page(client, **options)


def hide_button(page: Page) -> Any:
    return page.get_by_role("button", name="Hide this page at once")


def assert_neutral(page: Page, site: Any) -> None:
    expect(page).to_have_url(f"{site.url}/locked/")
    expect(page).to_have_title("Paused")
    assert "NRM" not in page.content()
    assert "Casework" not in page.content()


def three_times_shift(page: Page, pause: int = 30) -> None:
    for _number in range(3):
        page.keyboard.down("Shift")
        page.keyboard.up("Shift")
        page.wait_for_timeout(pause)


def open_with_pin(page: Page) -> None:
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Continue").click()


def test_this_browser_keeps_plain_pages_in_memory_or_not(worker: Any, has_memory: bool, site: Any) -> None:
    """So that the tests below mean what they say."""
    page = worker()

    def plain(route: Route) -> None:
        route.fulfill(body="<!DOCTYPE html><title>plain</title><p>plain</p>", content_type="text/html")

    page.route("**/plain/*", plain)
    page.goto("/plain/1")
    page.evaluate("window.isStillHere = true")
    page.goto("/plain/2")
    page.go_back(wait_until="commit")
    assert bool(page.evaluate("window.isStillHere")) is has_memory


@pytest.mark.parametrize("how", ["click", "shift", "without script"])
def test_after_hiding_back_shows_nothing(cast: Cast, worker: Any, site: Any, how: str) -> None:
    case = filed_case(cast, label="blue door")
    page = worker(java_script_enabled=how != "without script")
    page.goto("/my-work/")
    page.goto(f"/cases/{case.shown_reference}/")
    page.goto(f"/cases/{case.shown_reference}/timeline/")
    if how == "shift":
        three_times_shift(page)
    else:
        hide_button(page).click()
    assert_neutral(page, site)
    # With script the hidden page has left the history; without, it is one step back.
    steps = 3 if how == "without script" else 2
    for _step in range(steps):
        page.go_back(wait_until="commit")
        assert_neutral(page, site)
        assert "blue door" not in page.content()
    for _step in range(steps):
        page.go_forward(wait_until="commit")
        page.wait_for_load_state()
        assert case.shown_reference not in page.content()


def test_an_open_tab_goes_blank_with_the_one_that_hides(cast: Cast, worker: Any, site: Any) -> None:
    case = filed_case(cast)
    page = worker()
    page.goto("/my-work/")
    other = page.context.new_page()
    other.goto(f"/cases/{case.shown_reference}/")
    hide_button(page).click()
    assert_neutral(page, site)
    assert_neutral(other, site)


def test_the_same_page_comes_back_with_what_was_typed(cast: Cast, worker: Any, site: Any) -> None:
    url = f"/register/{begin(cast.client('ngo_caseworker'))}/identity/"
    page = worker()
    page.goto(url)
    page.get_by_label("Given names").fill("Żaneta")
    hide_button(page).click()
    assert_neutral(page, site)
    open_with_pin(page)
    expect(page).to_have_url(site.url + url)
    expect(page.get_by_label("Given names")).to_have_value("Żaneta")


def test_typing_capital_letters_hides_nothing(cast: Cast, worker: Any, site: Any) -> None:
    url = f"/register/{begin(cast.client('ngo_caseworker'))}/account/"
    page = worker()
    page.goto(url)
    field = page.locator("textarea").first
    field.focus()
    for letter in "ABCDEF":
        page.keyboard.down("Shift")
        page.keyboard.press(letter)
        page.keyboard.up("Shift")
    three_times_shift(page, pause=900)
    for _number in range(3):
        page.keyboard.down("Shift")
        field.click()
        page.keyboard.up("Shift")
    expect(field).to_have_value("ABCDEF")
    expect(page).to_have_url(site.url + url)
    three_times_shift(page)
    assert_neutral(page, site)


def test_hidden_without_a_connection_it_is_blank_and_locked_when_the_line_is_back(
    cast: Cast, worker: Any, site: Any
) -> None:
    case = filed_case(cast)
    page = worker()
    page.goto(f"/cases/{case.shown_reference}/")
    page.route("**/lock/", lambda route: route.abort())
    page.context.nrm_faults.clear()
    hide_button(page).click()
    expect(page.locator("html.is-hidden-now")).to_have_count(1)
    expect(page.get_by_text(case.shown_reference).first).to_be_hidden()
    page.unroute("**/lock/")
    assert_neutral(page, site)
    page.context.nrm_faults.clear()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_it_is_in_view_without_scrolling_and_the_pages_are_accessible(worker: Any, viewport: Any) -> None:
    page = worker(viewport=viewport)
    page.goto("/my-work/")
    expect(hide_button(page)).to_be_in_viewport(ratio=1)
    page.goto("/account/pin/")
    assert_accessible(page)
    hide_button(page).click()
    page.wait_for_url("**/locked/")
    assert_accessible(page)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: Paused")
    assert_accessible(page)


@pytest.mark.parametrize("browser", ["without pages in memory"], indirect=True)
class TestTheName:
    """Acceptance 7: shown by an action, hidden again after a minute or on leaving."""

    def shown(self, page: Page, case: Any) -> Any:
        page.goto(f"/cases/{case.shown_reference}/")
        expect(page.get_by_text(NAME)).to_have_count(0)
        page.get_by_role("button", name="Show the name").click()
        expect(page.get_by_text(NAME)).to_be_visible()

    def test_it_hides_again_after_a_minute(self, cast: Cast, worker: Any) -> None:
        page = worker()
        page.clock.install()
        self.shown(page, filed_case(cast))
        page.clock.run_for(59_000)
        expect(page.get_by_text(NAME)).to_be_visible()
        page.clock.run_for(2_000)
        expect(page.get_by_text(NAME)).to_have_count(0)
        expect(page.get_by_role("button", name="Show the name")).to_be_visible()

    def test_it_hides_on_leaving_and_on_request(self, cast: Cast, worker: Any) -> None:
        page, case = worker(), filed_case(cast)
        self.shown(page, case)
        page.get_by_role("button", name="Hide the name").click()
        expect(page.get_by_text(NAME)).to_have_count(0)
        self.shown(page, case)
        page.get_by_role("link", name="Timeline").click()
        page.go_back()
        expect(page.get_by_text(NAME)).to_have_count(0)

    def test_without_script_it_is_a_page_of_its_own(self, cast: Cast, worker: Any) -> None:
        page = worker(java_script_enabled=False)
        case = filed_case(cast)
        self.shown(page, case)
        assert page.url.endswith("/name/")
        page.get_by_role("link", name="Back to the case").click()
        expect(page.get_by_text(NAME)).to_have_count(0)
