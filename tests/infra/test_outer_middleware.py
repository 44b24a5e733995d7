"""One request, one transaction, one actor, one audit row; a repeated POST acts once; headers on every answer."""

import uuid
from http import HTTPStatus

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from accounts.context import acting
from accounts.models import Membership, Notice, Submission
from audit.models import AuditRequest
from core.db import CLEARED
from tests.cast import Cast

pytestmark = [pytest.mark.urls("tests.infra.urls")]


@pytest.fixture
def officer(own_database: str, cast: Cast) -> Client:
    client = cast.client("police_officer")
    client.raise_request_exception = False
    return client


def rows() -> int:
    return Notice.objects.filter(kind="probe").count()


def audited(cast: Cast) -> list[tuple[str, str, int]]:
    """The request rows, as the police may read them."""
    with acting(cast.police_officer.actor):
        return list(AuditRequest.objects.order_by("at").values_list("route", "reference", "outcome"))


def test_a_good_request_commits_its_row_and_its_audit_together(officer: Client, cast: Cast) -> None:
    assert officer.post("/write/").status_code == HTTPStatus.FOUND
    assert rows() == 1
    assert audited(cast) == [("write", "K7QF2M9XT", 302)]


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ("missing", 404),
        ("forbidden", 403),
        ("http404", 404),
        ("denied", 403),
        ("broken", 500),
        ("sql", 500),
        ("conflict", 409),
    ],
)
def test_a_view_that_raised_writes_nothing_but_the_denial(officer: Client, cast: Cast, then: str, status: int) -> None:
    assert officer.post(f"/write/{then}/").status_code == status
    assert rows() == 0
    assert audited(cast) == [("write", "K7QF2M9XT", status)]


def test_a_page_with_errors_is_an_answer_and_keeps_its_audit(officer: Client, cast: Cast) -> None:
    assert officer.post("/write/422/").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert audited(cast) == [("write", "K7QF2M9XT", 422)]


def test_a_denial_that_cannot_be_recorded_is_no_answer(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("nrm.middleware.trail.write_request", fail)
    assert officer.post("/write/missing/").status_code == HTTPStatus.SERVICE_UNAVAILABLE


def test_a_repeated_post_acts_once_and_gets_the_same_answer(officer: Client) -> None:
    key = str(uuid.uuid4())
    answers = [officer.post("/write/", {"submission_key": key}) for _time in range(2)]
    assert [answer.headers["Location"] for answer in answers] == ["/done/", "/done/"]
    assert rows() == 1


def test_a_form_with_errors_may_be_sent_again_with_its_key(officer: Client) -> None:
    key = str(uuid.uuid4())
    officer.post("/write/422/", {"submission_key": key})
    assert not Submission.objects.exists()
    assert officer.post("/write/", {"submission_key": key}).status_code == HTTPStatus.FOUND


def test_a_failed_post_may_be_repeated(officer: Client) -> None:
    key = str(uuid.uuid4())
    officer.post("/write/broken/", {"submission_key": key})
    assert officer.post("/write/", {"submission_key": key}).status_code == HTTPStatus.FOUND
    assert rows() == 1


def test_the_key_of_one_person_means_nothing_for_another(officer: Client, cast: Cast) -> None:
    key = str(uuid.uuid4())
    officer.post("/write/", {"submission_key": key})
    assert cast.client("labour_inspector").post("/write/", {"submission_key": key}).status_code == HTTPStatus.FOUND
    assert rows() == 2


def test_a_suspended_member_has_no_organisation_on_the_next_request(officer: Client, cast: Cast) -> None:
    membership = cast.police_officer.membership
    Membership.objects.filter(pk=membership.pk).update(suspended_at=membership.created_at)
    assert officer.get("/my-work/").status_code == HTTPStatus.FORBIDDEN


def test_no_context_is_left_on_the_connection(officer: Client) -> None:
    officer.post("/write/")
    assert getattr(connection, "nrm_context", CLEARED) == CLEARED
    with connection.cursor() as cursor:
        cursor.execute("SELECT nrm_organisation(), nrm_membership(), nrm_scope(), current_user")
        assert cursor.fetchone() == (None, None, "none", "nrm_app")


def test_every_answer_carries_the_strict_headers(officer: Client) -> None:
    for path in ("/my-work/", "/account/login/", "/no-such-page/", "/write/broken/"):
        headers = officer.get(path).headers
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_gate_of_the_second_factor_is_shut_once_it_is_required(officer: Client, settings: object) -> None:
    settings.REQUIRE_SECOND_FACTOR = True  # type: ignore[attr-defined]
    answer = officer.get("/my-work/")
    assert answer.status_code == HTTPStatus.FOUND
    assert answer.headers["Location"].startswith("/account/second-factor/")
