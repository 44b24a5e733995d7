"""Forms of the answer to a possible double, and of links between cases."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from cases import policies
from cases.access import get_case
from cases.enums import LinkAnswer, LinkKind
from cases.forms.fields import CodeRadio
from cases.operations.doubles import CHILD_ONLY
from cases.operations.links import KINDS
from cases.policies import CaseAccess
from core.errors import Missing
from core.forms import DateField, NrmForm, RadioField, TextArea

LONGEST = 1_000


class LinkAnswerForm(NrmForm):
    """What the person wants, or why the cases must stay apart."""

    answer = RadioField(
        label=_("May the cases be linked?"),
        choices=((LinkAnswer.AGREED.value, _("Yes")), (LinkAnswer.REFUSED.value, _("No"))),
        error_messages={"required": _("Choose whether the cases may be linked.")},
    )
    basis = CodeRadio("link_basis", answers=False, required=False, label=_("On what does this rest?"))
    told_on = DateField(
        past=True,
        required=False,
        label=_("When was the person asked?"),
        help_text=_("Of a child: when its best interests were assessed."),
    )
    reason = CodeRadio("link_refusal_reason", answers=False, required=False, label=_("Why not?"))
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {
        "basis": ("answer", (LinkAnswer.AGREED.value,)),
        "told_on": ("answer", (LinkAnswer.AGREED.value,)),
        "reason": ("answer", (LinkAnswer.REFUSED.value,)),
    }

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not access.case.is_child_branch:
            field: Any = self.fields["basis"]
            field.choices = [choice for choice in field.choices if choice[0] != CHILD_ONLY]


class LinkForm(NrmForm):
    """Which cases belong together, and how."""

    kind = RadioField(
        label=_("What connects the cases?"),
        choices=[(kind.value, kind.label) for kind in KINDS],
        error_messages={"required": _("Choose what connects the cases.")},
    )
    references = TextArea(
        max_length=LONGEST,
        rows=3,
        label=_("References of the other cases"),
        help_text=_("One on each line. Only cases that you work on yourself."),
        error_messages={"required": _("Give the references of other cases, each once.")},
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = access.actor
        if not policies.may(access.actor, "answer_link_question", access):
            field: Any = self.fields["kind"]
            field.choices = [choice for choice in field.choices if choice[0] != LinkKind.NEW_EPISODE]

    def clean_references(self) -> list[CaseAccess]:
        """The cases; a hidden, an absent and a mistyped reference are told alike."""
        found, unknown = [], []
        for shown in self.cleaned_data["references"].replace(",", "\n").split("\n"):
            if not shown.strip():
                continue
            try:
                found.append(get_case(self.actor, shown))
            except Missing:
                unknown.append(shown.strip())
        if unknown:
            self.add_error(
                "references", _("You know no case with this reference: %(them)s.") % {"them": ", ".join(unknown)}
            )
        return found

    def arguments(self) -> dict[str, Any]:
        return {"kind": LinkKind(self.cleaned_data["kind"]), "others": self.cleaned_data["references"]}
