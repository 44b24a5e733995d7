"""Every request for case data and every denial leaves exactly one request row; hidden and absent look alike."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.context import acting
from accounts.models import Membership
from cases.operations import drafts
from core import clock, reference
from tests.cases.filing import filed_case
from tests.cast import Cast
from tests.referrals.scenes import police_case, sent

REFUSED = {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
TOKEN = re.compile(r'name="(csrfmiddlewaretoken|submission_key|writer)" value="[^"]*"')


def routes(resolver: Any = None, space: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every named address with the names of its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", set(pattern.pattern.converters)


def of_a_case() -> list[tuple[str, dict[str, str]]]:
    """Addresses that need nothing but a case (and a category)."""
    found = [(name, needs) for name, needs in routes() if "reference" in needs and needs <= {"reference", "category"}]
    return [(name, {"category": "identity"} if "category" in needs else {}) for name, needs in found]


@pytest.fixture
def count(own_database: str, cluster: Any) -> Iterator[Any]:
    with cluster.admin(own_database) as admin:

        def rows() -> list[tuple[str, int]]:
            return admin.execute("SELECT route, outcome FROM audit_auditrequest ORDER BY at").fetchall()

        yield rows


@pytest.mark.parametrize("persona", ["ngo_caseworker", "colleague_unassigned", "other_ngo_supervisor", "coordinator"])
def test_one_row_for_each_request_about_a_case(cast: Cast, count: Any, persona: str) -> None:
    case = filed_case(cast)
    client, knows = cast.client(persona), persona == "ngo_caseworker"
    asked = of_a_case()
    assert len(asked) > 30
    for name, extra in asked:
        before = len(count())
        answer = client.get(reverse(name, kwargs={"reference": case.shown_reference, **extra}))
        assert answer.status_code < 500, name
        assert knows or answer.status_code in REFUSED, name
        rows = count()[before:]
        if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED or rows:
            assert rows == [(name, answer.status_code)], name


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_supervisor", "data_protection_officer"])
def test_one_row_for_each_attempt_to_change_a_hidden_case(cast: Cast, count: Any, persona: str) -> None:
    case, client = filed_case(cast), cast.client(persona)
    for name, extra in of_a_case():
        before = len(count())
        more = (
            {"data": "{}", "content_type": "application/json"} if name.startswith("api:") else {"data": {"label": "x"}}
        )
        answer = client.post(reverse(name, kwargs={"reference": case.shown_reference, **extra}), **more)
        assert answer.status_code in REFUSED, name
        rows = count()[before:]
        if answer.status_code != HTTPStatus.METHOD_NOT_ALLOWED or rows:
            assert rows == [(name, answer.status_code)], name


def test_lists_of_references_and_drafts_leave_a_row_too(cast: Cast, count: Any) -> None:
    with clock.travel(clock.moment()):
        filed_case(cast)
    with acting(cast.ngo_caseworker.actor) as actor:
        draft = drafts.start_draft(actor)
    referral = sent(cast, police_case(cast))
    asked = (
        ("coordinator", "/dashboard/overdue/"),
        ("coordinator", "/dashboard/"),
        ("ngo_supervisor", "/my-work/"),
        ("ngo_caseworker", f"/drafts/{draft.pk}/discard/"),
        ("other_ngo_supervisor", f"/drafts/{draft.pk}/discard/"),
        ("shelter_intake", f"/referrals/{referral.pk}/"),
        ("shelter_intake", "/referrals/"),
        ("shelter_worker", f"/referrals/{referral.pk}/"),
        ("other_ngo_supervisor", f"/api/v1/referrals/{referral.pk}/"),
        ("auditor", "/audit/"),
        ("data_protection_officer", "/audit/acts/"),
        ("auditor", "/audit/looks/"),
        ("ngo_caseworker", "/audit/"),
    )
    for persona, path in asked:
        before = len(count())
        status = cast.client(persona).get(path).status_code
        assert [row[1] for row in count()[before:]] == [status], (persona, path)


@pytest.mark.parametrize("persona", ["colleague_unassigned", "other_ngo_supervisor", "data_protection_officer"])
def test_a_hidden_case_and_one_that_never_was_look_alike(cast: Cast, persona: str) -> None:
    case, client = filed_case(cast), cast.client(persona)
    never = reference.show(reference.new())
    for name, extra in of_a_case():
        hidden, absent = (
            client.get(reverse(name, kwargs={"reference": shown, **extra})) for shown in (case.shown_reference, never)
        )
        assert hidden.status_code == absent.status_code, name
        pages = [TOKEN.sub("", page.content.decode()) for page in (hidden, absent)]
        assert pages[0].replace(case.shown_reference, "…") == pages[1].replace(never, "…"), name
        assert sorted(hidden.headers) == sorted(absent.headers)


def test_a_suspension_holds_on_a_warm_session_everywhere(cast: Cast) -> None:
    case, client = filed_case(cast), cast.client("ngo_caseworker")
    assert client.get(f"/cases/{case.shown_reference}/").status_code == HTTPStatus.OK
    Membership.objects.filter(pk=cast.ngo_caseworker.membership_id).update(suspended_at=clock.moment())
    for name, extra in of_a_case():
        answer = client.get(reverse(name, kwargs={"reference": case.shown_reference, **extra}))
        assert answer.status_code in REFUSED, name
        assert case.shown_reference not in answer.content.decode().replace(answer.wsgi_request.path, "")


def test_who_works_for_two_organisations_sees_one_at_a_time(cast: Cast) -> None:
    case = filed_case(cast)
    second = Membership.objects.create(
        user=cast.ngo_supervisor.user, organisation=cast.organisations.shelter, roles=["supervisor"]
    )
    client: Client = cast.client("ngo_supervisor")
    path = f"/cases/{case.shown_reference}/"
    assert client.get(path).status_code == HTTPStatus.OK
    assert client.post("/active-organisation/", {"membership": str(second.pk)}).status_code == HTTPStatus.FOUND
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND
    foreign = str(cast.police_officer.membership_id)
    client.post("/active-organisation/", {"membership": foreign})
    assert client.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(cast: Cast, target: str) -> None:
    client = Client()
    login = {"login": cast.ngo_caseworker.email, "password": cast.ngo_caseworker.password, "next": target}
    answers = [
        client.post("/account/login/", login),
        client.post("/i18n/setlang/", {"language": "nl", "next": target}),
        client.post("/account/logout/", {"next": target}),
    ]
    assert all("evil" not in one.headers["Location"] and "alert" not in one.headers["Location"] for one in answers)


def test_signing_in_begins_a_new_session_and_an_old_one_dies_with_the_password(cast: Cast) -> None:
    client = Client()
    client.get("/account/login/")
    planted = client.session
    planted["seen"] = "before"
    planted.save()
    client.cookies["sessionid"] = before = planted.session_key
    client.post("/account/login/", {"login": cast.ngo_caseworker.email, "password": cast.ngo_caseworker.password})
    assert client.cookies["sessionid"].value != before
    assert client.get("/account/").status_code == HTTPStatus.OK
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert stolen.get("/account/").status_code == HTTPStatus.FOUND
    user = cast.ngo_caseworker.user
    user.set_password("another long pass phrase")
    user.save()
    assert client.get("/account/").status_code == HTTPStatus.FOUND


def test_guessing_passwords_is_slowed_down_and_forwarded_addresses_are_not_believed(cast: Cast) -> None:
    def guess(number: int) -> int:
        typed = {"login": cast.ngo_caseworker.email, "password": f"wrong {number}"}
        answer = Client().post("/account/login/", typed, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        return answer.status_code, "too many" in answer.content.decode().lower()

    answers = [guess(number) for number in range(8)]
    assert answers[-1][0] == HTTPStatus.TOO_MANY_REQUESTS or answers[-1][1]
