"""The filters of the worklist. They live in the address, so a filtered list can be kept as a bookmark."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import add_months
from core.fields import CheckboxesField, DateField, SelectField, Text
from profiles import codes
from profiles.profile import active
from reporting import keyset
from reporting.statistics import Scope
from reporting.worklist import DUE_CHOICES, IDENTIFICATION_CHOICES, STATE_CHOICES, Filters

MONTHS_SHOWN: Final = 12


class WorklistFilter(forms.Form):
    """GET only: nothing here is kept."""

    q = Text(label=_("Reference or label"), required=False, max_length=60)
    due = CheckboxesField(label=_("Deadline"), choices=list(DUE_CHOICES.items()), required=False)
    state = CheckboxesField(label=_("State of the case"), choices=list(STATE_CHOICES.items()), required=False)
    identification = CheckboxesField(
        label=_("Identification"), choices=list(IDENTIFICATION_CHOICES.items()), required=False
    )

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, prefix=None, **kwargs)
        for name in ("due", "state", "identification"):
            self.fields[name].widget.attrs["class"] = "govuk-checkboxes--small"

    def filters(self, tab: str) -> Filters:
        """The filters of a valid address."""
        given = self.cleaned_data
        order = keyset.ACTIVITY if self.data.get("order") == keyset.ACTIVITY else keyset.DUE
        return Filters(
            tab=tab,
            text=given["q"].strip(),
            due=tuple(given["due"]),
            states=tuple(given["state"]),
            identification=tuple(given["identification"]),
            order=order,
        )


class PlaceFilter(forms.Form):
    """Region and kind of organisation."""

    region = SelectField(label=_("Region"), required=False)
    kind = SelectField(label=_("Type of organisation"), required=False)

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        regions = [(code, str(region.name)) for code, region in active().regions.items()]
        self.fields["region"].choices = [("", _("All regions")), *regions]  # type: ignore[attr-defined]
        kinds = codes.get("organisation_kind").choices()
        self.fields["kind"].choices = [("", _("All types")), *kinds]  # type: ignore[attr-defined]

    def scope(self, organisation: UUID | None) -> Scope:
        """What the address asks for; all of it where the address is not valid."""
        today = clock.today(active().zone)
        given = self.cleaned_data if self.is_valid() else {}
        end = given.get("end") or today
        start = given.get("start") or add_months(end, -MONTHS_SHOWN).replace(day=1)
        return Scope(start, end, given.get("region") or "", given.get("kind") or "", organisation)

    @property
    def count(self) -> int:
        """How many filters are set."""
        return sum(bool(value) for value in getattr(self, "cleaned_data", {}).values())


class DashboardFilter(PlaceFilter):
    """With a period: the last twelve months unless the address says other."""

    start = DateField(label=_("From"), required=False)
    end = DateField(label=_("Until and including"), required=False)
    field_order = ("start", "end", "region", "kind")

    def clean(self) -> dict[str, Any]:
        """An end before the start is refused beside the end; without an end the period ends today."""
        given = super().clean() or self.cleaned_data
        start, end = given.get("start"), given.get("end")
        if start and end and end < start:
            self.add_error("end", _("The end lies before the start. Choose a later day."))
        elif start and not end and start > clock.today(active().zone):
            self.add_error("start", _("This day is still to come. Choose today or an earlier day."))
        return given
