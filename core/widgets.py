"""Widgets of the design system: radios and checkboxes with hints, a date in three boxes."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class _Hinted(forms.widgets.ChoiceWidget):
    """Options with a hint each; those in ``apart`` follow after “or” and stand alone."""

    hints: dict[str, str | Promise]
    apart: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = {}
        self.apart = []

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """One option, with its hint and whether it stands alone."""
        option = super().create_option(name, value, *args, **kwargs)
        hint = self.hints.get(str(value), "")
        option |= {"hint": hint, "apart": str(value) in self.apart}
        if hint and option["attrs"].get("id"):
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_hint"
        return option

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The context of Django's widget, its kind, which names the classes, and where the “or” stands."""
        context = super().get_context(name, value, attrs)
        options = [option for _group, options, _index in context["widget"]["optgroups"] for option in options]
        for before, option in pairwise(options):
            option["divided"] = option["apart"] and not before["apart"]
        context["widget"]["kind"] = "radios" if self.input_type == "radio" else "checkboxes"
        return context


class Radios(_Hinted, forms.RadioSelect):
    """One of a few."""


class Checkboxes(_Hinted, forms.CheckboxSelectMultiple):
    """Any of a few."""


class Parts(NamedTuple):
    """What was typed in the three boxes, as typed."""

    day: str
    month: str
    year: str

    @classmethod
    def of(cls, value: Any) -> Self:
        """The parts of a date, of three typed parts, or of ISO text that may be a year or a month only."""
        if isinstance(value, cls):
            return value
        if isinstance(value, date):
            value = value.isoformat()
        year, month, day = (*str(value or "").split("-", 2), "", "")[:3]
        return cls(day.lstrip("0"), month.lstrip("0"), year)


BOXES = {"day": (_("Day"), 2), "month": (_("Month"), 2), "year": (_("Year"), 4)}


class DateBoxes(forms.Widget):
    """Day, month and year: named ``<name>_day`` and so on; nobody's calendar has to open."""

    template_name = "ui/widgets/date.html"
    use_fieldset = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Three boxes which keep what was typed, real date or not."""
        context = super().get_context(name, None, attrs)
        parts = Parts.of(value)._asdict()
        identity = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"]["invalid"] = context["widget"]["attrs"].get("aria-invalid") == "true"
        context["widget"]["boxes"] = [
            {"name": f"{name}_{part}", "id": f"{identity}_{part}", "label": label, "width": width, "value": parts[part]}
            for part, (label, width) in BOXES.items()
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The typed parts; or the whole value under the plain name, as a draft or the API gives it."""
        parts = Parts(*(str(data.get(f"{name}_{part}") or "").strip() for part in BOXES))
        return parts if any(parts) else data.get(name)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether no box was on the page."""
        return name not in data and not any(f"{name}_{part}" in data for part in BOXES)

    def id_for_label(self, id_: str) -> str:
        """The first box: where a link of the error summary leads."""
        return f"{id_}_day" if id_ else id_
