"""Forms of the case page: label, members, sharing, closing. One for each act."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Membership, Organisation
from cases import policies
from cases.enums import SHAREABLE, ShareLevel
from cases.forms.bases import WHEN_OBLIGED, BasisField, ProvisionField, asked_in, offer_bases, provision_of
from cases.forms.choosers import ChosenField, OrganisationField, consent_label, in_force, member_label, receivers
from cases.forms.fields import CodeRadio, CodeSelect
from cases.models import Case
from cases.operations.conflicts import LONGEST as LONGEST_REASON
from cases.operations.conflicts import blockable
from cases.operations.consent import own_consents
from cases.operations.handover import Load
from cases.operations.labels import LONGEST, proposal
from cases.operations.members import assignable
from cases.policies import CaseAccess
from core.forms import CheckboxesField, DateField, NrmForm, RadioField, SelectField, Text, TextArea, VersionField
from profiles.profile import active


class ConfirmForm(NrmForm):
    """Nothing to fill in: a page that asks once more."""


class LabelForm(NrmForm):
    label = Text(
        required=False,
        max_length=LONGEST,
        label=_("Working label"),
        help_text=_("A few words by which your organisation knows the case. Not a name. Others never see it."),
    )
    version = VersionField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        propose(self)


def propose(form: Form) -> None:
    """Say with the field of a working label what it could be: something that says nothing of the person."""
    field = form.fields["label"]
    field.help_text = _("%(explained)s For example: %(proposal)s.") % {
        "explained": field.help_text,
        "proposal": proposal(),
    }


class RegionForm(NrmForm):
    region = SelectField(
        label=_("In which region is the person now?"),
        error_messages={"required": _("Choose a region from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region: Any = self.fields["region"]
        region.choices = [("", ""), *((code, part.name) for code, part in active().regions.items())]


class AssignForm(NrmForm):
    member = ChosenField(
        label=_("Colleague"),
        error_messages={"required": _("Choose a colleague.")},
    )

    def __init__(self, *args: Any, actor: Actor, assigned: frozenset[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.offer([member for member in assignable(actor) if member.pk not in assigned], member_label)


class BlockForm(NrmForm):
    """Whom to keep away, and why."""

    member = ChosenField(
        label=_("Colleague"),
        help_text=_("You may choose yourself."),
        error_messages={"required": _("Choose a colleague.")},
    )
    reason = TextArea(
        label=_("What is the conflict of interest?"),
        max_length=LONGEST_REASON,
        help_text=_("Supervisors of your organisation read it, nobody else."),
        error_messages={"required": _("Say what the conflict of interest is.")},
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.offer(blockable(access.actor, access), member_label)


class UnblockForm(NrmForm):
    reason = TextArea(
        label=_("Why is there no conflict of interest any more?"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why there is no conflict of interest any more.")},
    )


class HandoverForm(NrmForm):
    """Which cases of a colleague go to whom."""

    cases = CheckboxesField(label=_("Cases"), error_messages={"required": _("Choose at least one case.")})
    successor = ChosenField(
        label=_("Who takes them over?"),
        error_messages={"required": _("Choose who takes the cases over.")},
    )

    def __init__(
        self, *args: Any, actor: Actor, colleague: Membership, loads: Sequence[Load], labels: Mapping[UUID, str],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        cases: Any = self.fields["cases"]
        free = [load.case for load in loads if not load.obstacle]
        cases.choices = [(str(case.pk), _case_words(case, labels.get(case.pk, ""))) for case in free]
        self.initial.setdefault("cases", [str(case.pk) for case in free])
        successor: Any = self.fields["successor"]
        successor.offer([one for one in assignable(actor) if one.pk != colleague.pk], member_label)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "cases": {UUID(key) for key in self.cleaned_data["cases"]}}


def _case_words(case: Case, label: str) -> str:
    return f"{case.shown_reference}, {label}" if label else case.shown_reference


class ReceiverForm(NrmForm):
    """First step of sharing: with whom."""

    to = OrganisationField(
        label=_("With which organisation?"),
        error_messages={"required": _("Choose an organisation.")},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        field.choices = receivers(actor)


class ShareForm(NrmForm):
    """Second step of sharing: what, why, on which basis, until when. Offers nothing above the receiver's ceiling."""

    categories = CheckboxesField(
        label=_("Which of your organisation’s rows?"),
        error_messages={"required": _("Choose at least one category to share.")},
    )
    purpose = CodeSelect(
        "purpose",
        answers=False,
        label=_("For which purpose?"),
        error_messages={"required": _("Say for which purpose this is shared.")},
    )
    legal_basis = BasisField()
    provision = ProvisionField()
    consent = ChosenField(required=False, label=_("Which consent?"))
    level = RadioField(
        required=False,
        choices=ShareLevel.choices,
        initial=ShareLevel.READ,
        label=_("What may they do?"),
    )
    starts_on = DateField(
        future=True,
        required=False,
        label=_("From which day?"),
        help_text=_("Leave empty for at once."),
    )
    ends_on = DateField(
        label=_("Until and including which day?"),
        help_text=_("At most 90 days from today, never beyond the consent."),
        error_messages={"required": _("Say until which day this is shared.")},
    )
    shown_when = {**WHEN_OBLIGED, "consent": ("legal_basis", ("consent",))}

    def __init__(
        self, *args: Any, access: CaseAccess, to: Organisation, starts_at_once: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if starts_at_once:
            del self.fields["starts_on"]
        allowed = policies.ceiling(to.kind)
        categories: Any = self.fields["categories"]
        categories.choices = [(one.value, one.label) for one in SHAREABLE if one in allowed]
        self.initial.setdefault("categories", sorted(policies.offered(to.kind)))
        offer_bases(self, asked_in(access, to))
        consent: Any = self.fields["consent"]
        consent.offer(in_force(own_consents(access)), consent_label)

    def arguments(self) -> dict[str, Any]:
        """To read only, unless somebody chose more."""
        level = self.cleaned_data["level"] or ShareLevel.READ
        return {**self.cleaned_data, "provision": provision_of(self.cleaned_data), "level": level}


class RenewForm(NrmForm):
    """Until when a share goes on, and why."""

    ends_on = DateField(
        label=_("Until and including which day?"),
        help_text=_("At most 90 days from today, never beyond the consent."),
        error_messages={"required": _("Say until which day this is shared.")},
    )
    reason = CodeRadio(
        "share_renewal_reason",
        answers=False,
        label=_("Why does it go on?"),
        error_messages={"required": _("Say why it goes on.")},
    )


class CloseForm(NrmForm):
    outcome = CodeSelect(
        "closing_outcome",
        answers=False,
        label=_("How did the case end?"),
        error_messages={"required": _("Choose how the case ended.")},
    )
    closed_on = DateField(past=True, required=False, label=_("Closed on"), help_text=_("Leave empty for today."))


class ReopenForm(NrmForm):
    reason = CodeRadio(
        "reopening_reason",
        answers=False,
        label=_("Why is the case reopened?"),
        error_messages={"required": _("Choose why the case is reopened.")},
    )
