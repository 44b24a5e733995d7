"""What happened elsewhere: pages to record a report, a withdrawn statement, a departure, an asylum application."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from accounts.http import Request
from cases.forms.acts import ActForm, AsylumApplicationForm, DepartureForm, ReportForm, StatementWithdrawalForm
from cases.models import RecordedAct
from cases.operations.acts import (
    deciding,
    record_asylum_application,
    record_departure,
    record_report,
    record_statement_withdrawal,
)
from cases.policies import CaseAccess
from cases.views.decisions import FORM, form_context
from cases.views.reflection import residence
from cases.views.shared import posted
from cases.views.steps import at_step
from core.forms import render_form, submit


def report(request: Request, reference: str) -> HttpResponse:
    """The person reported, or cooperates otherwise, with the police."""
    access = at_step(request, reference, "record_report")
    form = ReportForm(posted(request), initial={"residence": residence(access)}, authorities=deciding(access.case))
    note = _("Support and identification do not depend on it.")
    return _record(request, access, form, record_report, _("Report to the police or other cooperation"), note)


def statement_withdrawal(request: Request, reference: str) -> HttpResponse:
    """The person withdrew the statement."""
    access = at_step(request, reference, "record_statement_withdrawal")
    form = StatementWithdrawalForm(posted(request))
    note = _("Nothing else changes: neither the status of the person, nor the support, nor a deadline.")
    return _record(request, access, form, record_statement_withdrawal, _("Withdrawal of the statement"), note)


def departure(request: Request, reference: str) -> HttpResponse:
    """The person left to an unknown destination."""
    access = at_step(request, reference, "record_departure")
    form = DepartureForm(posted(request))
    note = _("Everybody who knows the case sees it. A reflection period may end with it.")
    return _record(request, access, form, record_departure, _("Departure to an unknown destination"), note)


def asylum_application(request: Request, reference: str) -> HttpResponse:
    """The person applied for asylum."""
    access = at_step(request, reference, "record_asylum_application")
    form = AsylumApplicationForm(posted(request), is_child=access.case.is_child_branch)
    return _record(request, access, form, record_asylum_application, _("Asylum application"), "")


def _record(
    request: Request,
    access: CaseAccess,
    form: ActForm,
    operation: Callable[..., RecordedAct],
    heading: str,
    note: str,
) -> HttpResponse:
    if request.method == "POST" and submit(form, operation, request.actor, access=access):
        messages.success(request, _("Recorded."))
        return redirect("cases:decisions", access.case.shown_reference)
    return render_form(request, FORM, form, form_context(access, heading, note))


urlpatterns = [
    path("cases/<str:reference>/acts/report/", report, name="record_report"),
    path("cases/<str:reference>/acts/statement-withdrawal/", statement_withdrawal, name="record_statement_withdrawal"),
    path("cases/<str:reference>/acts/departure/", departure, name="record_departure"),
    path("cases/<str:reference>/acts/asylum-application/", asylum_application, name="record_asylum_application"),
]
