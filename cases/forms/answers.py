"""What a draft says: its pages as checked forms, what is still missing, and the registration that it makes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from cases.age import CHILDREN
from cases.enums import SHAREABLE, AgeGroup, ConsentState
from cases.forms.base import CategoryForm
from cases.forms.bases import provision_of
from cases.forms.categories import (
    HEALTH_NEEDS,
    ChildForm,
    ContactForm,
    ExploitationForm,
    IdentityForm,
    NarrativeForm,
)
from cases.forms.pages import EXPLOITATION, PAGES, DraftPage, note_of, spec_of
from cases.models import Consent, Health, Indicator, Service
from cases.operations.drafts import Page
from cases.operations.notifications import Counted
from cases.operations.registration import PURPOSE, NewRow, Registration, registering_bases
from core.answers import Answer
from core.forms import ANSWERED
from profiles import codes
from profiles.countries import citizenship_group
from profiles.profile import active

UNANSWERED: Final[tuple[Any, ...]] = (None, "", [], ())


class State(StrEnum):
    """Where a page of the task list stands."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    WRONG = "wrong"
    LATER = "later"


@dataclass(frozen=True)
class Hindrance:
    """Why a draft cannot be sent yet, and the page that mends it."""

    page: str
    message: str | Promise


class Answers:
    """The pages of one draft, checked when asked for."""

    def __init__(self, actor: Actor, pages: Mapping[str, Page]) -> None:
        self.actor = actor
        self.pages = pages
        self._forms: dict[str, DraftPage] = {}

    # -- pages -------------------------------------------------------------------------------------------------------

    def form(self, page: str) -> DraftPage:
        """The page with what was typed, bound."""
        if page not in self._forms:
            self._forms[page] = make_form(self, page, typed=self._typed(page))
        return self._forms[page]

    def cleaned(self, page: str) -> dict[str, Any]:
        """The checked answers of a page; empty when nothing was typed or something on it is wrong."""
        if page not in self.pages:
            return {}
        form = self.form(page)
        return form.cleaned_data if form.is_valid() else {}

    def state(self, page: str) -> State:
        """Of a page, or of all forms of exploitation together."""
        if page in {"consent", "child"} and not self.age_group:
            return State.LATER
        if page == EXPLOITATION:
            return _together([self.state(one) for one in self.exploitation_pages])
        if page not in self.pages:
            return State.NOT_STARTED
        if not self.pages[page].is_confirmed:
            return State.IN_PROGRESS
        return State.DONE if self.form(page).is_valid() else State.WRONG

    @property
    def page_names(self) -> list[str]:
        """The task list: consent for an adult, the child's information for everybody else, in order."""
        left_out = "consent" if self.is_child else "child"
        return [name for name in PAGES if name != left_out]

    @property
    def exploitation_pages(self) -> list[str]:
        """The forms of exploitation, in the order in which they were added."""
        return [name for name in self.pages if name.startswith(f"{EXPLOITATION}:")]

    def other_forms(self, page: str) -> frozenset[str]:
        """The forms of exploitation that other pages of the draft name."""
        named = (self.pages[name].typed.get("form") for name in self.exploitation_pages if name != page)
        return frozenset(form for forms in named if forms for form in forms if form)

    # -- what decides ------------------------------------------------------------------------------------------------

    @property
    def age_group(self) -> str:
        return str(self.cleaned("age").get("age_group", ""))

    @property
    def is_child(self) -> bool:
        """Under 18, or uncertain: the child branch."""
        return self.age_group in CHILDREN

    @property
    def born(self) -> str:
        return str(self.cleaned("age").get("birth_date") or "")

    @property
    def region(self) -> str:
        return str(self.cleaned("danger").get("region") or "") or self.actor.region

    @property
    def is_notification(self) -> bool:
        """An adult who refuses, where no authority names a basis: only an anonymous notification is left."""
        return self.age_group == AgeGroup.ADULT and self._consent_answer == "refused" and not self._has_basis

    @cached_property
    def hindrances(self) -> list[Hindrance]:
        """Consent, adult or child, and safe contact must be answered; what is wrong must be mended; nothing else."""
        return list(self._hindrances())

    def _hindrances(self) -> Iterator[Hindrance]:
        if not self.age_group:
            yield Hindrance("age", _("Say whether the person is an adult, a child, or the age is uncertain."))
        elif not self.is_child and not self._has_consent and not self._has_basis:
            yield Hindrance("consent", self._consent_missing())
        if not self.cleaned("contact"):
            yield Hindrance("contact", _("Say how the person can be reached safely, or that no way is known."))
        for page in self.pages:
            if self._is_used(page) and page not in {"age", "contact"} and not self.form(page).is_valid():
                yield Hindrance(page, _("Correct the page “%(page)s”.") % {"page": spec_of(page).title})

    def _is_used(self, page: str) -> bool:
        return page.partition(":")[0] in self.page_names

    def _consent_missing(self) -> str | Promise:
        if self._consent_answer == "refused" and registering_bases(self.actor.organisation_kind):
            return _("Choose the legal basis on which you register without consent, or file an anonymous notification.")
        if self._consent_answer == "refused":
            return _("Without consent you can only file an anonymous notification.")
        return _("Ask the person for consent first.")

    @property
    def _consent_answer(self) -> str:
        return str(self.cleaned("consent").get("answer", ""))

    @property
    def _has_consent(self) -> bool:
        return self._consent_answer == "given"

    @property
    def _has_basis(self) -> bool:
        return bool(self.cleaned("consent").get("legal_basis")) and not self._has_consent

    # -- what it makes -----------------------------------------------------------------------------------------------

    def registration(self) -> Registration:
        """What ``register_presumed_victim`` takes; only asked for when there are no ``hindrances``."""
        contact = self._category(ContactForm, "danger", "contact")
        case_columns = contact.case_columns()
        return Registration(
            rows=list(self._rows(contact)),
            language=case_columns["language"],
            do_not_contact=case_columns["do_not_contact"],
            region=self.region,
            label=str(self.cleaned("identity").get("label") or ""),
        )

    def counted(self) -> Counted:
        """What an anonymous notification keeps: codes only."""
        identity = self.cleaned("identity")
        forms = [str(self.cleaned(page).get("form", "")) for page in self.exploitation_pages]
        return Counted(
            sex=str(identity.get("sex") or ""),
            citizenship_group=self._citizenship_group(identity.get("citizenships") or []),
            forms=[form for form in dict.fromkeys(forms) if form],
            region=self.region,
            age_group=self.age_group,
        )

    def _rows(self, contact: CategoryForm) -> Iterator[NewRow]:
        yield _row(self._category(IdentityForm, "age", "identity"))
        yield _row(contact)
        if self.is_child:
            yield from self._if_answered("child", ChildForm)
        else:
            yield self._consent_row()
        yield from self._exploitation_rows()
        yield from self._if_answered("account", NarrativeForm)
        yield from self._indicator_rows()
        yield from self._need_rows()

    def _category(self, form: type[CategoryForm], *pages: str) -> CategoryForm:
        """The form of a category with the answers of several pages."""
        made = form()
        made.cleaned_data = {key: value for page in pages for key, value in self.cleaned(page).items()}
        return made

    def _if_answered(self, page: str, form: type[CategoryForm]) -> Iterator[NewRow]:
        answered = {name for name, value in self.cleaned(page).items() if value not in UNANSWERED}
        if answered - {"version", "writer"}:
            yield _row(self._category(form, page), self._extra(page, form))

    def _extra(self, page: str, form: type[CategoryForm]) -> dict[str, Any]:
        """“Not known” to a question that the category form itself always requires (the account)."""
        cleaned = self.cleaned(page)
        names = {name for name in cleaned if name.endswith(ANSWERED)} - {name + ANSWERED for name in form.answerable}
        return {name: cleaned[name] for name in names if cleaned[name]}

    def _exploitation_rows(self) -> Iterator[NewRow]:
        """Exactly one form is the primary one: the one that was marked, else the first that was added."""
        forms = [self._category(ExploitationForm, page) for page in self.exploitation_pages]
        primary = next((form for form in forms if form.cleaned_data.get("is_primary")), forms[0] if forms else None)
        for form in forms:
            form.cleaned_data["is_primary"] = form is primary
            yield _row(form)

    def _consent_row(self) -> NewRow:
        cleaned = self.cleaned("consent")
        is_given = self._has_consent
        columns = {
            "state": ConsentState.GIVEN if is_given else ConsentState.OTHER_BASIS,
            "purpose": PURPOSE,
            "legal_basis": "consent" if is_given else cleaned["legal_basis"],
            "provision": "" if is_given else provision_of(cleaned),
            "categories": list(SHAREABLE),
            "form": cleaned.get("form") or "" if is_given else "",
            "language": cleaned.get("language") or "",
            "has_interpreter": bool(cleaned.get("has_interpreter")),
            "information_given": cleaned.get("information_given") or [],
            "given_on": cleaned.get("given_on") if is_given else None,
            "valid_until": cleaned.get("valid_until") if is_given else None,
        }
        return NewRow(Consent, columns, {"answer": self._consent_answer})

    def _indicator_rows(self) -> Iterator[NewRow]:
        cleaned = self.cleaned("indicators")
        for code in codes.get("indicator"):
            note = cleaned.get(note_of(code.code))
            for nature in cleaned.get(code.code) or []:
                yield NewRow(Indicator, {"indicator": code.code, "nature": nature}, {"note": note} if note else {})

    def _need_rows(self) -> Iterator[NewRow]:
        """One service asked for each kind of need; what concerns health is kept in its own category."""
        cleaned = self.cleaned("needs")
        needs = list(cleaned.get("needs") or [])
        urgent = set(cleaned.get("urgent") or [])
        by_service: dict[str, list[str]] = {}
        for need in needs:
            service = need if need in Answer.values else codes.get("need")[need].extra["service"]
            by_service.setdefault(service, []).append(need)
        for service, inside in by_service.items():
            other = cleaned.get("other_need") if "other" in inside else ""
            status = "" if service in Answer.values else "requested"
            columns = {"service": service, "status": status, "is_urgent": bool(urgent & set(inside))}
            yield NewRow(Service, columns, {"remarks": other} if other else {})
        health = {"text": cleaned.get("health"), f"text{ANSWERED}": cleaned.get(f"health{ANSWERED}")}
        content = {name: value for name, value in health.items() if value}
        medical = [need for need in needs if need in HEALTH_NEEDS]
        if content or medical:
            yield NewRow(Health, {"needs": medical}, content)

    def _citizenship_group(self, citizenships: list[str]) -> str:
        groups = [citizenship_group(code, own=active().country) for code in citizenships]
        return groups[0] if groups else "unknown"

    def _typed(self, page: str) -> MultiValueDict[str, Any]:
        stored = self.pages.get(page, Page())
        return MultiValueDict({name: list(values) for name, values in stored.typed.items()})


def make_form(answers: Answers, page: str, *, typed: Any = None) -> DraftPage:
    """The form of a page, bound to ``typed`` when given."""
    extra = {"born": answers.born, "taken": answers.other_forms(page)} if page.startswith(EXPLOITATION) else {}
    return spec_of(page).form(typed, actor=answers.actor, **extra)


def unchecked(answers: Answers, page: str, typed: MultiValueDict[str, Any]) -> DraftPage:
    """The page to go on with: everything as typed, possible or not, and no errors yet."""
    form = make_form(answers, page)
    given = {
        name: field.widget.value_from_datadict(typed, MultiValueDict(), name)
        for name, field in form.fields.items()
        if not field.widget.value_omitted_from_data(typed, MultiValueDict(), name)
    }
    form.initial = given if typed else form.initial
    return form


def _row(form: CategoryForm, extra: Mapping[str, Any] | None = None) -> NewRow:
    return NewRow(form.Meta.model, form.columns(), {**form.content(), **(extra or {})})


def _together(states: list[State]) -> State:
    if not states:
        return State.NOT_STARTED
    for state in (State.WRONG, State.IN_PROGRESS):
        if state in states:
            return state
    return State.DONE
