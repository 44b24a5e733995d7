"""References, invitations and links of new passwords stand in addresses: the log names the route instead."""

import logging
import re
from typing import Any

from django.db import IntegrityError
from django.test import Client

from audit import trail
from nrm.logs import ContentFree, Lines
from tests.cases.filing import filed_case
from tests.cast import Cast


def logged(caplog: Any) -> str:
    """What the handlers of the settings would write."""
    for record in caplog.records:
        ContentFree().filter(record)
    return "\n".join(logging.Formatter().format(record) for record in caplog.records)


def test_a_refused_address_is_logged_without_what_it_names(cast: Cast, caplog: Any) -> None:
    case = filed_case(cast)
    client = cast.client("other_ngo_supervisor")
    client.get(f"/cases/{case.shown_reference}/")
    client.get(f"/api/v1/cases/{case.shown_reference}/")
    client.get(f"/cases/{case.shown_reference}/no-such-page/")
    Client().get("/invitation/token-canary-é/")
    text = logged(caplog)
    assert "Not Found: /cases/<str:reference>/" in text
    assert "Not Found: /api/v1/cases/<str:reference>/" in text
    assert case.shown_reference not in text
    assert "token-canary" not in text


def test_a_fault_is_logged_without_its_words_and_without_its_address(cast: Cast, caplog: Any, monkeypatch: Any) -> None:
    case = filed_case(cast)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("somebody-canary")

    monkeypatch.setattr("cases.views.rows.viewers", fail)
    client = cast.client("ngo_caseworker")
    client.raise_request_exception = False
    assert client.get(f"/cases/{case.shown_reference}/identity/").status_code == 500
    text = logged(caplog)
    assert "RuntimeError at" in text
    assert "somebody-canary" not in text
    assert case.shown_reference not in text


def test_a_task_that_fails_says_the_kind_of_fault_and_nothing_of_the_row() -> None:
    """As Celery logs it: the exception stands in the message, and again in the traceback."""
    error = IntegrityError("Key (email)=(amina@example.test) already exists.")
    context = {"id": "1", "name": "cases.tasks.tick", "exc": repr(error), "traceback": f"Traceback … {error}"}
    words = "Task %(name)s[%(id)s] raised unexpected: %(exc)s\n%(traceback)s"
    line = line_of(words, context, error)
    assert "amina" not in line
    assert "cases.tasks.tick" in line
    assert "IntegrityError" in line


def test_words_of_an_exception_in_a_message_are_taken_out_too() -> None:
    error = ValueError("Amina of the harbour")
    assert "Amina" not in line_of("It failed: %s", (error,), error)


def test_a_line_has_its_zone_and_the_request() -> None:
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ERROR celery - It failed", line_of("It failed", (), None))
    with trail.request_trail() as touched:
        assert f" {touched.request_id} " in line_of("It failed", (), None)


def line_of(words: str, args: Any, error: Exception | None) -> str:
    """The line that the console would show."""
    fault = (type(error), error, None) if error is not None else None
    record = logging.LogRecord("celery", logging.ERROR, "here.py", 1, words, args, fault)
    ContentFree().filter(record)
    return Lines().format(record)
