"""Being away: whose days, which days, who stands in."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Membership
from core.forms import DateField, NrmForm, SelectField


class AbsenceForm(NrmForm):
    """One's own absence; a supervisor chooses whose."""

    membership = SelectField(label=_("Who is away"), error_messages={"required": _("Choose who is away.")})
    starts_on = DateField(label=_("First day away"))
    ends_on = DateField(label=_("Last day away"), future=True)
    deputy = SelectField(
        label=_("Who stands in"),
        help_text=_("Reminders reach both of you. Access to cases does not move along: a supervisor assigns them."),
        error_messages={"required": _("Choose who stands in.")},
    )

    def __init__(
        self, *args: Any, actor: Actor, colleagues: Sequence[Membership], is_for_others: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        people = [(str(member.pk), member.user.name) for member in colleagues]
        own = str(actor.membership_id)
        if is_for_others:
            cast(forms.ChoiceField, self.fields["membership"]).choices = people
            self.fields["membership"].initial = own
        else:
            del self.fields["membership"]
            people = [(pk, name) for pk, name in people if pk != own]
        cast(forms.ChoiceField, self.fields["deputy"]).choices = [("", ""), *people]

    def arguments(self) -> dict[str, Any]:
        chosen = self.cleaned_data
        member = UUID(chosen["membership"]) if chosen.get("membership") else self.actor.membership_id
        return {**chosen, "membership": member, "deputy": UUID(chosen["deputy"])}
