"""What nobody can forget: a route without policy, a table or kind without category, a grant on a whole model.

Each is tried on the product, and on a dummy that must be found.
"""

from collections.abc import Iterable
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction
from django.test.utils import isolate_apps

from accounts.models import User
from cases.enums import Category
from cases.models import Case
from profiles.profile import active
from tests.cluster import Cluster
from tests.proofs.figures import Figure

PROOF: Final = "nothing without policy or category"
# Rows of a case that are of no category, and why everybody who may read them may know what they say.
STATUS: Final = {
    "Case": "what all who may know the case see",
    "CaseKey": "opens nothing by itself",
    "CaseLabel": "the own organisation's only",
    "CaseLead": "who leads is status",
    "CaseVisibility": "who may know",
    "Share": "the two organisations' only",
    "SharingRequest": "who asks and who is asked only",
    "LeadVacancy": "reference, region, child or adult: the coordinator's desk and who is asked",
    "CaseGroupObjectPermission": "names its category",
    "DeadlineChange": "seen like the clock that it changes",
    "Deadline": "names its category",
    "IdentificationDecision": "status; its reasons are the owner's only",
    "RecordedAct": "names its category; remarks are the owner's only",
    "ReflectionPeriod": "status; its remarks are the owner's only",
    "AgeSettlement": "opened by who may read identity and by the lead; its reason by the service that settled it",
    "Minority": "a date for the role that keeps the clocks, for nobody else",
    "Guardianship": "child, with its own policy",
    "CaseBlock": "its own organisation's supervisors only",
    # The safe location is no category (rule 6); an emergency opens limited categories.
    "Placement": "for its parties only: elsewhere a shelter",
    "SafeLocation": "four relations and releases",
    "LocationRelease": "its own organisation and who asked",
    "BreakGlass": "who opened, and what for: its parties and data protection",
    "CaseLink": "that a link exists, nothing of the other case",
    "MatchingRecord": "keyed tokens and sealed facts for the role that compares, for nobody else",
    "PossibleDouble": "two references and a score, at the duplicate desk only",
    "DoubleSide": "what the lead of one side is asked",
    "Referral": "the two organisations' only",
}


def without_category(found: Iterable[type[models.Model]]) -> list[str]:
    """Models of rows of a case that name no category, neither for the table nor for each row."""
    categories = {one.value for one in Category}
    return [
        model.__name__
        for model in found
        if (model is Case or any(field.related_model is Case for field in model._meta.concrete_fields))
        and model.__name__ not in STATUS
        and getattr(model, "category", None) not in categories
        and not any(field.name == "category" for field in model._meta.concrete_fields)
        and not hasattr(model, "pgh_tracked_model")
    ]


@pytest.mark.proof(PROOF)
@isolate_apps("cases")
def test_no_table_of_a_case_is_without_category(figure: Figure) -> None:
    figure(tables=len(list(apps.get_models())), found=len(without_category(apps.get_models())))
    assert without_category(apps.get_models()) == []

    class Dummy(models.Model):
        case = models.ForeignKey(Case, models.PROTECT, related_name="+")

        class Meta:
            app_label = "cases"

    assert without_category([Dummy]) == ["Dummy"]


def rules_without_category(rules: Iterable[Any]) -> list[str]:
    return [rule.code for rule in rules if rule.category not in {one.value for one in Category}]


@pytest.mark.proof(PROOF)
def test_no_clock_of_the_profile_is_without_category(figure: Figure) -> None:
    figure(rules=len(active().rules))
    assert rules_without_category(active().rules) == []
    dummy = type("Dummy", (), {"code": "NEW", "category": ""})
    assert rules_without_category([*active().rules, dummy]) == ["NEW"]


def whole_models() -> list[str]:
    """Permissions that a group holds for every row of a model; people hold none, ``User`` has no such field."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.codename FROM auth_permission p JOIN auth_group_permissions g ON g.permission_id = p.id"
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.proof(PROOF)
def test_nobody_holds_a_permission_on_every_case(own_database: str, cluster: Cluster) -> None:
    for statement in (
        "INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 1)",
        "INSERT INTO guardian_userobjectpermission (object_pk) VALUES ('1')",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)
    assert not hasattr(User, "user_permissions")
    cluster.point(own_database, "owner")
    assert whole_models() == []
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('dummy')")
        cursor.execute(
            "INSERT INTO auth_group_permissions (group_id, permission_id) SELECT g.id, p.id FROM auth_group g,"
            " auth_permission p WHERE g.name = 'dummy' AND p.codename = 'view_identity'"
        )
    assert whole_models() == ["view_identity"]
