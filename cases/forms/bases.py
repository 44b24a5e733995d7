"""The two questions of a legal basis: which, and of a legal obligation which provision. One home for every form."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cases.operations import legal_bases
from cases.policies import CaseAccess
from core.forms import NrmForm, RadioField, SelectField
from profiles import codes
from profiles.bases import OBLIGATION, Asked

UNFIT: Final = _("Your organisation cannot use this legal basis towards this one, or for this person. Choose another.")
WHEN_OBLIGED: Final[Mapping[str, tuple[str, Sequence[str]]]] = {"provision": ("legal_basis", (OBLIGATION,))}


class BasisField(RadioField):
    """One of the bases that the table of the profile allows."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"required": _("Say on which legal basis this is shared."), "invalid_choice": UNFIT}
        super().__init__(**{"label": _("On which legal basis?"), "error_messages": messages, **kwargs})


class ProvisionField(SelectField):
    """Which provision obliges: chosen, never typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=_("Which provision of law obliges you?"),
            help_text=_("Only with a legal obligation. The list follows from the law of the country."),
            error_messages={"invalid_choice": _("This provision does not fit here. Choose one from the list.")},
            **kwargs,
        )


def provision_of(cleaned: Mapping[str, Any]) -> str:
    """The provision that was chosen; none for another basis: script only hides what was chosen before."""
    return str(cleaned.get("provision") or "") if cleaned.get("legal_basis") == OBLIGATION else ""


def asked_in(access: CaseAccess, to: Organisation | None = None) -> Asked:
    """What is known when the page is made: who gives, in which case, to whom."""
    giver = legal_bases.giver_of(access.actor)
    return legal_bases.asked_by(giver, is_child=legal_bases.is_child(access.case), to=to)


def offer_bases(form: NrmForm, asked: Asked, *, only: Sequence[str] | None = None) -> None:
    """Fill both questions with what the table allows; ``only``: of these bases."""
    usable = [code for code in legal_bases.usable(asked) if only is None or code in only]
    fields: dict[str, Any] = form.fields
    fields["legal_basis"].choices = codes.get("legal_basis").choices(only=usable)
    provisions = legal_bases.usable_provisions(asked) if OBLIGATION in usable else []
    fields["provision"].choices = [("", ""), *provisions]
    if not provisions:
        del form.fields["provision"]
