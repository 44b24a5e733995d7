"""Forms of guardianship: name a person, replace, end, report a conflict of interest."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cases.forms.choosers import ChosenField
from cases.forms.fields import CodeRadio
from cases.operations.caseload import NO_CONFLICT, Candidate
from cases.operations.guardianship import end_reasons
from core.forms import DateField, NrmForm, RadioField, Text, TextArea
from profiles import codes

YES: Final = "yes"
NO: Final = "no"


class GuardianForm(NrmForm):
    """Who, and whether this person may be it. The exception above thirty children is asked only once it is at hand."""

    guardian = ChosenField(
        label=_("Who is the guardian?"),
        help_text=_("A natural person at an organisation of your region; in brackets the children of each person now."),
        error_messages={"required": _("Choose the person who is the guardian.")},
    )
    accepts_caseload = forms.BooleanField(
        required=False, label=_("I have seen how many children this person has; the exception is justified")
    )
    conflict_of_interest = CodeRadio(
        "guardian_conflict",
        answers=False,
        label=_("Has this person a conflict of interest with the child?"),
        error_messages={"required": _("Choose whether there is a conflict of interest.")},
    )
    is_screened = RadioField(
        choices=[(YES, _("Yes")), (NO, _("No"))],
        label=_("Has this person been screened for work with children?"),
        help_text=_("No record of offences against children."),
        error_messages={"required": _("Choose whether this person has been screened.")},
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = {str(one.membership.pk): one for one in candidates}
        guardian: Any = self.fields["guardian"]
        guardian.offer((one.membership for one in candidates), lambda row: _label(self.candidates[str(row.pk)]))
        if self.near_limit is None:
            del self.fields["accepts_caseload"]

    @property
    def near_limit(self) -> Candidate | None:
        """The person chosen, when one more child needs to be accepted."""
        chosen = self.candidates.get(str(self.data.get(self.add_prefix("guardian"), ""))) if self.is_bound else None
        return chosen if chosen is not None and chosen.is_near_limit and not chosen.is_full else None

    def arguments(self) -> dict[str, Any]:
        """Yes and no become true and false."""
        return {**self.cleaned_data, "is_screened": self.cleaned_data["is_screened"] == YES}


class ProvisionalGuardianForm(GuardianForm):
    pass


class AppointGuardianForm(GuardianForm):
    child_informed_on = DateField(
        past=True,
        label=_("When was the child told who the guardian is, and how to complain?"),
        help_text=_("In a way that the child understands."),
        error_messages={"required": _("Enter the day on which the child was informed.")},
    )


class ReplaceGuardianForm(AppointGuardianForm):
    reason = Text(
        label=_("Why is the guardian replaced?"),
        help_text=_("Child protection alone reads this."),
        error_messages={"required": _("Say why the guardian is replaced.")},
    )


class EndGuardianshipForm(NrmForm):
    reason = RadioField(
        label=_("Why does it end?"),
        error_messages={"required": _("Choose why the guardianship ends.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        reason.choices = codes.get("guardian_end_reason").choices(only=end_reasons())


class ConflictForm(NrmForm):
    conflict_of_interest = RadioField(
        label=_("Which conflict of interest is there?"),
        error_messages={"required": _("Choose which conflict of interest there is.")},
    )
    remarks = TextArea(
        required=False,
        label=_("What should child protection know?"),
        help_text=_("Nobody else reads this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conflict: Any = self.fields["conflict_of_interest"]
        conflict.choices = codes.get("guardian_conflict").where(lambda code: code.code != NO_CONFLICT).choices()


def _label(one: Candidate) -> str:
    children = ngettext("%(count)d child", "%(count)d children", one.children) % {"count": one.children}
    member = one.membership
    return _now("%(person)s, %(organisation)s (%(children)s)") % {
        "person": member.user.name,
        "organisation": member.organisation.name,
        "children": children,
    }
