"""Parts that hold content: ``{% inset %}…{% endinset %}``."""

from datetime import date, datetime
from typing import Any, Final

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.ui_dates import due_tag, sentence_date
from core.templatetags.ui_parts import reference as show_reference
from core.ui import SafeContact, Words, due

register = template.Library()

EDGES: Final = {"red": "urgent", "orange": "soon", "yellow": "near", "grey": "later"}


@register.simple_block_tag
def identity_bar(content: SafeString, reference: str, label: Words = "", caption: Words = "") -> SafeString:
    """The head of every page of a case: reference, the organisation's own label, then facts and tags as content."""
    working_label = format_html('<span class="identity__label">{}</span>', label) if label else ""
    return format_html(
        '<div class="identity"><div class="govuk-width-container"><p class="identity__caption">{}</p>'
        '<h1 class="identity__title">{} {}</h1><div class="identity__facts">{}</div></div></div>',
        caption or _("Case"),
        show_reference(reference),
        working_label,
        content,
    )


@register.simple_tag
def identity_fact(label: Words, value: Words) -> SafeString:
    """One fact in the identity bar: “Lead: Organisation”."""
    return format_html('<span class="identity__fact"><span class="identity__key">{}:</span> {}</span>', label, value)


@register.simple_tag
def safe_contact_box(contact: SafeContact) -> SafeString:
    """The red-edged box above all contact details. A number marked unsafe is text and never a link."""
    return SafeString(render_to_string("ui/safe_contact.html", {"contact": contact}))


@register.simple_tag
def deadline_card(
    title: Words,
    at: date | datetime,
    *,
    url: str = "",
    note: Words = "",
    about: Words = "",
    about_url: str = "",
    law: str = "",
) -> SafeString:
    """A deadline as a card with a coloured edge; the words say the same as the edge. ``about``: which of several such
    deadlines it is; ``about_url``: why this day."""
    shown = {"title": title, "due": due_tag(at, law=law), "edge": EDGES[due(at).colour]}
    context = {**shown, "url": url, "note": note, "about": about, "about_url": about_url}
    return SafeString(render_to_string("ui/deadline_card.html", context))


@register.simple_block_tag
def deadline_cards(content: SafeString) -> SafeString:
    """The row in which deadline cards stand."""
    return format_html('<ul class="deadlines">{}</ul>', content)


@register.simple_block_tag
def summary_list(content: SafeString) -> SafeString:
    """Questions and answers, or facts: holds ``summary_row`` and ``summary_item``."""
    return format_html('<dl class="govuk-summary-list">{}</dl>', content)


@register.simple_tag
def summary_row(key: Words, value: Any, *, change_url: str = "", change_text: Words = "") -> SafeString:
    """One line: what, its value, and where it is changed. Nothing known shows “Not recorded”, not a hole."""
    return _summary(key, value, change_url, change_text)


@register.simple_block_tag
def summary_item(content: SafeString, key: Words, *, change_url: str = "", change_text: Words = "") -> SafeString:
    """As ``summary_row``, where the value is more than text."""
    return _summary(key, content.strip() and content, change_url, change_text)


@register.simple_block_tag
def timeline(content: SafeString) -> SafeString:
    """What happened, newest first: holds ``timeline_item``."""
    return format_html('<ol class="moj-timeline">{}</ol>', content)


@register.simple_block_tag
def timeline_item(content: SafeString, title: Words, at: date | datetime, *, by: Words = "") -> SafeString:
    """One event: what, by whom, when, and as content what else there is to say."""
    byline = format_html(' <span class="moj-timeline__byline">{}</span>', _("by %(who)s") % {"who": by}) if by else ""
    text = format_html('<div class="moj-timeline__description">{}</div>', content) if content.strip() else ""
    return format_html(
        '<li class="moj-timeline__item"><div><h3 class="moj-timeline__title">{}</h3>{}</div>'
        '<p class="moj-timeline__date">{}</p>{}</li>',
        title,
        byline,
        sentence_date(at),
        text,
    )


@register.simple_block_tag
def warning_text(content: SafeString) -> SafeString:
    """A sentence that has consequences."""
    return format_html(
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span>'
        '<strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">{}</span>{}</strong></div>',
        _("Warning:"),
        content,
    )


@register.simple_block_tag
def inset(content: SafeString) -> SafeString:
    """Content set apart from the flow."""
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def details(content: SafeString, summary: Words, open: bool = False) -> SafeString:
    """What only some need to read."""
    return format_html(
        '<details class="govuk-details"{}><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary>'
        '<div class="govuk-details__text">{}</div></details>',
        SafeString(" open") if open else "",
        summary,
        content,
    )


@register.simple_block_tag
def panel(content: SafeString, heading: Words, *, level: int = 2, accent: bool = False) -> SafeString:
    """A card with a heading: groups what belongs together on a busy page."""
    return format_html(
        '<section class="card{0}"><h{1} class="card__title">{2}</h{1}>{3}</section>',
        " card--accent" if accent else "",
        level,
        heading,
        content,
    )


@register.simple_block_tag
def columns(content: SafeString, narrow_first: bool = False) -> SafeString:
    """A wide column and a narrow one beside it. Holds ``column`` twice, in the order in which a phone shows them.

    ``narrow_first``: what is to be done is read first and stands in the narrow column on the far side.
    """
    return format_html('<div class="columns{}">{}</div>', " columns--narrow-first" if narrow_first else "", content)


@register.simple_block_tag
def column(content: SafeString) -> SafeString:
    """A column of ``columns``."""
    return format_html('<div class="columns__part">{}</div>', content)


@register.simple_block_tag
def filter_panel(content: SafeString, *, count: int = 0, clear_url: str = "", label: Words = "") -> SafeString:
    """A form of GET fields beside a list; closed behind a toggle on phones, open on a desk by style alone."""
    context = {"content": content, "count": count, "clear_url": clear_url, "label": label or _("Filter")}
    return SafeString(render_to_string("ui/filter_panel.html", context))


def _summary(key: Words, value: Any, url: str, text: Words) -> SafeString:
    context = {"key": key, "value": value, "url": url, "text": text or _("Change")}
    return SafeString(render_to_string("ui/summary_row.html", context))
