"""The key of a request repeats what it was first sent with, for a day, and nothing else (decision 0030)."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory

from accounts.models import Notice, Submission
from accounts.opened_as import opened_as
from cases.tasks import erase_submissions
from core import clock
from nrm import repetition
from tests.cast import Cast
from tests.tabs import hidden_fields, joins

pytestmark = [pytest.mark.urls("tests.infra.urls")]
DAY = timedelta(hours=24)


@pytest.fixture
def officer(own_database: str, cast: Cast) -> Client:
    client = cast.client("police_officer")
    client.raise_request_exception = False
    return client


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def rows() -> int:
    return Notice.objects.filter(kind="probe").count()


def send(client: Client, key: str, path: str = "/write/", **typed: Any) -> Any:
    return client.post(path, {"submission_key": key, "text": "one", **typed})


def test_the_same_is_answered_alike_and_done_once(officer: Client, key: str) -> None:
    answers = [send(officer, key).headers["Location"] for _time in range(3)]
    assert (answers, rows()) == (["/done/"] * 3, 1)


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/write/", {"text": "two"}),
        ("/write/", {"more": ""}),
        ("/write/", {"text": ["one", "one"]}),
        ("/write/?page=2", {}),
        ("/write/other/", {}),
    ],
)
def test_anything_different_is_refused_and_nothing_typed_is_lost(
    officer: Client, key: str, path: str, typed: dict[str, Any]
) -> None:
    send(officer, key)
    answer = send(officer, key, path, **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert rows() == 1
    html = answer.content.decode()
    assert "What you sent now was not saved." in html
    assert 'href="/done/"' in html
    carried = hidden_fields(html)
    assert carried["text"] == ([typed["text"]] if isinstance(typed.get("text"), str) else typed.get("text", ["one"]))
    assert carried["submission_key"] != [key]
    assert officer.post(path, carried).status_code == HTTPStatus.FOUND
    assert rows() == 2


def test_another_organisation_is_another_request(officer: Client, key: str, cast: Cast) -> None:
    """The page says for which; the choice to send it for the other comes with the key of the page."""
    joins(cast.police_officer, cast.organisations.shelter, "caseworker")
    officer.post("/active-organisation/", {"membership": str(cast.police_officer.membership_id)})
    own, other = (
        opened_as(cast.police_officer.user_id, one.pk)
        for one in (cast.organisations.police, cast.organisations.shelter)
    )
    assert send(officer, key, opened_as=own).status_code == HTTPStatus.FOUND
    assert send(officer, key, send_as=other).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert rows() == 1


def test_what_belongs_to_the_page_and_passwords_are_not_compared(officer: Client, key: str, cast: Cast) -> None:
    here = opened_as(cast.police_officer.user_id, cast.organisations.police.pk)
    for more in ({}, {"csrfmiddlewaretoken": "x" * 64}, {"opened_as": here}, {"writer": "y"}, {"password": "z"}):
        assert send(officer, key, **more).status_code == HTTPStatus.FOUND
    assert rows() == 1


def test_the_order_of_fields_does_not_matter(officer: Client, key: str) -> None:
    for body in (f"submission_key={key}&a=1&b=2", f"b=2&a=1&submission_key={key}"):
        answer = officer.post("/write/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == HTTPStatus.FOUND
    assert rows() == 1


def test_a_file_is_compared_by_its_bytes(officer: Client, key: str) -> None:
    def file(content: bytes, name: str = "a.txt") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, content)

    statuses = [
        send(officer, key, file=one).status_code for one in (file(b"1"), file(b"1"), file(b"2"), file(b"1", "b"))
    ]
    assert statuses == [302, 302, 422, 422]
    assert rows() == 1


def test_a_file_can_still_be_read_after_it_was_compared(cast: Cast) -> None:
    request: Any = RequestFactory().post("/write/", {"file": SimpleUploadedFile("a.txt", b"content")})
    request.actor, request.resolver_match = cast.police_officer.actor, None
    repetition.fingerprint(request, uuid.uuid4())
    assert request.FILES["file"].read() == b"content"


def test_two_at_once_are_one(officer: Client, key: str, cast: Cast) -> None:
    statuses = at_once(*[lambda: send(cast.client("police_officer"), key).status_code] * 4)
    assert statuses == [302] * 4
    assert rows() == 1


def test_of_two_at_once_that_differ_one_is_refused(officer: Client, key: str, cast: Cast) -> None:
    def sending(text: str) -> Callable[[], Any]:
        return lambda: send(cast.client("police_officer"), key, text=text).status_code

    assert sorted(at_once(sending("one"), sending("two"))) == [302, 422]
    assert rows() == 1


@pytest.mark.parametrize("then", ["422", "broken", "forbidden"])
def test_a_request_that_failed_leaves_its_key_free_for_anything(officer: Client, key: str, then: str) -> None:
    send(officer, key, f"/write/{then}/", text="wrong")
    assert not Submission.objects.exists()
    before = rows()
    assert send(officer, key, text="mended").status_code == HTTPStatus.FOUND
    assert rows() == before + 1


def test_after_a_day_a_key_is_as_new(officer: Client, key: str) -> None:
    start = clock.moment()
    for after, text, status, done in (
        (DAY - timedelta(seconds=1), "one", 302, 1),
        (DAY - timedelta(seconds=1), "two", 422, 1),
        (DAY, "two", 302, 2),
        (DAY * 2 - timedelta(seconds=1), "two", 302, 2),
        (DAY * 2 - timedelta(seconds=1), "one", 422, 2),
    ):
        with clock.travel(start):
            send(officer, key)
        with clock.travel(start + after):
            assert (send(officer, key, text=text).status_code, rows()) == (status, done), (after, text)


def test_two_at_once_with_a_key_of_yesterday_are_one(officer: Client, key: str, cast: Cast) -> None:
    with clock.travel(clock.moment() - 2 * DAY):
        send(officer, key)
    assert at_once(*[lambda: send(cast.client("police_officer"), key, text="two").status_code] * 3) == [302] * 3
    assert rows() == 2


def test_old_keys_are_erased(officer: Client, key: str) -> None:
    now = clock.moment()
    for age in (2 * DAY, DAY, DAY - timedelta(minutes=1)):
        with clock.travel(now - age):
            send(officer, str(uuid.uuid4()))
    with clock.travel(now):
        erase_submissions()
    assert [one.created_at for one in Submission.objects.all()] == [now - DAY + timedelta(minutes=1)]


def test_nothing_of_what_was_sent_is_kept(officer: Client, key: str, cast: Cast) -> None:
    send(officer, key, "/write/?name=Ana", text="a name", password="a password")
    other = str(uuid.uuid4())
    send(officer, other, "/write/?name=Ana", text="a name", password="a password")
    kept = list(Submission.objects.values())
    assert set(kept[0]) == {"id", "key", "user_id", "fingerprint", "location", "status", "body", "created_at"}
    assert not any(word in str(kept) for word in ("Ana", "a name", "a password", "write"))
    assert len({one["fingerprint"] for one in kept}) == 2


def test_switching_the_organisation_twice_is_switching_once(officer: Client, key: str, cast: Cast) -> None:
    """An act of a person: that another organisation is active by then makes it no other request."""
    second = joins(cast.police_officer, cast.organisations.shelter, "caseworker")
    data = {"membership": str(second.pk), "submission_key": key}
    assert [officer.post("/active-organisation/", data).status_code for _time in range(2)] == [302, 302]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Send side by side, each on a connection of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
