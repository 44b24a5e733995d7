"""Every derived value is listed with what it follows from: none can be added without saying so.

Two ways to find one that is missing. Each column of the case file and of referrals stands in exactly one of two lists,
so that a new one must be put in one of them. And what the code that derives values writes must stand among the
derived, so that a derived value cannot hide among the facts.
"""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from nrm.derived.document import document
from nrm.derived.values import DERIVED, FACTS, Derived
from nrm.management.commands.derived import DOCUMENT
from tests.test_rules import is_home, names_in

ROOT = Path(__file__).parents[2]
APPS = ("cases", "referrals")
FOLLOWING = "follow_"
# What a deriving function writes of an act that it is a part of: when, by whom, of which case.
OF_THE_ACT = frozenset(
    {
        "case",
        "rule",
        "subject_id",
        "started_at",
        "membership",
        "owner_organisation",
        "reason",
        "at",
        "updated_at",
        "kind",
        "version",
        "sealed",
        "categories",
        "purpose",
        "basis",
        "office",
        "parties",
        "service",
    }
)


def columns(*labels: str) -> dict[str, set[str]]:
    """The columns of each model, without the key; history copies its rows."""
    return {
        f"{label}.{model.__name__}": {field.name for field in model._meta.concrete_fields if not is_key(field)}
        for label in labels
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.endswith("Event")
    }


def is_key(field: Any) -> bool:
    return bool(field.primary_key)


def listed(facts: dict[str, str], derived: tuple[Derived, ...]) -> list[str]:
    """Every column that is listed, as often as it is."""
    said = [f"{model}.{column}" for model, text in facts.items() for column in text.split()]
    return [*said, *(name for one in derived for name in one.names)]


def missing(facts: dict[str, str], derived: tuple[Derived, ...]) -> set[str]:
    every = {f"{model}.{column}" for model, names in columns(*APPS).items() for column in names}
    return every - set(listed(facts, derived))


def test_every_column_is_a_fact_or_derived_and_nothing_else_is_listed() -> None:
    every = {f"{model}.{column}" for model, names in columns(*APPS).items() for column in names}
    found = listed(FACTS, DERIVED)
    assert missing(FACTS, DERIVED) == set()
    assert set(found) - every == set()
    facts = {f"{model}.{column}" for model, text in FACTS.items() for column in text.split()}
    assert {name for one in DERIVED for name in one.names} & facts == set()


def test_a_column_that_nobody_listed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    model = apps.get_model("cases.Case")
    field = models.DateField(null=True, name="eligible_until")
    field.set_attributes_from_name("eligible_until")
    monkeypatch.setitem(vars(model._meta), "concrete_fields", (*model._meta.concrete_fields, field))
    assert "cases.Case.eligible_until" in missing(FACTS, DERIVED)


def test_a_derived_value_that_is_taken_off_the_list_is_found() -> None:
    for one in DERIVED:
        others = tuple(other for other in DERIVED if other is not one)
        assert one.names <= missing(FACTS, others) | {name for other in others for name in other.names}
        assert bool(missing(FACTS, others)) == bool(one.names)


@pytest.mark.parametrize("one", DERIVED, ids=lambda one: one.value[:40])
def test_home_and_tests_of_the_value_exist(one: Derived) -> None:
    assert one.sources
    assert one.tests
    assert all(is_home(home.strip()) for home in one.home.split(","))
    for test in one.tests:
        path, _colons, name = test.partition("::")
        assert name in names_in(path), f"{test} does not exist"


def test_the_document_is_what_the_list_says() -> None:
    written = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert written == document(), f"{DOCUMENT} is not what the list says: run manage.py derived"


# -- what deriving code writes ---------------------------------------------------------------------------------------


def written(node: ast.AST) -> Iterator[str]:
    """The names of columns that a function sets: by update, create or a model, and by assigning to a row."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            if name in ("update", "create") or name in MODELS:
                yield from (word.arg for word in one.keywords if word.arg)
            if name == "update_or_create":
                given = next((word.value for word in one.keywords if word.arg == "defaults"), None)
                yield from (str(key.value) for key in getattr(given, "keys", []) if isinstance(key, ast.Constant))
        elif isinstance(one, ast.Assign):
            parts = [part for target in one.targets for part in ast.walk(target)]
            yield from (part.attr for part in parts if isinstance(part, ast.Attribute) and not is_own(part))


def is_own(attribute: ast.Attribute) -> bool:
    return isinstance(attribute.value, ast.Name) and attribute.value.id == "self"


MODELS = {model.__name__ for label in APPS for model in apps.get_app_config(label).get_models()}


def deriving() -> Iterator[tuple[str, ast.AST]]:
    """The functions that derive: the homes of the list, and every one whose name says that it follows something."""
    for home in sorted({home.strip() for one in DERIVED for home in one.home.split(",")}):
        module, _colon, name = home.partition(":")
        path = Path(str(import_module(module).__file__))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from ((home, node) for node in tree.body if getattr(node, "name", "") == name)
    for path in sorted(ROOT.glob("cases/operations/*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(FOLLOWING):
                yield f"{path.stem}:{node.name}", node


def undeclared(node: ast.AST) -> set[str]:
    """Columns that it writes and that no derived value names, under the name of the field or of its key."""
    derived = {column for one in DERIVED for column in one.columns.split()}
    every = {name for names in columns(*APPS).values() for name in names}
    found = {name.removesuffix("_id") if name.removesuffix("_id") in every else name for name in written(node)}
    return {name for name in found & every if name not in derived | OF_THE_ACT}


def test_what_deriving_code_writes_stands_among_the_derived() -> None:
    found = {home: undeclared(node) for home, node in deriving()}
    assert {home: names for home, names in found.items() if names} == {}
    assert len(found) > 40


def test_a_value_that_hides_among_the_facts_is_found() -> None:
    text = "def follow_age(case):\n    Case.objects.filter(pk=case.pk).update(closing_outcome='aged out')\n"
    assert undeclared(ast.parse(text)) == {"closing_outcome"}
    assert undeclared(ast.parse("def f(row):\n    row.given_on = today()\n")) == {"given_on"}
    assert undeclared(ast.parse("def f(row):\n    row.due_on = today()\n")) == set()
