"""The forms of the screens: one base class, ``submit`` to run an operation, ``render_form`` to answer.

form = AcceptForm(request.POST or None)
if request.method == "POST" and submit(form, accept_referral, request.actor, referral=referral):
    return redirect(...)
return render_form(request, "referrals/accept.html", form, {...})
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast

from django import forms
from django.db import IntegrityError, transaction
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.choices import flatten_choices
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.answers import Answer
from core.errors import Conflict, NrmError, Refused, from_integrity
from core.fields import (
    CheckboxesField,
    DateField,
    PartialDateField,
    RadioField,
    SelectField,
    Text,
    TextArea,
    VersionField,
)

__all__ = [
    "OF_THE_PAGE",
    "OPENED_AS",
    "SECRETS",
    "SEND_AS",
    "Answer",
    "CheckboxesField",
    "DateField",
    "NrmForm",
    "PartialDateField",
    "RadioField",
    "SelectField",
    "Text",
    "TextArea",
    "VersionField",
    "carried",
    "render_form",
    "submit",
]

ANSWERED = "_answer"
# For which organisation a page was opened (``accounts.opened_as``); for which one it is sent after all, if one chose.
OPENED_AS: Final = "opened_as"
SEND_AS: Final = "send_as"
# What a page adds to its form: no answer of the person, and made anew on a page that carries the answers on.
OF_THE_PAGE: Final = frozenset({"csrfmiddlewaretoken", "submission_key", OPENED_AS, SEND_AS})
# Passwords, PINs and codes: never kept, carried on or compared.
SECRETS: Final = frozenset({"password", "password_again", "pin", "pin_again", "secret", "proof"})
_EITHER = _("Either answer the question or choose “%(answer)s”, not both.")


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile: what is stored now and what was typed."""

    label: str
    current: str
    given: str


class NrmForm(forms.Form):
    """Base of every form of ours.

    ``answerable``: fields which may be answered “not known” or “does not want to say” instead; the answer arrives as
    ``<name>_answer`` in ``cleaned_data`` ("" when the field itself was answered).
    ``shown_when``: field → (other field, its values): script hides it while another answer is chosen.
    """

    answerable: ClassVar[Sequence[str]] = ()
    shown_when: ClassVar[Mapping[str, tuple[str, Sequence[str]]]] = {}
    required_css_class = "is-required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflict: Conflict | None = None
        for name in self.answerable:
            self._add_answer(name)

    @cached_property
    def submission_key(self) -> SafeString:
        """The hidden field that makes a double click one record; fresh on every page: a mended form is a new try."""
        return format_html('<input type="hidden" name="submission_key" value="{}">', uuid.uuid4())

    @property
    def differences(self) -> list[Difference]:
        """What a conflict shows beside the form: only the fields in which the two versions differ."""
        return list(self._differences())

    def arguments(self) -> dict[str, Any]:
        """What the operation receives; a form may override it to rename or combine its fields."""
        return dict(self.cleaned_data)

    def answer_of(self, name: str) -> BoundField | None:
        """The “not known” field that belongs to ``name``."""
        return self[name + ANSWERED] if name in self.answerable else None

    def questions(self) -> list[BoundField]:
        """The visible fields, without the answers that are shown under their question."""
        return [field for field in self.visible_fields() if not getattr(field.field, "belongs_to", "")]

    def condition_of(self, name: str) -> tuple[str, str] | None:
        """The field and the values (joined by a space) under which ``name`` is asked."""
        if name not in self.shown_when:
            return None
        other, values = self.shown_when[name]
        return self[other].html_name, " ".join(values)

    def refuse(self, error: NrmError) -> None:
        """Put the message of an operation next to the field it names, else above all."""
        self.add_error(error.field if error.field in self.fields else None, str(error.message))

    def show_conflict(self, conflict: Conflict) -> None:
        """Keep what was typed, show both, and carry the stored version so that saving again is a choice."""
        self.conflict = conflict
        self.add_error(None, str(conflict.message))
        if conflict.version is not None and "version" in self.fields:
            data = copy(self.data)
            cast("dict[str, str]", data)[self.add_prefix("version")] = str(conflict.version)
            self.data = data

    def clean(self) -> dict[str, Any]:
        """An answer instead of a value satisfies a required field and excludes the value."""
        cleaned = super().clean() or self.cleaned_data
        for name in self.answerable:
            self._reconcile(name)
        return cleaned

    def _add_answer(self, name: str) -> None:
        field = CheckboxesField(
            choices=Answer.choices,
            exclusive=Answer.values,
            required=False,
            label=_("Or: %(question)s") % {"question": self.fields[name].label or name},
            error_messages={"exclusive": _("Choose one of the two, not both.")},
        )
        field.belongs_to = name  # type: ignore[attr-defined]
        field.widget.attrs["class"] = "govuk-checkboxes--small"
        self.fields[name + ANSWERED] = field
        given = self.initial.get(name + ANSWERED)
        if isinstance(given, str):
            self.initial[name + ANSWERED] = [given] if given else []

    def _reconcile(self, name: str) -> None:
        chosen = self.cleaned_data.get(name + ANSWERED) or []
        answer = chosen[0] if chosen else ""
        self.cleaned_data[name + ANSWERED] = answer
        if not answer:
            return
        errors = self.errors.get(name)
        if errors and all(error.code == "required" for error in errors.as_data()):
            del self.errors[name]
            self.cleaned_data[name] = self.fields[name].to_python(None)
        elif self.cleaned_data.get(name) not in self.fields[name].empty_values:
            self.add_error(
                name,
                _("Either answer the question or choose “%(answer)s”, not both.") % {"answer": Answer(answer).label},
            )

    def _differences(self) -> Iterator[Difference]:
        if self.conflict is None:
            return
        for name, current in self.conflict.current.items():
            given = self.conflict.given.get(name, self.cleaned_data.get(name))
            if name in self.fields and not self[name].is_hidden and current != given:
                label = str(self[name].label)
                yield Difference(label, self._words(name, current), self._words(name, given))

    def _words(self, name: str, value: Any) -> str:
        """A value as the reader knows it: labels in place of codes."""
        if value in (None, "", [], ()):
            return str(_("Empty"))
        choices: Iterable[tuple[Any, Any]] = flatten_choices(getattr(self.fields[name], "choices", ()))
        labels = {str(key): str(label) for key, label in choices}
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        return ", ".join(labels.get(str(item), str(item)) for item in values)


def carried(data: QueryDict | MultiValueDict[str, Any], *without: str) -> list[tuple[str, Any]]:
    """What was typed, as hidden fields of a page that carries it on: no field of the page itself, no password."""
    left_out = OF_THE_PAGE | SECRETS | set(without)
    return [(name, value) for name, values in data.lists() if name not in left_out for value in values]


def submit(form: forms.Form, operation: Callable[..., Any], actor: Any, /, **kwargs: Any) -> Any:
    """Run ``operation`` with what the form holds. Its result (True for nothing), or None with errors on the form.

    Runs in a savepoint: after a refusal the request's transaction can still render the page and write its audit.
    ``NotAllowed`` and ``Missing`` are not the form's business and pass through.
    """
    if not form.is_valid():
        return None
    arguments = form.arguments() if isinstance(form, NrmForm) else form.cleaned_data
    try:
        with transaction.atomic():
            result = operation(actor, **kwargs, **arguments)
    except Conflict as conflict:
        _put(form, conflict)
    except Refused as refusal:
        _put(form, refusal)
    except IntegrityError as error:
        _put(form, from_integrity(error))
    else:
        return True if result is None else result
    return None


def render_form(
    request: HttpRequest, template: str, form: forms.Form, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The page of a form: 200 to fill in, 422 with errors, 409 when somebody else saved first."""
    return render(request, template, {**(context or {}), "form": form}, status=_status(form))


def _status(form: forms.Form) -> HTTPStatus:
    if isinstance(form, NrmForm) and form.conflict is not None:
        return HTTPStatus.CONFLICT
    if form.is_bound and form.errors:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.OK


def _put(form: forms.Form, error: NrmError) -> None:
    if not isinstance(form, NrmForm):
        form.add_error(None, str(error.message))
    elif isinstance(error, Conflict):
        form.show_conflict(error)
    else:
        form.refuse(error)
