"""The inbox: what falls due and whom it concerns, for one person in one organisation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from accounts.http import Request
from cases import notices
from cases.forms.inbox import InboxForm
from core import clock
from core.forms import render_form
from core.ui import Tab

READ = "read"


def inbox(request: Request) -> HttpResponse:
    """Unread notices by urgency, or those that were read; marking them as read."""
    form = InboxForm(request.POST or None, initial={"shown_at": clock.moment().isoformat()})
    if request.method == "POST" and form.is_valid():
        return _mark_read(request, form)
    is_read = request.GET.get("show") == READ
    shown = notices.inbox(request.actor, is_read=is_read)
    return render_form(
        request,
        "cases/inbox.html",
        form,
        {
            "inbox": shown,
            "is_read": is_read,
            "tabs": _tabs(shown.unread, is_read=is_read),
            "columns": [_("What to do"), _("Case"), _("Due"), _("Told"), _("Read")],
        },
    )


def _mark_read(request: Request, form: InboxForm) -> HttpResponse:
    pk = form.cleaned_data["notice"]
    if pk is not None:
        notices.mark_read(request.actor, pk)
    else:
        notices.mark_all_read(request.actor, until=form.cleaned_data["shown_at"])
        messages.success(request, _("Everything is marked as read. Deadlines stay open until they are met."))
    return redirect("cases:inbox")


def _tabs(unread: int, *, is_read: bool) -> list[Tab]:
    address = reverse("cases:inbox")
    return [
        Tab(label=_("To do"), url=address, current=not is_read, count=unread),
        Tab(label=_("Read"), url=f"{address}?show={READ}", current=is_read),
    ]


urlpatterns = [path("inbox/", inbox, name="inbox")]
