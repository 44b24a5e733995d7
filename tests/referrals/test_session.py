"""A session that ends while somebody writes: after signing in, the same page with everything typed. Without script."""

import re

import pytest
from django.test import Client

from accounts.context import acting
from referrals.models import Referral
from tests.cast import Cast, Persona
from tests.referrals.scenes import police_case, sent
from tests.referrals.test_pages import filled_in, page, terms_url, text_of


def writer_on(client: Client, url: str) -> str:
    found = re.search(r'name="writer" value="([^"]+)"', client.get(url).content.decode())
    assert found
    return found.group(1)


def sign_in(client: Client, person: Persona, url: str):
    return client.post(
        "/account/login/", {"login": person.email, "password": person.password, "next": url}, follow=True
    )


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}])
def test_the_terms_come_back_with_everything_typed_and_nothing_was_sent(cast: Cast, confirmed: dict) -> None:
    url, client = terms_url(cast, police_case(cast)), cast.client("police_officer")
    data = filled_in(writer=writer_on(client, url), message="Before the session ended", **confirmed)
    client.logout()
    refused = client.post(url, data)
    assert refused.status_code == 302
    assert refused.url.startswith("/account/login/?next=/cases/")
    back = text_of(sign_in(client, cast.police_officer, url))
    assert "Before the session ended" in back
    assert "not saved yet" in back
    with acting(cast.police_officer.actor):
        assert not Referral.objects.exists()
    assert client.post(url, {**data, "confirmed": "yes"}).url.startswith("/referrals/")
    assert "Before the session ended" not in text_of(client.get(url))


def test_a_reason_to_decline_comes_back_to_the_same_person_only(cast: Cast) -> None:
    url, client = page(sent(cast, police_case(cast)), "decline"), cast.client("shelter_intake")
    data = {"reason": "other", "explanation": "The roof leaks", "writer": writer_on(client, url)}
    client.logout()
    client.post(url, data)
    assert "The roof leaks" in text_of(sign_in(client, cast.shelter_intake, url))
    client.logout()
    client.post(url, data)
    assert "The roof leaks" not in text_of(sign_in(client, cast.shelter_supervisor, url))
