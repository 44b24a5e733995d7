"""The first access matrix: every address of the resolver × cast × method, against one written table."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path, set_urlconf

from nrm import urls
from tests.cluster import Cluster, database_name
from tests.matrix.addresses import Addresses, names
from tests.matrix.table import (
    API,
    BESIDE_THE_CAST,
    BY_SECRET,
    EVERYBODY,
    IN_AN_EMERGENCY,
    KEPT_AWAY,
    OF_NO_CASE,
    ROUTES,
    Route,
)
from tests.proofs import IS_FULL
from tests.proofs.figures import Figure
from tests.world import World, clone_world, opened_in_an_emergency

OPEN = {200, 201, 204, 302, 400, 409, 422}
EXPECTED = {"open": OPEN, "denied": {403}, "absent": {404}}
METHODS = ("GET", "POST")
EVERY_THIRD, EVERY_FOURTH = 3, 4
STRANGERS = ["other_ngo_caseworker", "colleague_unassigned", "coordinator", "platform_administrator", KEPT_AWAY]
READERS = ["ngo_supervisor", "coordinator", "shelter_worker", "guardian", "police_officer"]
LABELS = ("Rose", "Fern", "Heather", "Willow")


@pytest.fixture(scope="module")
def addresses(world: World, cluster: Cluster, django_db_blocker: Any) -> Iterator[Addresses]:
    """A clone of the world that the whole matrix asks: what is sent is rolled back, what is read is committed."""
    with clone_world(world, cluster, django_db_blocker):
        logging.disable(logging.CRITICAL)
        opened_in_an_emergency(world.cast, world.cases["guarded"], IN_AN_EMERGENCY)
        yield Addresses(world)
        logging.disable(logging.NOTSET)


def ask(client: Client, url: str, method: str, *, is_api: bool = False) -> Any:
    """One request; what a POST does is undone."""
    cache.clear()
    more: dict[str, Any] = {"data": "{}", "content_type": "application/json"} if is_api and method != "GET" else {}
    with transaction.atomic():
        response = client.generic(method, url, **more) if more else getattr(client, method.lower())(url)
        transaction.set_rollback(method != "GET")
    return response


def asked_of(who: str, number: int, route: Route) -> set[str]:
    """The methods of an address, and those that it has not. In the short form a third of the addresses is asked of each
    person, and so each address of a third of them; the methods that it has not of a quarter of these."""
    own = set(route.methods.split())
    turn = sorted(EVERYBODY | BESIDE_THE_CAST).index(who) + number
    if IS_FULL:
        return own | set(METHODS)
    if turn % EVERY_THIRD:
        return set()
    return own | set(METHODS) if turn % EVERY_FOURTH == 0 else own


def is_expected(route: Route, who: str, method: str, status: int) -> bool:
    if status == 405:
        return method not in route.methods.split()
    return status in EXPECTED[route.outcome(who, method)]


def test_every_address_stands_in_the_table() -> None:
    assert set(names()) == {*ROUTES, *BY_SECRET}


def test_an_address_that_the_table_does_not_know_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    @login_not_required
    def dummy(_request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, path("dummy/", dummy, name="dummy")])
    clear_url_caches()
    try:
        assert set(names()) - {*ROUTES, *BY_SECRET} == {"dummy"}
    finally:
        monkeypatch.undo()
        clear_url_caches()
        set_urlconf(None)


@pytest.mark.proof("generated access matrix")
@pytest.mark.parametrize("who", sorted(EVERYBODY | BESIDE_THE_CAST))
def test_each_persona_meets_what_the_table_says(addresses: Addresses, who: str, figure: Figure) -> None:
    client, wrong, cells = addresses.world.cast.client(who), [], 0
    for number, (name, route) in enumerate(ROUTES.items()):
        if route.is_framework:
            continue
        for method in asked_of(who, number, route):
            if name == "accounts:sign_out_everywhere" and method == "POST":
                continue  # it would end the session that the matrix asks with; tests/accounts tries it
            status = ask(client, addresses.of(name), method, is_api=name in API).status_code
            cells += 1
            if not is_expected(route, who, method, status):
                wrong.append(f"{method} {name}: {status}, expected {route.outcome(who, method)}")
    figure(cells=cells, unexpected=len(wrong))
    assert not wrong, f"{who}\n" + "\n".join(wrong)
    assert cells > (200 if IS_FULL else 70)


def test_somebody_not_signed_in_is_sent_to_sign_in(addresses: Addresses) -> None:
    client, wrong = Client(), []
    for name, route in ROUTES.items():
        for method in METHODS:
            response = ask(client, addresses.of(name), method, is_api=name in API)
            is_sent = (
                response.status_code in (401, 403) if name in API else "/account/login/" in response.get("Location", "")
            )
            if not is_sent and not route.is_public:
                wrong.append(f"{method} {name}: {response.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof("generated access matrix")
@pytest.mark.parametrize("who", STRANGERS)
def test_what_is_hidden_answers_like_what_never_was(addresses: Addresses, who: str) -> None:
    """Byte-equal but for the secret of the form and the reference that was asked for."""
    client = addresses.world.cast.client(who)
    for number, (name, route) in enumerate(ROUTES.items()):
        for method in METHODS:
            if not IS_FULL and (number + STRANGERS.index(who)) % EVERY_THIRD:
                continue
            if not route.subject or route.outcome(who, method) != "absent":
                continue
            hidden = ask(client, addresses.of(name), method, is_api=name in API)
            absent = ask(client, addresses.absent(name), method, is_api=name in API)
            assert hidden.status_code == absent.status_code, name
            assert plain(hidden, addresses.of(name)) == plain(absent, addresses.absent(name)), name


def test_who_is_kept_away_reads_no_reference_and_no_label_on_any_page(addresses: Addresses) -> None:
    """Lists, searches, counts beside references, emergencies, teams, figures: whatever answers a GET."""
    world, wrong = addresses.world, []
    client = world.cast.client(KEPT_AWAY)
    shown = {
        world.cases[name].shown_reference for name in ("guarded", "unasked", "waiting", "provisional", "closed", "here")
    }
    for name, route in ROUTES.items():
        if route.is_framework or route.subject not in OF_NO_CASE:
            continue
        text = client.get(addresses.of(name)).content.decode(errors="replace")
        wrong += [f"{name}: {value}" for value in (*shown, *LABELS) if value in text]
    assert not wrong, "\n".join(wrong)
    assert any(label in world.cast.client("ngo_supervisor").get("/my-work/").content.decode() for label in LABELS)


def plain(response: Any, url: str) -> str:
    """The answer without what differs from request to request."""
    text = response.content.decode().replace(url, "ADDRESS")
    return re.sub(r'(name="(?:csrfmiddlewaretoken|submission_key)" value=")[^"]*', r"\1", text)


@pytest.mark.proof("generated access matrix")
@pytest.mark.parametrize("who", READERS if IS_FULL else READERS[:2])
def test_reading_changes_nothing_but_the_audit(addresses: Addresses, cluster: Cluster, who: str) -> None:
    client = addresses.world.cast.client(who)
    before = contents(cluster)
    for name, route in ROUTES.items():
        if not route.is_framework:
            client.get(addresses.of(name))
    after = contents(cluster)
    assert [table for table in before if before[table] != after[table]] == []


def contents(cluster: Cluster) -> dict[str, str]:
    """A fingerprint of every table but those of the audit and of sessions."""
    with cluster.admin(f"{database_name()}_matrix") as admin:
        tables = [
            row[0]
            for row in admin.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )
            if not row[0].startswith(("audit_", "accounts_session"))
        ]
        statement = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        return {table: admin.execute(statement.format(f'"{table}"')).fetchone()[0] for table in tables}
