"""What Python cannot take is refused with a sentence: JSON at every address, fields, questions, headers and cookies."""

import json
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from drf_spectacular.generators import SchemaGenerator

from tests.api.calls import ADULT, Caller, problem, registered
from tests.api.test_referrals import sent
from tests.cast import Cast
from tests.proofs import IS_FULL
from tests.proofs.figures import Figure
from tests.security.test_every_request_is_audited import routes

PROOF: Final = "odd input at every address"
DEEP: Final = 100_000
BODIES: Final[dict[str, tuple[bytes, str]]] = {
    "nested lists": (b'{"age": ' + b"[" * DEEP + b"]" * DEEP + b"}", "nested too deep"),
    "nested objects": (b'{"age": ' * DEEP + b"1" + b"}" * DEEP, "nested too deep"),
    "nested as deep as Python reads": (b'{"age": ' + b"[" * 60 + b"]" * 60 + b"}", "nested too deep"),
    "a list that never ends": (b"[" * DEEP, "nested too deep"),
    "a whole number without end": (b'{"age": ' + b"9" * 5_000 + b"}", "number that is too long"),
    "a number beyond every number": (b'{"age": 1e999}', "number that is too long"),
    "not a number": (b'{"age": NaN}', "not JSON"),
    "infinity": (b'{"age": -Infinity}', "not JSON"),
    "a nul in a name": (b'{"a\\u0000ge": 1}', "name of a field"),
    "half a letter in a name": (b'{"\\ud800": 1}', "name of a field"),
    "half a letter in a name inside": (b'{"age": {"\\udfff": 1}}', "name of a field"),
    "another alphabet of bytes": ('{"age": "é"}'.encode("latin-1"), "UTF-8"),
    "two bytes for each letter": ('{"age": 1}'.encode("utf-16"), "UTF-8"),
    "no JSON at all": (b"{", "not JSON"),
    "a mark before it": (b"\xef\xbb\xbf{}", "not JSON"),
}
# As a body would be sent to a program that reads Python's codecs: some of them are no alphabets at all.
CHARSETS: Final = ("rot13", "hex", "zlib", "bz2", "utf-16", "idna", "undefined", "nowhere")


def send(client: Client, method: str, path: str, body: bytes, **headers: str) -> Any:
    return client.generic(method, path, body, content_type="application/json", headers=headers or None)


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "1b4e28ba-2fa1-11d2-883f-0016d3cca427"}], ids=["", "keyed"])
def test_what_is_no_json_is_a_clear_400(cast: Cast, kind: str, key: dict[str, str]) -> None:
    body, words = BODIES[kind]
    answer = send(Caller(cast, "ngo_caseworker").client, "POST", "/api/v1/cases/", body, **key)
    assert words in problem(answer, 400)["detail"]


def test_a_row_is_corrected_through_the_same_reader(cast: Cast) -> None:
    reference = registered(cast)
    caller = Caller(cast, "ngo_caseworker")
    row = caller.get(f"cases/{reference}/rows/identity/").json()[0]["id"]
    for body, words in BODIES.values():
        answer = send(caller.client, "PUT", f"/api/v1/cases/{reference}/rows/identity/{row}/", body)
        assert words in problem(answer, 400)["detail"]


def test_no_address_reads_in_another_way() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PARSER_CLASSES"] == ["core.parsers.JSONBody"]


def test_more_than_a_request_may_hold_is_refused(cast: Cast) -> None:
    body = b'{"age": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    answer = send(Caller(cast, "ngo_caseworker").client, "POST", "/api/v1/cases/", body)
    assert "longer than" in problem(answer, 413)["detail"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_json_is_utf_8_whatever_charset_is_named(cast: Cast, charset: str) -> None:
    client = Caller(cast, "ngo_caseworker").client
    content_type = f"application/json; charset={charset}"
    answer = client.generic("POST", "/api/v1/cases/", json.dumps(ADULT), content_type=content_type)
    assert answer.status_code == HTTPStatus.CREATED, answer.content
    form = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/register/", "a=b", content_type=form).status_code < 500


# -- what is JSON, and no answer ---------------------------------------------------------------------------------------

ODD: Final[dict[str, Any]] = {
    "nul": "\x00",
    "half a letter": "\ud800",
    "beyond every number": -(10**40),
    "lists": [["x"]],
    "first day": "0001-01-01",
    "last day": "9999-12-31",
}

# What each part of Python or PostgreSQL cannot take; the rest only in the full form.
SHORT: Final = ("nul", "beyond every number")


def operations() -> list[tuple[str, str, list[str]]]:
    """Method, address and fields of everything that takes a body."""
    schema: Any = SchemaGenerator().get_schema(public=True)
    parts = schema["components"]["schemas"]

    def fields(node: Any) -> list[str]:
        if "$ref" in node:
            return fields(parts[node["$ref"].rpartition("/")[2]])
        kinds = [name for one in [*node.get("oneOf", ()), *node.get("allOf", ())] for name in fields(one)]
        return [*node.get("properties", ()), *kinds]

    return [
        (method, path, sorted(set(fields(operation["requestBody"]["content"]["application/json"]["schema"]))))
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "requestBody" in operation
    ]


@pytest.fixture
def known(cast: Cast) -> dict[str, str]:
    reference = registered(cast)
    row = Caller(cast, "ngo_caseworker").get(f"cases/{reference}/rows/identity/").json()[0]["id"]
    return {"reference": reference, "row": row, "referral": sent(cast, reference).split("/")[1]}


def address(path: str, known: dict[str, str]) -> str:
    """Something real in every brace, so that the body is read."""
    key = known["row"] if "/rows/" in path else known["referral"]
    names = {"reference": known["reference"], "id": key, "question": key, "category": "identity"}
    return path.format_map({**names, **dict.fromkeys(("pk", "member", "block", "subject"), key)})


@pytest.mark.proof(PROOF)
def test_odd_values_in_every_field_of_the_api_are_refused_or_taken(
    cast: Cast, known: dict[str, str], figure: Figure
) -> None:
    asked = operations()
    assert len(asked) > 50
    client = Caller(cast, "ngo_supervisor").client
    for method, path, fields in asked:
        for kind in ODD if IS_FULL else SHORT:
            odd = ODD[kind]
            body = json.dumps(dict.fromkeys(fields, odd)).encode()
            answer = send(client, method.upper(), address(path, known), body)
            assert answer.status_code < 500, (method, path, kind)
            figure(values_tried=len(fields))


def test_a_version_beyond_every_number_is_a_conflict_or_an_error_at_its_field(
    cast: Cast, known: dict[str, str]
) -> None:
    caller = Caller(cast, "ngo_caseworker")
    for version in (10**25, -1, 2**63):
        answer = caller.put(
            f"cases/{known['reference']}/rows/identity/{known['row']}/",
            {"given_names": "Ana", "age_group": "adult", "version": version},
        )
        assert answer.status_code in {409, 422}, version


# -- questions, headers, cookies ---------------------------------------------------------------------------------------

NAMES: Final = (
    "q", "at", "after", "before", "tab", "order", "due", "state", "show", "to", "service", "share", "region", "kind",
    "start", "end", "language", "opened_as", "next", "person", "reference", "category", "outcome", "row",
)  # fmt: skip
QUESTIONS: Final = ("%00", "%ED%A0%80", "%FF", "9" * 5_000, quote("W" + "[" * 3_000), quote("\u202e"))
ASKERS: Final = ("ngo_supervisor", "coordinator", "auditor")
TYPED: Final = ("\x00", "9" * 5_000, "\ufffd", "[" * 3_000, "-1", "1e999")


FIELDS: Final = (
    *NAMES, "version", "writer", "submission_key", "send_as", "member", "membership", "label", "reason", "ends_on_day",
    "ends_on_month", "ends_on_year", "ends_on", "categories", "purpose", "legal_basis", "consent", "hide_from",
    "secret", "login", "password", "email", "text", "state", "code", "name", "before", "service", "recipient",
)  # fmt: skip
# Signs the person out, or switches what all later pages are in.
LEFT_OUT: Final = frozenset({"account_logout", "accounts:sign_out_everywhere", "hide"})


def addresses(known: dict[str, str]) -> list[str]:
    """Every address that needs nothing but a case and a category."""
    values = {"reference": known["reference"], "category": "identity"}
    found = []
    for name, needs in routes():
        if needs <= set(values) and name not in LEFT_OUT:
            with suppress(NoReverseMatch):  # a part of the framework's address that is no converter
                found.append(reverse(name, kwargs={key: values[key] for key in needs}))
    return found


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("odd", QUESTIONS if IS_FULL else QUESTIONS[:1])
def test_odd_questions_at_every_address_are_answered(
    cast: Cast, odd: str, known: dict[str, str], figure: Figure
) -> None:
    query = "&".join(f"{name}={odd}" for name in NAMES)
    asked = addresses(known)
    assert len(asked) > 80
    for who in ASKERS if IS_FULL else ASKERS[:1]:
        client = cast.client(who)
        for path in asked:
            assert client.get(f"{path}?{query}").status_code < 500, (who, path)
        figure(addresses_asked=len(asked))


@pytest.mark.proof(PROOF)
@pytest.mark.parametrize("odd", TYPED if IS_FULL else TYPED[:1])
def test_odd_fields_of_every_form_are_refused_or_taken(
    cast: Cast, odd: str, known: dict[str, str], figure: Figure
) -> None:
    """Hidden ones too: each as a page would send it."""
    client = cast.client("ngo_supervisor")
    for path in addresses(known):
        if not path.startswith("/api/"):
            assert client.post(path, dict.fromkeys(FIELDS, odd)).status_code < 500, path
            figure(forms_sent=1)


@pytest.mark.parametrize("odd", ["\x00" * 40, "\\000" * 40, "x" * 5_000, '"\\000\\377"', "é", "a.b.c.d"])
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "django_language", "kept", "messages", "screen"])
def test_an_odd_cookie_is_nobodys(cast: Cast, name: str, odd: str) -> None:
    client = Client() if name == "sessionid" else cast.client("ngo_caseworker")
    client.cookies[name] = "x"
    client.cookies[name].set(name, odd, odd.encode("ascii", "ignore").decode())
    assert client.get("/my-work/").status_code < 500
    quoted = '"' + "\\000" * 40 + '"'
    headers = {"Cookie": f"{name}={quoted}"}
    assert Client().get("/my-work/", headers=headers).status_code < 500
    assert Client().post("/account/login/", {"login": "a@b.c", "password": "x"}, headers=headers).status_code < 500


@pytest.mark.parametrize("odd", ["\x00", "9" * 5_000, "é", "{}", "\ufffd"])
def test_odd_headers_are_refused_or_ignored(cast: Cast, odd: str) -> None:
    caller = Caller(cast, "ngo_caseworker")
    for name in ("Membership", "Idempotency-Key", "Accept", "Accept-Language", "X-Requested-With", "Content-Length"):
        for path in ("/api/v1/cases/", "/my-work/"):
            assert caller.client.get(path, headers={name: odd}).status_code < 500, name
            body = json.dumps(ADULT)
            answer = caller.client.generic("POST", path, body, content_type="application/json", headers={name: odd})
            assert answer.status_code < 500, name
    for content_type in ("", "application", "application/json;;;=", f"application/{odd}", "multipart/form-data"):
        answer = caller.client.generic("POST", "/api/v1/cases/", b"{}", content_type=content_type)
        assert answer.status_code < 500, content_type
        assert caller.client.generic("POST", "/register/", b"{}", content_type=content_type).status_code < 500
