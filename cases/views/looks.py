"""Who looked at our rows: for a supervisor, on the case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.http import Request
from cases import access as door
from cases import policies
from cases.forms.choosers import as_uuid
from cases.looks import PAGE, Look, lookers, looks
from cases.views.shared import case_context
from core.ui import Column
from profiles import codes


@dataclass(frozen=True)
class Shown:
    """One look in words."""

    at: datetime
    organisation: str
    who: str
    categories: str
    is_own: bool


@require_safe
def who_looked(request: Request, reference: str) -> HttpResponse:
    """Every look at rows of the own organisation, newest first."""
    access = door.get_case(request.actor, reference)
    policies.require(request.actor, "view_own_looks", access)
    before = as_uuid(request.GET.get("before"))
    found = looks(access, before, PAGE + 1)
    context = {
        **case_context(access, tab="looks"),
        "lookers": [] if before else lookers(access),
        "looks": [shown(one) for one in found[:PAGE]],
        "looker_columns": [_("Organisation"), Column(label=_("Looks"), numeric=True), _("Last")],
        "look_columns": [_("When"), _("Organisation"), _("Who"), _("What of ours")],
        "older_url": f"?before={found[PAGE - 1].key}" if len(found) > PAGE else "",
        "newest_url": "?" if before else "",
    }
    return render(request, "cases/looks.html", context)


def shown(look: Look) -> Shown:
    """A look in words: one's own colleague by name, somebody else's by function."""
    return Shown(
        at=look.at,
        organisation=look.organisation or _("The system"),
        who=look.person or role_names(look.roles),
        categories=", ".join(codes.get("category").labels(look.categories)),
        is_own=look.is_own,
    )


def role_names(roles: Sequence[str]) -> str:
    """Functions in words."""
    return ", ".join(str(Role(one).label) for one in roles if one in Role.values)


urlpatterns = [
    path("cases/<str:reference>/looks/", who_looked, name="looks"),
]
