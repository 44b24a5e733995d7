"""Showing the name: by script for a minute in the head of the case, without it on a page that leaves by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from accounts.http import Request
from cases import access as door
from cases.forms.categories import IdentityForm
from cases.models import CategoryRow
from cases.operations.names import show_name
from cases.policies import CaseAccess
from cases.views.shared import case_context
from cases.views.words import Answered, answers
from core.http import shows_when_asked

SECONDS: Final = 60
BY_SCRIPT: Final = "reveal"


@dataclass(frozen=True)
class Named:
    """What one organisation wrote of the name; ``owner`` is empty for the own one."""

    parts: Sequence[Answered]
    owner: str

    @property
    def words(self) -> str:
        return " ".join(part.answer for part in self.parts)


@shows_when_asked
def name(request: Request, reference: str) -> HttpResponse:
    """The name, once. It is asked for by POST: each showing is recorded."""
    access = door.get_case(request.actor, reference)
    if request.method != "POST":
        return redirect("cases:case", access.case.shown_reference)
    names = [_named(access, row) for row in show_name(request.actor, access=access)]
    context = {"names": [one for one in names if one.parts], "seconds": SECONDS}
    if request.headers.get("X-Requested-With") == BY_SCRIPT:
        return render(request, "cases/_names.html", context)
    response = render(request, "cases/name.html", {**case_context(access, tab="overview"), **context})
    return leaves_by_itself(response, reverse("cases:case", args=[access.case.shown_reference]))


def leaves_by_itself(response: HttpResponse, url: str) -> HttpResponse:
    """Without script, too, a page with a name goes away after a minute."""
    response.headers["Refresh"] = f"{SECONDS}; url={url}"
    return response


def _named(access: CaseAccess, row: CategoryRow) -> Named:
    is_own = row.owner_organisation_id == access.actor.organisation_id
    parts = [one for one in answers(IdentityForm, row) if one.is_name and one.answer]
    return Named(parts, "" if is_own else access.names.of(row.owner_organisation).name)


urlpatterns = [path("cases/<str:reference>/name/", name, name="show_name")]
