"""What a page must pass in a browser: axe without a finding, no sideways scroll. Used by every browser test."""

from typing import Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE: Final = Axe()


def assert_accessible(page: Page) -> None:
    """axe (WCAG 2.0 to 2.2 and best practice) finds nothing, and nothing sticks out sideways."""
    faults = [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in _AXE.run(page).response["violations"]
        for node in fault["nodes"]
    ]
    assert not faults, f"{page.url}\n" + "\n".join(faults)
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width[0] <= width[1], f"{page.url} scrolls sideways: {width[0]} > {width[1]}"
