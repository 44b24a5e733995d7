"""Who looked at the rows of the own organisation, for its supervisor."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api.shared import case_of
from cases.forms.choosers import as_uuid
from cases.looks import PAGE, looks
from core.api import endpoint, reads


class LookBody(TypedDict):
    """One look. ``person`` is told of colleagues only, of others their function."""

    id: UUID
    at: datetime
    organisation: str
    is_own: bool
    person: str
    roles: list[str]
    categories: list[str]


class LooksBody(TypedDict):
    """A page, newest first; ``next`` goes into ``before``, null: nothing older."""

    rows: list[LookBody]
    next: UUID | None


@reads(LooksBody)
def who_looked(request: Request, reference: str) -> Response:
    """Every look at rows of the own organisation in this case."""
    access = case_of(request, reference, "view_own_looks")
    found = looks(access, as_uuid(request.query_params.get("before")), PAGE + 1)
    rows: list[LookBody] = [
        {
            "id": one.key,
            "at": one.at,
            "organisation": one.organisation,
            "is_own": one.is_own,
            "person": one.person,
            "roles": list(one.roles),
            "categories": list(one.categories),
        }
        for one in found[:PAGE]
    ]
    body: LooksBody = {"rows": rows, "next": found[PAGE - 1].key if len(found) > PAGE else None}
    return Response(body)


urlpatterns = [path("cases/<str:reference>/looks/", endpoint(who_looked), name="looks")]
