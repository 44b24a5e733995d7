"""Lists: tabs, tasks, tables that become cards, pages, who can see."""

from collections.abc import Sequence
from typing import Any, Final

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.ui_parts import _known
from core.ui import Column, Tab, Task, Viewer, Words

register = template.Library()

ALIGN: Final = {
    "": "",
    "numeric": " cell--numeric",
    "wide": " cell--wide",
    "title": " cell--title",
    "words": " cell--words",
}


@register.simple_tag
def tabs_nav(tabs: Sequence[Tab], label: Words) -> SafeString:
    """Tabs which are links, so that each view has an address; counts are read as part of the name."""
    return SafeString(render_to_string("ui/tabs_nav.html", {"tabs": tabs, "label": label}))


@register.simple_tag
def task_list(tasks: Sequence[Task], prefix: str = "task") -> SafeString:
    """Things to do in any order, each with its state in words. ``prefix`` keeps ids apart when a page holds two."""
    return SafeString(render_to_string("ui/task_list.html", {"tasks": tasks, "prefix": prefix}))


@register.simple_block_tag
def case_table(
    content: SafeString, caption: Words, columns: Sequence[Column | str], show_caption: bool = False
) -> SafeString:
    """A table on a desk and cards on a phone. Rows are ``table_row``, their cells ``cell``; roles keep it a table."""
    heads = [column if isinstance(column, Column) else Column(label=column) for column in columns]
    context = {"content": content, "caption": caption, "columns": heads, "show_caption": show_caption}
    return SafeString(render_to_string("ui/case_table.html", context))


@register.simple_block_tag
def table_row(content: SafeString) -> SafeString:
    """A row of ``case_table``."""
    return format_html('<tr class="govuk-table__row" role="row">{}</tr>', content)


@register.simple_block_tag
def cell(content: SafeString, label: Words, kind: str = "") -> SafeString:
    """A cell of ``case_table``; ``label`` repeats the head of its column where the row is a card.

    What stands in it is one part beside that label, however many words, dates and tags it is made of.
    """
    _known("kind", kind, ALIGN)
    return format_html(
        '<td class="govuk-table__cell{}" role="cell" data-label="{}"><div class="cell">{}</div></td>',
        ALIGN[kind],
        label,
        content,
    )


@register.simple_tag
def pagination_keyset(*, next_url: str = "", previous_url: str = "", label: Words = "") -> SafeString:
    """Forwards and back through a list of any length; without page numbers, which a keyset does not know."""
    context = {"next_url": next_url, "previous_url": previous_url, "label": label or _("Pages")}
    return SafeString(render_to_string("ui/pagination.html", context))


@register.simple_tag
def person_visibility(viewers: Sequence[Viewer], heading: Words = "") -> SafeString:
    """Who can see this, what of it and until when."""
    return SafeString(
        render_to_string("ui/visibility.html", {"viewers": viewers, "heading": heading or _("Who can see this case")})
    )


@register.simple_tag
def language_switch(languages: Sequence[tuple[str, str]], current: str, next_url: str, csrf_token: Any) -> SafeString:
    """The languages, each in its own name, as buttons: changing the language is a POST."""
    context = {"languages": languages, "current": current, "next_url": next_url, "csrf_token": csrf_token}
    return SafeString(render_to_string("ui/language_switch.html", context))
