"""How a page answers bad input: the same four signs everywhere, and nothing typed is lost."""

import re
from typing import Any


def assert_told(response: Any, field: str, message: str, *kept: str, status: int = 422) -> None:
    """Status, title, summary that leads to the field, message beside the field, and everything typed."""
    html = response.content.decode()
    assert response.status_code == status
    assert re.search(r"<title>\s*Error: ", html)
    summary = html[html.index("govuk-error-summary") : html.index("</ul>", html.index("govuk-error-summary"))]
    assert message in summary
    assert re.search(rf'href="#id_{field}\w*"', summary), summary
    assert message in beside(html, field)
    for text in kept:
        assert text in html, f"{text!r} is lost"


def beside(html: str, field: str) -> str:
    """The message next to a field."""
    found = re.search(rf'id="id_{field}_error".*?</', html, re.DOTALL)
    return re.sub(r"\s+", " ", found.group()) + html[found.end() : found.end() + 200] if found else ""
