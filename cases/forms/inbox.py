"""What one may do in the inbox."""

from django import forms

from core.forms import NrmForm


class InboxForm(NrmForm):
    """Mark one notice as read, or without ``notice`` all that had arrived when the page was shown."""

    notice = forms.UUIDField(required=False)
    shown_at = forms.DateTimeField(widget=forms.HiddenInput)
