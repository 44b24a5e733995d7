"""*Hide*: the session is locked on the server, opens by PIN for a quarter of an hour, then by signing in anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import operations
from accounts.context import acting
from accounts.models import Session, User
from accounts.operations.lock import ATTEMPTS, PIN_LIFE
from audit.models import AuditChange
from core import clock
from core.errors import Refused
from tests.cases.filing import NAME, filed_case
from tests.cases.registering import begin, hidden
from tests.cases.test_draft_session import TYPED
from tests.cast import PASSWORD, Cast, Persona

PIN, WRONG = "739162", "739163"


@pytest.fixture
def worker(cast: Cast) -> Client:
    """A caseworker with a PIN."""
    operations.set_pin(cast.ngo_caseworker.actor, password=PASSWORD, pin=PIN)
    return cast.client("ngo_caseworker")


def hide(client: Client, path: str = "/my-work/", **typed: Any) -> Any:
    return client.post("/lock/", {"hide_from": path, **typed})


def kinds(person: Persona) -> list[str]:
    with acting(person.actor):
        rows = AuditChange.objects.filter(actor_id=person.user_id, case_id=None).order_by("at")
        return list(rows.values_list("kind", flat=True))


def try_often(client: Client, times: int, secret: str = "") -> Any:
    for _number in range(times):
        response = client.post("/locked/", {"secret": secret or WRONG})
    return response


def test_every_address_leads_to_the_neutral_page(cast: Cast, worker: Client) -> None:
    case = filed_case(cast)
    address = f"/cases/{case.shown_reference}/"
    assert worker.get(address).status_code == 200
    assert hide(worker, address).url == "/locked/"
    for path in ("/", address, "/my-work/", "/account/", "/account/logout/", "/account/password/change/", "/nowhere/"):
        for response in (worker.get(path), worker.post(path)):
            assert (response.status_code, response.url) == (302, "/locked/"), path


def test_the_page_says_nothing_of_what_this_is(cast: Cast, worker: Client) -> None:
    hide(worker)
    for client in (worker, Client()):
        response = client.get("/locked/")
        html = response.content.decode()
        assert response["Cache-Control"] == "no-store"
        for word in ("NRM", "Casework", "casework", cast.organisations.ngo.name, cast.ngo_caseworker.label, "icon.svg"):
            assert word not in html.replace("app.css", "").replace("app.js", "")
        assert "<title>Paused</title>" in " ".join(html.split())


def test_the_api_answers_locked(worker: Client) -> None:
    hide(worker)
    response = worker.get("/api/v1/me/")
    assert response.status_code == 423
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == 423


def test_the_pin_brings_the_same_page_back(cast: Cast, worker: Client) -> None:
    hide(worker, "/my-work/?tab=mine")
    assert try_often(worker, 1).status_code == 422
    response = worker.post("/locked/", {"secret": PIN})
    assert (response.status_code, response.url) == (302, "/my-work/?tab=mine")
    assert worker.get("/my-work/").status_code == 200
    expected = ["set_pin", "lock_screen", "unlock_screen_failed", "unlock_screen"]
    assert kinds(cast.ngo_caseworker) == expected


def test_who_has_no_pin_uses_the_password(cast: Cast) -> None:
    client = cast.client("ngo_supervisor")
    hide(client)
    assert "Password" in client.get("/locked/").content.decode()
    assert try_often(client, 1, PIN).status_code == 422
    assert client.post("/locked/", {"secret": PASSWORD}).status_code == 302
    assert client.get("/my-work/").status_code == 200


def test_with_a_pin_the_password_does_not_open(worker: Client) -> None:
    hide(worker)
    assert try_often(worker, 1, PASSWORD).status_code == 422


def test_after_five_wrong_tries_the_right_pin_opens_nothing(worker: Client) -> None:
    hide(worker)
    html = try_often(worker, ATTEMPTS).content.decode()
    assert 'name="secret"' not in html
    worker.post("/locked/", {"secret": PIN})
    assert worker.get("/my-work/").url.startswith("/account/login/")


def test_after_a_quarter_of_an_hour_one_signs_in_anew(cast: Cast, worker: Client) -> None:
    hide(worker)
    with clock.travel(clock.moment() + PIN_LIFE + timedelta(seconds=1)):
        assert 'name="secret"' not in worker.get("/locked/").content.decode()
        assert worker.get("/my-work/").url == "/locked/"
        response = worker.post("/locked/", {"secret": PIN})
    assert response.url == "/account/login/?next=/my-work/"
    assert worker.get("/my-work/").url.startswith("/account/login/")
    assert kinds(cast.ngo_caseworker)[-1] == "signed_out"


def test_an_attempt_counts_before_it_is_judged(cast: Cast, worker: Client) -> None:
    """Many tries at once are no more than five: what is left is claimed in the database."""
    hide(worker)
    key = worker.session.session_key or ""
    Session.objects.filter(session_key=key).update(lock_attempts=ATTEMPTS)
    assert not operations.unlock_screen(cast.ngo_caseworker.actor, session_key=key, secret=PIN)
    Session.objects.filter(session_key=key).update(lock_attempts=ATTEMPTS - 1)
    assert operations.unlock_screen(cast.ngo_caseworker.actor, session_key=key, secret=PIN)


def test_a_request_that_began_before_cannot_undo_it(worker: Client) -> None:
    """An autosave that is still running stores its session afterwards."""
    running = worker.session
    running["seen"] = "yes"
    hide(worker)
    running.save()
    assert worker.session["seen"] == "yes"
    assert worker.get("/my-work/").url == "/locked/"


def test_only_this_session_is_locked(cast: Cast, worker: Client) -> None:
    elsewhere, foreign = cast.client("ngo_caseworker"), cast.client("police_officer")
    hide(worker)
    assert elsewhere.get("/my-work/").status_code == 200
    assert foreign.get("/my-work/").status_code == 200


def test_hiding_works_with_a_token_out_of_date_and_after_the_session(cast: Cast) -> None:
    client = cast.client("ngo_caseworker", enforce_csrf_checks=True)
    assert hide(client).url == "/locked/"
    assert client.get("/my-work/").url == "/locked/"
    assert hide(Client()).url == "/locked/"


def test_looking_locks_nothing(worker: Client) -> None:
    assert worker.get("/lock/").status_code == 405
    assert worker.get("/locked/").url == "/"
    assert worker.get("/my-work/").status_code == 200


@pytest.mark.parametrize("path", ["https://elsewhere.test/", "//elsewhere.test/", "elsewhere", "", "/" + "x" * 500])
def test_one_never_returns_to_another_site(worker: Client, path: str) -> None:
    hide(worker, path)
    assert worker.post("/locked/", {"secret": PIN}).url == "/"


def test_hiding_changes_a_cookie_so_that_pages_kept_in_memory_are_dropped(worker: Client) -> None:
    hide(worker)
    first = worker.cookies["screen"]
    assert (first["httponly"], first["samesite"]) == (True, "Lax")
    value = first.value
    worker.post("/locked/", {"secret": PIN})
    hide(worker)
    assert worker.cookies["screen"].value not in {"", value}


def test_what_was_typed_and_not_saved_comes_back_for_the_same_person(cast: Cast, worker: Client) -> None:
    url = f"/register/{begin(worker)}/identity/"
    hide(worker, url, **hidden(worker, url), **TYPED)
    assert "aneta" not in str(dict(worker.session))
    assert worker.post("/locked/", {"secret": PIN}).url == url
    html = worker.get(url).content.decode()
    assert 'value="Żaneta"' in html
    assert "not saved yet" in html


@pytest.mark.parametrize(("who", "is_shown"), [("ngo_caseworker", True), ("ngo_supervisor", False)])
def test_it_also_comes_back_after_signing_in_anew(cast: Cast, worker: Client, who: str, is_shown: bool) -> None:
    url, person = f"/register/{begin(worker)}/identity/", getattr(cast, who)
    hide(worker, url, **hidden(worker, url), **TYPED)
    try_often(worker, ATTEMPTS)
    worker.post("/locked/")
    signed_in = worker.post("/account/login/", {"login": person.email, "password": PASSWORD, "next": url}, follow=True)
    assert signed_in.redirect_chain[-1][0] == url
    assert ("Żaneta" in signed_in.content.decode()) is is_shown


def test_what_another_tab_posts_meanwhile_waits_too(cast: Cast, worker: Client) -> None:
    url = f"/register/{begin(worker)}/identity/"
    shown = hidden(worker, url)
    hide(worker)
    assert worker.post(url, {**shown, **TYPED}).url == "/locked/"
    worker.post("/locked/", {"secret": PIN})
    assert "Żaneta" in worker.get(url).content.decode()


def test_a_locked_screen_shows_no_name(cast: Cast, worker: Client) -> None:
    case = filed_case(cast)
    hide(worker)
    response = worker.post(f"/cases/{case.shown_reference}/name/", headers={"X-Requested-With": "reveal"})
    assert response.status_code == 302
    assert NAME not in response.content.decode()


# -- the PIN ---------------------------------------------------------------------------------------------------------


def given(**changed: str) -> dict[str, str]:
    return {"password": PASSWORD, "pin": PIN, "pin_again": PIN, **changed}


def test_a_pin_is_set_and_changed_with_the_password_and_stored_hashed(cast: Cast, settings: Any) -> None:
    hashers = "django.contrib.auth.hashers."
    settings.PASSWORD_HASHERS = [hashers + "Argon2PasswordHasher", hashers + "MD5PasswordHasher"]
    client = cast.client("ngo_caseworker")
    assert client.post("/account/pin/", given()).status_code == 302
    stored = User.objects.get(pk=cast.ngo_caseworker.user_id).pin
    assert stored.startswith("argon2")
    assert PIN not in stored
    assert client.post("/account/pin/", given(pin="915274", pin_again="915274")).status_code == 302
    assert User.objects.get(pk=cast.ngo_caseworker.user_id).pin != stored
    assert PIN not in client.get("/account/").content.decode()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"password": "wrong"}, "password"),
        ({"pin": "12345", "pin_again": "12345"}, "pin"),
        ({"pin": "1234567890123", "pin_again": "1234567890123"}, "pin"),
        ({"pin": "abcdef", "pin_again": "abcdef"}, "pin"),
        ({"pin": "٣٤٥٦٧٩", "pin_again": "٣٤٥٦٧٩"}, "pin"),
        ({"pin": "123456", "pin_again": "123456"}, "pin"),
        ({"pin": "210987", "pin_again": "210987"}, "pin"),
        ({"pin": "112211", "pin_again": "112211"}, "pin"),
        ({"pin_again": "739163"}, "pin_again"),
        ({"pin": ""}, "pin"),
    ],
)
def test_a_pin_that_will_not_do_is_told_beside_its_field(cast: Cast, changed: dict[str, str], field: str) -> None:
    response = cast.client("ngo_caseworker").post("/account/pin/", given(**changed))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert User.objects.get(pk=cast.ngo_caseworker.user_id).pin == ""


def test_passwords_are_tried_no_faster_here_than_at_a_sign_in(cast: Cast) -> None:
    client = cast.client("ngo_caseworker")
    for _number in range(10):
        client.post("/account/pin/", given(password="wrong"))
    assert client.post("/account/pin/", given()).status_code == 422


def test_the_operation_itself_asks_for_the_password(cast: Cast) -> None:
    with pytest.raises(Refused):
        operations.set_pin(cast.ngo_caseworker.actor, password="wrong", pin=PIN)
