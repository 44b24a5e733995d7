"""The form by which child protection settles the age of a person."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.age import contradicts
from cases.enums import AgeGroup
from cases.forms.fields import CodeRadio
from cases.forms.questions import CONTRADICTIONS
from cases.operations.age_settlement import NO_BASIS
from core import clock
from core.fields import civil_zone
from core.forms import NrmForm, PartialDateField, RadioField, TextArea
from profiles import codes


class SettleAgeForm(NrmForm):
    """Adult or child, the date of birth as far as it is known, on what that rests, and why."""

    age_group = RadioField(
        label=_("Is the person an adult or a child?"),
        choices=[(AgeGroup.CHILD, _("Child")), (AgeGroup.ADULT, _("Adult"))],
        hints={
            AgeGroup.CHILD: _("Younger than 18. Guardian and clocks follow the date of birth at once."),
            AgeGroup.ADULT: _("18 or older. The guardianship and what your organisation sees by office end at once."),
        },
        error_messages={"required": _("Choose whether the person is an adult or a child.")},
    )
    birth_date = PartialDateField(
        past=True,
        required=False,
        label=_("Date of birth"),
        help_text=_(
            "A year is enough, or a month and a year: the first day counts for reminders, the last for what ends. "
            "Of an adult it may stay empty."
        ),
    )
    basis = CodeRadio(
        "age_basis",
        answers=False,
        label=_("On what is the age based?"),
        error_messages={"required": _("Choose on what the age is based.")},
    )
    reason = TextArea(
        label=_("Why is this the age?"),
        help_text=_("Your organisation alone reads this."),
        error_messages={"required": _("Say why this is the age.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        basis: Any = self.fields["basis"]
        basis.choices = codes.get("age_basis").where(lambda code: code.code != NO_BASIS).choices()

    def clean(self) -> dict[str, Any]:
        """Refuses a child without a date of birth, and a date that contradicts the group."""
        cleaned = super().clean()
        group, born = cleaned.get("age_group"), cleaned.get("birth_date") or ""
        if group == AgeGroup.CHILD and not born and "birth_date" not in self.errors:
            self.add_error("birth_date", _("Enter the date of birth. A year is enough."))
        if group and born and contradicts(group, born, clock.today(civil_zone())):
            self.add_error("birth_date", CONTRADICTIONS[AgeGroup(group)])
        return cleaned
