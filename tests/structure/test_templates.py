"""No template carries script or style of its own: the content policy would refuse it in front of a user."""

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
