"""Finding a case."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import NrmForm, Text


class SearchForm(NrmForm):
    """GET only: one box for a reference or words of the own working label."""

    q = Text(
        required=False,
        width="20",
        label=_("Reference, or words of your own working label"),
        help_text=_("For example K7QF-2M9X-T. There is no search by name."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )


class FindForm(NrmForm):
    """GET only: one box for a reference."""

    q = Text(
        required=False,
        width="20",
        label=_("Reference"),
        help_text=_("For example K7QF-2M9X-T."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
