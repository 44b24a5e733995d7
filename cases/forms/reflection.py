"""Forms of the reflection period: offer, grant, decline, end."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from cases.forms.choosers import ChosenField
from cases.forms.fields import CodeRadio, CodeSelect
from cases.operations.reflection import end_reasons
from core import clock
from core.fields import civil_zone
from core.forms import DateField, NrmForm, RadioField, TextArea
from profiles import codes
from profiles.profile import active

YES: Final = "yes"
NO: Final = "no"


def union_right_field() -> RadioField:
    """Of citizens of the EU, the EEA and Switzerland, where the profile asks it."""
    return RadioField(
        required=False,
        label=_("Does the person derive a right of residence from Union law?"),
        help_text=_("For example as a worker, or as a member of the family of one."),
        choices=[(YES, _("Yes")), (NO, _("No"))],
    )


def union_right_of(form: NrmForm) -> dict[str, bool | None]:
    """The answer of a form that may put this question: yes, no or not asked."""
    if "has_union_right" not in form.fields:
        return {}
    given = form.cleaned_data["has_union_right"]
    return {"has_union_right": given == YES if given else None}


def union_right_asked_of() -> list[str]:
    """The statuses of which the profile asks it."""
    return [one.code for one in active().reflection.exemptions.values() if one.asks_union_right]


class OfferReflectionForm(NrmForm):
    """The offer and the person's answer. ``authorities`` may grant the period; with one there is nothing to choose."""

    residence = CodeSelect(
        "immigration_status",
        label=_("What is the person’s residence status?"),
        help_text=_("The period does not apply to everybody: nationals and lawful residents may stay without it."),
        error_messages={"required": _("Choose the person’s residence status, or “Not known”.")},
    )
    has_union_right = union_right_field()
    is_wanted = RadioField(
        required=False,
        label=_("Does the person want the reflection period?"),
        choices=[(YES, _("Yes")), (NO, _("No"))],
        hints={NO: _("The offer can be repeated later, as long as no period has run.")},
    )
    decides = ChosenField(required=False, label=_("Which organisation decides?"))
    offered_on = DateField(
        past=True,
        label=_("When was it offered?"),
        error_messages={"required": _("Enter the day of the offer.")},
    )
    remarks = TextArea(required=False, label=_("Remarks"), help_text=_("Your organisation alone reads them."))
    shown_when = {"decides": ("is_wanted", [YES])}

    def __init__(self, *args: Any, authorities: list[Organisation], is_child: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applies = active().reflection.applies_to
        self.eligible = [
            status.code
            for status in codes.get("immigration_status")
            if applies(immigration_status=status.code, is_child=is_child)
        ]
        self.asked_of = union_right_asked_of()
        if not self.asked_of:
            del self.fields["has_union_right"]
        decides: Any = self.fields["decides"]
        decides.offer(authorities, str)
        if len(authorities) == 1:
            del self.fields["decides"]
        self.initial.setdefault("offered_on", clock.today(civil_zone()))

    def condition_of(self, name: str) -> tuple[str, str] | None:
        """The question is put only to those to whom the profile lets the period apply."""
        if name == "is_wanted":
            return self["residence"].html_name, " ".join(self.eligible)
        if name == "has_union_right":
            return self["residence"].html_name, " ".join(self.asked_of)
        return super().condition_of(name)

    def arguments(self) -> dict[str, Any]:
        """The answer as yes, no or not asked."""
        given = self.cleaned_data["is_wanted"]
        return {**self.cleaned_data, **union_right_of(self), "is_wanted": given == YES if given else None}


class GrantReflectionForm(NrmForm):
    """Which length applies, and from when. The last day is counted, not typed."""

    situation = RadioField(
        label=_("Which period does the person have?"),
        error_messages={"required": _("Choose which length applies.")},
    )
    decided_on = DateField(
        past=True,
        label=_("When was this decided?"),
        error_messages={"required": _("Enter the day of the decision.")},
    )
    starts_on = DateField(
        label=_("From which day?"),
        help_text=_("The last day follows from the law."),
        error_messages={"required": _("Enter the first day of the period.")},
    )

    def __init__(self, *args: Any, region: str = "", is_child: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today(civil_zone())
        lengths = active().reflection.lengths_for(region=region, is_child=is_child)
        situation: Any = self.fields["situation"]
        situation.choices = [
            (length.situation, active().rule(length.rule, today).name.label()) for length in lengths.values()
        ]
        for name in ("decided_on", "starts_on"):
            self.initial.setdefault(name, today)


class DeclineReflectionForm(NrmForm):
    decided_on = DateField(
        past=True,
        label=_("When was this decided?"),
        error_messages={"required": _("Enter the day of the decision.")},
    )
    reason = CodeRadio(
        "reflection_decline_reason",
        answers=False,
        label=_("Why is it declined?"),
        error_messages={"required": _("Choose why the reflection period is declined.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("decided_on", clock.today(civil_zone()))


class EndReflectionForm(NrmForm):
    ended_on = DateField(
        past=True,
        label=_("On which day did it end?"),
        error_messages={"required": _("Enter the day on which the period ended.")},
    )
    reason = RadioField(
        label=_("Why does it end?"),
        error_messages={"required": _("Choose why the reflection period ends.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        reason.choices = codes.get("reflection_end_reason").choices(only=end_reasons())
        self.initial.setdefault("ended_on", clock.today(civil_zone()))
