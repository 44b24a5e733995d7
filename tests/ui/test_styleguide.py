"""Every part of the screens in a real browser: light and dark, phone and desk, with and without errors and script."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect

from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE, Site

NARROW: Final = {"width": 320, "height": 740}
OpenPage = Callable[..., Page]
# A form of its own that saves while one types, at addresses which only the browser of the test knows.
AUTOSAVE_PAGE: Final = """<!DOCTYPE html><html lang="en"><title>Draft</title><body>
<form method="post" data-autosave-url="/save"><input type="hidden" name="submission_key" value="of-the-page">
<input type="hidden" name="version" value="1"><label>Text <textarea name="text"></textarea></label>
<p role="status" data-autosave-status data-saving="" data-saved="Saved {time}" data-offline="Offline"
 data-failed="Failed" data-signedout="Signed out"></p></form>
<script type="module" src="/static/app.js"></script></body></html>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, PHONE, DESKTOP], ids=["320", "360", "1280"])
def test_every_part_is_accessible_with_and_without_errors(
    open_page: OpenPage, scheme: str, viewport: dict[str, int], tmp_path: Path
) -> None:
    page = open_page(viewport=viewport, color_scheme=scheme)
    page.goto("/styleguide/")
    assert_accessible(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_title("Error: Style guide – NRM Casework")
    assert_accessible(page)
    _keep_picture(page, f"styleguide-{scheme}-{viewport['width']}")


def test_right_to_left_mirrors_without_sideways_scroll(open_page: OpenPage) -> None:
    page = open_page(viewport=PHONE)
    page.route("**/styleguide/", _turn_round)
    page.goto("/styleguide/")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert_accessible(page)
    heading = page.locator(".identity__title").bounding_box()
    assert heading is not None
    assert heading["x"] + heading["width"] == pytest.approx(PHONE["width"] - 15, abs=2)


def test_the_focus_goes_to_the_summary_and_from_there_to_the_field(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/styleguide/")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    for link, field in (
        ("Given names", "id_given_names"),
        ("Date of birth", "id_birth_date_day"),
        ("danger", "id_is_in_danger_0"),
    ):
        page.locator(".govuk-error-summary a", has_text=link).click()
        expect(page.locator(f"#{field}")).to_be_focused()


def test_a_conflict_shows_both_versions_and_a_second_save_goes_through(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/styleguide/")
    page.get_by_label("Given names").fill("Anna")
    page.get_by_role("group", name="When was the person found?").get_by_label("Day").fill("29")
    page.get_by_role("group", name="When was the person found?").get_by_label("Month").fill("2")
    page.get_by_role("group", name="When was the person found?").get_by_label("Year").fill("2024")
    page.locator("#id_birth_date_answer_0").check()
    page.locator("#id_is_in_danger_2").check()
    page.locator("#id_means_0").check()
    page.get_by_role("combobox", name="Language", exact=True).select_option("vi")
    page.get_by_role("button", name="Send", exact=True).click()
    row = page.get_by_role("row", name="Given names")
    expect(row).to_contain_text("Ana")
    expect(row).to_contain_text("Anna")
    assert_accessible(page)
    expect(page.get_by_label("Given names")).to_have_value("Anna")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("The sample was accepted.")).to_be_visible()


def test_not_known_clears_the_other_boxes_and_a_question_appears_when_it_is_asked(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/styleguide/")
    page.locator("#id_means_0").check()
    page.locator("#id_means_3").check()
    expect(page.locator("#id_means_0")).not_to_be_checked()
    page.locator("#id_means_1").check()
    expect(page.locator("#id_means_3")).not_to_be_checked()
    other = page.get_by_label("Which other language?")
    expect(other).to_be_hidden()
    page.get_by_role("combobox", name="Language", exact=True).select_option("other")
    expect(other).to_be_visible()


def test_the_count_of_characters_follows_the_typing(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/styleguide/")
    area = page.get_by_label("Account in own words")
    area.fill("x" * 14_990)
    expect(page.locator(".count").first).to_have_text("Characters left: 10")
    area.fill("x" * 15_001)
    expect(page.locator(".count").first).to_have_text("Characters too many: 1")


def test_everything_works_without_script(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, viewport=PHONE)
    page.goto("/styleguide/")
    expect(page.get_by_label("Which other language?")).to_be_visible()
    expect(page.get_by_role("link", name="Skip to main content")).to_be_attached()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")


def test_what_is_typed_is_saved_and_a_cut_line_is_said_and_mended(browser: Browser, site: Site) -> None:
    """Acceptance point 11 of the screens: nothing typed is lost, and the status line says so."""
    # Not ``open_page``: the browser itself reports the cut line in its console.
    page = browser.new_context(base_url=site.url).new_page()
    line = Line()
    page.route("**/draft", lambda route: route.fulfill(content_type="text/html", body=AUTOSAVE_PAGE))
    page.route("**/save", line.save)
    page.goto("/draft")
    status = page.get_by_role("status")
    page.get_by_label("Text").fill("first")
    expect(status).to_contain_text("Saved")
    assert "first" in line.saved[0]
    assert "of-the-page" not in line.saved[0]
    expect(page.locator("[name=version]")).to_have_value("2")
    line.is_cut = True
    page.get_by_label("Text").fill("second")
    expect(status).to_have_text("Offline", timeout=3_000)
    line.is_cut = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(status).to_contain_text("Saved")
    assert "second" in line.saved[-1]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.context.close()


class Line:
    """The line to the server, which can be cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.saved: list[str] = []

    def save(self, route: Route) -> None:
        if self.is_cut:
            route.abort("internetdisconnected")
            return
        self.saved.append(route.request.post_data or "")
        route.fulfill(status=204, headers={"Version": "2"})


def _turn_round(route: Route) -> None:
    answer = route.fetch()
    body = answer.text().replace('dir="ltr" class="govuk-template"', 'dir="rtl" class="govuk-template"')
    route.fulfill(response=answer, body=body.replace("/static/app.css", "/static/app-rtl.css"))


def _keep_picture(page: Page, name: str) -> None:
    folder = Path(settings.BASE_DIR) / "tests" / "output"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
