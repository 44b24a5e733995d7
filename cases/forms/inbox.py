"""What one may do in the inbox."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import NrmForm, RadioField


class InboxForm(NrmForm):
    """Mark one notice as read, or without ``notice`` all that had arrived when the page was shown."""

    notice = forms.UUIDField(required=False)
    shown_at = forms.DateTimeField(widget=forms.HiddenInput)


class SnoozeForm(NrmForm):
    """For how many calendar days a notice is put off."""

    days = RadioField(
        label=_("Bring it back"),
        choices=[("1", _("Tomorrow morning")), ("3", _("In three days")), ("7", _("In a week"))],
        error_messages={"required": _("Choose when it comes back.")},
    )

    def arguments(self) -> dict[str, Any]:
        return {"days": int(self.cleaned_data["days"])}
