"""Code lists: complete in both languages, checked on reading, shown in the active language."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from profiles import codes
from profiles.countries import citizenship_group
from profiles.errors import DataError


def written(folder, name, text):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_every_list_that_ships_can_be_read():
    lists = codes.load_all()
    assert {"exploitation_form", "sector", "service", "organisation_kind", "legal_basis", "language"} <= set(lists)
    assert all(code.en and code.nl for listed in lists.values() for code in listed)


def test_choices_follow_the_active_language():
    choices = dict(codes.get("exploitation_form").choices())
    with translation.override("nl"):
        assert str(choices["labour"]) == "Arbeidsuitbuiting"
    with translation.override("en"):
        assert str(choices["labour"]) == "Forced labour or services"


def test_countries_are_sorted_by_name_and_the_answers_come_last():
    with translation.override("nl"):
        shown = [str(label) for _code, label in codes.get("citizenship").choices()]
    assert shown[0] == "Afghanistan"
    assert shown.index("Åland") < shown.index("Brazilië")
    assert shown[-3:] == ["Staatloos", "Niet bekend", "Wil dit niet zeggen"]


def test_the_countries_are_those_of_iso_3166_and_kosovo():
    countries = [code.code for code in codes.get("country") if not code.extra.get("last")]
    assert len(countries) == 250
    assert {"NL", "XK", "GB", "TW"} <= set(countries)
    assert not {"EU", "UN", "ZZ"} & set(countries)


@pytest.mark.parametrize(
    ("citizenship", "group"),
    [
        ("NL", "own"),
        ("RO", "eu"),
        ("GB", "non_eu"),
        ("stateless", "stateless"),
        ("unknown", "unknown"),
        ("withheld", "unknown"),
    ],
)
def test_citizenship_falls_into_the_groups_of_eurostat(citizenship, group):
    assert citizenship_group(citizenship, own="NL") == group


def test_indicators_come_under_their_headings():
    headings = [str(heading) for heading, _choices in codes.get("indicator").grouped_choices("group")]
    assert headings == [str(code) for code in codes.get("indicator_group")]


def test_validate_refuses_what_is_not_in_the_list():
    sectors = codes.get("sector")
    assert sectors.validate("construction") == "construction"
    with pytest.raises(ValidationError):
        sectors.validate("nonsense")


def test_labels_keep_the_order_of_the_list():
    assert codes.get("sex").labels(["male", "female"], "en") == ["Female", "Male"]


def test_a_code_that_has_gone_is_shown_as_it_is():
    assert codes.get("sex").label("bygone") == "bygone"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('source = "x"\ncodes = [{ code = "a", en = "A" }]', "demo.toml, entry 1 (a): nl is missing"),
        (
            'source = "x"\ncodes = [{ code = "a", en = "A", nl = "A" }, { code = "a", en = "B", nl = "B" }]',
            "demo.toml, entry 2 (a): code occurs twice",
        ),
        ('codes = [{ code = "a", en = "A", nl = "A" }]', "demo.toml: source is missing"),
        ('source = "x"', "demo.toml: no codes"),
        ("source = ", "demo.toml: "),
    ],
)
def test_a_mistake_names_file_and_entry(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        codes.load_all(written(tmp_path, "demo", text))
    assert any(line.startswith(message) for line in caught.value.mistakes)


def test_a_column_that_points_to_another_list_must_hit(tmp_path):
    written(tmp_path, "sector", 'source = "x"\ncodes = [{ code = "a", en = "A", nl = "A" }]')
    written(tmp_path, "job", 'source = "x"\ncodes = [{ code = "b", en = "B", nl = "B", sector = "c" }]')
    with pytest.raises(DataError, match=r"job.toml, entry b: sector “c” is not in sector.toml"):
        codes.load_all(tmp_path)
