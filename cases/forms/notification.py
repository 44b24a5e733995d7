"""The form of the anonymous notification."""

from django.utils.translation import gettext_lazy as _

from cases.forms.fields import CodeRadio
from core.forms import NrmForm


class RefusalForm(NrmForm):
    """Why the person does not consent."""

    refusal_reason = CodeRadio(
        "refusal_reason",
        answers=False,
        label=_("Why does the person not consent?"),
        error_messages={"required": _("Choose a reason, or “No reason given”.")},
    )
