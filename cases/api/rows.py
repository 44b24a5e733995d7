"""The file by category: own rows and those that others share; adding, and correcting one's own."""

from datetime import datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.request import Request
from rest_framework.response import Response

from cases import access as door
from cases import policies
from cases.api.shared import ShownNamed, case_of, is_own, shown
from cases.corrections import is_corrected, last_looks
from cases.enums import SHAREABLE, Category
from cases.forms.base import CategoryForm
from cases.forms.categories import FORMS
from cases.forms.history import changed
from cases.history import Version, told, versions
from cases.models import CategoryRow
from cases.operations.rows import add_row, correct_row
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads, replaces, serializer_of
from core.errors import Missing


class RowBody(TypedDict):
    """One row. ``answers`` are the fields of its form, as they can be sent back; ``derived`` is worked out of them.
    ``is_corrected``: another organisation has corrected it since the caller last listed its category."""

    id: UUID
    version: int
    owner: ShownNamed
    is_own: bool
    is_corrected: bool
    created_at: datetime
    updated_at: datetime
    answers: dict[str, Any]
    derived: dict[str, Any]


class FieldChange(TypedDict):
    """One field of a row: what it said before (null: nothing) and what it says after."""

    field: str
    before: Any
    after: Any


class VersionBody(TypedDict):
    """One version of a row. ``by`` names the colleague only in rows of the own organisation."""

    version: int
    at: datetime
    owner: ShownNamed
    by: str
    changes: list[FieldChange]


class Saved(TypedDict):
    """Which version the row has now."""

    id: UUID
    version: int


# The fields of the category's form, as ``answers`` shows them; with the ``version`` that was read for a correction.
RowRequest: Final = PolymorphicProxySerializer(
    component_name="RowRequest",
    serializers=[serializer_of(form) for category, form in FORMS.items() if category != Category.CONSENT],
    resource_type_field_name=None,
)


@reads(list[RowBody])
def rows(request: Request, reference: str, category: str) -> Response:
    """The rows of a category that the caller may read, oldest first."""
    access, form_class = _file(request, reference, category)
    found = door.read_rows(access, form_class.category())
    looks = last_looks(access)
    return Response([_body(access, form_class, row, is_corrected(access, row, looks)) for row in found])


@acts(RowRequest)
def add(request: Request, reference: str, category: str) -> Response:
    """Write a row of the own organisation."""
    access, form_class = _file(request, reference, category, "add_row")
    form = form_from_json(form_class, request.data, **form_class.known(access))
    row = carry_out(form, add_row, access.actor, access=access, model=form_class.Meta.model)
    return created("api:row", reference, category, row.pk, id=str(row.pk))


@reads(RowBody)
def row(request: Request, reference: str, category: str, pk: UUID) -> Response:
    """One row of the own organisation."""
    access, form_class = _file(request, reference, category)
    return Response(_body(access, form_class, door.own_row(access, form_class.Meta.model, pk)))


@replaces(RowRequest, Saved)
def correct(request: Request, reference: str, category: str, pk: UUID) -> Response:
    """Replace an own row. Saved by somebody else since ``version``: 409 with both, and nothing is overwritten."""
    access, form_class = _file(request, reference, category)
    stored = door.own_row(access, form_class.Meta.model, pk)
    policies.require(access.actor, "correct_row", access)
    form = form_from_json(form_class, request.data, **form_class.known(access))
    saved: CategoryRow = carry_out(
        form, correct_row, access.actor, access=access, row=stored, values_of=form_class.stored
    )
    body: Saved = {"id": saved.pk, "version": saved.version}
    return Response(body)


@reads(list[VersionBody])
def history(request: Request, reference: str, category: str, pk: UUID) -> Response:
    """Every version of a row that the caller may read, oldest first: which field changed from what to what."""
    access = case_of(request, reference)
    if category not in SHAREABLE:
        raise Missing
    form_class = FORMS[Category(category)]
    return Response([_version(access, form_class, one) for one in versions(access, category, pk)])


def _file(request: Request, reference: str, category: str, act: str = "") -> tuple[CaseAccess, type[CategoryForm]]:
    """The case and the form of a category; the consent register has addresses of its own."""
    access = case_of(request, reference, act)
    if category not in SHAREABLE or category == Category.CONSENT:
        raise Missing
    return access, FORMS[Category(category)]


def _body(access: CaseAccess, form_class: type[CategoryForm], row: CategoryRow, is_corrected: bool = False) -> RowBody:
    names, values = form_class().fields, form_class.initial_of(row)
    return {
        "id": row.pk,
        "version": row.version,
        "owner": shown(access.names.of(row.owner_organisation)),
        "is_own": is_own(access, row.owner_organisation_id),
        "is_corrected": is_corrected,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "answers": {name: value for name, value in values.items() if name in names and name != "version"},
        "derived": {name: value for name, value in values.items() if name not in names},
    }


def _version(access: CaseAccess, form_class: type[CategoryForm], version: Version) -> VersionBody:
    row = version.row
    return {
        "version": row.version,
        "at": version.at,
        "owner": shown(version.owner),
        "by": version.person,
        "changes": [
            {"field": name, "before": told(access, row, name, before), "after": told(access, row, name, after)}
            for name, before, after in changed(form_class, version.previous, row)
        ],
    }


urlpatterns = [
    path("cases/<str:reference>/rows/<str:category>/", endpoint(rows, add), name="rows"),
    path("cases/<str:reference>/rows/<str:category>/<uuid:pk>/", endpoint(row, correct), name="row"),
    path("cases/<str:reference>/rows/<str:category>/<uuid:pk>/history/", endpoint(history), name="row_history"),
]
