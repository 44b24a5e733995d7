"""Calling the API as the cast does: JSON in, JSON out."""

from typing import Any

from django.test import Client

from tests.cast import Cast, Persona

PROBLEM = "application/problem+json"
ADULT: dict[str, Any] = {
    "age": {"age_group": "adult", "birth_date": "1999"},
    "consent": {
        "answer": "given",
        "information_given": ["mechanism", "purpose"],
        "form": "written",
        "given_on": "2026-03-01",
        "language": "ro",
    },
    "identity": {"given_names": "O’Neill", "sex": "female", "citizenships": ["RO"], "label": "The car wash"},
    "exploitation": [{"form": "labour", "is_primary": True}],
    "contact": {
        "reach": ["mobile"],
        "mobile_value": "06 12345678",
        "mobile_call": "safe",
        "mobile_text": "not_safe",
        "language": "ro",
        "interpreter": "yes",
    },
    "needs": {"needs": ["medical"], "urgent": ["medical"]},
}


class Caller:
    """One persona at the API: ``get("cases/…/")``, ``post("cases/", {...})`` below ``/api/v1/``."""

    def __init__(self, cast: Cast, who: "Persona | str") -> None:
        self.client: Client = cast.client(who)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **headers: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers or None)

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(f"/api/v1/{path}", body, content_type="application/json")

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1/{path}")


def made(response: Any) -> Any:
    """The body of a 201, whose ``Location`` can be read."""
    assert response.status_code == 201, response.content
    body = response.json()
    assert response.headers["Location"] == body["url"]
    return body


def problem(response: Any, status: int) -> Any:
    """The body of a refusal, in the shape of RFC 9457."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == PROBLEM
    body = response.json()
    assert body["status"] == status
    assert {"type", "title", "detail"} <= set(body)
    return body


def registered(cast: Cast, who: str = "ngo_caseworker", **changes: Any) -> str:
    """The reference of an adult registered through the API."""
    reference: str = made(Caller(cast, who).post("cases/", ADULT | changes))["reference"]
    return reference
