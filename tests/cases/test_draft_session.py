"""A session that ends while somebody types: after signing in, the same page with everything typed. Without script."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.context import acting
from cases.views import kept
from tests.cases.registering import begin, fill, hidden, stored

pytestmark = pytest.mark.django_db
TYPED = {"given_names": "Żaneta", "family_name": "O’Hara", "birth_place_answer": "unknown"}


@pytest.fixture
def expired(cast):
    """A browser that opened the identity page, whose session then ended: client, address, hidden fields."""
    client = cast.client("ngo_caseworker")
    pk = begin(client)
    url = f"/register/{pk}/identity/"
    shown = hidden(client, url)
    client.logout()
    return client, url, shown


def sign_in(client, person, url):
    return client.post(
        "/account/login/", {"login": person.email, "password": person.password, "next": url}, follow=True
    )


def test_the_same_person_gets_everything_back_and_saves_it(cast, expired):
    client, url, shown = expired
    refused = client.post(url, {**shown, **TYPED})
    assert refused.status_code == 302
    assert refused.url.startswith("/account/login/?next=/register/")
    page = sign_in(client, cast.ngo_caseworker, url)
    assert page.redirect_chain[-1][0] == url
    html = page.content.decode()
    assert 'value="Żaneta"' in html
    assert "session had ended" in html
    with acting(cast.ngo_caseworker):
        assert "identity" not in stored(url.split("/")[2])
    assert client.post(url, {**hidden(client, url), **TYPED}).status_code == 302
    assert "session had ended" not in client.get(url).content.decode()
    assert kept.SESSION not in client.session


def test_nothing_of_it_stands_in_the_clear(expired):
    client, url, shown = expired
    client.post(url, {**shown, **TYPED})
    text = str(dict(client.session)) + "".join(Session.objects.values_list("session_data", flat=True))
    assert "aneta" not in text
    cookie = client.cookies[kept.COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/register/")


def test_another_person_at_the_same_browser_sees_nothing_of_it(cast, expired):
    client, url, shown = expired
    client.post(url, {**shown, **TYPED})
    page = sign_in(client, cast.ngo_supervisor, url)
    assert page.status_code == 200
    assert "Żaneta" not in page.content.decode()


def test_it_is_shown_on_its_own_page_only(cast, expired):
    client, url, shown = expired
    client.post(url, {**shown, **TYPED, "text": "Żaneta"})
    sign_in(client, cast.ngo_caseworker, url)
    assert "Żaneta" not in client.get(url.replace("identity", "account")).content.decode()


def test_without_the_key_in_the_cookie_it_does_not_open(cast, expired):
    client, url, shown = expired
    client.post(url, {**shown, **TYPED})
    del client.cookies[kept.COOKIE]
    assert "Żaneta" not in sign_in(client, cast.ngo_caseworker, url).content.decode()


@pytest.mark.parametrize("writer", ["", "forged", "1234.abc:1vkk:xyz"])
def test_strangers_cannot_leave_anything_with_us(cast, writer):
    client = Client()
    pk = begin(cast.client("ngo_caseworker"))
    response = client.post(f"/register/{pk}/identity/", {"given_names": "spam", "writer": writer})
    assert response.status_code == 302
    assert kept.SESSION not in client.session
    assert kept.COOKIE not in client.cookies


def test_what_is_far_too_large_is_not_kept(expired):
    client, url, shown = expired
    client.post(url, {**shown, "given_names": "x" * (kept.LARGEST + 1)})
    assert kept.SESSION not in client.session


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(cast, expired):
    client, url, shown = expired
    client.post(url, {**shown, **TYPED})
    fill(cast.client("ngo_supervisor"), url.split("/")[2], "identity", given_names="Hanna")
    sign_in(client, cast.ngo_caseworker, url)
    again = client.post(url, {**hidden(client, url), **TYPED})
    assert again.status_code == 409
    assert "Hanna" in again.content.decode()


def test_a_token_from_before_signing_in_elsewhere_loses_nothing(cast):
    client = cast.client("ngo_caseworker", enforce_csrf_checks=True)
    pk = begin(cast.client("ngo_caseworker"))
    url = f"/register/{pk}/identity/"
    shown = hidden(client, url)
    response = client.post(url, {**shown, **TYPED, "csrfmiddlewaretoken": "x" * 64})
    assert response.status_code == 403
    html = response.content.decode()
    assert 'value="Żaneta"' in html
    assert "not saved yet" in html
    with acting(cast.ngo_caseworker):
        assert "identity" not in stored(pk)


def test_a_forged_request_from_elsewhere_stores_nothing(cast):
    client = cast.client("ngo_caseworker", enforce_csrf_checks=True)
    pk = begin(cast.client("ngo_caseworker"))
    assert client.post(f"/register/{pk}/identity/autosave", {"given_names": "X"}).status_code == 403
    assert client.post(f"/register/{pk}/identity/", {"given_names": "X"}).status_code == 403
    with acting(cast.ngo_caseworker):
        assert stored(pk) == {}
