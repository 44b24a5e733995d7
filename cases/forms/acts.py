"""Forms of what happened elsewhere: a report, a withdrawn statement, a departure, an asylum application."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cases.forms.choosers import ChosenField
from cases.forms.fields import CodeRadio, CodeSelect
from cases.forms.reflection import union_right_asked_of, union_right_field, union_right_of
from cases.operations.acts import MANNERS
from cases.operations.report_duties import asks_residence
from core import clock
from core.fields import civil_zone
from core.forms import DateField, NrmForm, RadioField, TextArea
from profiles import codes

REMARKS = _("Your organisation alone reads them.")


class ActForm(NrmForm):
    """On which day it happened, and remarks."""

    happened_on = DateField(
        past=True,
        label=_("When did this happen?"),
        error_messages={"required": _("Enter the day on which this happened.")},
    )
    remarks = TextArea(required=False, label=_("Remarks"), help_text=REMARKS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("happened_on", clock.today(civil_zone()))


class ReportForm(ActForm):
    """What the person did, and what decides on residence. With one authority there is nothing to choose."""

    manner = RadioField(
        label=_("What did the person do?"), error_messages={"required": _("Choose what the person did.")}
    )
    residence = CodeSelect(
        "immigration_status",
        label=_("What is the person’s residence status?"),
        help_text=_("Of whoever needs a residence permit the report is sent on as a request for one."),
        error_messages={"required": _("Choose the person’s residence status, or “Not known”.")},
    )
    has_union_right = union_right_field()
    decides = ChosenField(required=False, label=_("Which organisation decides on residence?"))
    field_order = ("manner", "happened_on", "residence", "has_union_right", "decides", "remarks")

    def __init__(self, *args: Any, authorities: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manner: Any = self.fields["manner"]
        manner.choices = codes.get("cooperation").choices(only=MANNERS)
        self.asked_of = union_right_asked_of()
        decides: Any = self.fields["decides"]
        decides.offer(authorities, str)
        unasked = {"residence", "has_union_right", "decides"} if not asks_residence() else set()
        unasked |= set() if self.asked_of else {"has_union_right"}
        unasked |= set() if len(authorities) > 1 else {"decides"}
        for name in unasked:
            del self.fields[name]

    def condition_of(self, name: str) -> tuple[str, str] | None:
        """The question about Union law is put to those alone of whom the profile asks it."""
        if name == "has_union_right":
            return self["residence"].html_name, " ".join(self.asked_of)
        return super().condition_of(name)

    def arguments(self) -> dict[str, Any]:
        """The answer as yes, no or not asked."""
        return {**self.cleaned_data, **union_right_of(self)}


class StatementWithdrawalForm(ActForm):
    """The person withdrew the statement."""


class DepartureForm(ActForm):
    """The person left to an unknown destination."""


class AsylumApplicationForm(ActForm):
    """An application for asylum; of a child also whether it is alone."""

    happened_on = DateField(
        past=True,
        label=_("When was asylum applied for?"),
        error_messages={"required": _("Enter the day of the application.")},
    )
    is_alone = CodeRadio(
        "answer",
        label=_("Is the child without a parent or another adult who is responsible?"),
        help_text=_("Then a representative has to be appointed within fifteen working days."),
        error_messages={"required": _("Choose whether the child is alone, or “Not known”.")},
    )
    field_order = ("happened_on", "is_alone", "remarks")

    def __init__(self, *args: Any, is_child: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_child:
            del self.fields["is_alone"]
