"""The answers of a draft in words: question and answer, for “check your answers”."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.forms.answers import Answers, State
from cases.forms.pages import EXPLOITATION, DraftPage, IndicatorsPage, spec_of
from core.answers import Answer
from core.templatetags.ui_dates import partial_date
from core.widgets import Parts
from profiles import codes


@dataclass(frozen=True)
class Line:
    """One question and its answer; an empty answer was not given."""

    question: str
    answer: str


@dataclass(frozen=True)
class Section:
    """One page of the draft."""

    page: str
    title: str | Promise
    state: State
    lines: Sequence[Line]


def sections(answers: Answers) -> Iterator[Section]:
    """Every page of the task list in its order; each form of exploitation is a section of its own."""
    for name in answers.page_names:
        pages = answers.exploitation_pages or [name] if name == EXPLOITATION else [name]
        for page in pages:
            lines = list(lines_of(answers.form(page))) if page in answers.pages else []
            yield Section(page, title(answers, page), answers.state(page), lines)


def title(answers: Answers, page: str) -> str | Promise:
    """The title of a page; of a form of exploitation its name."""
    if page not in answers.exploitation_pages:
        return spec_of(page).title
    form = answers.pages[page].typed.get("form") or [""]
    named = codes.get("exploitation_form").label(form[0]) if form[0] else str(_("form not chosen yet"))
    return _("Exploitation: %(form)s") % {"form": named}


def lines_of(form: DraftPage) -> Iterator[Line]:
    """Question and answer of a bound page. What was not ticked on a checklist, or not asked, is left out."""
    for field in form.questions():
        if is_asked(form, field.name):
            answer = words(field) or _answer_instead(form, field.name)
            if answer or not _is_checklist(form):
                yield Line(str(field.label), answer)


def words(field: BoundField) -> str:
    """What was typed or chosen, as a reader knows it."""
    value = field.value()
    if value is True:
        return _("Yes")
    if isinstance(value, Parts):
        return _day(field) or " ".join(part for part in value if part)
    labels = dict(_flat(getattr(field.field, "choices", ())))
    chosen = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(labels.get(str(item), item)) for item in chosen if item not in (None, "", False))


def _day(field: BoundField) -> str:
    """A date in words; nothing for what was typed and is none."""
    try:
        day = field.field.clean(field.value())
    except ValidationError:
        return ""
    return date_format(day, "j F Y") if isinstance(day, date) else partial_date(day or "")


def is_asked(form: DraftPage, name: str) -> bool:
    """False for a question that belongs to another answer than the one given."""
    condition = form.condition_of(name)
    if condition is None:
        return True
    other, wanted = condition
    given = form[other].value()
    return bool(set(given if isinstance(given, list) else [given]) & set(wanted.split()))


def _answer_instead(form: DraftPage, name: str) -> str:
    instead = form.answer_of(name)
    chosen = instead.value() if instead else []
    return str(Answer(chosen[0]).label) if chosen and chosen[0] in Answer.values else ""


def _is_checklist(form: DraftPage) -> bool:
    return isinstance(form, IndicatorsPage)


def _flat(choices: Any) -> Iterator[tuple[str, Any]]:
    """Choices without the headings of their groups."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key), label
