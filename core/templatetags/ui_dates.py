"""Dates and deadlines in words, as one reads them."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.ui import due, last_day

register = template.Library()


@register.simple_tag
def sentence_date(value: date | datetime | None) -> SafeString | str:
    """“19 November 2026”, an instant “19 November 2026 at 14:30”; nothing for None."""
    if value is None:
        return ""
    return _time_element(value, _words(value, "j F Y"))


@register.simple_tag
def short_date(value: date | datetime | None) -> SafeString | str:
    """“Thu 19 Nov 2026”, an instant with its time; nothing for None."""
    if value is None:
        return ""
    # A format, not words: Django writes the month of “M” with a capital in every language, that of “b” without.
    return _time_element(value, _words(value, pgettext("format of a short date", "D j M Y")))


@register.simple_tag
def partial_date(value: str) -> str:
    """ISO text of reduced precision in words: “1999”, “May 1999”, “14 May 1999”."""
    parts = [int(part) for part in value.split("-")] if value else []
    formats = {0: "", 1: "Y", 2: "F Y", 3: "j F Y"}
    padded = [*parts, 1, 1][:3]
    return date_format(date(*padded), formats[len(parts)]) if parts else ""


@register.simple_tag
def due_tag(at: date | datetime | None, met_on: date | datetime | None = None, law: str = "") -> SafeString | str:
    """“2 days overdue” and the day: never by colour alone. A deadline that was met says when; None shows nothing.

    ``law``, what kind of clock it is and its source, is shown on hover and read out.
    """
    if at is None:
        return ""
    if met_on is not None:
        return format_html(
            '<span class="due"><strong class="govuk-tag govuk-tag--green">{}</strong> {}</span>',
            _("Done"),
            short_date(met_on),
        )
    state = due(at)
    return format_html(
        '<span class="due"{}><strong class="govuk-tag govuk-tag--{}">{}</strong> {}{}</span>',
        format_html(' title="{}"', mark_safe(strip_tags(conditional_escape(law)))) if law else "",  # noqa: S308
        state.colour,
        state.words,
        short_date(last_day(at)),
        format_html('<span class="govuk-visually-hidden">. {}</span>', law) if law else "",
    )


def _words(value: date | datetime, day: str) -> str:
    if not isinstance(value, datetime):
        return date_format(value, day)
    local = timezone.localtime(value)
    return _("%(day)s at %(time)s") % {"day": date_format(local, day), "time": date_format(local, "H:i")}


def _time_element(value: date | datetime, words: str) -> SafeString:
    # Left to right in every language (acceptance point 27 of the screens).
    return format_html('<time datetime="{}" dir="ltr">{}</time>', value.isoformat(), words)
