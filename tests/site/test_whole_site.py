"""Every page of the product in a real browser: accessible, whole at any width, valid, quiet, keeping nothing."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.axe import assert_accessible
from tests.browser import DESKTOP, PHONE
from tests.cases.filing import NAME
from tests.cases.filing import PHONE as NUMBER
from tests.markup import assert_valid
from tests.matrix.addresses import Addresses
from tests.proofs import IS_FULL
from tests.site.pages import visits

OUTPUT = Path(__file__).parents[1] / "output"
VIEWPORTS = (DESKTOP, PHONE)
NARROW = {"width": 320, "height": 740}
SENT_EMPTY = "() => { for (const one of document.querySelectorAll('main form')) one.noValidate = true }"
SMALL = """() => [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
  .filter(one => one.offsetParent && one.type !== 'hidden' && getComputedStyle(one).display !== 'inline')
  .map(one => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([_, box]) => box.width && (box.width < 24 || box.height < 24)).map(([html]) => html)"""
WIDTHS = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"

pytestmark = pytest.mark.browser
PERSONAS = sorted(set(visits().values()))


def pages_of(who: str) -> list[str]:
    return [name for name, persona in visits().items() if persona == who]


def go(page: Page, url: str) -> Any:
    response = page.goto(url)
    assert response is not None
    assert response.status == 200, f"{url}: {response.status}"
    return response


def assert_quiet(page: Page, response: Any) -> None:
    """Strict policy, nothing kept, no name in title or address."""
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["cache-control"] == "no-store"
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    for word in (NAME, NUMBER):
        assert word not in page.title()
        assert word not in page.url
    html = response.text()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", html), "inline script"
    assert "<style" not in html
    assert not re.search(r"<[^>]+\sstyle=", html), "inline style"


@pytest.mark.proof("every page is whole")
@pytest.mark.parametrize("who", PERSONAS)
def test_every_page_is_whole(who: str, addresses: Addresses, as_persona: Callable[..., Page], tmp_path: Path) -> None:
    page, saved, faults = as_persona(who, viewport=DESKTOP), {}, []
    OUTPUT.mkdir(exist_ok=True)
    for number, name in enumerate(pages_of(who)):
        # Both widths of every page in the full form, else in turn.
        viewports = VIEWPORTS if IS_FULL else [VIEWPORTS[number % 2]]
        try:
            response = go(page, addresses.of(name))
            assert_quiet(page, response)
            saved[name.replace(":", "_")] = response.text()
            for viewport in viewports:
                page.set_viewport_size(viewport)
                assert_accessible(page)
                if os.environ.get("NRM_SHOTS"):
                    shot = OUTPUT / f"{name.replace(':', '_')}-{viewport['width']}.png"
                    page.screenshot(path=shot, full_page=True)
            page.set_viewport_size(NARROW)
            width = page.evaluate(WIDTHS)
            assert width[0] <= width[1], f"{width} at 320 px"
            small = page.evaluate(SMALL)
            assert not small, f"targets below 24 px: {small}"
            page.set_viewport_size(DESKTOP)
        except AssertionError as fault:
            faults.append(f"{name}: {fault}")
    assert not faults, "\n".join(faults)
    assert_valid(tmp_path, saved)
