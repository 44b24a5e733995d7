"""Asking whoever gave to share with another organisation: what, for whom, why, on which ground."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.enums import SHAREABLE
from cases.forms.choosers import ChosenField, OrganisationField, receivers
from cases.forms.fields import CodeRadio, CodeSelect
from cases.operations.asking import LONGEST, received
from cases.policies import CaseAccess
from core.forms import CheckboxesField, NrmForm, TextArea


class AskTheGiverForm(NrmForm):
    through = ChosenField(
        label=_("Whom do you ask?"),
        help_text=_("An organisation that shares with yours."),
        error_messages={"required": _("Choose an organisation that shares with yours.")},
    )
    receiver = OrganisationField(
        label=_("Who needs to know?"),
        error_messages={"required": _("Choose an organisation.")},
    )
    categories = CheckboxesField(
        choices=[(one.value, one.label) for one in SHAREABLE],
        label=_("What does it need?"),
        error_messages={"required": _("Choose at least one category to share.")},
    )
    purpose = CodeSelect(
        "purpose",
        answers=False,
        label=_("For which purpose?"),
        error_messages={"required": _("Say for which purpose this is shared.")},
    )
    legal_basis = CodeRadio(
        "legal_basis",
        answers=False,
        label=_("On which ground?"),
        error_messages={"required": _("Say on which legal basis this is shared.")},
    )
    why = TextArea(
        max_length=LONGEST,
        label=_("Why does it need this?"),
        error_messages={"required": _("Write why the other organisation needs this.")},
    )

    def __init__(self, *args: Any, access: CaseAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

        through: Any = self.fields["through"]
        # By the key of a share: that of its giver would say which shelter it is.
        through.offer(received(access), lambda share: access.names.giver(share).name)
        receiver: Any = self.fields["receiver"]
        receiver.choices = receivers(access.actor)
