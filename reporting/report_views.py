"""The report for the person concerned: to read, to print from the browser, and as a PDF."""

from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from accounts.http import Request
from cases import access as door
from reporting.report import pdf, report_to_person

LANGUAGES: Final = dict(settings.LANGUAGES)


@require_safe
def report(request: Request, reference: str) -> HttpResponse:
    """The report as a page for printing, in the language of the address."""
    access = door.get_case(request.actor, reference)
    language = _language(request)
    with translation.override(language):
        context = {
            "report": report_to_person(access, language),
            "case": access.case,
            "other_languages": [(code, name) for code, name in LANGUAGES.items() if code != language],
        }
        return render(request, "reporting/report.html", context)


@require_safe
def report_pdf(request: Request, reference: str) -> HttpResponse:
    """The same as a PDF; its file is named by the reference, never by a name."""
    access = door.get_case(request.actor, reference)
    language = _language(request)
    with translation.override(language):
        made = pdf(report_to_person(access, language))
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="report-{access.case.shown_reference}.pdf"'
    return response


def _language(request: Request) -> str:
    """The language that the person reads; by default that of who prints."""
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else translation.get_language() or settings.LANGUAGE_CODE
