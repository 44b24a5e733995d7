"""How a person sends something: by program, naming the membership; or by a page that was opened for an organisation."""

from contextlib import AbstractContextManager
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid5

from django.test import Client

from accounts.actors import Actor
from accounts.opened_as import opened_as
from core import clock
from tests.adversary.product.people import Stage
from tests.adversary.product.vocabulary import moment
from tests.adversary.words import MEMBER_OF, NOWHERE, PERSONS

DONE: Final = (HTTPStatus.CREATED, HTTPStatus.NO_CONTENT, HTTPStatus.FOUND)
KEYS: Final = UUID("00000000-0000-4000-8000-000000000000")
LAST_CHANGE: Final = "SELECT id, organisation_id FROM audit_auditchange ORDER BY at DESC, id DESC LIMIT 1"
COUNT_CHANGES: Final = "SELECT count(*) FROM audit_auditchange"


class No(Exception):
    """The product refused, or there is nothing yet that the act could be about. Nothing was written."""


class Wire:
    """The requests of everybody in one copy of the database, and the hour at which they are sent."""

    def __init__(self, stage: Stage) -> None:
        self.admin, self.people = stage.fresh(), stage.people
        self.memberships = dict(stage.people.memberships)
        self.now = 8
        self.sent = 0
        self.tried = 0
        self.clients: dict[UUID, Client] = {}
        # As requests would load them; forgotten when somebody's membership may have changed.
        self.actors: dict[int, Actor | None] = {}
        self.key = 0
        self.last: Any = None

    def moment(self) -> datetime:
        """The instant of the walk."""
        return moment(self.now, steps=self.sent)

    def at(self) -> AbstractContextManager[None]:
        """Stand at the instant of the walk."""
        return clock.travel(self.moment())

    def pass_hours(self, hours: int) -> None:
        """Time passes: sessions end, so that everybody signs in again."""
        self.now += hours
        self.clients.clear()

    def client(self, member: int) -> Client:
        """The browser of the person who holds a membership: one for all memberships."""
        account = self.people.accounts[member].pk
        if account not in self.clients:
            self.clients[account] = self.people.client(member)
        return self.clients[account]

    def api(self, member: int, path: str, body: dict[str, Any] | None = None, *, method: str = "post") -> Any:
        """Send by program; the answer as JSON. Raises ``No`` unless it was carried out."""
        headers = {"Membership": str(self.memberships[member])} if member in self.memberships else {}
        if MEMBER_OF[member] != NOWHERE and member not in self.memberships:
            raise No("no member yet")
        if self.key:
            headers["Idempotency-Key"] = str(uuid5(KEYS, f"{PERSONS[member]} {self.key}"))
        send = getattr(self.client(member), method)
        return self._answered(
            send(f"/api/v1/{path}", body or {}, content_type="application/json", headers=headers), DONE[:2]
        )

    def read(self, member: int, path: str) -> Any:
        """Read by program. Raises ``No`` for anything but an answer."""
        headers = {"Membership": str(self.memberships[member])} if member in self.memberships else {}
        return self._answered(self.client(member).get(f"/api/v1/{path}", headers=headers), (HTTPStatus.OK,))

    def page(self, member: int, path: str, data: dict[str, Any] | None = None) -> None:
        """Send a page that was opened for the organisation of a membership, whichever is active by now."""
        own = MEMBER_OF[member]
        organisation = self.people.organisations[own].pk if own != NOWHERE else None
        user = self.people.accounts[member].pk
        sent = {"opened_as": opened_as(user, organisation), **(data or {})}
        if self.key:
            sent["submission_key"] = str(uuid5(KEYS, f"{PERSONS[member]} {self.key}"))
        self._answered(self.client(member).post(path, sent), DONE[2:])

    def _answered(self, answer: Any, wanted: tuple[HTTPStatus, ...]) -> Any:
        self.sent += 1
        self.last = answer
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AssertionError(f"{answer.status_code} from {answer.request['PATH_INFO']}")
        if answer.status_code not in wanted or "/account/login" in answer.headers.get("Location", ""):
            raise No(f"{answer.status_code} {_reason(answer)}")
        return answer.json() if answer.content and answer.headers["Content-Type"].endswith("json") else None

    # -- rows --------------------------------------------------------------------------------------------------------

    def one(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row that a statement finds, whoever may see it."""
        return self.admin.execute(statement, values).fetchone()

    def every(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows that a statement finds."""
        return self.admin.execute(statement, values).fetchall()

    def changes(self) -> int:
        """How many changes were recorded so far."""
        row = self.one(COUNT_CHANGES)
        return int(row[0]) if row else 0


def _reason(answer: Any) -> str:
    if answer.headers.get("Content-Type", "").endswith("json"):
        body = answer.json()
        return str(body.get("errors") or body.get("detail", ""))[:200]
    return ""
