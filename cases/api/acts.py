"""What happened elsewhere: the list of a case, and recording a report, a withdrawal, a departure, an application."""

from datetime import date
from typing import Any, TypedDict
from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from cases import access as door
from cases.api.shared import ShownNamed, case_of, shown
from cases.forms.acts import AsylumApplicationForm, DepartureForm, ReportForm, StatementWithdrawalForm
from cases.models import RecordedAct
from cases.operations.acts import (
    deciding,
    record_asylum_application,
    record_departure,
    record_report,
    record_statement_withdrawal,
)
from cases.policies import CaseAccess
from core.api import acts, carry_out, created, endpoint, form_from_json, reads
from core.forms import NrmForm


class ActBody(TypedDict):
    """One act. ``manner`` is a code of a report, else empty; ``remarks`` only for who wrote them."""

    id: UUID
    act: str
    category: str
    manner: str
    owner: ShownNamed
    happened_on: date
    remarks: str


class Acts(TypedDict):
    """The acts that may be seen, oldest first."""

    acts: list[ActBody]


@reads(Acts)
def recorded(request: Request, reference: str) -> Response:
    """What happened elsewhere and was recorded here."""
    access = case_of(request, reference)
    body: Acts = {"acts": [_body(access, row) for row in door.recorded_acts(access)]}
    return Response(body)


@acts(ReportForm)
def report(request: Request, reference: str) -> Response:
    """Record that the person reported, or cooperates otherwise, with the police."""
    access = case_of(request, reference, "record_report")
    form = form_from_json(ReportForm, request.data, authorities=deciding(access.case))
    return _record(reference, access, form, record_report)


@acts(StatementWithdrawalForm)
def statement_withdrawal(request: Request, reference: str) -> Response:
    """Record that the person withdrew the statement."""
    access = case_of(request, reference, "record_statement_withdrawal")
    form = form_from_json(StatementWithdrawalForm, request.data)
    return _record(reference, access, form, record_statement_withdrawal)


@acts(DepartureForm)
def departure(request: Request, reference: str) -> Response:
    """Record that the person left to an unknown destination."""
    access = case_of(request, reference, "record_departure")
    return _record(reference, access, form_from_json(DepartureForm, request.data), record_departure)


@acts(AsylumApplicationForm)
def asylum_application(request: Request, reference: str) -> Response:
    """Record that the person applied for asylum."""
    access = case_of(request, reference, "record_asylum_application")
    form = form_from_json(AsylumApplicationForm, request.data, is_child=access.case.is_child_branch)
    return _record(reference, access, form, record_asylum_application)


def _record(reference: str, access: CaseAccess, form: NrmForm, operation: Any) -> Response:
    row = carry_out(form, operation, access.actor, access=access)
    return created("api:recorded_acts", reference, id=str(row.pk))


def _body(access: CaseAccess, row: RecordedAct) -> ActBody:
    return {
        "id": row.pk,
        "act": row.act,
        "category": row.category,
        "manner": row.manner,
        "owner": shown(access.names.of(row.owner_organisation)),
        "happened_on": row.happened_on,
        "remarks": row.content.get("remarks", ""),  # type: ignore[attr-defined]
    }


urlpatterns = [
    path("cases/<str:reference>/acts/", endpoint(recorded), name="recorded_acts"),
    path("cases/<str:reference>/acts/report/", endpoint(report), name="record_report"),
    path(
        "cases/<str:reference>/acts/statement-withdrawal/",
        endpoint(statement_withdrawal),
        name="record_statement_withdrawal",
    ),
    path("cases/<str:reference>/acts/departure/", endpoint(departure), name="record_departure"),
    path(
        "cases/<str:reference>/acts/asylum-application/",
        endpoint(asylum_application),
        name="record_asylum_application",
    ),
]
