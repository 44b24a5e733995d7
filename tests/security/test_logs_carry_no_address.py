"""References, invitations and links of new passwords stand in addresses: the log names the route instead."""

import logging
from typing import Any

from django.test import Client

from nrm.logs import ContentFree
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
