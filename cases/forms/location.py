"""Forms of the safe location: placement, the location itself, asking for its release, deciding on it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.choosers import ChosenField, member_label
from cases.models.location import LONGEST_HOURS
from cases.operations.location import LONGEST
from cases.operations.releases import candidates
from cases.policies import CaseAccess
from core.forms import DateField, NrmForm, RadioField, TextArea

APPROVE = "approve"
REFUSE = "refuse"
REVOKE = "revoke"


class PlacementForm(NrmForm):
    starts_on = DateField(
        past=True,
        label=_("Since which day does the person stay with your organisation?"),
        error_messages={"required": _("Enter the day on which the person arrived.")},
    )


class LocationForm(NrmForm):
    """What only four relations and a release show. Nothing of it is kept when the session ends while one types."""

    address = TextArea(
        rows=3,
        max_length=LONGEST,
        label=_("Where does the person stay?"),
        help_text=_("Address, floor, room: what somebody needs who must get there."),
        error_messages={"required": _("Write where the person stays.")},
    )
    contact = TextArea(
        rows=2,
        max_length=LONGEST,
        required=False,
        label=_("Contact at the place"),
        help_text=_("Whom to call there, and how."),
    )
    safety = TextArea(
        rows=3,
        max_length=LONGEST,
        required=False,
        label=_("Safety notes"),
        help_text=_("For example: never by marked car, never ask for the person by name."),
    )
    starts_on = DateField(
        past=True,
        label=_("Since which day?"),
        error_messages={"required": _("Enter since which day this is where the person stays.")},
    )


class AskReleaseForm(NrmForm):
    person = ChosenField(
        label=_("Who must know where the person stays?"),
        error_messages={"required": _("Choose yourself or a colleague who is assigned to the case.")},
    )
    reason = TextArea(
        rows=4,
        max_length=LONGEST,
        label=_("Why must it be known?"),
        help_text=_("Two custodians read this. Do not write where you think the person is."),
        error_messages={"required": _("Say why it must be known where the person stays.")},
    )
    hours = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_HOURS,
        label=_("For how many hours?"),
        help_text=_("Between 1 and 48, counted from the second approval."),
        error_messages={
            "required": _("Choose between 1 and 48 hours."),
            "invalid": _("Choose between 1 and 48 hours."),
            "min_value": _("Choose between 1 and 48 hours."),
            "max_value": _("Choose between 1 and 48 hours."),
        },
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        found = candidates(access)
        person.offer(found, member_label)
        self.initial.setdefault("person", str(found[0].pk))


class DecideForm(NrmForm):
    """Approve or refuse, as one custodian."""

    decision = RadioField(
        choices=[(APPROVE, _("Approve, as one of two custodians")), (REFUSE, _("Refuse"))],
        label=_("What do you decide?"),
        error_messages={"required": _("Choose whether you approve or refuse.")},
    )

    def __init__(self, *args: Any, obstacle: str = "", **kwargs: Any) -> None:
        """``obstacle``: why this custodian cannot approve; then it is not offered, and whoever tries reads it."""
        super().__init__(*args, **kwargs)
        if obstacle:
            decision: Any = self.fields["decision"]
            decision.choices = [(value, label) for value, label in decision.choices if value != APPROVE]
            decision.error_messages["invalid_choice"] = obstacle
