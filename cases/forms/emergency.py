"""Forms of opening a case in an emergency, and of its review."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.access import needs_code
from accounts.actors import Actor
from cases.enums import TryOutcome
from cases.forms.choosers import ChosenField, member_label
from cases.forms.fields import CodeRadio
from cases.operations.emergency import colleagues
from core.forms import NrmForm, Text, TextArea

LONGEST = 2_000


class EmergencyForm(NrmForm):
    """Nothing of it is kept when the session ends while one types: it holds a password."""

    reference = Text(
        max_length=20,
        width="10",
        label=_("Reference of the case"),
        help_text=_("Exactly as it was given to you, such as K7QF-2M9X-T."),
        error_messages={"required": _("Enter the reference of the case.")},
    )
    reason = CodeRadio(
        "emergency_reason",
        answers=False,
        label=_("What is the emergency?"),
        error_messages={"required": _("Choose what the emergency is.")},
    )
    explanation = TextArea(
        rows=4,
        max_length=LONGEST,
        label=_("Why can this not wait for a referral?"),
        help_text=_("Who answers for the organisations concerned, and data protection, read this within 72 hours."),
        error_messages={"required": _("Say in your own words why this cannot wait.")},
    )
    colleague = ChosenField(
        required=False,
        label=_("Who helps you with it?"),
        help_text=_("One colleague of your duty desk can read it with you. Nobody else of your organisation can."),
    )
    proof = Text(
        label=_("Your password, once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
        strip=False,
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleague: Any = self.fields["colleague"]
        colleague.offer(colleagues(actor), member_label)
        if needs_code(actor):
            proof = self.fields["proof"]
            proof.label = _("The code of your second factor")
            proof.widget.attrs["autocomplete"] = "one-time-code"
            proof.error_messages["required"] = _("Enter the code of your second factor.")

    def tell(self, outcome: TryOutcome) -> None:
        """Why nothing was opened, beside the field; the attempt stands."""
        if outcome is TryOutcome.NOT_PROVEN:
            self.add_error("proof", _("This is not right. The attempt is recorded."))
        else:
            words = _("Nothing was opened under this reference. The attempt is recorded, and data protection is told.")
            self.add_error("reference", words)


class ReviewForm(NrmForm):
    outcome = CodeRadio(
        "emergency_outcome",
        answers=False,
        label=_("What did the review find?"),
        error_messages={"required": _("Say what the review found.")},
    )
    remarks = TextArea(
        rows=4,
        max_length=LONGEST,
        label=_("What is this based on?"),
        error_messages={"required": _("Say what this is based on.")},
    )
