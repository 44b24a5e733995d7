"""What a first visit costs on a slow line (acceptance point 16 of the screens): 90 KB, most of it for the page."""

import gzip
import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.template.loader import get_template

from tests.cast import Cast

BUILD: Final = Path(settings.BASE_DIR) / "static" / "build"
KIB: Final = 1024


@pytest.mark.parametrize("style", ["app.css", "app-rtl.css"])
def test_style_script_and_icon_leave_most_of_the_budget_to_pages(style: str) -> None:
    sizes = [len(gzip.compress((BUILD / name).read_bytes())) for name in (style, "app.js", "icon.svg")]
    assert sum(sizes) < 30 * KIB


def test_a_page_asks_for_three_files_only() -> None:
    html = get_template("layouts/page.html").render()
    assert len(re.findall(r'<(?:link|script|img)[^>]+(?:href|src)="/static', html)) == 3


def test_a_page_travels_compressed(cast: Cast) -> None:
    client = cast.client("ngo_caseworker")
    plain, packed = client.get("/register/"), client.get("/register/", headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert b"<h1" in gzip.decompress(packed.content)
    assert len(packed.content) * 2 < len(plain.content)


def test_styles_and_scripts_ask_for_nothing_further_and_keep_nothing() -> None:
    style = (BUILD / "app.css").read_text()
    assert "@import" not in style
    assert "@font-face" not in style
    assert not re.search(r"url\((?![\"']?data:)", style)
    script = (BUILD / "app.js").read_text()
    assert not re.search(r"localStorage|sessionStorage|indexedDB|\beval\(|new Function", script)
