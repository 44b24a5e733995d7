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


# Forms of a person and of nobody signed in: signing in and out, language, screen lock. The two pages that ask again
# carry the choice itself.
WITHOUT_ORGANISATION = {
    "ui/language_switch.html",
    "ui/page_header.html",
    "account/login.html",
    "account/logout.html",
    "account/password_reset.html",
    "allauth/elements/form.html",
    "locked.html",
    "errors/other_organisation.html",
}


def test_every_form_that_acts_says_for_which_organisation_it_was_opened():
    """``sharing.md`` rule 23: by ``{% act_fields %}``, which ``{% form_page %}`` contains."""
    posting = {
        path.relative_to(ROOT / "templates").as_posix(): path.read_text(encoding="utf-8")
        for path in ROOT.glob("templates/**/*.html")
        if re.search(r"<form[^>]*\bmethod=[\"'](?!get)", path.read_text(encoding="utf-8"))
    }
    silent = {
        name
        for name, text in posting.items()
        if not re.search(r"<form\b[^>]*>\s*({% act_fields|{% include \"ui/act_fields)", text)
    }
    assert len(posting) > 15
    assert silent == WITHOUT_ORGANISATION
    for name in posting.keys() - silent:
        assert posting[name].count("<form") == len(re.findall(r"act_fields", posting[name])), name


def test_every_form_in_whose_address_an_act_begins_says_so_too():
    """The others by GET look for something; nothing is done with what they find but on pages of its own."""
    by_get = {
        path.relative_to(ROOT / "templates").as_posix(): path.read_text(encoding="utf-8")
        for path in ROOT.glob("templates/**/*.html")
        if re.search(r"<form[^>]*\bmethod=[\"']get", path.read_text(encoding="utf-8"))
    }
    silent = {name for name, text in by_get.items() if "{% opened_as_field %}" not in text}
    assert silent == {"cases/search.html", "cases/own_shares.html", "ui/filter_panel.html"}
