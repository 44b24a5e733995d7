"""The inbox of the active membership."""

from datetime import date, datetime
from http import HTTPStatus
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from cases import notices
from cases.forms.inbox import InboxForm
from cases.notices import Entry
from core import reference
from core.api import acts, check, endpoint, form_from_json, reads


class NoticeBody(TypedDict):
    """One notice. Without ``path`` it is about something that is no longer this person's."""

    id: UUID
    task: str
    reference: str
    path: str
    due_on: date | None
    created_at: datetime
    read_at: datetime | None


class InboxBody(TypedDict):
    """Unread in order of urgency, or read with the newest first; ``unread`` counts all."""

    unread: int
    notices: list[NoticeBody]


@reads(InboxBody, "show")
def inbox(request: Request) -> Response:
    """What one was told; ``show=read`` for what was read."""
    found = notices.inbox(actor_of(request), is_read=request.query_params.get("show") == "read")
    body: InboxBody = {"unread": found.unread, "notices": [_body(entry) for entry in found.entries]}
    return Response(body)


@acts(InboxForm, is_told=False)
def read(request: Request) -> Response:
    """Mark one ``notice`` as read, or without it all that had arrived at ``shown_at``. Deadlines stay open."""
    form = form_from_json(InboxForm, request.data)
    check(form)
    actor, pk = actor_of(request), form.cleaned_data["notice"]
    if pk is not None:
        notices.mark_read(actor, pk)
    else:
        notices.mark_all_read(actor, until=form.cleaned_data["shown_at"])
    return Response(status=HTTPStatus.NO_CONTENT)


def _body(entry: Entry) -> NoticeBody:
    return {
        "id": entry.notice.pk,
        "task": entry.task,
        "reference": reference.show(entry.reference) if entry.reference else "",
        "path": entry.path,
        "due_on": entry.due_on,
        "created_at": entry.notice.created_at,
        "read_at": entry.notice.read_at,
    }


urlpatterns = [path("inbox/", endpoint(inbox, read), name="inbox")]
