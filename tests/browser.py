"""A real browser at the real application: served over HTTP from a database of the test's own.

A console error, an uncaught exception or a refused resource fails the test that caused it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.proofs import IS_FULL

PHONE: Final = {"width": 360, "height": 740}
DESKTOP: Final = {"width": 1280, "height": 900}
# How a page is looked at; the short form leaves the two widths by day to the test of the whole site.
VIEWS: Final = [
    pytest.param(DESKTOP, "dark", id="night"),
    pytest.param(DESKTOP, "light", id="desk"),
    pytest.param(PHONE, "light", id="phone"),
][: None if IS_FULL else 1]
# Debian's Chromium without a screen, and without connections of its own accord.
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The same engine, built without windows of its own: it opens a page with a third of the work. It keeps none in memory.
LEAN: Final = "chromium-headless-shell"
WHOLE: Final = ("chromium", "chromium-browser")
# Pages that refuse are part of many tests; Chromium reports the status of the page itself as an error.
REFUSING: Final = frozenset({400, 403, 404, 409, 422})


@dataclass(frozen=True)
class Site:
    """The running application."""

    url: str

    def sign_in(self, context: BrowserContext, client: Client) -> None:
        """Give the browser the session of a signed-in test client."""
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])


@pytest.fixture
def site(own_database: str) -> Iterator[Site]:
    """The application on a free loopback port, with its own database."""
    if not (Path(django_settings.BASE_DIR) / "static" / "build" / "app.css").exists():
        pytest.fail("The front end is not built. Build it: make frontend")
    # WhiteNoise serves the static files, as in production: no handler of Django's around ours.
    server = LiveServerThread("127.0.0.1", cast("type[WSGIHandler]", lambda handler: handler))
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield Site(f"http://127.0.0.1:{server.port}")
    server.terminate()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Chromium of the machine; Playwright's own download is never used."""
    return {"executable_path": chromium(LEAN, *WHOLE), "args": FLAGS, "headless": True}


def chromium(*names: str) -> str:
    """The path of the first of these that is there, or of ``CHROMIUM``."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.fail("Chromium is missing. Install it: make browser (or set CHROMIUM to its path).")
    return found


@pytest.fixture
def browser_context_args(site: Site) -> dict[str, Any]:
    return {"base_url": site.url, "viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Amsterdam"}


@pytest.fixture
def new_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Callable[..., BrowserContext]]:
    """In place of pytest-playwright's: every context is watched; an empty console is part of every browser test."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**browser_context_args, **options})
        _watch(context, faults)
        context.nrm_faults = faults  # type: ignore[attr-defined]
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not faults, "The browser's console is not empty:\n" + "\n".join(faults)


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    """``open_page(client, viewport=PHONE, …)``: a window of its own, signed in as ``client`` when one is given."""

    def make(client: Client | None = None, **options: Any) -> Page:
        context = new_context(**options)
        if client is not None:
            site.sign_in(context, client)
        return context.new_page()

    return make


def _watch(context: BrowserContext, faults: list[str]) -> None:
    refused: set[str] = set()

    def note_response(response: Response) -> None:
        if response.status in REFUSING and response.request.is_navigation_request():
            refused.add(response.url)

    def note_message(message: ConsoleMessage) -> None:
        is_refused_page = "Failed to load resource" in message.text and message.location["url"] in refused
        if message.type in {"error", "warning"} and not is_refused_page:
            faults.append(f"{message.text} ({message.location['url']})")

    context.on("response", note_response)
    context.on("console", note_message)
    context.on("weberror", lambda error: faults.append(str(error.error)))
