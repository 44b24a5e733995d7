"""How the people of the story go about their work in a browser: by what they read on the screen."""

import re
from datetime import date
from http import HTTPStatus
from typing import Any

from playwright.sync_api import Locator, Page, expect

from core import clock
from profiles.profile import active


def today() -> date:
    """The civil day of the country."""
    return clock.today(active().zone)


def choose(page: Page, question: str, answer: str) -> None:
    """Answer a question with one of the answers listed."""
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def fill_day(page: Page, question: str, day: date) -> None:
    """Fill the three boxes of a date."""
    group = page.get_by_role("group", name=question)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part, exact=True).fill(str(value))


def press(page: Page, name: str) -> None:
    """Press a button, or follow the link that looks like one."""
    button = page.get_by_role("button", name=name, exact=True)
    follow(page, button if button.count() else page.get_by_role("link", name=name, exact=True))


def follow(page: Page, target: Locator) -> None:
    """Click, and wait for the page that comes: a further click would break off the first one's answer."""
    with page.expect_navigation():
        target.first.click()


def submit(page: Page) -> None:
    """Press the first button of the page's form."""
    follow(page, page.locator("main form:not([data-reveal]) button[type=submit]"))


def heading(page: Page) -> Any:
    """The first heading of the page."""
    return page.get_by_role("heading", level=1)


def start_registration(page: Page) -> None:
    """From my work to the first page of the form."""
    page.goto("/")
    press(page, "Register a presumed victim")
    press(page, "Begin")


def go_on(page: Page) -> None:
    press(page, "Save and continue")


def skip_to(page: Page, name: str) -> None:
    """Another page of the form, from the list of all pages."""
    if not page.get_by_role("link", name=name, exact=True).count():
        press(page, "All pages")
    follow(page, page.get_by_role("link", name=name, exact=True))


def skip_to_the_end(page: Page) -> None:
    """The check of all answers, from the list of all pages."""
    press(page, "All pages")
    press(page, "Check the answers and send")


def send_registration(page: Page) -> str:
    """Check the answers, send; returns the reference that the page shows."""
    expect(heading(page)).to_contain_text("Check the answers and send")
    follow(page, page.get_by_role("button", name="Register", exact=True))
    expect(heading(page)).to_have_text("Registered")
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", page.locator("main").inner_text())
    assert found
    return found.group()


def finds_nothing(page: Page, reference: str) -> None:
    """A hidden case is answered like one that does not exist, but for the address and the token of the page's forms."""
    absent = "0000-0000-0"
    assert _answer(page, reference) == _answer(page, absent)


def _answer(page: Page, reference: str) -> tuple[int, str]:
    answer = page.goto(f"/cases/{reference}/")
    assert answer is not None
    assert answer.status == HTTPStatus.NOT_FOUND
    text = answer.text().replace(reference, "")
    return answer.status, re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)
