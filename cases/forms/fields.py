"""Fields whose answers come from a code list; each may be answered “not known” or “does not want to say”."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from core.answers import Answer
from core.forms import CheckboxesField, RadioField, SelectField
from profiles import codes

Label = str | Promise
Choices = list[tuple[Any, Any]]


def listed(name: str, *, by: str = "", answers: bool = True) -> Callable[[], Choices]:
    """The choices of a code list when they are shown, sorted in the reader's language, then the two other answers.

    Without ``answers`` the list stays as it is; some have a “not known” of their own.
    """

    return lambda: list(_listed(name, by, answers, get_language() or settings.LANGUAGE_CODE))


@cache
def _listed(name: str, by: str, answers: bool, language: str) -> Choices:
    """Said in ``language`` and sorted once: a page asks for the same 250 countries several times."""
    entries = codes.get(name)
    entries = entries.where(lambda code: code.code not in Answer.values) if answers else entries
    with override(language):
        found = _said(entries.grouped_choices(by) if by else entries.choices())
        return [*found, *(_said(Answer.choices) if answers else [])]


def _said(choices: Iterable[tuple[Any, Any]]) -> Choices:
    """The labels as text; under a heading, those of its codes."""
    return [
        (str(first), _said(second)) if isinstance(second, list) else (first, str(second)) for first, second in choices
    ]


class CodeRadio(RadioField):
    """One of a short code list."""

    def __init__(self, name: str, *, answers: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = listed(name, answers=answers)
        self.widget.apart = list(Answer.values) if answers else []


class CodeSelect(SelectField):
    """One of a long code list."""

    def __init__(self, name: str, *, by: str = "", answers: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        found = listed(name, by=by, answers=answers)
        self.choices = lambda: [("", ""), *found()]


class CodeChecks(CheckboxesField):
    """Any of a code list; “not known” and “does not want to say” stand alone."""

    def __init__(self, name: str, *, by: str = "", answers: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.choices = listed(name, by=by, answers=answers)
        self.exclusive = [*self.exclusive, *(Answer.values if answers else [])]
        self.widget.apart = self.exclusive


class SelectsWidget(forms.Widget):
    """A few lists that open, one below the other, under one name: several answers out of a long list without script."""

    template_name = "cases/widgets/selects.html"
    use_fieldset = True

    def __init__(self, count: int, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.count = count
        self.choices: Iterable[tuple[Any, Any]] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The lists, each with its answer chosen; as many as there are answers, never fewer than ``count``."""
        context = super().get_context(name, None, attrs)
        chosen = [item for item in _as_list(value) if item]
        slots = max(self.count, len(chosen))
        choices = [("", ""), *self.choices]
        identity = context["widget"]["attrs"].get("id", f"id_{name}")
        context["widget"]["invalid"] = context["widget"]["attrs"].get("aria-invalid") == "true"
        context["widget"]["selects"] = [
            {
                "id": f"{identity}_{slot}",
                "options": [(code, label, code == value) for code, label in choices],
            }
            for slot, value in enumerate([*chosen, *[""] * (slots - len(chosen))])
        ]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """Every answer given under the name."""
        getlist = getattr(data, "getlist", None)
        return list(getlist(name)) if getlist else _as_list(data.get(name))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def id_for_label(self, id_: str) -> str:
        """The first list: where a link of the error summary leads."""
        return f"{id_}_0" if id_ else id_


class SeveralCodes(forms.Field):
    """Up to ``count`` different answers out of a long code list, for example citizenships."""

    default_error_messages = {
        "required": _("Choose at least one answer."),
        "invalid_choice": _("Choose only from the answers listed."),
        "exclusive": _("“%(alone)s” cannot go together with another answer. Keep one of them."),
    }

    def __init__(self, name: str, *, count: int = 3, exclusive: Sequence[str] = Answer.values, **kwargs: Any) -> None:
        super().__init__(widget=SelectsWidget(count), **kwargs)
        self._list = listed(name)
        self.exclusive = exclusive
        self.widget.choices = CallableChoiceIterator(self._list)

    @property
    def choices(self) -> Choices:
        return self._list()

    def to_python(self, value: Any) -> list[str]:
        """The codes chosen, each once, in the order given."""
        return list(dict.fromkeys(str(item) for item in _as_list(value) if item))

    def validate(self, value: list[str]) -> None:
        """Refuses codes that the list does not have, and an answer that stands alone beside another."""
        super().validate(value)
        labels = dict(self.choices)
        if any(code not in labels for code in value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        alone = next((code for code in value if code in self.exclusive), None)
        if alone is not None and len(value) > 1:
            raise ValidationError(self.error_messages["exclusive"], code="exclusive", params={"alone": labels[alone]})


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Collection) and not isinstance(value, str) else [value]
