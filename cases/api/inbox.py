"""The inbox of the active membership."""

from datetime import date, datetime
from http import HTTPStatus
from typing import TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import actor_of
from cases import inbox as box
from cases.forms.inbox import InboxForm, SnoozeForm
from cases.inbox import Entry, Show
from core import reference
from core.api import acts, carry_out, check, endpoint, form_from_json, reads


class NoticeBody(TypedDict):
    """One notice. Without ``path`` it is about something that is no longer this person's."""

    id: UUID
    task: str
    reference: str
    path: str
    due_on: date | None
    created_at: datetime
    snoozed_until: datetime | None
    read_at: datetime | None


class InboxBody(TypedDict):
    """Waiting by urgency, put off by when it comes back, or read, newest first; ``waiting`` counts all that wait.

    What may not be put off waits until it is done, also when it was read.
    """

    waiting: int
    notices: list[NoticeBody]


@reads(InboxBody, "show")
def inbox(request: Request) -> Response:
    """What one was told; ``show=later`` for what was put off, ``show=read`` for what was read."""
    show = request.query_params.get("show", "")
    found = box.inbox(actor_of(request), Show.of(show))
    body: InboxBody = {"waiting": found.waiting, "notices": [_body(entry) for entry in found.entries]}
    return Response(body)


@acts(InboxForm, is_told=False)
def read(request: Request) -> Response:
    """Mark one ``notice`` as read, or without it all that had arrived at ``shown_at``. Deadlines stay open."""
    form = form_from_json(InboxForm, request.data)
    check(form)
    actor, pk = actor_of(request), form.cleaned_data["notice"]
    if pk is not None:
        box.mark_read(actor, pk)
    else:
        box.mark_all_read(actor, until=form.cleaned_data["shown_at"])
    return Response(status=HTTPStatus.NO_CONTENT)


@acts(SnoozeForm, is_told=False)
def snooze(request: Request, pk: UUID) -> Response:
    """Put one notice off for ``days`` (1, 3 or 7); refused for a clock of the law."""
    box.waiting_entry(actor_of(request), pk)
    form = form_from_json(SnoozeForm, request.data)
    carry_out(form, box.snooze, actor_of(request), pk=pk)
    return Response(status=HTTPStatus.NO_CONTENT)


def _body(entry: Entry) -> NoticeBody:
    return {
        "id": entry.notice.pk,
        "task": entry.task,
        "reference": reference.show(entry.reference) if entry.reference else "",
        "path": entry.path,
        "due_on": entry.due_on,
        "created_at": entry.notice.created_at,
        "snoozed_until": entry.notice.snoozed_until,
        "read_at": entry.notice.read_at,
    }


urlpatterns = [
    path("inbox/", endpoint(inbox, read), name="inbox"),
    path("inbox/<uuid:pk>/later/", endpoint(snooze), name="snooze"),
]
