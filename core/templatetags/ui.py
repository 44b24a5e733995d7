"""``{% load ui %}``: every component of the screens. A wrong argument fails when the template is compiled."""

from django import template

from core.templatetags import ui_blocks, ui_dates, ui_forms, ui_lists, ui_parts

register = template.Library()

for part in (ui_blocks, ui_dates, ui_forms, ui_lists, ui_parts):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
