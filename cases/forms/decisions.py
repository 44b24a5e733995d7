"""Forms of identification: reasonable grounds, the decision, a person who declines it."""

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.enums import DecisionOutcome, DecisionStep
from cases.forms.fields import CodeRadio
from core import clock
from core.fields import civil_zone
from core.forms import DateField, NrmForm, RadioField, TextArea
from profiles.enums import Event
from profiles.profile import active

Labels = dict[str, Promise]
GROUNDS: Final[Labels] = {
    DecisionOutcome.POSITIVE: _("There are reasonable grounds to believe that the person is a victim"),
    DecisionOutcome.NEGATIVE: _("There are no reasonable grounds"),
    DecisionOutcome.SUSPENDED: _("The decision is suspended"),
    DecisionOutcome.WITHDRAWN: _("The person has withdrawn from identification"),
}
DECISION: Final[Labels] = {
    DecisionOutcome.POSITIVE: _("The person is identified as a victim"),
    DecisionOutcome.NEGATIVE: _("The person is not identified as a victim"),
    DecisionOutcome.SUSPENDED: _("The decision is suspended"),
    DecisionOutcome.WITHDRAWN: _("The person has withdrawn from identification"),
    DecisionOutcome.DISQUALIFIED: _("The person is disqualified from protection"),
}


RECONSIDERED: Final[Labels] = {
    DecisionOutcome.OVERTURNED: _("The decision is changed in favour of the person"),
    DecisionOutcome.UPHELD: _("The decision stands"),
}


class DecisionForm(NrmForm):
    """What was decided, when, on what, and why. ``step`` says which decision of the profile this is."""

    outcome = RadioField(label=_("What was decided?"), error_messages={"required": _("Choose what was decided.")})
    decided_on = DateField(
        past=True,
        label=_("When was this decided?"),
        error_messages={"required": _("Enter the day of the decision.")},
    )
    basis = CodeRadio(
        "decision_basis",
        answers=False,
        label=_("What does the decision rest on most?"),
        error_messages={"required": _("Choose what the decision rests on.")},
    )
    reasons = TextArea(
        required=False,
        label=_("Reasons"),
        help_text=_("Your organisation alone reads them. A negative decision needs its reasons."),
    )
    step: ClassVar[DecisionStep]
    labels: ClassVar[Labels]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome: Any = self.fields["outcome"]
        outcome.choices = [(code, self.labels[code]) for code in self.outcomes()]
        self.initial.setdefault("decided_on", clock.today(civil_zone()))

    def outcomes(self) -> Iterable[str]:
        """What may be chosen, in order."""
        return active().steps[self.step].outcomes


class ReasonableGroundsForm(DecisionForm):
    step = DecisionStep.REASONABLE_GROUNDS
    labels = GROUNDS


class IdentificationForm(DecisionForm):
    step = DecisionStep.IDENTIFICATION
    labels = DECISION


class RequestReconsiderationForm(NrmForm):
    """The lead contests a negative decision on the person's behalf. Where the country has no term, nothing is late."""

    ground = CodeRadio(
        "reconsideration_ground",
        answers=False,
        label=_("Why should the decision be looked at again?"),
        error_messages={"required": _("Choose why the decision should be looked at again.")},
    )
    requested_on = DateField(
        past=True,
        label=_("When was this asked?"),
        error_messages={"required": _("Enter the day of the request.")},
    )
    reasons = TextArea(
        label=_("What should the authority look at?"),
        help_text=_("Your organisation and the authority that decided read this. Never write where the person stays."),
        error_messages={"required": _("Write down what the authority should look at.")},
    )
    why_late = TextArea(
        required=False,
        label=_("Why could this not be asked in time?"),
        help_text=_("Only when the country’s term for a request was over. Read by the same organisations."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("requested_on", clock.today(civil_zone()))
        if not active().ended_by(Event.RECONSIDERATION_REQUESTED):
            del self.fields["why_late"]


class ReconsiderForm(DecisionForm):
    """What became of a request for reconsideration."""

    labels = RECONSIDERED

    def outcomes(self) -> Iterable[str]:
        return self.labels


class DeclineIdentificationForm(NrmForm):
    """The person does not want to be identified formally. Nobody has to say why."""

    declined_on = DateField(
        past=True,
        label=_("When did the person say so?"),
        error_messages={"required": _("Enter the day on which the person said so.")},
    )
    reason = CodeRadio(
        "identification_decline_reason",
        answers=False,
        label=_("Did the person give a reason?"),
        error_messages={"required": _("Choose a reason, or “No reason given”.")},
    )
    remarks = TextArea(required=False, label=_("Remarks"), help_text=_("Your organisation alone reads them."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("declined_on", clock.today(civil_zone()))
