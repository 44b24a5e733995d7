"""Forms of a clock: suspend it, let it go on, extend it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.forms.fields import CodeRadio
from core import clock
from core.fields import civil_zone
from core.forms import DateField, NrmForm


class SuspendForm(NrmForm):
    stopped_on = DateField(
        past=True,
        label=_("Since which day does the clock stand still?"),
        help_text=_("While it stands still it is not overdue, and nobody is reminded."),
        error_messages={"required": _("Enter the day on which the clock stopped.")},
    )
    reason = CodeRadio(
        "suspension_reason",
        answers=False,
        label=_("Why?"),
        error_messages={"required": _("Choose why.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("stopped_on", clock.today(civil_zone()))


class ResumeForm(NrmForm):
    goes_on_on = DateField(
        past=True,
        label=_("From which day does the clock go on?"),
        help_text=_("What was left when it stopped is left then. The time that it stood is added."),
        error_messages={"required": _("Enter the day from which the clock goes on.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("goes_on_on", clock.today(civil_zone()))


class ExtendForm(NrmForm):
    until = DateField(
        label=_("Until and including which day?"),
        error_messages={"required": _("Enter the new last day.")},
    )
    reason = CodeRadio(
        "extension_reason",
        answers=False,
        label=_("Why?"),
        error_messages={"required": _("Choose why.")},
    )
