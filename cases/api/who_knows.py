"""Who knows the case through the lead, and what the lead does about it."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import tree
from cases.api.shared import case_of
from cases.forms.work import ShareForm
from cases.operations import branches
from core.api import acts, carry_out, created, endpoint, form_from_json, reads, serializer_of
from core.forms import NrmForm


class LineBody(TypedDict):
    """One organisation that knows the case through the lead; ``depth`` 0 hangs on the lead itself. Names as far as the
    lead may learn them; nothing of what was shown."""

    id: UUID
    number: int
    depth: int
    receiving: str
    sharing: str
    purpose: str
    starts_at: datetime
    reads_until: datetime
    is_own: bool
    is_kept: bool
    below: int


class TakeOverRequest(serializer_of(ShareForm)):  # type: ignore[misc]
    """What the lead shares with the receiver of the line, on its own basis."""

    starts_on = None


@reads(list[LineBody])
def who_knows(request: Request, reference: str) -> Response:
    """Every organisation that knows the case through the lead: for the lead."""
    access = case_of(request, reference)
    return Response([_body(line) for line in tree.who_knows(access)])


@acts(None)
def end(request: Request, reference: str, pk: UUID) -> Response:
    """End one line, and what hangs on it."""
    access = case_of(request, reference, "end_gift")
    carry_out(NrmForm({}), branches.end_gift, access.actor, access=access, line=pk)
    return created("api:who_knows", reference, id=str(pk))


@acts(TakeOverRequest)
def take_over(request: Request, reference: str, pk: UUID) -> Response:
    """Share with the receiver of a line, so that what hangs on it hangs on the lead."""
    access = case_of(request, reference, "take_over_branch")
    line = tree.get_line(access, pk)
    form = form_from_json(ShareForm, request.data, access=access, to=line.share.to_organisation, starts_at_once=True)
    made = carry_out(form, branches.take_over_branch, access.actor, access=access, line=pk)
    return created("api:share", reference, made.pk, id=str(made.pk))


def _body(line: tree.Line) -> LineBody:
    return {
        "id": line.share.pk,
        "number": line.number,
        "depth": line.depth,
        "receiving": line.receiver.name,
        "sharing": line.giver.name,
        "purpose": line.share.purpose,
        "starts_at": line.share.starts_at,
        "reads_until": line.reads_until,
        "is_own": line.is_own,
        "is_kept": line.is_kept,
        "below": line.below,
    }


urlpatterns = [
    path("cases/<str:reference>/who-knows/", endpoint(who_knows), name="who_knows"),
    path("cases/<str:reference>/who-knows/<uuid:pk>/end/", endpoint(end), name="end_line"),
    path("cases/<str:reference>/who-knows/<uuid:pk>/take-over/", endpoint(take_over), name="take_over"),
]
