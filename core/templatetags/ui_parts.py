"""Single parts: headings, tags, buttons, references."""

from typing import Any, Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import reference as references
from core.cited import cited
from core.ui import COLOURS, Words

register = template.Library()
register.filter("cited", cited)

BUTTONS: Final = {"": "", "secondary": " govuk-button--secondary", "warning": " govuk-button--warning"}
SIZES: Final = frozenset({"s", "m", "l", "xl"})


@register.simple_tag
def page_heading(text: Words, caption: Words = "", size: str = "l") -> SafeString:
    """The one ``h1`` of a page, with a caption above it that says what it belongs to."""
    _known("size", size, SIZES)
    above = format_html('<span class="govuk-caption-{}">{}</span>', size, caption) if caption else ""
    return format_html('{}<h1 class="govuk-heading-{}">{}</h1>', above, size, text)


@register.simple_tag
def status_tag(text: Words, colour: str = "grey") -> SafeString:
    """A state in words, on a colour that only supports them."""
    _known("colour", colour, COLOURS)
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)


@register.simple_tag
def reference(value: str) -> SafeString:
    """The reference of a case, in groups, left to right in every language, never broken over lines."""
    return format_html('<span class="reference" dir="ltr">{}</span>', references.show(value))


@register.simple_tag
def button(
    text: Words,
    *,
    href: str = "",
    kind: str = "",
    name: str = "",
    value: str = "",
    form: str = "",
    describes: Words = "",
) -> SafeString:
    """A button that submits, or with ``href`` a link that looks like one. ``describes`` is said but not shown."""
    classes = "govuk-button" + BUTTONS[_known("kind", kind, BUTTONS)]
    label = format_html("{}{}", text, _hidden(describes))
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', classes, href, label)
    attributes = _attributes({"name": name, "value": value, "form": form})
    return format_html('<button class="{}" type="submit"{}>{}</button>', classes, attributes, label)


@register.simple_tag
def link(text: Words, href: str, *, describes: Words = "", current: bool = False) -> SafeString:
    """A link; ``describes`` tells a listener what it belongs to (“Change” … “date of birth”)."""
    state = SafeString(' aria-current="page"') if current else ""
    return format_html('<a class="govuk-link" href="{}"{}>{}{}</a>', href, state, text, _hidden(describes))


@register.simple_tag
def back_link(href: str, text: Words = "") -> SafeString:
    """The way back, first on a page of a form; for the ``before_content`` block."""
    return format_html('<a class="govuk-back-link" href="{}">{}</a>', href, text or _("Back"))


@register.simple_tag
def notification_banner(text: Words, kind: str = "info", heading: Words = "") -> SafeString:
    """What just happened (``success``), what to know (``info``), or what went wrong (``error``)."""
    titles = {"info": _("Note"), "success": _("Done"), "error": _("Something went wrong")}
    _known("kind", kind, titles)
    return format_html(
        '<div class="notice notice--{0}" role="{1}"><p class="notice__title">{2}</p>'
        '<p class="notice__text">{3}</p></div>',
        kind,
        "alert" if kind == "error" else "status",
        heading or titles[kind],
        text,
    )


def _known(argument: str, value: str, allowed: Any) -> str:
    if value not in allowed:
        raise template.TemplateSyntaxError(f"{argument} {value!r} is not one of {sorted(allowed)}")
    return value


def _hidden(text: Words) -> SafeString | str:
    return format_html(' <span class="govuk-visually-hidden">{}</span>', text) if text else ""


def _attributes(pairs: dict[str, str]) -> SafeString:
    return format_html_join("", ' {}="{}"', ((name, value) for name, value in pairs.items() if value))
