"""Forms of the consent register: record, answer, withdraw, override."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from cases.enums import SHAREABLE, ConsentState
from cases.forms.bases import UNFIT, WHEN_OBLIGED, BasisField, ProvisionField, asked_in, offer_bases, provision_of
from cases.forms.categories import ConsentForm
from cases.forms.choosers import ChosenField, OrganisationField, consent_label, in_force, receivers
from cases.forms.fields import CodeRadio, CodeSelect
from cases.models.categories import OVERRIDING
from cases.operations.consent import own_consents
from cases.operations.overrides import LONGEST_REASON
from cases.policies import CaseAccess
from core.forms import CheckboxesField, DateField, NrmForm, RadioField, SelectField, TextArea

ANSWERS: Final = [
    (ConsentState.GIVEN.value, _("The person agrees")),
    (ConsentState.REFUSED.value, _("The person does not agree")),
]
OTHERWISE: Final = [
    (ConsentState.REQUESTED.value, _("The person was asked and has not answered yet")),
    (ConsentState.OTHER_BASIS.value, _("Another legal basis stands in its place")),
]
WHEN_ANSWERED: Final = ("state", tuple(value for value, _label in ANSWERS))
# Never chosen beforehand: a consent is what the person said, and not what the form proposed.
# A life and a child stand in the place of a refusal by an override alone.
STANDING_IN: Final = ("legal_obligation", "public_task", "health_care", "law_enforcement")
CONFIRM: Final = "confirm"
REFUSE: Final = "refuse"
UNSAID: Final = {"required": _("Choose what the person said.")}


class AnsweredForm(ConsentForm):
    """The manner of an answer: who explained what, in which language, on which day."""

    state = RadioField(choices=ANSWERS, label=_("What did the person say?"), error_messages=UNSAID)
    field_order: Sequence[str] = ("state",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]
        for name in ("form", "given_on"):
            self.fields[name].required = False
        self.fields["form"].label = _("In which form did the person answer?")
        self.fields["given_on"].label = _("On which day did the person answer?")
        self.fields["has_interpreter"].help_text = _("Never a person who came along.")

    def arguments(self) -> dict[str, Any]:
        """One by one, as the operations of the register take them."""
        return dict(self.cleaned_data)


class RecordConsentForm(AnsweredForm):
    """The scope and manner of a consent, and whom it names."""

    state = RadioField(choices=[*ANSWERS, *OTHERWISE], label=_("What did the person say?"), error_messages=UNSAID)
    recipient = OrganisationField(
        required=False,
        label=_("For which organisation?"),
        help_text=_("Leave empty when the person agrees to any organisation that serves this purpose."),
    )
    legal_basis = SelectField(required=False, label=_("Which legal basis stands in the place of consent?"))
    provision = ProvisionField()
    replaces = ChosenField(
        required=False,
        label=_("Does it take the place of an earlier consent?"),
        help_text=_("What is shared on the earlier one goes on only as far as the new one covers it."),
    )
    field_order = (
        "state", "purpose", "recipient", "categories", "legal_basis", "provision", "form", "given_on", "valid_until",
    )  # fmt: skip
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {
        **WHEN_OBLIGED,
        "legal_basis": ("state", (ConsentState.OTHER_BASIS,)),
        "replaces": ("state", (ConsentState.GIVEN,)),
        **dict.fromkeys(("form", "given_on", "information_given"), WHEN_ANSWERED),
    }

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipient: Any = self.fields["recipient"]
        recipient.choices = receivers(access.actor)
        offer_bases(self, asked_in(access), only=STANDING_IN)
        basis: Any = self.fields["legal_basis"]
        basis.choices = [("", ""), *basis.choices]
        replaces: Any = self.fields["replaces"]
        replaces.offer([one for one in in_force(own_consents(access)) if one.given_on], consent_label)

    def arguments(self) -> dict[str, Any]:
        """A basis and its provision only where another basis stands in the place of consent."""
        is_other = self.cleaned_data["state"] == ConsentState.OTHER_BASIS
        return {**self.cleaned_data, "provision": provision_of(self.cleaned_data) if is_other else ""}


class AnswerForm(AnsweredForm):
    """The answer to what was asked; its scope stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("purpose", "categories"):
            del self.fields[name]


class WithdrawForm(NrmForm):
    withdrawn_via = CodeRadio(
        "consent_form",
        answers=False,
        label=_("How did the person withdraw?"),
        error_messages={"required": _("Choose how the person withdrew.")},
    )


class OverrideForm(NrmForm):
    """Going against a refusal, or without an answer: for whom, what, on which ground, why and until when."""

    shown_when = WHEN_OBLIGED
    legal_basis = BasisField(
        label=_("What is at stake?"),
        error_messages={"required": _("Choose what is at stake."), "invalid_choice": UNFIT},
    )
    provision = ProvisionField()
    recipient = OrganisationField(
        label=_("For which organisation?"),
        error_messages={"required": _("Choose an organisation.")},
    )
    purpose = CodeSelect(
        "purpose",
        answers=False,
        label=_("For which purpose?"),
        error_messages={"required": _("Say for which purpose this is shared.")},
    )
    categories = CheckboxesField(
        choices=[(category.value, category.label) for category in SHAREABLE],
        label=_("Which of your organisation’s rows?"),
        error_messages={"required": _("Choose at least one category to share.")},
    )
    reason = TextArea(
        label=_("Why is this necessary?"),
        help_text=_("What would happen otherwise, and why the person’s answer cannot be waited for or followed."),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Write why this is necessary.")},
    )
    valid_until = DateField(
        future=True,
        label=_("Until and including which day?"),
        help_text=_("At most 90 days from today."),
        error_messages={"required": _("Choose a last day, at most 90 days from today.")},
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recipient: Any = self.fields["recipient"]
        recipient.choices = receivers(access.actor)
        offer_bases(self, asked_in(access), only=OVERRIDING)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "provision": provision_of(self.cleaned_data)}


class AnswerOverrideForm(NrmForm):
    """The second person’s word."""

    decision = RadioField(
        choices=[
            (CONFIRM, _("Yes, it is necessary: it may be shared")),
            (REFUSE, _("No: what is shared on it ends at once")),
        ],
        label=_("Is it necessary to go against the person’s answer?"),
        error_messages={"required": _("Choose whether it is necessary.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"is_confirmed": self.cleaned_data["decision"] == CONFIRM}
