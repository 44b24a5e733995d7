"""The fields of the screens: text, choices, dates. Each refuses with a sentence that says how to mend it."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import clock
from core.answers import Answer
from core.widgets import Checkboxes, DateBoxes, Parts, Radios

Label = str | Promise
Choice = tuple[str, Label]

LINE: Final = 200
PAGE: Final = 15_000
EARLIEST_YEAR: Final = 1900


class Text(forms.CharField):
    """One line, at most 200 characters. Any script, bidirectional text and emoji are kept; the form is NFC."""

    default_error_messages = {
        "required": _("Enter an answer."),
        "max_length": _("Use %(limit)s characters or fewer. You used %(length)s."),
    }
    limit = LINE

    def __init__(self, *, max_length: int | None = None, width: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [check for check in self.validators if not isinstance(check, ProhibitNullCharactersValidator)]
        self.limit = max_length or self.limit
        if width:
            self.widget.attrs["class"] = f"govuk-input--width-{width}"

    def to_python(self, value: Any) -> str:
        """Composed (NFC), with the line ends that the browser counts as one character."""
        text = super().to_python(value) or ""
        return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))

    def validate(self, value: str) -> None:
        """Refuses NUL bytes, which PostgreSQL cannot hold, and text over the limit."""
        super().validate(value)
        if "\x00" in value:
            raise ValidationError(_("This text holds a character that cannot be saved. Type it again."), code="null")
        if len(value) > self.limit:
            message = self.error_messages["max_length"]
            raise ValidationError(message, code="max_length", params={"limit": self.limit, "length": len(value)})


class TextArea(Text):
    """Several lines, at most 15,000 characters; the page counts while one types."""

    widget = forms.Textarea
    limit = PAGE

    def __init__(self, *, rows: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"rows": rows, "data-limit": self.limit}


class RadioField(forms.ChoiceField):
    """One of a few. With ``answers`` also “not known” and “does not want to say”."""

    widget = Radios
    default_error_messages = {
        "required": _("Choose an answer."),
        "invalid_choice": _("Choose one of the answers listed."),
    }

    def __init__(
        self,
        *,
        choices: Iterable[Choice] = (),
        answers: bool = False,
        hints: Mapping[str, Label] | None = None,
        **kwargs: Any,
    ) -> None:
        extra = Answer.choices if answers else []
        super().__init__(choices=[*choices, *extra], **kwargs)
        self.widget.hints = dict(hints or {})
        self.widget.apart = [value for value, _label in extra]


class SelectField(forms.ChoiceField):
    """One of many, in a list that opens; begins empty."""

    default_error_messages = RadioField.default_error_messages

    def __init__(self, *, choices: Iterable[Choice] = (), answers: bool = False, **kwargs: Any) -> None:
        extra = Answer.choices if answers else []
        super().__init__(choices=[("", ""), *choices, *extra], **kwargs)


class CheckboxesField(forms.MultipleChoiceField):
    """Any of a few. “Not known”, “does not want to say” and each of ``exclusive`` stand alone."""

    widget = Checkboxes
    default_error_messages = {
        "required": _("Choose at least one answer."),
        "invalid_choice": _("Choose only from the answers listed."),
        "exclusive": _("“%(alone)s” cannot go together with another answer. Keep one of them."),
    }

    def __init__(
        self,
        *,
        choices: Iterable[Choice] = (),
        answers: bool = False,
        exclusive: Sequence[str] = (),
        hints: Mapping[str, Label] | None = None,
        **kwargs: Any,
    ) -> None:
        extra = Answer.choices if answers else []
        super().__init__(choices=[*choices, *extra], **kwargs)
        self.exclusive = [*exclusive, *(value for value, _label in extra)]
        self.widget.hints = dict(hints or {})
        self.widget.apart = self.exclusive

    def validate(self, value: list[str]) -> None:
        """Refuses an exclusive answer beside any other."""
        super().validate(value)
        alone = next((item for item in value if item in self.exclusive), None)
        if alone is not None and len(value) > 1:
            label = next(label for value, label in self._flat() if value == alone)
            raise ValidationError(self.error_messages["exclusive"], code="exclusive", params={"alone": label})

    def _flat(self) -> Iterator[tuple[str, Any]]:
        for value, label in self.widget.choices:
            if isinstance(label, list | tuple):
                yield from label
            else:
                yield str(value), label


class DateField(forms.Field):
    """A civil date in three boxes. ``past``: today at the latest. ``future``: today at the earliest."""

    widget = DateBoxes
    default_error_messages = {
        "required": _("Enter a date."),
        "incomplete": _("Enter a day, a month and a year."),
        "year": _("Enter the year with four digits, for example 2026."),
        "number": _("Use numbers only, for example 27 3 2026."),
        "invalid": _("Enter a date that exists, for example 27 3 2026."),
        "early": _("Enter a year after %(year)s."),
        "past": _("Enter a date that is today or in the past."),
        "future": _("Enter a date that is today or in the future."),
    }

    def __init__(self, *, past: bool = False, future: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.past = past
        self.future = future

    def to_python(self, value: Any) -> date | None:
        """The date of three typed parts, of a ``date`` or of ISO text (a draft, the API)."""
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        parts = Parts.of(value)
        if not all(parts):
            raise self._error("incomplete")
        return self._date(parts)

    def validate(self, value: date | None) -> None:
        """Refuses the future, or the past, where the question does."""
        super().validate(value)
        if value is None:
            return
        today = clock.today(civil_zone())
        if self.past and value > today:
            raise self._error("past")
        if self.future and value < today:
            raise self._error("future")

    def _date(self, parts: Parts) -> date:
        year, month, day = self._year(parts.year), self._number(parts.month), self._number(parts.day)
        try:
            return date(year, month, day)
        except ValueError:
            raise self._error("invalid") from None

    def _year(self, text: str) -> int:
        year = self._number(text)
        if len(text) != len("2026"):
            raise self._error("year")
        if year <= EARLIEST_YEAR:
            raise ValidationError(self.error_messages["early"], code="early", params={"year": EARLIEST_YEAR})
        return year

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()):
            raise self._error("number")
        return int(text)

    def _error(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class PartialDateField(DateField):
    """A date of which perhaps only the year, or year and month, is known. Its value is ISO text: 1999, 1999-05-14."""

    default_error_messages = {
        "incomplete": _("Enter at least a year, for example 1999."),
        "month": _("Enter the month too, or leave the day empty."),
    }

    def to_python(self, value: Any) -> str:  # type: ignore[override]
        """ISO 8601 text of reduced precision, or empty."""
        if value in self.empty_values:
            return ""
        parts = Parts.of(value)
        if not parts.year:
            raise self._error("incomplete")
        if parts.day and not parts.month:
            raise self._error("month")
        first = self._date(Parts(parts.day or "1", parts.month or "1", parts.year)).isoformat()
        return first[: len("1999-05-14" if parts.day else "1999-05" if parts.month else "1999")]

    def validate(self, value: str) -> None:  # type: ignore[override]
        """Refuses a beginning that lies beyond today where the question does."""
        forms.Field.validate(self, value)
        if not value:
            return
        today = clock.today(civil_zone()).isoformat()[: len(value)]
        if self.past and value > today:
            raise self._error("past")
        if self.future and value < today:
            raise self._error("future")


class VersionField(forms.IntegerField):
    """The version of the row that the page showed: a save on another version is a conflict."""

    widget = forms.HiddenInput


def civil_zone() -> ZoneInfo:
    """The time zone in which the person who reads the page counts days."""
    return ZoneInfo(timezone.get_current_timezone_name())
