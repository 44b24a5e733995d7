"""Sources of law are cited in the language of the profiles, English, whatever language the page is in."""

from typing import Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

LANGUAGE: Final = "en"


def cited(source: str) -> SafeString:
    """The words of a source, marked with their language on a page in another one (WCAG 3.1.2)."""
    if (get_language() or LANGUAGE).startswith(LANGUAGE):
        return conditional_escape(source)
    return format_html('<span lang="{}">{}</span>', LANGUAGE, source)
