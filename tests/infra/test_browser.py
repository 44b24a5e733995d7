"""The browser fixture forgives nothing: the sign-in page loads clean, on a desk and on a phone, without script too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_sign_in_page_is_clean(open_page: Callable[..., Page], viewport: dict[str, int]) -> None:
    page = open_page(viewport=viewport)
    response = page.goto("/account/login/")

    assert response is not None
    assert response.status == 200
    assert "script-src 'self'" in response.headers["content-security-policy"]
    assert page.locator("input[type=password]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_it_works_without_script(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.goto("/account/login/")

    assert page.locator("input[type=password]").is_visible()


def test_a_fault_in_the_console_fails_the_test(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto("/account/login/")
    faults = page.context.nrm_faults  # type: ignore[attr-defined]
    page.evaluate("console.error('planted')")
    page.wait_for_timeout(50)

    assert ["planted" in fault for fault in faults] == [True]
    faults.clear()
