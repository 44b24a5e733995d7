"""The case page: safe contact first, clocks, who sees what; nothing for those who may not know."""

import re

import pytest

from accounts.context import acting
from audit.models import AuditRequest
from cases.models import Case
from cases.views.contact import _number
from core import reference
from core.templatetags.ui_blocks import safe_contact_box
from core.ui import SafeContact
from tests.cases.filing import NAME, PHONE, UNSAFE_PHONE, counted, filed_case, shared
from tests.cast import Cast

BUDGET = 15
UNSAFE = {"text": "unknown"}
ABSENT = f"/cases/{reference.show(reference.new())}/"


@pytest.fixture
def case(cast: Cast) -> Case:
    return filed_case(cast, label="blue door")


def page(cast: Cast, persona: str, case: Case, path: str = ""):
    return cast.client(persona).get(f"/cases/{case.shown_reference}/{path}")


@pytest.mark.parametrize("persona", ["ngo_caseworker", "ngo_supervisor", "ngo_intake"])
def test_it_opens_for_those_who_may_know(cast: Cast, case: Case, persona: str) -> None:
    response = page(cast, persona, case)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


def test_its_head_has_reference_and_label_but_no_name(cast: Cast, case: Case) -> None:
    html = page(cast, "ngo_caseworker", case).content.decode()
    assert f"<title>Case {case.shown_reference}" in html
    assert "blue door" in html
    assert NAME not in html


def test_each_part_has_a_title_of_its_own(cast: Cast, case: Case) -> None:
    parts = ("", "identity/", "decisions/", "referrals/", "consent/", "shares/", "people/", "timeline/")
    pages = [page(cast, "ngo_caseworker", case, part).content.decode() for part in parts]
    titles = [re.findall("<title>(.+?)</title>", html)[0] for html in pages]
    assert len(set(titles)) == len(parts)
    assert all(f"Case {case.shown_reference}" in title for title in titles)


def test_a_number_that_is_safe_in_another_way_is_not_called_unsafe() -> None:
    channel = {"channel": "mobile", "value": PHONE, "call": "not_safe", "text": "safe"}
    shown = [safe_contact_box(SafeContact(headline="", numbers=(_number(channel | other),))) for other in ({}, UNSAFE)]
    assert ["Do not call" in one for one in shown] == [True, False]
    assert ["Not safe" in one for one in shown] == [False, True]
    assert not any("tel:" in one for one in shown)


def test_safe_contact_is_the_first_content(cast: Cast, case: Case) -> None:
    html = page(cast, "ngo_caseworker", case).content.decode()
    main = html.index('id="main-content"')
    box = html.index("safe-contact", main)
    assert box < html.index(PHONE, main)
    assert box < html.index('class="tabs"', main)
    assert "<h2" not in html[main:box]


def test_an_unsafe_number_is_text_and_a_safe_one_a_link(cast: Cast, case: Case) -> None:
    html = page(cast, "ngo_caseworker", case).content.decode()
    assert f'href="tel:{PHONE.replace(" ", "")}"' in html
    assert UNSAFE_PHONE in html
    assert f"tel:{UNSAFE_PHONE.replace(' ', '')}" not in html


def test_who_has_no_contact_rows_goes_through_the_lead(cast: Cast, case: Case) -> None:
    shared(cast, case, cast.organisations.shelter, "identity")
    html = page(cast, "shelter_intake", case).content.decode()
    assert f"Do not contact this person directly. Go through {cast.organisations.ngo.name}." in html
    assert PHONE not in html


@pytest.mark.parametrize(
    "persona",
    [
        "colleague_unassigned",
        "other_ngo_caseworker",
        "police_officer",
        "shelter_intake",
        "coordinator",
        "rapporteur",
        "organisation_administrator",
        "data_protection_officer",
        "auditor",
        "platform_administrator",
    ],
)
def test_hidden_and_absent_answer_alike(cast: Cast, case: Case, persona: str) -> None:
    client = cast.client(persona)
    for path in ("", "file/", "identity/", "contact/add/", "timeline/", "people/", "shares/", "consent/", "close/"):
        hidden, absent = client.get(f"/cases/{case.shown_reference}/{path}"), client.get(ABSENT + path)
        assert hidden.status_code == absent.status_code == 404
        assert stripped(hidden, case.shown_reference) == stripped(absent, ABSENT.split("/")[2])


def stripped(response, reference: str) -> bytes:
    """The page without what differs between two requests for the same page."""
    text = response.content.replace(reference.encode(), b"")
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", text)


def latest_request(cast: Cast, persona: str) -> AuditRequest:
    with acting(getattr(cast, persona).actor):
        return AuditRequest.objects.latest("at")


def test_each_view_and_each_denial_leaves_one_row(cast: Cast, case: Case) -> None:
    page(cast, "ngo_caseworker", case)
    row = latest_request(cast, "ngo_caseworker")
    assert (row.outcome, row.case_id, row.reference) == (200, case.pk, case.reference)
    assert {"status", "contact"} <= set(row.categories)
    page(cast, "other_ngo_caseworker", case)
    denial = latest_request(cast, "other_ngo_caseworker")
    assert (denial.outcome, denial.case_id) == (404, None)


@pytest.mark.parametrize(
    ("age_group", "persona"),
    [
        ("adult", "ngo_supervisor"),
        ("child", "ngo_supervisor"),
        ("child", "child_protection_intake"),
    ],
)
def test_it_needs_no_more_queries_with_more_on_it(cast: Cast, age_group: str, persona: str) -> None:
    case = filed_case(cast, age_group=age_group, label="blue door")
    client = cast.client(persona)
    client.get(f"/cases/{case.shown_reference}/")
    for name in ("shelter", "health", "police", "legal_aid", "immigration", "competent_authority"):
        shared(cast, case, getattr(cast.organisations, name), "identity")
    with counted(BUDGET):
        response = client.get(f"/cases/{case.shown_reference}/")
    assert response.status_code == 200
