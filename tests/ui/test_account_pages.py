"""The pages of signing in, the account and the errors look and behave like all others."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.axe import assert_accessible
from tests.browser import PHONE
from tests.cast import Cast
from tests.markup import assert_valid
from tests.tabs import joins

OPEN = ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive", "account_signup"]
SIGNED_IN = ["account_change_password", "account_logout", "account_reauthenticate", "mfa_index"]


def test_open_pages_are_accessible(open_page: Callable[..., Page]) -> None:
    page = open_page(viewport=PHONE)
    for name in OPEN:
        page.goto(reverse(name))
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert_accessible(page)


def test_pages_of_the_account_are_accessible(open_page: Callable[..., Page], cast: Cast) -> None:
    page = open_page(cast.client("ngo_caseworker"), viewport=PHONE)
    for name in SIGNED_IN:
        page.goto(reverse(name))
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert_accessible(page)


def test_a_wrong_password_is_said_with_an_error_summary(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto(reverse("account_login"))
    page.get_by_label("Email").fill("nobody@example.test")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title("Error: Sign in – NRM Casework")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert_accessible(page)


def test_the_second_step_is_set_up_with_a_picture_and_a_code(open_page: Callable[..., Page], cast: Cast) -> None:
    page = open_page(cast.client("ngo_caseworker"), viewport=PHONE)
    page.goto(reverse("mfa_activate_totp"))
    page.get_by_label("Password", exact=True).fill(cast.ngo_caseworker.password)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page.get_by_role("img")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("main").get_by_role("button").first.click()
    expect(page).to_have_title(r"Error: Activate Authenticator App – NRM Casework")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
def test_error_pages_need_no_context(status: int) -> None:
    """Django renders some of them without a request when everything else has failed."""
    html = get_template(f"errors/{status}.html").render()
    assert html.count("<h1") == 1
    assert "csrfmiddlewaretoken" not in html


def test_pages_are_valid_html(cast: Cast, tmp_path: Path) -> None:
    signed_out, signed_in = Client(), cast.client("ngo_caseworker")
    pages = {name: signed_out.get(reverse(name)).content.decode() for name in OPEN}
    pages |= {name: signed_in.get(reverse(name)).content.decode() for name in SIGNED_IN}
    pages["styleguide"] = signed_out.get("/styleguide/").content.decode()
    pages["styleguide_errors"] = signed_out.post("/styleguide/", {"birth_date_day": "x"}).content.decode()
    pages["missing"] = signed_in.get("/nothing-here/").content.decode()
    assert_valid(tmp_path, pages)


def test_the_pages_that_ask_before_they_act_are_valid_html(cast: Cast, tmp_path: Path) -> None:
    """For which organisation; and whether what was sent before with other answers is to be done as well."""
    joins(cast.ngo_supervisor, cast.organisations.shelter, "supervisor")
    client, typed = cast.client("ngo_supervisor"), {"text": 'It "rained" <when> we left'}
    asked = client.post("/register/", typed)
    again = client.get("/register/?opened_as=x")
    alone = cast.client("ngo_caseworker")
    key = {"submission_key": "5b0f5e0c-6b0f-4a3c-9a57-0d5f9c1e7a11"}
    alone.post("/register/", key)
    twice = alone.post("/register/", {**key, **typed})
    assert [one.status_code for one in (asked, again, twice)] == [409, 409, 422]
    pages = {"asked": asked, "again": again, "twice": twice}
    assert_valid(tmp_path, {name: answer.content.decode() for name, answer in pages.items()})
