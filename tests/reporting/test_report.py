"""The report for the person concerned: who had what, when and why; nobody else in it; two languages; page and PDF."""

import re
import zlib
from http import HTTPStatus

import pytest

from accounts.context import acting
from audit.models import AuditChange
from cases.models import Case
from reporting.report import Report, pdf, report_to_person
from tests.cases.filing import NAME, at_work, filed_case, shared
from tests.cast import Cast


@pytest.fixture
def case(cast: Cast) -> Case:
    """Shared with police and a shelter; the police looked at it."""
    made = filed_case(cast)
    shared(cast, made, cast.organisations.shelter, "identity", "contact")
    shared(cast, made, cast.organisations.police, "identity", purpose="share_police")
    for who in ("police_supervisor", "ngo_caseworker"):
        cast.client(who).get(f"/cases/{made.shown_reference}/identity/")
    return made


def path(case: Case, end: str = "report/") -> str:
    return f"/cases/{case.shown_reference}/{end}"


def made(cast: Cast, case: Case) -> Report:
    with at_work(cast, "ngo_supervisor", case) as (_actor, access):
        return report_to_person(access, "en")


def streams(document: bytes) -> bytes:
    """The document with its compressed parts opened."""
    opened = [document]
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, flags=re.DOTALL):
        try:
            opened.append(zlib.decompress(part))
        except zlib.error:
            continue
    return b"\n".join(opened)


@pytest.mark.parametrize("who", ["ngo_caseworker", "ngo_supervisor"])
def test_it_says_which_organisations_had_what_when_and_why(cast: Cast, case: Case, who: str) -> None:
    page = cast.client(who).get(path(case))
    text = page.content.decode()
    assert page.status_code == HTTPStatus.OK
    for said in ("Police", "Identity", "Consent", "Our own staff", "1 entry", case.shown_reference):
        assert said in text
    held, given, received, looked, _rights = made(cast, case).sections
    assert [row[0] for row in held.rows] == ["Identity", "Contact", "Exploitation", "Consent register"]
    assert {row[0] for row in given.rows} == {"Police", "A shelter"}
    assert received.rows == []
    assert [row[:2] for row in looked.rows if row[0] == "Police"] == [["Police", "Identity"]]


def test_it_names_nobody_else_and_no_shelter(cast: Cast, case: Case) -> None:
    cast.organisations.shelter.name = "Harbour House"
    cast.organisations.shelter.save()
    text = cast.client("ngo_supervisor").get(path(case)).content.decode()
    body = text[text.index("<main") : text.index("</main")]
    assert "A shelter" in body
    for person in ("Harbour", "NGO caseworker", "Police supervisor", NAME, "blue umbrella"):
        assert person not in body


def test_in_dutch_whatever_language_the_reader_of_the_screen_has(cast: Cast, case: Case) -> None:
    text = cast.client("ngo_caseworker").get(path(case), {"language": "nl"}).content.decode()
    assert 'lang="nl"' in text
    assert "Wie welke gegevens over u had" in text
    assert "Toestemming" in text


@pytest.mark.parametrize(("language", "title"), [("en", "Who had which information about you"), ("nl", "Wie welke")])
def test_the_pdf_is_tagged_and_speaks_its_language(cast: Cast, case: Case, language: str, title: str) -> None:
    answer = cast.client("ngo_caseworker").get(path(case, "report.pdf"), {"language": language})
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{case.shown_reference}.pdf"'
    document = streams(answer.content)
    assert answer.content.startswith(b"%PDF-")
    for part in (b"/StructTreeRoot", f"/Lang({language}".encode(), b"pdfuaid", title.encode(), b"/TH"):
        assert part in document, part
    assert NAME.encode() not in document


def test_what_is_written_never_becomes_markup(cast: Cast, case: Case) -> None:
    cast.organisations.police.name = '#panic("x") *bold* $1 + 1$ \\ @ref <label>'
    cast.organisations.police.save()
    assert pdf(made(cast, case)).startswith(b"%PDF-")


def test_a_report_is_recorded(cast: Cast, case: Case) -> None:
    cast.client("ngo_caseworker").get(path(case, "report.pdf"))
    with acting(cast.ngo_supervisor.actor):
        change = AuditChange.objects.get(kind="report_to_person")
    assert change.actor_id == cast.ngo_caseworker.user_id
    assert change.detail == {"language": "en"}


@pytest.mark.parametrize(
    ("who", "status"),
    [("ngo_intake", 403), ("police_supervisor", 403), ("colleague_unassigned", 404), ("data_protection_officer", 404)],
)
@pytest.mark.parametrize("end", ["report/", "report.pdf"])
def test_only_who_answers_for_the_case_makes_it(cast: Cast, case: Case, who: str, status: int, end: str) -> None:
    assert cast.client(who).get(path(case, end)).status_code == status
