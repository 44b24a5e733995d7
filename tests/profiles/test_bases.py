"""The table of legal bases in a country profile: checked at the start, extended by a country."""

from pathlib import Path

import pytest

from profiles import loader
from profiles.bases import Asked, Bound
from profiles.errors import DataError
from profiles.profile import named
from tests.cases.countries import written

LINE = """
[[legal_bases]]
code = "health_care"
givers = ["health"]
receivers = ["health"]
purposes = ["refer_health"]
categories = ["health"]
ages = ["all"]
source = "Law on care, section 7"
tag = "fact"
"""
PROVISION = """
[[provisions]]
code = "pt-report"
en = "Duty to report"
nl = "Meldplicht"
givers = ["ngo"]
receivers = ["child_protection"]
purposes = ["child_protection"]
categories = ["identity"]
ages = ["child"]
source = "Law on children, section 3"
tag = "fact"
"""


def mistakes(folder: Path, text: str) -> str:
    written(folder, text)
    with pytest.raises(DataError) as caught:
        loader.load("pt", folder)
    return "\n".join(caught.value.mistakes)


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        ('givers = ["health"]', 'givers = ["doctors"]', "legal_bases health_care: givers 'doctors' is not in the list"),
        ('givers = ["health"]', "givers = []", "pt.toml, legal_bases health_care: givers names nothing"),
        ('receivers = ["health"]\n', "", "pt.toml, legal_bases health_care: receivers names nothing"),
        ('purposes = ["refer_health"]', 'purposes = ["care"]', "purposes 'care' is not in the list purpose"),
        ('categories = ["health"]', 'categories = ["location"]', "categories 'location' is not in the list category"),
        ('ages = ["all"]', 'ages = ["16"]', "ages '16' is not in the list"),
        ('source = "Law on care, section 7"\n', "", "pt.toml, legal_bases health_care: source is missing"),
        ('tag = "fact"', 'tag = "sure"', "tag 'sure' is none of"),
        ('code = "health_care"', 'code = "my_basis"', "code 'my_basis' is not in the list legal_basis"),
        ('tag = "fact"', 'tag = "fact"\nwhy = "x"', "pt.toml, legal_bases health_care: why is not a field"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_table_names_file_basis_and_field(
    tmp_path: Path, before: str, after: str, mistake: str
) -> None:
    assert mistake in mistakes(tmp_path, LINE.replace(before, after))


def test_a_mistake_in_a_provision_is_named_as_well(tmp_path: Path) -> None:
    wrong = PROVISION.replace('"child_protection"]\npurposes', '"nobody"]\npurposes') + PROVISION
    found = mistakes(tmp_path, wrong)
    assert "pt.toml, provisions pt-report: receivers 'nobody' is not in the list organisation_kind" in found
    assert "pt.toml, provisions pt-report: code occurs twice" in found


def test_a_basis_that_may_be_chosen_and_has_no_line_stops_the_start(tmp_path: Path) -> None:
    assert "pt.toml, legal_bases: health_care has no line" in mistakes(
        tmp_path, '[without]\nlegal_bases = ["health_care"]\n'
    )


def test_a_country_replaces_the_lines_of_a_basis_and_adds_provisions(tmp_path: Path) -> None:
    written(tmp_path, LINE, PROVISION)
    profile = loader.load("pt", tmp_path)
    assert [line.source for line in profile.legal_bases["health_care"].lines] == ["Law on care, section 7"]
    assert {"pt-report", "eu-guardian"} <= set(profile.provisions)
    assert "eu-guardian" not in named("uk").provisions


def test_the_limit_that_is_told_is_that_of_the_line_that_comes_closest() -> None:
    care = named("eu").legal_bases["health_care"]
    asked = {"offers": frozenset({"medical"}), "is_child": False, "receiver": "health"}
    limit = care.limit(Asked(giver="ngo", purpose="return", **asked))  # type: ignore[arg-type]
    assert limit is not None
    assert limit[0] is Bound.PURPOSE
    assert care.limit(Asked(giver="ngo", purpose="refer_health", **asked)) is None  # type: ignore[arg-type]
