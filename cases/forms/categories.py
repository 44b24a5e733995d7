"""One form for each category: what makes a row. ``FORMS`` is read by pages and API alike."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.access import own_single
from cases.enums import SHAREABLE, Category, Nature
from cases.forms.base import CategoryForm, Values
from cases.forms.contact import ContactAndLanguage, DangerQuestions, flattened
from cases.forms.fields import CodeChecks, CodeRadio, CodeSelect
from cases.forms.questions import (
    AgeQuestions,
    ChildQuestions,
    ExploitationQuestions,
    IdentityQuestions,
)
from cases.models import (
    CategoryRow,
    Child,
    Consent,
    Contact,
    Criminal,
    Exploitation,
    Exploiters,
    Health,
    Identity,
    Immigration,
    Indicator,
    Narrative,
    Service,
)
from cases.policies import CaseAccess
from core import clock
from core.answers import Answer
from core.fields import civil_zone
from core.forms import CheckboxesField, DateField, RadioField, SelectField, Text, TextArea
from profiles import codes


class IdentityForm(IdentityQuestions, AgeQuestions, CategoryForm):
    class Meta(CategoryForm.Meta):
        model = Identity
        plain = ("sex", "gender", "citizenships", "age_group", "age_basis", "birth_year")
        sealed = ("given_names", "family_name", "other_names", "birth_date", "birth_place", "document")
        names = ("given_names", "family_name", "other_names")

    answerable = (*AgeQuestions.answerable, *IdentityQuestions.answerable)

    def columns(self) -> Values:
        """The year of birth stands in the clear, coded, for the age bands of the statistics."""
        born = self.cleaned_data.get("birth_date") or ""
        return super().columns() | {"birth_year": int(born[:4]) if born else None}


class ContactForm(ContactAndLanguage, DangerQuestions, CategoryForm):
    """Sealed ``channels``: a list of channel, value, and safe, not_safe or unknown for call, text and write."""

    class Meta(CategoryForm.Meta):
        model = Contact
        plain = ("has_safe_channel", "interpreter", "interpreter_gender", "confirmed_on")
        sealed = (
            "danger",
            "danger_note",
            "reach",
            "times",
            "code_word",
            "device_seen_by",
            "go_through",
            "language",
        )

    answerable = ContactAndLanguage.answerable

    @classmethod
    def initial_of(cls, row: CategoryRow) -> Values:
        return flattened(super().initial_of(row))

    def columns(self) -> Values:
        """Saving is confirming: the day on which somebody last said that this is right."""
        computed = {"has_safe_channel": self.has_safe_channel(), "confirmed_on": clock.today(civil_zone())}
        return super().columns() | computed

    def content(self) -> Values:
        return super().content() | {"channels": list(self.chosen_channels())}

    def case_columns(self) -> Values:
        """The language, and “do not contact directly” as long as nothing is known to be safe."""
        return {
            "language": self.cleaned_data.get("language") or "",
            "do_not_contact": not self.has_safe_channel(),
        }


class ExploitationForm(ExploitationQuestions, CategoryForm):
    is_primary = forms.BooleanField(
        required=False, label=_("This is the primary form"), help_text=_("One form is the primary one, for statistics.")
    )

    class Meta(CategoryForm.Meta):
        model = Exploitation
        plain = (
            "form",
            "sub_form",
            "is_primary",
            "sector",
            "acts",
            "means",
            "control",
            "recruitment",
            "countries",
            "location",
            "started",
            "ended",
            "is_ongoing",
            "is_online",
        )
        sealed = ("places", "remarks", "recruiter_relation")

    answerable = ExploitationQuestions.answerable

    @classmethod
    def known(cls, access: CaseAccess) -> Values:
        """The date of birth: nothing happened to a person before it."""
        identity = own_single(access, Identity)
        return {"born": str(identity.content.get("birth_date") or "")} if identity else {}  # type: ignore[attr-defined]


class NarrativeForm(CategoryForm):
    text = TextArea(
        rows=14,
        label=_("What happened, in the person’s own words"),
        help_text=_("Up to 15,000 characters. Write what was said, not what it may mean."),
        error_messages={"required": _("Write the account, or cancel.")},
    )
    language = CodeSelect("language", required=False, answers=False, label=_("In which language is this written?"))

    class Meta(CategoryForm.Meta):
        model = Narrative
        sealed = ("text", "language")


class ExploitersForm(CategoryForm):
    relation = CodeRadio("recruiter_relation", required=False, label=_("What were they to the person?"))
    text = TextArea(
        label=_("What is said about the alleged exploiters"),
        help_text=_("What the person says. This is no register of suspects."),
        error_messages={"required": _("Write what is said about the alleged exploiters, or cancel.")},
    )

    class Meta(CategoryForm.Meta):
        model = Exploiters
        plain = ("relation",)
        sealed = ("text",)


HEALTH_NEEDS: Final = ("medical_urgent", "medical", "psychological", "pregnancy_care", "disability_support")


class HealthForm(CategoryForm):
    needs = CheckboxesField(required=False, label=_("Needs"), answers=True)
    text = TextArea(
        required=False,
        label=_("Health, disability, pregnancy"),
        help_text=_("Only what somebody needs to know to help."),
    )
    answerable = ("text",)

    class Meta(CategoryForm.Meta):
        model = Health
        plain = ("needs",)
        sealed = ("text",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needs: Any = self.fields["needs"]
        needs.choices = [*codes.get("need").choices(only=HEALTH_NEEDS), *needs.choices]


class ImmigrationForm(CategoryForm):
    status = CodeRadio("immigration_status", required=False, label=_("Residence status"))
    valid_until = DateField(required=False, label=_("Valid until"))
    document = Text(required=False, label=_("Document or file number"))
    remarks = TextArea(required=False, rows=4, label=_("Remarks"))
    answerable = ("valid_until", "document")

    class Meta(CategoryForm.Meta):
        model = Immigration
        plain = ("status", "valid_until")
        sealed = ("document", "remarks")


class CriminalForm(CategoryForm):
    cooperation = CodeRadio(
        "cooperation",
        required=False,
        label=_("Cooperation with the investigation"),
        help_text=_("Help never depends on it. A withdrawn statement changes neither status nor services."),
    )
    proceedings = CodeRadio("proceedings", required=False, label=_("Proceedings"))
    reported_on = DateField(past=True, required=False, label=_("Reported on"))
    file_number = Text(required=False, label=_("File number"), help_text=_("The number only, nothing out of the file."))
    remarks = TextArea(required=False, rows=4, label=_("Remarks"))
    answerable = ("reported_on",)

    class Meta(CategoryForm.Meta):
        model = Criminal
        plain = ("cooperation", "proceedings", "reported_on")
        sealed = ("file_number", "remarks")


class ChildForm(ChildQuestions, CategoryForm):
    informed_on = DateField(past=True, required=False, label=_("Informed on"))
    remarks = TextArea(
        required=False, rows=4, label=_("Remarks"), help_text=_("School, brothers and sisters, where the parents are")
    )

    class Meta(CategoryForm.Meta):
        model = Child
        plain = ("parental_responsibility", "is_unaccompanied", "informed_by", "informed_on")
        sealed = ("view", "remarks")

    answerable = ChildQuestions.answerable


class ServiceForm(CategoryForm):
    service = SelectField(label=_("Service"))
    status = CodeRadio("service_status", answers=False, label=_("Where does it stand?"))
    is_urgent = forms.BooleanField(required=False, label=_("Urgent"))
    started_on = DateField(past=True, required=False, label=_("Started on"))
    ended_on = DateField(past=True, required=False, label=_("Ended on"))
    remarks = TextArea(required=False, rows=4, label=_("Remarks"))

    class Meta(CategoryForm.Meta):
        model = Service
        plain = ("service", "status", "is_urgent", "started_on", "ended_on")
        sealed = ("remarks",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        service: Any = self.fields["service"]
        service.choices = [("", ""), *codes.get("service").grouped_choices("group"), *Answer.choices]

    def clean(self) -> dict[str, Any]:
        """Refuses an end without or before a start."""
        cleaned = super().clean()
        started, ended = cleaned.get("started_on"), cleaned.get("ended_on")
        if ended and not started:
            self.add_error("started_on", _("Enter when the service started, or leave the end empty."))
        elif ended and started and ended < started:
            self.add_error("ended_on", _("The service cannot end before it starts."))
        return cleaned


class IndicatorForm(CategoryForm):
    indicator = SelectField(label=_("Indicator"))
    nature = RadioField(
        choices=Nature.choices,
        label=_("Fact or assessment?"),
        error_messages={"required": _("Choose whether this is a fact or your own assessment.")},
    )
    note = TextArea(required=False, rows=3, max_length=2000, label=_("Note"))

    class Meta(CategoryForm.Meta):
        model = Indicator
        plain = ("indicator", "nature")
        sealed = ("note",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indicator: Any = self.fields["indicator"]
        indicator.choices = [("", ""), *codes.get("indicator").grouped_choices("group")]


class ConsentForm(CategoryForm):
    """The scope and the manner of a consent; the consent register adds whom it is for and its state."""

    purpose = CodeSelect("purpose", answers=False, label=_("For which purpose?"))
    categories = CheckboxesField(
        choices=[(category.value, category.label) for category in SHAREABLE],
        label=_("Which categories?"),
        error_messages={"required": _("Choose at least one category.")},
    )
    form = CodeRadio("consent_form", answers=False, label=_("In which form was it given?"))
    language = CodeSelect("language", answers=False, required=False, label=_("In which language was it explained?"))
    has_interpreter = forms.BooleanField(required=False, label=_("An interpreter was used"))
    information_given = CodeChecks(
        "information_item",
        answers=False,
        required=False,
        label=_("What was explained?"),
    )
    given_on = DateField(past=True, label=_("Given on"))
    valid_until = DateField(future=True, required=False, label=_("Valid until"))

    class Meta(CategoryForm.Meta):
        model = Consent
        plain = (
            "purpose",
            "categories",
            "form",
            "language",
            "has_interpreter",
            "information_given",
            "given_on",
            "valid_until",
        )


FORMS: Final[Mapping[Category, type[CategoryForm]]] = {
    Category.IDENTITY: IdentityForm,
    Category.CONTACT: ContactForm,
    Category.EXPLOITATION: ExploitationForm,
    Category.NARRATIVE: NarrativeForm,
    Category.EXPLOITERS: ExploitersForm,
    Category.HEALTH: HealthForm,
    Category.IMMIGRATION: ImmigrationForm,
    Category.CRIMINAL: CriminalForm,
    Category.CHILD: ChildForm,
    Category.SERVICES: ServiceForm,
    Category.INDICATORS: IndicatorForm,
    Category.CONSENT: ConsentForm,
}
