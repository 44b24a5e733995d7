"""Two tabs of one browser: what a page holds when it is sent later, and the organisation that was chosen meanwhile."""

import re
from html import unescape
from typing import Any

from django.test import Client

from accounts.models import Membership, Organisation
from tests.cast import Persona

INPUT = re.compile(r"<input\b[^>]*>")
BUTTON = re.compile(r'<button\b[^>]*name="send_as"[^>]*value="([^"]+)"[^>]*>([^<]+)<')


def joins(person: Persona, organisation: Organisation, *roles: str) -> Membership:
    """A second membership of somebody of the cast."""
    return Membership.objects.create(user=person.user, organisation=organisation, roles=list(roles))


def switch(client: Client, membership: Membership | Any) -> None:
    """In another tab: from now on the person works for this organisation."""
    assert client.post("/active-organisation/", {"membership": str(membership.pk)}).status_code == 302


def hidden_fields(html: str) -> dict[str, list[str]]:
    """The hidden fields of the forms in the main part of a page."""
    found: dict[str, list[str]] = {}
    for tag in INPUT.findall(html.partition("<main")[2].partition("</main>")[0]):
        if 'type="hidden"' in tag:
            name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
            assert name
            found.setdefault(unescape(name.group(1)), []).append(unescape(value.group(1)) if value else "")
    return found


def opened(client: Client, url: str) -> dict[str, list[str]]:
    """Open a page; what its form will send besides what one types."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return hidden_fields(response.content.decode())


def choices(html: str) -> dict[str, str]:
    """The buttons of the page that asks for which organisation: words and value."""
    return {unescape(words).strip(): value for value, words in BUTTON.findall(html)}


def choose(client: Client, url: str, response: Any, words: str) -> Any:
    """Press one of those buttons."""
    html = response.content.decode()
    return client.post(url, {**hidden_fields(html), "send_as": choices(html)[words]})
