"""No template carries script or style of its own: the content policy would refuse it in front of a user.

Nor does one say a thing twice that its layout or a tag says already.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)"),
    "style element": re.compile(r"<style\b"),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "address of somebody else": re.compile(r"(?:src|href)=\"https?://"),
    "time beside a date, which says its own": re.compile(r"\|\s*time:"),
    "unescaped output": re.compile(r"\|\s*safe\b|\{%\s*autoescape\s+off"),
}


@pytest.mark.parametrize("words", FORBIDDEN)
def test_templates_are_free_of(words):
    found = [
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.glob("templates/**/*.html"))
        if FORBIDDEN[words].search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_errors_are_summed_up_by_the_layout_alone():
    """A page that does it too says every error twice; the locked screen has no layout."""
    found = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in ROOT.glob("templates/**/*.html")
        if "{% error_summary" in path.read_text(encoding="utf-8")
    }
    assert found == {"layouts/page.html", "locked.html"}
