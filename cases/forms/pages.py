"""The pages of the guided registration: one subject each, in the order of the task list."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from cases.enums import Nature
from cases.forms.bases import WHEN_OBLIGED, ProvisionField
from cases.forms.contact import ContactAndLanguage, DangerQuestions
from cases.forms.fields import CodeChecks, CodeRadio, CodeSelect
from cases.forms.questions import AgeQuestions, ChildQuestions, ExploitationQuestions, IdentityQuestions
from cases.forms.work import propose
from cases.operations.registration import registering_bases, registering_provisions
from core.forms import CheckboxesField, DateField, NrmForm, RadioField, SelectField, Text, TextArea, VersionField
from profiles import codes
from profiles.bases import OBLIGATION
from profiles.profile import active

EXPLOITATION: Final = "exploitation"
REQUIRED_OF_CONSENT: Final[Mapping[str, Promise]] = {
    "information_given": _("Choose what was explained. Without information there is no consent."),
    "form": _("Choose in which form the consent was given."),
    "given_on": _("Enter the day on which the consent was given."),
}


class DraftPage(NrmForm):
    """Base of the pages: who writes, which version was shown, and which page load it is."""

    version = VersionField(required=False)
    writer = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor or Actor.nobody()

    def typed_names(self) -> frozenset[str]:
        """The names under which a browser sends this page's answers, for what a draft may keep."""
        boxes = [f"{name}_{part}" for name in self.fields for part in ("day", "month", "year")]
        return frozenset([*self.fields, *boxes]) - {"version", "writer"}


class DangerPage(DangerQuestions, DraftPage):
    region = SelectField(required=False, label=_("In which region is the person now?"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region: Any = self.fields["region"]
        region.choices = [("", ""), *((code, part.name) for code, part in active().regions.items())]
        self.initial.setdefault("region", self.actor.region)


class AgePage(AgeQuestions, DraftPage):
    pass


class ConsentPage(DraftPage):
    """An adult’s consent to be registered, or the legal basis of an authority (``sharing.md`` rule 14)."""

    answer = CodeRadio(
        "consent_answer",
        answers=False,
        label=_("Does the person consent to being registered?"),
        error_messages={"required": _("Choose whether the person consents.")},
    )
    information_given = CodeChecks(
        "information_item",
        answers=False,
        required=False,
        label=_("What did you explain before asking?"),
    )
    form = CodeRadio("consent_form", answers=False, required=False, label=_("In which form was consent given?"))
    given_on = DateField(past=True, required=False, label=_("On which day was it given?"))
    language = CodeSelect("language", answers=False, required=False, label=_("In which language did you explain it?"))
    has_interpreter = forms.BooleanField(
        required=False, label=_("An interpreter was used, not somebody who came with the person")
    )
    valid_until = DateField(future=True, required=False, label=_("Until when is the consent valid?"))
    legal_basis = RadioField(
        required=False,
        label=_("On which legal basis do you register without consent?"),
        help_text=_("Only for authorities. The person is told."),
    )
    provision = ProvisionField()
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {
        "form": ("answer", ("given",)),
        "given_on": ("answer", ("given",)),
        "valid_until": ("answer", ("given",)),
        "legal_basis": ("answer", ("refused", "not_asked")),
        **WHEN_OBLIGED,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        basis: Any = self.fields["legal_basis"]
        usable = registering_bases(self.actor.organisation_kind)
        listed = codes.get("legal_basis").where(lambda code: code.code in usable)
        basis.choices = listed.choices()
        basis.widget.hints = {code.code: code.extra["law"] for code in listed}
        provision: Any = self.fields["provision"]
        provision.choices = [("", ""), *registering_provisions(self.actor.organisation_kind)]
        if not usable:
            del self.fields["legal_basis"]
        if OBLIGATION not in usable:
            del self.fields["provision"]

    def clean(self) -> dict[str, Any]:
        """Without information, form and day there is no consent."""
        cleaned = super().clean()
        for name, message in REQUIRED_OF_CONSENT.items() if cleaned.get("answer") == "given" else ():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, str(message))
        is_obliged = cleaned.get("answer") != "given" and cleaned.get("legal_basis") == OBLIGATION
        if is_obliged and not cleaned.get("provision") and "provision" not in self.errors:
            self.add_error("provision", _("Choose the provision of law that obliges you."))
        return cleaned


class ChildPage(ChildQuestions, DraftPage):
    informed_on = DateField(past=True, required=False, label=_("When was the child informed?"))


class IdentityPage(IdentityQuestions, DraftPage):
    label = Text(
        required=False,
        max_length=60,
        label=_("Working label"),
        help_text=_("A few words by which your own organisation finds the case. Not a name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        propose(self)


class ExploitationPage(ExploitationQuestions, DraftPage):
    """``taken``: the forms that the draft already holds; each is recorded once, exactly one is the primary one."""

    is_primary = forms.BooleanField(required=False, label=_("This is the primary form of exploitation"))

    def __init__(self, *args: Any, taken: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = frozenset(taken)
        self.initial.setdefault("is_primary", not taken)

    def clean(self) -> dict[str, Any]:
        """Refuses a form of exploitation that is already there."""
        cleaned = super().clean()
        if cleaned.get("form") in self.taken:
            self.add_error("form", _("This form of exploitation is already in the list. Change it there."))
        return cleaned


class AccountPage(DraftPage):
    text = TextArea(
        rows=14,
        required=False,
        label=_("What happened, in the person’s own words"),
        help_text=_("Write what was said, not what it may mean. Up to 15,000 characters."),
    )
    language = CodeSelect("language", required=False, answers=False, label=_("In which language is this written?"))
    answerable: ClassVar[tuple[str, ...]] = ("text",)


class IndicatorsPage(DraftPage):
    """The checklist: each indicator a fact, an assessment, both, or left open. An aid, never a score."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code in codes.get("indicator"):
            mark = CheckboxesField(choices=Nature.choices, required=False, label=str(code))
            mark.widget.attrs["class"] = "govuk-checkboxes--small"
            self.fields[code.code] = mark
            self.fields[note_of(code.code)] = Text(required=False, max_length=500, label=_("Note"))

    def groups(self) -> Iterator[tuple[str, list[tuple[Any, Any]]]]:
        """Heading, then each indicator with its note, as fields to render."""
        for group in codes.get("indicator_group"):
            inside = [code.code for code in codes.get("indicator") if code.extra["group"] == group.code]
            yield str(group), [(self[code], self[note_of(code)]) for code in inside]

    def clean(self) -> dict[str, Any]:
        """A note says something about a mark: without one it would be lost."""
        cleaned = super().clean()
        for code in codes.get("indicator"):
            if cleaned.get(note_of(code.code)) and not cleaned.get(code.code):
                self.add_error(code.code, _("Choose fact or assessment for this note."))
        return cleaned


def note_of(indicator: str) -> str:
    return f"{indicator}_note"


class ContactPage(ContactAndLanguage, DraftPage):
    pass


class NeedsPage(DraftPage):
    needs = CheckboxesField(answers=True, required=False, label=_("What does the person need now?"))
    urgent = CheckboxesField(required=False, label=_("Which of these cannot wait?"))
    other_need = Text(required=False, label=_("What else?"))
    health = TextArea(
        required=False,
        rows=4,
        label=_("Health, disability or pregnancy"),
        help_text=_("Only what somebody must know to help. It is kept apart from the rest."),
    )
    answerable: ClassVar[tuple[str, ...]] = ("health",)
    shown_when: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {"other_need": ("needs", ("other",))}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needs: Any = self.fields["needs"]
        urgent: Any = self.fields["urgent"]
        listed = codes.get("need").choices()
        needs.choices = [*listed, *needs.choices]
        urgent.choices = listed

    def clean(self) -> dict[str, Any]:
        """What is urgent is needed."""
        cleaned = super().clean()
        if set(cleaned.get("urgent") or []) - set(cleaned.get("needs") or []):
            self.add_error("urgent", _("Choose here only what you have chosen above."))
        return cleaned


@dataclass(frozen=True)
class PageSpec:
    """One page: its name in addresses and drafts, its title, its form."""

    name: str
    title: Promise
    form: type[DraftPage]


PAGES: Final[Mapping[str, PageSpec]] = {
    page.name: page
    for page in (
        PageSpec("danger", _("Immediate danger"), DangerPage),
        PageSpec("age", _("Adult or child"), AgePage),
        PageSpec("consent", _("Consent and information"), ConsentPage),
        PageSpec("child", _("Information for the child"), ChildPage),
        PageSpec("identity", _("Identity"), IdentityPage),
        PageSpec(EXPLOITATION, _("Exploitation"), ExploitationPage),
        PageSpec("account", _("Account in own words"), AccountPage),
        PageSpec("indicators", _("Indicators"), IndicatorsPage),
        PageSpec("contact", _("Safe contact and language"), ContactPage),
        PageSpec("needs", _("Needs now"), NeedsPage),
    )
}


def spec_of(page: str) -> PageSpec:
    """The page of a name in a draft; ``exploitation:<key>`` is one form of exploitation among several."""
    return PAGES[page.partition(":")[0]]
