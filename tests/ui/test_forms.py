"""Fields refuse bad input with a sentence, keep what was typed, and take “not known” for an answer."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.test import RequestFactory

from core import clock
from core.errors import Conflict, NotAllowed, Refused
from core.forms import (
    CheckboxesField,
    DateField,
    NrmForm,
    PartialDateField,
    RadioField,
    SelectField,
    Text,
    TextArea,
    VersionField,
    render_form,
    submit,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class PersonForm(NrmForm):
    answerable = ("name", "born")

    name = Text(label="Given names")
    born = PartialDateField(label="Date of birth", required=False, past=True)
    found_on = DateField(label="When was the person found?", required=False, past=True)
    means = CheckboxesField(choices=[("force", "Force"), ("debt", "Debt")], answers=True, required=False)
    account = TextArea(required=False)
    version = VersionField(required=False)


def person(**data: Any) -> PersonForm:
    query = QueryDict(mutable=True)
    for name, value in {"name": "Ana", **data}.items():
        query.setlist(name, value if isinstance(value, list) else [value])
    return PersonForm(query)


def errors(form: forms.Form, field: str) -> list[str]:
    with clock.travel(NOW):
        return [str(message) for message in form.errors.get(field, [])]


@pytest.mark.parametrize("name", ["O'Neill", "Y", "ليلى", "Ana 🦊", "Đỗ"])
def test_names_of_every_kind_are_kept(name: str) -> None:
    form = person(name=name)
    assert form.is_valid()
    assert form.cleaned_data["name"] == name


def test_text_is_composed_and_line_ends_count_once() -> None:
    form = person(name="Ame\u0301lie", account="a\r\nb")
    assert form.is_valid()
    assert form.cleaned_data["name"] == "Amélie"
    assert form.cleaned_data["account"] == "a\nb"


def test_fifteen_thousand_characters_fit_and_one_more_is_refused_with_the_number() -> None:
    assert person(account="x" * 15_000).is_valid()
    assert errors(person(account="x" * 15_001), "account") == ["Use 15000 characters or fewer. You used 15001."]


def test_nul_bytes_are_refused_with_one_sentence() -> None:
    assert errors(person(name="A\x00"), "name") == ["This text holds a character that cannot be saved. Type it again."]


@pytest.mark.parametrize(
    ("day", "month", "year", "message"),
    [
        ("29", "2", "2027", "Enter a date that exists, for example 27 3 2026."),
        ("31", "", "2026", "Enter a day, a month and a year."),
        ("1", "1", "26", "Enter the year with four digits, for example 2026."),
        ("first", "1", "2026", "Use numbers only, for example 27 3 2026."),
        ("1", "1", "1900", "Enter a year after 1900."),
        ("22", "11", "2026", "Enter a date that is today or in the past."),
    ],
)
def test_a_wrong_date_says_how_to_mend_it(day: str, month: str, year: str, message: str) -> None:
    assert errors(person(found_on_day=day, found_on_month=month, found_on_year=year), "found_on") == [message]


def test_the_29th_of_february_and_today_are_dates() -> None:
    with clock.travel(NOW):
        leap = person(found_on_day="29", found_on_month="02", found_on_year="2024")
        today = person(found_on_day="21", found_on_month="11", found_on_year="2026")
        assert leap.is_valid()
        assert today.is_valid()
    assert leap.cleaned_data["found_on"] == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (("", "", "1999"), "1999"),
        (("", "5", "1999"), "1999-05"),
        (("4", "5", "1999"), "1999-05-04"),
        (("7", "005", "2010"), "2010-05-07"),
        (("007", "12", "2010"), "2010-12-07"),
        (("", "012", "2010"), "2010-12"),
        (("", "", ""), ""),
    ],
)
def test_a_partial_date_keeps_what_is_known(typed: tuple[str, str, str], value: str) -> None:
    day, month, year = typed
    form = person(born_day=day, born_month=month, born_year=year)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == value


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (("4", "", "1999"), "Enter the month too, or leave the day empty."),
        (("", "5", ""), "Enter at least a year, for example 1999."),
        (("", "12", "2026"), "Enter a date that is today or in the past."),
    ],
)
def test_a_partial_date_with_a_hole_is_refused(typed: tuple[str, str, str], message: str) -> None:
    day, month, year = typed
    assert errors(person(born_day=day, born_month=month, born_year=year), "born") == [message]


def test_not_known_stands_in_place_of_a_required_answer() -> None:
    form = person(name="", name_answer=["withheld"])
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == ""
    assert form.cleaned_data["name_answer"] == "withheld"
    assert form.cleaned_data["born_answer"] == ""


def test_an_answer_and_a_value_together_are_refused() -> None:
    assert errors(person(name_answer=["unknown"]), "name") == [
        "Either answer the question or choose “Not known”, not both."
    ]
    assert errors(person(name="", name_answer=["unknown", "withheld"]), "name_answer") == [
        "Choose one of the two, not both."
    ]


def test_an_exclusive_answer_stands_alone() -> None:
    assert person(means=["unknown"]).is_valid()
    assert errors(person(means=["force", "unknown"]), "means") == [
        "“Not known” cannot go together with another answer. Keep one of them."
    ]


def test_submit_returns_the_result_or_puts_the_refusal_next_to_its_field() -> None:
    def refuse(_actor: object, **_fields: object) -> None:
        raise Refused("Too early.", field="found_on")

    def refuse_all(_actor: object, **_fields: object) -> None:
        raise Refused("Not now.", field="elsewhere")

    assert submit(person(name=""), lambda _actor, **_fields: "x", None) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.forms.transaction.atomic", _NoSavepoint)
        assert submit(person(), lambda _actor, **fields: fields["name"], None) == "Ana"
        assert submit(person(), lambda _actor, **_fields: None, None) is True
        form = person()
        assert submit(form, refuse, None) is None
        assert form.errors["found_on"] == ["Too early."]
        form = person()
        assert submit(form, refuse_all, None) is None
        assert form.non_field_errors() == ["Not now."]
        with pytest.raises(NotAllowed):
            submit(person(), _deny, None)


def test_a_conflict_shows_both_keeps_what_was_typed_and_lets_one_save_again() -> None:
    def save(_actor: object, *, version: int | None, name: str, **_fields: object) -> None:
        raise Conflict(current={"name": "Anna", "means": ["force"]}, given={"name": name, "means": []}, version=3)

    form = person(version="2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.forms.transaction.atomic", _NoSavepoint)
        assert submit(form, save, None) is None
    response = render_form(RequestFactory().post("/"), "layouts/form.html", form)
    assert response.status_code == 409
    shown = [(row.label, row.current, row.given) for row in form.differences]
    assert shown == [("Given names", "Anna", "Ana"), ("Means", "Force", "Empty")]
    assert form["version"].value() == "3"
    assert form["name"].value() == "Ana"


def test_a_conflict_shows_labels_of_grouped_choices_too() -> None:
    class Grouped(NrmForm):
        sector = SelectField(
            label="Sector", choices=[("Work", [("farm", "Farming"), ("care", "Care")]), ("x", "Other")]
        )

    form = Grouped({"sector": "care"})
    assert form.is_valid()
    form.show_conflict(Conflict(current={"sector": "farm"}, given={"sector": "care"}))
    assert [(row.current, row.given) for row in form.differences] == [("Farming", "Care")]


@pytest.mark.parametrize(("data", "status"), [(None, 200), ({"name": ""}, 422)])
def test_render_form_answers_422_only_with_errors(data: dict[str, str] | None, status: int) -> None:
    form = PersonForm(data)
    assert render_form(RequestFactory().get("/"), "layouts/form.html", form).status_code == status


def test_a_draft_fills_the_form_again() -> None:
    form = PersonForm(
        initial={"born": "1999-05", "born_answer": "", "name_answer": "unknown", "found_on": date(2026, 3, 7)}
    )
    html = str(form)
    assert 'name="born_month" value="5"' in html
    assert 'name="born_day" value=""' in html
    assert 'name="found_on_day" value="7"' in html
    assert html.count("checked") == 1


def test_the_markup_ties_hint_and_error_to_the_field() -> None:
    class Form(NrmForm):
        danger = RadioField(label="In danger?", choices=[("yes", "Yes")], answers=True, help_text="Now.")
        name = Text(label="Name", help_text="Any.")

    html = str(Form({}))
    assert '<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">In danger?</legend>' in html
    assert 'aria-describedby="id_danger_helptext id_danger_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert "govuk-input--error" in html
    assert html.count("maxlength") == 0


def _deny(_actor: object, **_fields: object) -> None:
    raise NotAllowed


class _NoSavepoint:
    """Stands in for ``transaction.atomic`` where no database is needed."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_error: object) -> None: ...
