"""The forms of referrals: what is asked, with the words next to it. Rules stand in the operations."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actors import Actor
from accounts.models import Organisation
from cases import policies
from cases.enums import SHAREABLE, Category
from cases.forms.bases import WHEN_OBLIGED, BasisField, ProvisionField, asked_in, offer_bases, provision_of
from cases.forms.choosers import ChosenField, consent_label, in_force, member_label
from cases.forms.fields import CodeRadio
from cases.operations.consent import own_consents
from cases.operations.members import assignable
from cases.operations.proposals import BY_CONSENT
from cases.policies import CaseAccess
from core import clock
from core.forms import CheckboxesField, DateField, NrmForm, RadioField, SelectField, TextArea
from profiles import codes
from profiles.profile import active
from referrals.enums import StepKind, Urgency
from referrals.operations import Terms
from referrals.operations.terms import BASES_OF_A_TRANSFER, may_refer_for, moves_lead

__all__ = [
    "AcceptForm",
    "BringForm",
    "CompleteForm",
    "DeclineForm",
    "QuestionForm",
    "ReplyForm",
    "RevokeForm",
    "ServiceForm",
    "StepForm",
    "TermsForm",
]

WHOLE_COUNTRY: Final = "national"
USUAL_DAYS: Final = 30
NOT_FOR_A_REFERRAL: Final = frozenset(
    {"register", "statistics_register", "research", "contact", "decision_to_third_person"}
)
SHORT: Final = 2_000


class WrittenForm(NrmForm):
    """A form in which somebody writes: ``writer`` signs the page for the person it was made for."""

    writer = forms.CharField(required=False, widget=forms.HiddenInput)

    def arguments(self) -> dict[str, Any]:
        """What the operation receives."""
        return {name: value for name, value in self.cleaned_data.items() if name != "writer"}


class ServiceForm(NrmForm):
    """What is needed, where, how soon. Sent by GET: codes only, so that the address can be kept and gone back to."""

    service = SelectField(label=gettext_lazy("Which service is needed?"))
    region = SelectField(
        required=False,
        label=gettext_lazy("In which region?"),
        help_text=gettext_lazy("Leave empty when it may be anywhere in the country."),
    )
    urgency = RadioField(
        label=gettext_lazy("How urgent is it?"),
        choices=Urgency.choices,
        initial=Urgency.NORMAL,
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = codes.get("service")
        wanted = services.where(lambda code: may_refer_for(access, code.code))
        self.fields["service"].choices = [("", ""), *wanted.grouped_choices("group")]  # type: ignore[attr-defined]
        regions = [(one.code, one.name.label()) for one in active().regions.values() if one.code != WHOLE_COUNTRY]
        self.fields["region"].choices = [("", ""), *regions]  # type: ignore[attr-defined]
        near = access.case.region or access.actor.region
        self.fields["region"].initial = near if near in dict(regions) else ""


class TermsForm(WrittenForm):
    """What opens on acceptance: for which purpose, on which basis, what, until when; and a message."""

    transfer_reason = CodeRadio(
        "lead_transfer_reason",
        answers=False,
        required=False,
        label=gettext_lazy("Why do you transfer the lead?"),
        error_messages={"required": gettext_lazy("Say why the lead is transferred.")},
    )
    purpose = SelectField(
        label=gettext_lazy("For which purpose?"),
        error_messages={"required": gettext_lazy("Say for which purpose this is shared.")},
    )
    legal_basis = BasisField()
    provision = ProvisionField()
    consent = ChosenField(required=False, label=gettext_lazy("Which consent?"))
    categories = CheckboxesField(
        label=gettext_lazy("What may they see once they have accepted?"),
        help_text=gettext_lazy("Only what your own organisation wrote or will write. Share what is needed, no more."),
        error_messages={"required": gettext_lazy("Choose at least one category to share.")},
    )
    ends_on = DateField(
        label=gettext_lazy("Until and including which day?"),
        help_text=gettext_lazy("At most 90 days from today, never beyond the consent."),
        error_messages={"required": gettext_lazy("Say until which day this is shared.")},
    )
    message = TextArea(
        required=False,
        label=gettext_lazy("Message to the organisation"),
        help_text=gettext_lazy("Readable after acceptance only. Never write where the person stays."),
    )
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {
        **WHEN_OBLIGED,
        "consent": ("legal_basis", (BY_CONSENT,)),
    }

    def __init__(
        self,
        *args: Any,
        access: CaseAccess,
        asked: Mapping[str, str],
        to: Organisation,
        counts: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.to = asked, to
        fields: dict[str, Any] = self.fields
        purposes = codes.get("purpose").where(lambda code: code.code not in NOT_FOR_A_REFERRAL)
        fields["purpose"].choices = [("", ""), *purposes.choices()]
        is_transfer = moves_lead(self.asked["service"])
        offer_bases(self, asked_in(access, to), only=BASES_OF_A_TRANSFER if is_transfer else None)
        self._limit(fields, is_transfer=is_transfer)
        consents = in_force(own_consents(access))
        fields["consent"].offer(consents, consent_label)
        if not consents:
            fields["consent"].help_text = _("Your organisation has recorded no consent that is in force.")
        allowed = [category for category in SHAREABLE if category in policies.ceiling(to.kind)]
        fields["categories"].choices = [(category.value, _counted(category, counts)) for category in allowed]
        for name, value in self._usual(counts).items():
            self.initial.setdefault(name, value)

    def arguments(self) -> dict[str, Any]:
        """The terms, from this page and the page before."""
        given = self.cleaned_data
        by_consent = given["legal_basis"] == BY_CONSENT
        terms = Terms(
            to=self.to,
            **self.asked,
            purpose=given["purpose"],
            legal_basis=given["legal_basis"],
            categories=given["categories"],
            ends_on=given["ends_on"],
            provision=provision_of(given),
            consent=given["consent"] if by_consent else None,
            message=given["message"],
            transfer_reason=given.get("transfer_reason", ""),
        )
        return {"terms": terms}

    def _limit(self, fields: dict[str, Any], *, is_transfer: bool) -> None:
        """Only a transfer of the lead asks why."""
        fields["transfer_reason"].required = is_transfer
        if not is_transfer:
            del fields["transfer_reason"]

    def _usual(self, counts: Mapping[str, int]) -> dict[str, Any]:
        """The purpose of the service, what such an organisation is offered by default and has rows, thirty days."""
        offered = policies.offered(self.to.kind)
        return {
            "purpose": codes.get("service")[self.asked["service"]].extra["purpose"],
            "categories": [category.value for category in SHAREABLE if category in offered and counts.get(category)],
            "ends_on": clock.today(active().zone) + timedelta(days=USUAL_DAYS),
        }


class AcceptForm(WrittenForm):
    """Who will work on it."""

    member = ChosenField(
        label=gettext_lazy("Who will work on it?"),
        error_messages={"required": gettext_lazy("Choose a colleague.")},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member: Any = self.fields["member"]
        member.offer(assignable(actor), member_label)


class DeclineForm(WrittenForm):
    """Why not."""

    reason = CodeRadio(
        "referral_decline_reason",
        answers=False,
        label=gettext_lazy("Why do you decline?"),
        error_messages={"required": gettext_lazy("Say why the referral is declined.")},
    )
    explanation = TextArea(
        required=False,
        max_length=SHORT,
        rows=4,
        label=gettext_lazy("Explanation"),
        help_text=gettext_lazy("The sender reads this. Needed when you choose another reason."),
    )


class QuestionForm(WrittenForm):
    """What the receiver must know before it answers."""

    question = TextArea(
        max_length=SHORT,
        rows=4,
        label=gettext_lazy("What do you need to know before you answer?"),
        help_text=gettext_lazy("Do not ask who the person is: that opens when you accept."),
    )


class ReplyForm(WrittenForm):
    """The sender's answer to a question."""

    answer = TextArea(
        max_length=SHORT,
        rows=4,
        label=gettext_lazy("Your answer"),
        help_text=gettext_lazy("They read it before they accept. Do not write who the person is."),
    )


class StepForm(WrittenForm):
    """What happened on the way."""

    kind = RadioField(label=gettext_lazy("What happened?"), choices=StepKind.choices)
    happened_on = DateField(past=True, label=gettext_lazy("On which day?"))
    note = TextArea(
        required=False,
        max_length=SHORT,
        rows=4,
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The organisation that referred reads this. Never write where the person stays."),
    )


class BringForm(WrittenForm):
    """Police have brought the person to the shelter."""

    happened_on = DateField(past=True, label=gettext_lazy("On which day was the person brought there?"))


class CompleteForm(WrittenForm):
    """How it went."""

    outcome = CodeRadio(
        "referral_outcome",
        answers=False,
        label=gettext_lazy("How did it go?"),
        error_messages={"required": gettext_lazy("Say how it went.")},
    )
    failure_reason = CodeRadio(
        "referral_failure_reason",
        answers=False,
        required=False,
        label=gettext_lazy("Why did it not, or not wholly, succeed?"),
    )
    feedback = TextArea(
        required=False,
        max_length=SHORT,
        label=gettext_lazy("Feedback to the organisation that referred"),
        help_text=gettext_lazy("What they need to know to go on. Never write where the person stays."),
    )
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {
        "failure_reason": ("outcome", ("partial", "failed")),
    }


class RevokeForm(WrittenForm):
    """Nothing to fill in: the button is the answer."""


def _counted(category: Category, counts: Mapping[str, int]) -> str:
    count = counts.get(category, 0)
    if not count:
        return _("%(category)s (nothing written yet)") % {"category": category.label}
    entries = ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}
    return f"{category.label} ({entries})"
