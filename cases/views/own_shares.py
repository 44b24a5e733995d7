"""What the own organisation shares, over all cases: for supervisors and data protection, who can always end it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actors import Actor
from accounts.http import Request
from cases import access as door
from cases.forms.search import FindForm
from cases.forms.work import ConfirmForm
from cases.masking import Names
from cases.models import Share
from cases.operations.sharing import Stage, end_unknown_share, may_end_unknown, stage
from cases.plain import why_ended
from cases.views.shared import posted
from core import clock
from core import reference as references
from core.errors import Missing
from core.forms import render_form, submit


@require_safe
def own_shares(request: Request) -> HttpResponse:
    """Everything that the own organisation shares and that has not ended, soonest end first."""
    form = FindForm(request.GET if request.GET.get("q") else None)
    stored = _stored(form)
    # Nothing under what is no reference: not everything.
    shares = door.given_shares(request.actor, stored) if not form.errors else []
    context = {
        "names": Names(request.actor, [share.case_id for share in shares]),
        "shares": shares,
        "columns": [_("Case"), _("Seen by"), _("What"), _("Why"), _("Until")],
        "is_narrowed": bool(stored),
    }
    return render_form(request, "cases/own_shares.html", form, context)


def own_share(request: Request, pk: UUID) -> HttpResponse:
    """One of them, and the button that ends it, whether or not its case may be known."""
    found = door.given_share(request.actor, pk)
    form = ConfirmForm(posted(request))
    if request.method == "POST" and submit(form, end_unknown_share, request.actor, share=found):
        messages.success(request, _("Sharing has ended. It holds from the next page that they open."))
        return redirect("cases:own_shares")
    names = Names(request.actor, [found.case_id])
    context = {
        "names": names,
        "share": found,
        "stage": stage(found).value,
        "may_end": may_end_unknown(request.actor, found),
    }
    return render_form(request, "cases/own_share.html", form, context)


@require_safe
def received_share(request: Request, pk: UUID) -> HttpResponse:
    """What was shared with the own organisation: since when, until when, and why it ended; whether or not its case may
    still be known."""
    found = door.received_share(request.actor, pk)
    is_over = stage(found) is Stage.ENDED
    context = {
        "names": Names(request.actor, [found.case_id]),
        "share": found,
        "is_over": is_over,
        "why": why_ended(found) if is_over else "",
        "ended_at": found.ended_at or (found.ends_at if found.ends_at <= clock.moment() else None),
        "case_url": _case_url(request.actor, found),
    }
    return render(request, "cases/received_share.html", context)


def _case_url(actor: Actor, share: Share) -> str:
    """The case, for whoever may know it by something else."""
    try:
        access = door.get_case_by_id(actor, share.case_id)
    except Missing:
        return ""
    return reverse("cases:case", args=[access.case.shown_reference])


def _stored(form: FindForm) -> str:
    """The reference that was typed, as it is stored; nothing for none."""
    if not form.is_bound or not form.is_valid():
        return ""
    try:
        return references.parse(form.cleaned_data["q"])
    except references.NotAReference as refusal:
        form.add_error("q", str(refusal.message))
        return ""


urlpatterns = [
    path("shares/", own_shares, name="own_shares"),
    path("shares/<uuid:pk>/", own_share, name="own_share"),
    path("shares/received/<uuid:pk>/", received_share, name="received_share"),
]
