"""The forms of the categories: there and back without loss, in both languages, and what they keep in the clear."""

from types import SimpleNamespace

import pytest
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from cases.enums import SHAREABLE
from cases.forms.categories import FORMS
from cases.forms.pages import PAGES, IndicatorsPage
from core.widgets import Parts

TYPED = {
    "identity": {
        "age_group": ["adult"],
        "age_basis": ["document"],
        "birth_date": ["1999-05"],
        "given_names": ["Ana"],
        "family_name_answer": ["withheld"],
        "citizenships": ["RO", "", "MD"],
        "sex": ["female"],
    },
    "contact": {
        "danger": ["threatened"],
        "reach": ["mobile", "post"],
        "mobile_value": ["06 1"],
        "mobile_call": ["safe"],
        "mobile_text": ["not_safe"],
        "post_value": ["A street\nA town"],
        "post_write": ["unknown"],
        "times": ["Mornings"],
        "language": ["ro"],
        "interpreter": ["yes"],
        "interpreter_gender": ["female"],
    },
    "exploitation": {
        "form": ["labour"],
        "sub_form": ["seasonal_work"],
        "sector": ["agriculture"],
        "means": ["deception", "fraud"],
        "countries": ["NL", "RO"],
        "started": ["2024-05"],
        "ended": ["2024"],
        "is_ongoing": ["no"],
        "places_answer": ["unknown"],
        "recruiter_relation": ["family"],
        "is_primary": ["on"],
        "remarks": ["Long days"],
    },
    "narrative": {"text": ["They said: work."], "language": ["ro"]},
    "exploiters": {"relation": ["family"], "text": ["An uncle"]},
    "health": {"needs": ["medical", "pregnancy_care"], "text_answer": ["withheld"]},
    "immigration": {"status": ["irregular"], "valid_until_answer": ["unknown"], "document": ["V-123"]},
    "criminal": {"cooperation": ["undecided"], "reported_on": ["2026-01-05"]},
    "child": {"informed_by": ["registrar"], "informed_on": ["2026-01-05"], "view": ["School"]},
    "services": {"service": ["medical"], "status": ["started"], "started_on": ["2026-01-05"], "is_urgent": ["on"]},
    "indicators": {"indicator": ["fear"], "nature": ["fact"], "note": ["Trembled"]},
    "consent": {
        "purpose": ["register"],
        "categories": ["identity", "contact"],
        "form": ["written"],
        "given_on": ["2026-01-05"],
        "information_given": ["purpose"],
        "language": ["ro"],
        "has_interpreter": ["on"],
    },
}


def bound(category, typed):
    return FORMS[category](MultiValueDict(typed))


@pytest.mark.parametrize("category", SHAREABLE)
def test_what_is_stored_comes_back_into_the_form_unchanged(category):
    form = bound(category, TYPED[category])
    assert form.is_valid(), form.errors
    row = SimpleNamespace(**form.columns(), content=form.content(), version=1)
    shown = FORMS[category](initial=FORMS[category].initial_of(row))
    again = bound(category, dict(as_typed(shown)))
    assert again.is_valid(), again.errors
    assert (again.columns(), again.content()) == (form.columns(), form.content())


def as_typed(form):
    """What a browser sends of a page that nobody has changed."""
    for name in form.fields:
        value = form[name].value()
        if isinstance(value, Parts):
            yield from ((f"{name}_{part}", [typed]) for part, typed in value._asdict().items())
        elif value not in (None, "", False, []):
            yield name, [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


@pytest.mark.parametrize("category", SHAREABLE)
def test_names_texts_and_places_are_never_columns(category):
    form = FORMS[category]
    assert not set(form.Meta.plain) & set(form.Meta.sealed)
    columns = {field.name for field in form.Meta.model._meta.concrete_fields}
    assert set(form.Meta.plain) <= columns
    assert not {"text", "remarks", "given_names", "family_name", "birth_date", "view", "note", "places"} & set(
        form.Meta.plain
    )


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("category", SHAREABLE)
def test_every_form_can_be_shown_in_both_languages(category, language):
    with translation.override(language):
        assert str(FORMS[category](MultiValueDict(TYPED[category])))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_shown_in_dutch(name):
    with translation.override("nl"):
        assert str(PAGES[name].form())


@pytest.mark.parametrize(
    ("language", "expected"), [("en", ["Austria", "Hungary"]), ("nl", ["Hongarije", "Oostenrijk"])]
)
def test_long_lists_are_sorted_in_the_language_of_the_reader(language, expected):
    with translation.override(language):
        choices = FORMS["identity"]().fields["citizenships"].choices
        assert [str(label) for code, label in choices if code in {"AT", "HU"}] == expected


def test_not_known_stands_alone():
    form = bound("exploitation", {"form": ["labour"], "means": ["unknown", "fraud"], "countries": ["unknown", "NL"]})
    assert {"means", "countries"} <= set(form.errors)


def test_a_code_that_the_list_does_not_have_is_refused():
    form = bound("identity", {"age_group": ["adult"], "citizenships": ["XX"], "sex": ["robot"]})
    assert {"citizenships", "sex"} <= set(form.errors)


def test_the_checklist_has_every_indicator_once():
    fields = [mark.name for _heading, marks in IndicatorsPage().groups() for mark, _note in marks]
    assert len(fields) == len(set(fields)) > 50
