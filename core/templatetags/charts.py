"""``{% load charts %}{% chart name %}``: the sentence, the drawing, and under it the same numbers as a table."""

from typing import Any

from django import template

from core.charts import DASHES, SERIES, Chart

register = template.Library()


@register.inclusion_tag("ui/chart.html")
def chart(value: Chart, open_table: bool = False) -> dict[str, Any]:
    """Draw ``value``; its table is folded away unless ``open_table``."""
    drawing = value.draw()
    if len(drawing.legend) > SERIES:
        raise template.TemplateSyntaxError(f"{value.identity}: at most {SERIES} series can be told apart")
    legend = [(index, name, DASHES[index - 1]) for index, name in enumerate(drawing.legend, start=1)]
    return {"chart": value, "drawing": drawing, "legend": legend, "open_table": open_table}
