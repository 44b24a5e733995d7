"""The inbox: what falls due and whom it concerns, for one person in one organisation."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import own_absence, own_memberships
from accounts.http import Request
from cases import inbox as box
from cases.forms.inbox import InboxForm, SnoozeForm
from cases.inbox import Inbox, Show
from core import clock
from core.errors import Missing
from core.forms import render_form, submit
from core.ui import Tab

LAST_COLUMN: Final = {
    Show.WAITING: gettext_lazy("Read or put off"),
    Show.SNOOZED: gettext_lazy("Comes back"),
    Show.READ: gettext_lazy("Read"),
}


def inbox(request: Request) -> HttpResponse:
    """Unread notices by urgency, or those that were read; marking them as read."""
    form = InboxForm(request.POST or None, initial={"shown_at": clock.moment().isoformat()})
    if request.method == "POST" and form.is_valid():
        return _mark_read(request, form)
    show = request.GET.get("show", "")
    kind = Show.of(show)
    shown = box.inbox(request.actor, kind)
    return render_form(
        request,
        "cases/inbox.html",
        form,
        {
            "inbox": shown,
            "show": kind,
            "tabs": _tabs(shown, kind),
            "absence": own_absence(request.actor),
            "columns": [_("What to do"), _("Case"), _("Due"), _("Told"), LAST_COLUMN[kind]],
            "back_to": reverse("cases:inbox"),
            "last_column": LAST_COLUMN[kind],
        },
    )


def _mark_read(request: Request, form: InboxForm) -> HttpResponse:
    pk = form.cleaned_data["notice"]
    if pk is not None:
        box.mark_read(request.actor, pk)
    else:
        box.mark_all_read(request.actor, until=form.cleaned_data["shown_at"])
        messages.success(
            request, _("Everything is marked as read. What may not be put off stays here until it is done.")
        )
    return redirect("cases:inbox")


def _tabs(shown: Inbox, kind: Show) -> list[Tab]:
    address = reverse("cases:inbox")
    return [
        Tab(label=_("To do"), url=address, current=kind is Show.WAITING, count=shown.waiting),
        Tab(
            label=_("Later"),
            url=f"{address}?show={Show.SNOOZED}",
            current=kind is Show.SNOOZED,
            count=shown.snoozed,
        ),
        Tab(label=_("Read"), url=f"{address}?show={Show.READ}", current=kind is Show.READ),
    ]


@require_safe
def inbox_of(request: Request, pk: UUID) -> HttpResponse:
    """Where a mail leads whoever belongs to several organisations: to the inbox in which the most urgent waits.

    When another organisation is the active one, it is one press away.
    """
    membership = own_memberships(request.actor).filter(pk=pk).first()
    if membership is None:
        raise Missing
    if membership.pk == request.actor.membership_id:
        return redirect("cases:inbox")
    return render(request, "cases/inbox_of.html", {"membership": membership, "back_to": reverse("cases:inbox")})


@require_http_methods(["GET", "HEAD", "POST"])
def snooze(request: Request, pk: UUID) -> HttpResponse:
    """Put one notice off; it comes back by itself, and every later reminder of the same clock comes all the same."""
    entry = box.waiting_entry(request.actor, pk)
    form = SnoozeForm(request.POST or None)
    if request.method == "POST" and submit(form, box.snooze, request.actor, pk=pk):
        messages.success(request, _("It comes back by itself. Its deadline stays what it is."))
        return redirect("cases:inbox")
    return render_form(request, "cases/snooze.html", form, {"entry": entry})


urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/of/<uuid:pk>/", inbox_of, name="inbox_of"),
    path("inbox/<uuid:pk>/later/", snooze, name="snooze"),
]
