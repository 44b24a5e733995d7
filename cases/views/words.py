"""Answers of a row in words: the questions and labels of the form that made it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.forms.base import CategoryForm
from cases.models import CategoryRow
from core.answers import Answer
from core.forms import ANSWERED, PartialDateField, TextArea
from core.templatetags.ui_dates import partial_date
from profiles import codes


@dataclass(frozen=True)
class Answered:
    """A question and its answer; ``is_long`` for text of several lines."""

    question: str
    answer: str
    is_long: bool = False
    is_name: bool = False


def answers(form_class: type[CategoryForm], row: CategoryRow) -> list[Answered]:
    """Every question of the form with the row's answer; questions that depend on another only when answered."""
    values = form_class.initial_of(row)
    form = form_class(initial=dict(values))
    found = []
    for question in form.questions():
        answer = _answer(question, values)
        if answer or form.condition_of(question.name) is None:
            is_long = isinstance(question.field, TextArea)
            found.append(Answered(str(question.label), answer, is_long, is_name=question.name in form_class.Meta.names))
    return found


def words_by_question(form_class: type[CategoryForm], row: CategoryRow) -> dict[str, Answered]:
    """Every question of the form by its name, answered or not."""
    values = form_class.initial_of(row)
    form = form_class(initial=dict(values))
    names = form_class.Meta.names
    return {
        one.name: Answered(str(one.label), _answer(one, values), is_name=one.name in names) for one in form.questions()
    }


def contains(category: str) -> str:
    """What a category holds, in the reader's language."""
    code = codes.get("category")[category]
    language = get_language() or "en"
    return str(code.extra.get(f"contains_{language[:2]}", code.extra["contains_en"]))


def words_of(field: forms.Field | None, value: Any) -> str:
    """A value as the reader knows it: labels in place of codes, dates in words."""
    if value in (None, "", [], ()):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if isinstance(field, PartialDateField):
        return partial_date(str(value))
    labels = dict(_flat(getattr(field, "choices", ())))
    items = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(labels.get(str(item), item)) for item in items)


def _answer(question: BoundField, values: Mapping[str, Any]) -> str:
    instead = values.get(question.name + ANSWERED)
    if instead:
        return str(Answer(instead).label)
    return words_of(question.field, values.get(question.name))


def _flat(choices: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Choices without the headings that group them."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key), label
