"""Forms of the coordinator's desk for cases that nobody leads, and of the answer of who is asked."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Membership
from cases.forms.choosers import ChosenField, member_label
from cases.models import LeadVacancy
from cases.operations.lead_candidates import Candidates
from cases.operations.members import assignable
from core.forms import NrmForm


class ProposeLeadForm(NrmForm):
    """Which organisation could lead the case: the one that is to be asked next is chosen already."""

    to = ChosenField(
        label=_("Which organisation could lead this case?"),
        help_text=_(
            "They offer case management in this region, in the order in which they are asked. A colleague confirms "
            "before anybody is asked."
        ),
        error_messages={"required": _("Choose an organisation.")},
    )

    def __init__(self, *args: Any, vacancy: LeadVacancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Candidates([vacancy])
        self.next = known.next(vacancy)
        field: Any = self.fields["to"]
        field.offer(known.of(vacancy), str)
        if self.next is not None:
            self.initial.setdefault("to", str(self.next.pk))


class AcceptLeadForm(NrmForm):
    """Who will work on the case."""

    member = ChosenField(
        label=_("Who will work on it?"),
        error_messages={"required": _("Choose a colleague.")},
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.offer(_people(actor), member_label)


def _people(actor: Actor) -> list[Membership]:
    return list(assignable(actor))
