"""The tables of who may see and do what are whole, shown as they are, and written down as they are."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from cases import policies
from cases.enums import SHAREABLE, Category
from cases.models import ROWS, Narrative
from cases.policies import CEILING_TABLE, MAY, Rule
from nrm.checks import refuse_unsafe_start
from nrm.management.commands.who_may import DOCUMENT
from nrm.rights import checks, tables
from nrm.rights.document import document
from tests.cast import Cast

SHORT = {**CEILING_TABLE, Category.HEALTH: "g g"}
WITHOUT = {category: row for category, row in CEILING_TABLE.items() if category is not Category.HEALTH}


def faults() -> str:
    return "\n".join(error.msg for error in checks.check_rights())


def test_nothing_is_missing() -> None:
    assert faults() == ""


@pytest.mark.parametrize(
    ("place", "name", "value", "message"),
    [
        (policies, "CEILING_TABLE", WITHOUT, "The category health has no row in the ceiling"),
        (policies, "CEILING_TABLE", SHORT, "The ceiling of health needs 14 letters"),
        (policies, "CEILING_TABLE", {**CEILING_TABLE, "location": "d"}, "a row for location, which is no category"),
        (policies, "COLUMNS", policies.COLUMNS[1:], "The kind of organisation ngo has no column"),
        (policies, "COLUMNS", (*policies.COLUMNS, "circus"), "circus, which is no kind of organisation"),
        (policies, "MAY", {**MAY, "share": ()}, "Nobody may do share"),
        (policies, "MAY", {**MAY, "juggle": MAY["share"]}, "The act juggle has a rule and no words"),
        (policies, "MAY", {k: v for k, v in MAY.items() if k != "share"}, "The act share of section 5 has no rule"),
        (policies, "MAY", {**MAY, "share": (Rule(frozenset({"clown"})),)}, "the role clown, which nobody can hold"),
        (policies, "MAY", {**MAY, "share": (Rule(frozenset(), kinds=frozenset({"circus"})),)}, "names circus"),
        (Narrative, "category", "", "Narrative is a row of a case and stands under no category"),
    ],
)
def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, value: Any, message: str):
    monkeypatch.setattr(place, name, value)
    assert message in faults()


def test_a_category_without_rows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ROWS, Category.HEALTH, ())
    assert "The category health has no rows" in faults()


def test_a_process_does_not_start_without_a_whole_table(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "CEILING_TABLE", WITHOUT)
    with pytest.raises(ImproperlyConfigured, match="The category health has no row in the ceiling"):
        refuse_unsafe_start()


def test_the_document_is_what_the_policies_say() -> None:
    written = (Path(settings.BASE_DIR) / DOCUMENT).read_text(encoding="utf-8")
    assert written == document(), f"{DOCUMENT} is not what the policies say: run manage.py who_may"


def test_the_words_repeat_the_ceiling_cell_by_cell() -> None:
    for category in SHAREABLE:
        for kind in policies.COLUMNS:
            assert (tables.letter(category, kind) != tables.NEVER) == (category in policies.ceiling(kind))


def test_every_act_with_a_rule_is_shown_with_who_may_do_it() -> None:
    shown = {act.name for subject in tables.acts() for act in subject.acts}
    assert shown >= set(MAY)


@pytest.mark.django_db
@pytest.mark.parametrize("persona", ["ngo_caseworker", "coordinator", "auditor", "platform_administrator"])
def test_everybody_signed_in_reads_both_tables(cast: Cast, persona: str) -> None:
    html = cast.client(persona).get("/who-may/").content.decode()
    assert "Never given anything of a case: National coordinator, National rapporteur" in html
    assert "Share the own organisation’s rows" in html
    assert "Child-protection service: caseworker, intake, supervisor" in html


@pytest.mark.django_db
def test_the_tables_speak_dutch(cast: Cast) -> None:
    client = cast.client("ngo_caseworker")
    client.post("/i18n/setlang/", {"language": "nl"})
    html = client.get("/who-may/").content.decode()
    assert "Wie mag wat zien" in html
    assert "Kinderbescherming: casemanager, intake, leidinggevende" in html
