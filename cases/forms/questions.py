"""Questions that registration and the case page ask in the same words, one mixin for each subject."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from cases.age import contradicts
from cases.enums import AgeGroup
from cases.forms.fields import CodeChecks, CodeRadio, CodeSelect, SeveralCodes
from core import clock
from core.fields import civil_zone
from core.forms import NrmForm, PartialDateField, RadioField, Text, TextArea
from profiles import codes

CONTRADICTIONS: Final = {
    AgeGroup.CHILD: _("With this date of birth the person is an adult. Correct the date or the answer above."),
    AgeGroup.ADULT: _("With this date of birth the person is a child. Correct the date or the answer above."),
}


class AgeQuestions(NrmForm):
    """Adult, child or uncertain, and how one knows. Uncertain counts as a child (Directive 2011/36/EU, Art. 13(2))."""

    age_group = RadioField(
        label=_("Is the person an adult or a child?"),
        choices=AgeGroup.choices,
        hints={
            AgeGroup.ADULT: _("18 or older"),
            AgeGroup.CHILD: _("Younger than 18"),
            AgeGroup.UNCERTAIN: _("Choose this when there are reasons to believe that the person may be a child"),
        },
        error_messages={"required": _("Choose whether the person is an adult, a child, or the age is uncertain.")},
    )
    age_basis = CodeRadio("age_basis", required=False, label=_("How do you know?"))
    birth_date = PartialDateField(
        past=True,
        required=False,
        label=_("Date of birth"),
        help_text=_(
            "A year is enough, for example 1999, or a month and a year. Of a child its first day then counts for "
            "reminders, and its last for what ends with the 18th birthday."
        ),
    )
    answerable: ClassVar[tuple[str, ...]] = ("birth_date",)

    def clean(self) -> dict[str, Any]:
        """Refuses a date of birth that contradicts the group."""
        cleaned = super().clean()
        born, group = cleaned.get("birth_date"), cleaned.get("age_group")
        if born and group and contradicts(group, born, clock.today(civil_zone())):
            self.add_error("birth_date", CONTRADICTIONS[group])
        return cleaned


class IdentityQuestions(NrmForm):
    """Who the person is. Every question may stay open: registering without a name is normal."""

    given_names = Text(required=False, label=_("Given names"))
    family_name = Text(required=False, label=_("Family name"))
    other_names = Text(required=False, label=_("Other names"), help_text=_("Names that others use for the person"))
    sex = CodeRadio("sex", required=False, label=_("Sex"))
    gender = CodeRadio("gender", required=False, label=_("Gender, when it is another"))
    citizenships = SeveralCodes("citizenship", required=False, label=_("Citizenships"))
    birth_place = Text(required=False, label=_("Place and country of birth"))
    document = Text(
        required=False, label=_("Identity document"), help_text=_("Kind and number, for example passport AB1234567")
    )
    answerable: ClassVar[tuple[str, ...]] = ("given_names", "family_name", "birth_place", "document")


class ChildQuestions(NrmForm):
    """Who informed the child, and what the child says. A child needs no consent (``sharing.md`` rule 14)."""

    informed_by = CodeRadio("child_informed_by", required=False, label=_("Who informed the child?"))
    view = TextArea(
        required=False,
        label=_("What does the child say?"),
        help_text=_("The child’s own view, in the child’s words where you can. It weighs in every decision."),
    )
    is_unaccompanied = CodeRadio(
        "answer", required=False, label=_("Is the child here without parents or another adult who cares for the child?")
    )
    parental_responsibility = CodeRadio(
        "parental_responsibility", required=False, label=_("Who has parental responsibility?")
    )
    answerable: ClassVar[tuple[str, ...]] = ("view",)


class ExploitationQuestions(NrmForm):
    """One form of exploitation, coded."""

    form = CodeRadio(
        "exploitation_form",
        answers=False,
        label=_("Which form of exploitation?"),
        error_messages={"required": _("Choose the form of exploitation, or “Another form”.")},
    )
    sub_form = CodeSelect("exploitation_sub_form", by="exploitation_form", required=False, label=_("More exactly"))
    sector = CodeSelect("sector", required=False, label=_("Sector"))
    acts = CodeChecks("act", required=False, label=_("What was done to the person?"))
    means = CodeChecks(
        "means", required=False, label=_("By what means?"), help_text=_("For a child no means are needed.")
    )
    control = CodeChecks("control", required=False, label=_("How was the person kept under control?"))
    recruitment = CodeRadio("recruitment", required=False, label=_("How was the person recruited?"))
    recruiter_relation = CodeRadio("recruiter_relation", required=False, label=_("Who recruited the person?"))
    location = CodeRadio("place_kind", required=False, label=_("Where did it happen?"))
    countries = SeveralCodes("country", required=False, count=4, label=_("In which countries?"))
    places = Text(required=False, label=_("Places"), help_text=_("Towns, addresses or kinds of places"))
    started = PartialDateField(
        past=True, required=False, label=_("When did it start?"), help_text=_("A year is enough.")
    )
    ended = PartialDateField(past=True, required=False, label=_("When did it end?"), help_text=_("A year is enough."))
    is_ongoing = CodeRadio("answer", required=False, label=_("Is it still going on?"))
    is_online = CodeRadio("answer", required=False, label=_("Was the internet used to recruit, exploit or control?"))
    remarks = TextArea(required=False, rows=4, label=_("Remarks"))
    answerable: ClassVar[tuple[str, ...]] = ("places", "started", "ended")

    def __init__(self, *args: Any, born: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.born = born

    def clean(self) -> dict[str, Any]:
        """Refuses a period that cannot be, and a sub-form of another form."""
        cleaned = super().clean()
        self._clean_period(cleaned.get("started") or "", cleaned.get("ended") or "", cleaned.get("is_ongoing"))
        self._clean_sub_form(cleaned.get("form"), cleaned.get("sub_form"))
        return cleaned

    def _clean_period(self, started: str, ended: str, is_ongoing: str | None) -> None:
        if comes_before(ended, started):
            self.add_error("ended", _("The end lies before the start. Correct one of the two."))
        if ended and is_ongoing == "yes":
            self.add_error("ended", _("It cannot have ended and still go on. Correct one of the two."))
        if comes_before(started, self.born):
            message = _("This lies before the person was born. Correct this date or the date of birth.")
            self.add_error("started", message)

    def _clean_sub_form(self, form: str | None, sub_form: str | None) -> None:
        if form and sub_form and sub_form in _sub_forms() and _sub_forms()[sub_form] != form:
            self.add_error("sub_form", _("This does not belong to the form chosen above. Correct one of the two."))


def comes_before(first: str, second: str) -> bool:
    """True when ``first`` certainly lies before ``second``; ISO texts of reduced precision, empty ones never."""
    shared = min(len(first), len(second))
    return first[:shared] < second[:shared]


def _sub_forms() -> dict[str, str]:
    return {code.code: code.extra["exploitation_form"] for code in codes.get("exploitation_sub_form")}


class LanguageQuestions(NrmForm):
    """In which language, and with which interpreter."""

    language = CodeSelect("language", required=False, label=_("Which language does the person speak best?"))
    interpreter = CodeRadio("answer", required=False, label=_("Is an interpreter needed?"))
    interpreter_gender = CodeRadio(
        "interpreter_gender", required=False, label=_("Should the interpreter be a woman or a man?")
    )
    shown_when: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {"interpreter_gender": ("interpreter", ("yes",))}
