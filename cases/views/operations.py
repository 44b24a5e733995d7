"""How the clocks are doing, for platform administrators: counts, ages and faults; no case, no organisation."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts import mail, policies
from accounts.http import Request
from accounts.models import MailState
from cases import health
from cases.models import TickSource
from cases.plain import KINDS
from core import clock
from profiles.enums import Kind
from profiles.profile import active


@require_safe
def operations(request: Request) -> HttpResponse:
    """What waits, what was given up and why, when each alarm clock rang last."""
    policies.require(request.actor, "view_operations")
    state = health.reminder_health()
    names = {rule.code: rule.name.label(get_language()) for rule in active().rules}
    context = {
        "health": state,
        "oldest_due": _since(state["oldest_due_seconds"]),
        "oldest_mail": _since(state["oldest_mail_seconds"]),
        "ticks": [(source.label, _moment(state["last_tick"].get(source))) for source in TickSource],
        "given_up": [(names.get(row.rule, row.rule), row) for row in health.given_up()],
        "mails": [(MailState(kind).label, count) for kind, count in mail.counts().items()],
        "overdue": [(KINDS[Kind(kind)], count) for kind, count in health.overdue_by_kind().items()],
    }
    return render(request, "cases/operations.html", context)


def _since(seconds: int) -> datetime | None:
    return clock.moment() - timedelta(seconds=seconds) if seconds else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


urlpatterns = [path("operations/", operations, name="operations")]
